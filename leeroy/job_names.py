"""Full names of Jenkins jobs (``folder/job``) and the paths in which they travel.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

import re
from urllib.parse import quote, unquote, urlsplit

#: What a multibranch project calls the job of a pull request; with a strategy behind it where the
#: project builds both. https://plugins.jenkins.io/github-branch-source/
_BRANCH_JOB = re.compile(r"PR-([1-9][0-9]{0,9})(?:-(?:merge|head))?")


def job_path(name: str) -> str:
    """The path of a job below Jenkins' root, without a slash at either end.

    A branch job's own name is escaped already, so it is escaped twice on the way.

    >>> job_path("ci/my job"), job_path("repo/feature%2Fx")
    ('job/ci/job/my%20job', 'job/repo/job/feature%252Fx')

    Raises:
        ValueError: for a part that would lead elsewhere: empty, ``.`` or ``..``.
    """
    parts = name.split("/")
    for part in parts:
        if part in ("", ".", ".."):
            raise ValueError(f"{name!r} is not the full name of a job")
    return "/".join(f"job/{quote(part, safe='')}" for part in parts)


def parse_job_url(url: str) -> str:
    """The full name in the URL or path of a job, or of a build of it; empty when it names no job.

    What stands before the first ``job/`` (the root of Jenkins, a view) does not matter.

    >>> parse_job_url("job/ci/job/my%20job/"), parse_job_url("job/repo/job/feature%252Fx/3/")
    ('ci/my job', 'repo/feature%2Fx')
    >>> parse_job_url("https://example.com/jenkins/view/all/job/ci/17/console")
    'ci'

    Some proxies decode a path once on its way, so an inner slash belongs to the name:

    >>> parse_job_url("job/repo/job/feature%2Fx/")
    'repo/feature%2Fx'
    """
    try:
        path = urlsplit(url).path
    except ValueError:  # "http://[" and the like: it comes from outside
        return ""
    segments = [segment for segment in path.split("/") if segment]
    names: list[str] = []
    at = segments.index("job") if "job" in segments else len(segments)
    while at + 1 < len(segments) and segments[at] == "job":
        names.append(unquote(segments[at + 1]).replace("/", "%2F"))
        at += 2
    return "/".join(names)


def branch_jobs(project: str, number: int) -> tuple[str, ...]:
    """The names a pull request's job may have in a multibranch project, the best first.

    Where there is one for the merge and one for the head, the merge is what will be on the branch.

    >>> branch_jobs("ci/widgets", 12)
    ('ci/widgets/PR-12', 'ci/widgets/PR-12-merge', 'ci/widgets/PR-12-head')
    """
    return tuple(f"{project}/PR-{number}{strategy}" for strategy in ("", "-merge", "-head"))


def pull_of_branch_job(name: str) -> int | None:
    """The pull request that a branch job is for; None when it is for none.

    >>> pull_of_branch_job("ci/widgets/PR-12-merge"), pull_of_branch_job("ci/widgets/main")
    (12, None)
    """
    match = _BRANCH_JOB.fullmatch(name.rpartition("/")[2])
    return int(match[1]) if match else None


def project_of(name: str) -> str:
    """The project that a branch job is in.

    >>> project_of("ci/widgets/PR-12-merge")
    'ci/widgets'
    """
    return name.rpartition("/")[0]


def is_part_of_matrix(url: str) -> bool:
    """The URL or path is of one combination of a matrix job, or of its build.

    >>> is_part_of_matrix("job/ci/job/all/ARCH=arm,OS=linux/17/"), is_part_of_matrix("job/a=b/17/")
    (True, False)
    """
    try:
        segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    except ValueError:
        return False
    last = max((at for at, segment in enumerate(segments) if segment == "job"), default=-2)
    return any("=" in unquote(segment) for segment in segments[last + 2 : last + 3])
