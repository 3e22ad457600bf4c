"""How a build is asked for, and what each answer means.

https://www.jenkins.io/doc/book/using/remote-access-api/#submitting-jobs
"""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlencode, urlsplit

from leeroy.errors import (
    CredentialsRefused,
    LeeroyError,
    NotFound,
    Permanent,
    RightsRefused,
    Transient,
)
from leeroy.jenkins.wire import Call, is_crumb_missing
from leeroy.outgoing import Reply

#: Request line and headers together may have 8 KiB in Jenkins' own web server; longer parameters
#: travel in the body, where they are read the same.
LONGEST_QUERY = 4000

_QUEUE_ITEM = re.compile(r"/queue/item/([0-9]{1,9})/?\Z")


def trigger_call(job: str, path: str, parameters: Mapping[str, str]) -> Call:
    """The request that starts a build of a job."""
    # Without a delay the quiet period of Jenkins applies: 5 s, and more where a job says so.
    # A parameter of that name wins: it would be ambiguous otherwise, and Jenkins answers 500.
    values = {"delay": "0sec", **parameters}
    is_long = len(urlencode(values)) > LONGEST_QUERY
    action = "buildWithParameters" if parameters else "build"
    return Call(
        method="POST",
        path=f"{path}/{action}",
        template=f"job/{{job}}/{action}",
        query={} if is_long else values,
        form=values if is_long else {},
        doing=f"trigger {job}",
    )


def read_trigger(job: str, reply: Reply) -> int:
    """The id of the queue item, of an answer that is not an error.

    201 is a new item; 303 is one that waited already with equal parameters. Only the number of
    the Location counts: its host is the one we asked, which may not be Jenkins' own.
    """
    status = reply.status
    try:
        location = urlsplit(reply.headers.get("Location", ""))
    except ValueError:  # "http://[" and the like
        location = urlsplit("")
    if status in (200, 201, 303):
        if found := _QUEUE_ITEM.search(location.path[-100:]):
            return int(found[1])
        # It may well have been queued, so it must be looked for before it is asked for again.
        raise Transient(f"trigger {job}: Jenkins answered without a queue item", status=status)
    if status == 302 and _is_job_page(reply, location):
        raise Permanent(f"Jenkins would not queue job {job}", status=status)
    if 300 <= status < 400:
        # Without a name and password that may stand before it.
        host = location.netloc.rpartition("@")[2]
        host = f"{location.scheme}://{host}" if host else location.path
        text = f"Jenkins redirects to {host[:100]}: is its base_url right?"
        raise Transient(text, status=status)
    raise Transient(f"trigger {job}: Jenkins answered {status}", status=status)


def trigger_refusal(job: str, reply: Reply, user: str) -> LeeroyError:
    """Why Jenkins would not start a build; the text of a Permanent is fit for a status.

    Permanent is only what is the job's own.
    """
    status = reply.status
    match status:
        case 400 if b"is not parameterized" in reply.body:
            text = f"Job {job} takes no parameters: define GIT_SHA1 and the others"
        case 400:
            text = f"Job {job} wants parameters other than those it was sent"
        case 401:
            text = f"Jenkins does not accept the token of {user}"
            return CredentialsRefused(text, status=status)
        case 403 if is_crumb_missing(reply):
            text = f"Jenkins wants a crumb of {user}: use an API token, not a password"
            return CredentialsRefused(text, status=status)
        case 403:
            return RightsRefused(f"Jenkins user {user} may not build {job}", status=status)
        case 404:
            return NotFound(f"Job {job} does not exist or is hidden from {user}", status=status)
        case 405:
            text = f"{job} cannot be built: it is a folder, or a proxy changed the POST"
        case 409:
            text = f"Job {job} is disabled"
        case 413 | 414 | 431:
            text = f"Job {job} is sent more parameters than Jenkins' web server takes"
        case 500 if is_jenkins_error_page(reply):
            text = f"Job {job} fails on its parameters, such as an unknown choice (500)"
        case 502 | 503 | 504:
            text = f"trigger {job}: Jenkins is down or starting ({status})"
            return Transient(text, status=status)
        case _:
            text = f"trigger {job}: Jenkins answered {status}"
            if status >= 500 or status in (408, 425, 429):
                return Transient(text, status=status)
    return Permanent(text, status=status)


def is_jenkins_error_page(reply: Reply) -> bool:
    """Jenkins itself, up and well, failed on this very request.

    A choice that is not one, or a name given twice, ends so, and would every time. A 500 without
    the page is something else's, such as a proxy's, and may pass.
    """
    return b"Logging ID=" in reply.body or b"A problem occurred" in reply.body


def _is_job_page(reply: Reply, location: SplitResult) -> bool:
    """A 302 to the page above: a queue decision handler of a plugin said no."""
    asked = urlsplit(reply.url)
    path = location.path.rstrip("/")
    return path in (asked.path.rpartition("/")[0], ".", "") and location.netloc in (
        "",
        asked.netloc,
    )
