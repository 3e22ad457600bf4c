"""The flags of an nsqd that matter to who uses it: https://nsq.io/components/nsqd.html."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Options:
    """With nsqd's own defaults."""

    #: Messages of each topic and channel that wait in memory; those beyond wait on disk.
    mem_queue_size: int = 10_000
    #: Reads and writes after which the disk is told how far they came.
    sync_every: int = 2_500
    #: The same in seconds.
    sync_timeout: float = 2.0
    #: Seconds a consumer may keep a message, unless it asks for others.
    msg_timeout: float = 60.0
    max_msg_timeout: float = 900.0
    max_msg_size: int = 1024 * 1024
    max_body_size: int = 5 * 1024 * 1024
    #: Seconds for which a message can be put off.
    max_req_timeout: float = 3600.0
    max_rdy_count: int = 2_500
    #: Seconds between heartbeats, unless the client asks for others.
    heartbeat: float = 30.0
    max_heartbeat: float = 60.0
    #: Consumers may have TLS on the same port when there is one.
    tls: ssl.SSLContext | None = None
