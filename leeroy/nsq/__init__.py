"""NSQ, which hands one delivery on to a series of consumers: https://nsq.io.

A *topic* is what is published to; each *channel* of it gets a copy of every message, and the
consumers of one channel share them. `envelope` is what Leeroy publishes, `protocol` what nsqd
speaks by TCP, both without a socket; the other modules are the sockets.
"""
