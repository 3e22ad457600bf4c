"""Read, decide, apply: what a worker does with one subject, and the threads that do it."""

from leeroy.worker.looks import Looks
from leeroy.worker.loop import WorkerThreads

__all__ = ["Looks", "WorkerThreads"]
