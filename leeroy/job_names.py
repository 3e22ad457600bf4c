"""Full names of Jenkins jobs (``folder/job``) and the paths in which they travel.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

from urllib.parse import quote, unquote, urlsplit


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
