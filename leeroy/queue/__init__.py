"""What to look at again, when, and who is looking.

A *hint* says: look at this *subject* again. Ten hints are one look; a subject is looked at by one
worker at a time; a look that fails is due again later; a hint that comes during a look leads to
another one. A hint is on disk when :meth:`Queue.put` returns.

Read ``work.py`` first; ``tables.py`` is what it keeps, ``reader.py`` what the dashboard and the
metrics ask, ``process.py`` how a lease of a dead process is known.
"""

from leeroy.queue.process import this_process
from leeroy.queue.reader import QueueReader
from leeroy.queue.tables import KeptHint, NewHint
from leeroy.queue.work import LeaseLost, Look, Queue, pause_after

__all__ = [
    "KeptHint",
    "LeaseLost",
    "Look",
    "NewHint",
    "Queue",
    "QueueReader",
    "pause_after",
    "this_process",
]
