"""All jobs, in their folders, and the branch jobs that indexing makes and prunes.

https://plugins.jenkins.io/cloudbees-folder/ and https://plugins.jenkins.io/branch-api/
"""

from collections.abc import Iterator
from dataclasses import replace

from leeroy_sandbox.jenkins.jobs import Head, Job, Kind
from leeroy_sandbox.jenkins.names import branch_job_name
from leeroy_sandbox.jenkins.versions import Feature


class Jobs:
    """Every job by its full name, whose case does not matter."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._jobs: dict[str, Job] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    def add(self, job: Job) -> Job:
        """Put a job in its place; folders on the way are made."""
        if job.parent and self.find(job.parent) is None:
            self.add(Job(full_name=job.parent, kind=Kind.FOLDER))
        self._jobs[job.full_name.lower()] = job
        return job

    def find(self, full_name: str) -> Job | None:
        """The job of that name, in any case."""
        return self._jobs.get(full_name.lower())

    def get(self, full_name: str) -> Job:
        """The job of that name; raises KeyError."""
        return self._jobs[full_name.lower()]

    def remove(self, full_name: str) -> list[Job]:
        """Take out the job, and all that is in it."""
        start = full_name.lower()
        names = [n for n in self._jobs if n == start or n.startswith(f"{start}/")]
        gone = [self._jobs.pop(name) for name in names]
        for job in gone:
            job.removed = True
        return gone

    def move(self, job: Job, full_name: str) -> Job:
        """Give a job, and all that is in it, another name; KeyError when it is taken."""
        old = job.full_name
        if (taken := self.find(full_name)) is not None and taken is not job:
            raise KeyError(full_name)
        parent = full_name.rpartition("/")[0]
        if parent and self.find(parent) is None:
            self.add(Job(full_name=parent, kind=Kind.FOLDER))
        inside = f"{old.lower()}/"
        for key, moved in list(self._jobs.items()):
            if moved is job or key.startswith(inside):
                del self._jobs[key]
                moved.full_name = full_name + moved.full_name[len(old) :]
                self._jobs[moved.full_name.lower()] = moved
        return job

    def children(self, full_name: str) -> list[Job]:
        """What is directly in the folder; in Jenkins itself for an empty name."""
        return [job for job in self if job.parent.lower() == full_name.lower()]

    def is_buildable(self, job: Job) -> bool:
        """Whether a trigger is let through; 409 otherwise."""
        if job.disabled or job.kind.is_container:
            return False
        if not Feature.DISABLED_PARENTS.within(self._version):
            return True
        folder = self.find(job.parent)
        while folder is not None:
            if folder.disabled:
                return False
            folder = self.find(folder.parent)
        return True

    def branch(self, project: Job, head: Head) -> tuple[Job, bool]:
        """The branch job for this head, and whether the head is new to it."""
        full_name = f"{project.full_name}/{branch_job_name(head.name)}"
        job = self.find(full_name)
        if job is None:
            made = replace(
                project,
                full_name=full_name,
                kind=Kind.PIPELINE,
                head=head,
                jenkinsfile=True,
                discover=None,
                disabled=False,
                builds={},
                next_number=1,
                declared=False,
            )
            return self.add(made), True
        is_new = job.head != head
        job.head = head
        return job, is_new
