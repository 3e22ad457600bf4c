"""How Jenkins writes names in addresses, and spans of time in sentences."""

from urllib.parse import quote

# hudson.Util.rawEncode leaves these alone.
_SAFE = "!$&'()*+,-.=@_~"
_BRANCH_ESCAPES = str.maketrans(
    {"#": "%23", "%": "%25", "/": "%2F", "?": "%3F", "[": "%5B", "\\": "%5C", "]": "%5D"}
)
_ODD_BRANCHES = {"": "%00", ".": "%2E", "..": "%2E."}


def encode_segment(name: str) -> str:
    """A name as one segment of an address.

    >>> encode_segment("my job"), encode_segment("feature%2Fx")
    ('my%20job', 'feature%252Fx')
    """
    return quote(name, safe=_SAFE)


def job_path(full_name: str) -> str:
    """A job's address, relative to Jenkins' root.

    >>> job_path("ci/app-test")
    'job/ci/job/app-test/'
    """
    return "".join(f"job/{encode_segment(name)}/" for name in full_name.split("/"))


def branch_job_name(branch: str) -> str:
    """The name of the job that a multibranch project makes for a branch.

    https://github.com/jenkinsci/branch-api-plugin: jenkins.branch.NameEncoder

    >>> branch_job_name("feature/x")
    'feature%2Fx'
    """
    return _ODD_BRANCHES.get(branch) or branch.translate(_BRANCH_ESCAPES)


def time_span(milliseconds: float) -> str:
    """A duration in Jenkins' words: the two largest units.

    >>> [time_span(ms) for ms in (40, 3200, 182_000, 3_700_000)]
    ['40 ms', '3.2 sec', '3 min 2 sec', '1 hr 1 min']
    """
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{int(milliseconds)} ms"
    if seconds < 10:
        return f"{int(seconds * 10) / 10:.1f} sec"
    units = [("day", 86400), ("hr", 3600), ("min", 60), ("sec", 1)]
    parts: list[str] = []
    left = int(seconds)
    for unit, size in units:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
