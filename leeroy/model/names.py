"""Names of what Leeroy looks at: pull requests, branches, builds, repositories."""

import re
from dataclasses import dataclass

_PULL = re.compile(r"^([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)#([1-9][0-9]{0,9})$")
_REPO = re.compile(r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
_BUILD = re.compile(r"^jenkins (\S+) (.+)#([1-9][0-9]*)$", re.DOTALL)
_BRANCH = re.compile(r"^([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)@(.+)$", re.DOTALL)


@dataclass(frozen=True, order=True)
class PullRef:
    """Names a pull request.

    >>> str(PullRef("docker/docker", 12))
    'docker/docker#12'
    >>> PullRef.parse("docker/docker#12").number
    12
    """

    repo: str
    number: int

    def __str__(self) -> str:
        return f"{self.repo}#{self.number}"

    @classmethod
    def parse(cls, text: str) -> "PullRef":
        """Read ``owner/repo#12``; anything else is a ValueError that shows the form."""
        if not (match := _PULL.match(text)):
            raise ValueError(f"{text!r} is not a pull request: write owner/repo#12")
        return cls(match[1], int(match[2]))


@dataclass(frozen=True, order=True)
class BranchRef:
    """Names a branch.

    >>> str(BranchRef("docker/docker", "master"))
    'docker/docker@master'
    >>> BranchRef.parse("docker/docker@release/1.0").branch
    'release/1.0'
    """

    repo: str
    branch: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.branch}"

    @classmethod
    def parse(cls, text: str) -> "BranchRef":
        """Read ``owner/repo@branch``; anything else is a ValueError that shows the form."""
        if not (match := _BRANCH.match(text)):
            raise ValueError(f"{text!r} is not a branch: write owner/repo@branch")
        return cls(match[1], match[2])


@dataclass(frozen=True, order=True)
class BuildRef:
    """Names a Jenkins build that is tied to no pull request or branch yet.

    >>> str(BuildRef("default", "ci/app-test", 17))
    'jenkins default ci/app-test#17'
    """

    server: str
    job: str
    number: int

    def __str__(self) -> str:
        return f"jenkins {self.server} {self.job}#{self.number}"


@dataclass(frozen=True, order=True)
class RepoRef:
    """Names a repository: all its open pull requests.

    >>> str(RepoRef("docker/docker"))
    'docker/docker'
    """

    repo: str

    def __str__(self) -> str:
        return self.repo


#: The subject that finds what webhooks missed.
SWEEP = "sweep"
#: The subject that reads unfinished builds from Jenkins while nobody tells of them.
FOLLOW_BUILDS = "follow builds"

Subject = PullRef | BranchRef | BuildRef | RepoRef


def parse_subject(text: str) -> Subject:
    """The subject a name in the queue stands for.

    Raises:
        ValueError: it is none.

    >>> parse_subject("docker/docker#12"), parse_subject("docker/docker@release/1.0")
    (PullRef(repo='docker/docker', number=12), BranchRef(repo='docker/docker', branch='release/1.0'))
    >>> parse_subject("jenkins default ci/app-test#17")
    BuildRef(server='default', job='ci/app-test', number=17)
    """
    if match := _BUILD.match(text):
        return BuildRef(match[1], match[2], int(match[3]))
    if _PULL.match(text):
        return PullRef.parse(text)
    if _REPO.match(text):
        return RepoRef(text)
    return BranchRef.parse(text)


def lane_of(subject: str) -> str:
    """What takes turns with others in the queue: the subject's repository, else its own name.

    >>> lane_of("docker/docker#12"), lane_of("docker/docker@release/1.0"), lane_of("sweep")
    ('docker/docker', 'docker/docker', 'sweep')
    >>> lane_of("jenkins default ci/app-test#17")
    'jenkins default'
    """
    if match := _BUILD.match(subject):
        return f"jenkins {match[1]}"
    match = _PULL.match(subject) or _BRANCH.match(subject)
    return match[1].lower() if match else subject
