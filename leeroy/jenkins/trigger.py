"""How a build is asked for, and what each answer means.

https://www.jenkins.io/doc/book/using/remote-access-api/#submitting-jobs
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import requests

from leeroy.deciding.messages import JOB_MISSING
from leeroy.errors import LeeroyError, NotFound, Permanent, Transient
from leeroy.jenkins.wire import Call, is_crumb_missing

#: Request line and headers together may have 8 KiB in Jenkins' own web server; longer parameters
#: travel in the body, where they are read the same.
LONGEST_QUERY = 4000

_QUEUE_ITEM = re.compile(r"/queue/item/([0-9]+)/?$")


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


def read_trigger(job: str, response: requests.Response) -> int:
    """The id of the queue item, of an answer that is not an error.

    201 is a new item; 303 is one that waited already with equal parameters. Only the number of
    the Location counts: its host is the one we asked, which may not be Jenkins' own.
    """
    location = response.headers.get("Location", "")
    if response.status_code in (200, 201, 303):
        if found := _QUEUE_ITEM.search(urlsplit(location).path):
            return int(found[1])
        # It may well have been queued, so it must be looked for before it is asked for again.
        raise Transient(f"trigger {job}: Jenkins answered without a queue item")
    if response.status_code == 302 and _is_job_page(response):
        raise Permanent(f"Jenkins would not queue job {job}")
    if 300 <= response.status_code < 400:
        where = urlsplit(location)
        # Without a name and password that may stand before it.
        host = where.netloc.rpartition("@")[2]
        host = f"{where.scheme}://{host}" if host else where.path
        raise Permanent(f"Jenkins redirects to {host}: is its base_url right?")
    raise Transient(f"trigger {job}: Jenkins answered {response.status_code}")


def trigger_refusal(job: str, response: requests.Response, user: str) -> LeeroyError:
    """Why Jenkins would not start a build; the text of a Permanent is fit for a status."""
    status = response.status_code
    match status:
        case 400 if b"is not parameterized" in response.content:
            return Permanent(f"Job {job} takes no parameters: define GIT_SHA1 and the others")
        case 400:
            return Permanent(f"Job {job} wants parameters other than those it was sent")
        case 401:
            return Permanent(f"Jenkins does not accept the token of {user}")
        case 403 if is_crumb_missing(response):
            return Permanent(f"Jenkins wants a crumb of {user}: use an API token, not a password")
        case 403:
            return Permanent(f"Jenkins user {user} may not build {job}")
        case 404:
            return NotFound(f"Job {job} {JOB_MISSING} or is hidden from {user}")
        case 405:
            return Permanent(f"{job} cannot be built: it is a folder, or a proxy changed the POST")
        case 409:
            return Permanent(f"Job {job} is disabled")
        case 413 | 414 | 431:
            return Permanent(f"Job {job} is sent more parameters than Jenkins' web server takes")
        case 500 if is_jenkins_error_page(response):
            return Permanent(f"Job {job} fails on its parameters, such as an unknown choice (500)")
        case 502 | 503 | 504:
            return Transient(f"trigger {job}: Jenkins is down or starting ({status})")
    text = f"trigger {job}: Jenkins answered {status}"
    return Transient(text) if status >= 500 or status in (408, 425, 429) else Permanent(text)


def is_jenkins_error_page(response: requests.Response) -> bool:
    """Jenkins itself, up and well, failed on this very request.

    A choice that is not one, or a name given twice, ends so, and would every time. A 500 without
    the page is something else's, such as a proxy's, and may pass.
    """
    return b"Logging ID=" in response.content or b"A problem occurred" in response.content


def _is_job_page(response: requests.Response) -> bool:
    """A 302 to the page above: a queue decision handler of a plugin said no."""
    asked = urlsplit(response.url).path.rpartition("/")[0]
    location = urlsplit(response.headers.get("Location", ""))
    path = location.path.rstrip("/")
    return path in (asked, ".", "") and location.netloc in ("", urlsplit(response.url).netloc)
