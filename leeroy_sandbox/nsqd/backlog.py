"""Messages that wait: some in memory, the others on a disk that outlives a kill, nearly."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from leeroy_sandbox.nsqd.options import Options


@dataclass
class Message:
    """One message of a topic, or its copy in a channel."""

    id: bytes
    body: bytes
    #: Nanoseconds since 1970.
    published: int
    attempts: int = 0


class Backlog:
    """What waits in one topic or channel; oldest first, those in memory before those on disk."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._memory: deque[Message] = deque()
        self._disk: list[Message] = []
        #: How many of those on disk were read.
        self._read = 0
        #: As many as that when the disk was last told; None: it never was.
        self._read_by_disk: int | None = None
        self._untold = 0
        #: When the first of them was.
        self._untold_since = 0.0

    def __len__(self) -> int:
        return len(self._memory) + len(self._disk) - self._read

    def put(self, message: Message, now: float) -> None:
        """Let a message wait."""
        if len(self._memory) < self._options.mem_queue_size:
            self._memory.append(message)
            return
        self._disk.append(message)
        self._count(now)

    def take(self, now: float) -> Message | None:
        """The message that waits longest; None: there is none."""
        if self._memory:
            return self._memory.popleft()
        if self._read == len(self._disk):
            return None
        # Read anew each time, as from a file: how often it was handed out is not written back.
        written = self._disk[self._read]
        self._read += 1
        self._count(now)
        return Message(written.id, written.body, written.published, written.attempts)

    def sync_if_due(self, now: float) -> None:
        """Tell the disk how far reading came, when it is time."""
        if self._untold and now - self._untold_since >= self._options.sync_timeout:
            self._sync()

    def kill(self) -> None:
        """Forget what a process forgets that ends at once."""
        self._memory.clear()
        if self._read_by_disk is None:
            # Its file is there, and nothing says how much of it is written: nsqd begins anew.
            self._disk.clear()
        self._read = self._read_by_disk or 0
        self._untold = 0

    def close(self, held: Iterable[Message]) -> None:
        """Write all down, also what consumers ``held``: the process ends in order."""
        self._disk += [*self._memory, *held]
        self._memory.clear()
        self._sync()

    def _count(self, now: float) -> None:
        if not self._untold:
            self._untold_since = now
        self._untold += 1
        if self._untold >= self._options.sync_every:
            self._sync()

    def _sync(self) -> None:
        # What was read and told is gone for good.
        del self._disk[: self._read]
        self._read = self._read_by_disk = 0
        self._untold = 0
