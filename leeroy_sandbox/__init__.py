"""A GitHub, a Jenkins and an nsqd with state, for `leeroy demo` and the tests: the only stand-ins.

They stand in at the HTTP seam: real sockets, real git repositories, real signatures. So nothing of
Leeroy is replaced, and nothing here knows Leeroy.
"""
