"""An nsqd 1.3 and an nsqlookupd with state: what was published is handed out, and can be lost.

It keeps what the real one keeps, and forgets at a kill what that forgets: what was in memory, what
consumers held, and what no `sync` had told the disk of. https://nsq.io/components/nsqd.html
"""

from leeroy_sandbox.nsqd.lookupd import Lookupd
from leeroy_sandbox.nsqd.server import Nsqd

__all__ = ["Lookupd", "Nsqd"]
