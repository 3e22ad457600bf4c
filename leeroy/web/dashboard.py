"""What is going on, and why: pages for people. They only read; ``buttons.py`` is what may be done.

Every query has a limit, so a page costs the same with ten pull requests and with ten thousand.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from leeroy.config import Config, github_web_url
from leeroy.errors import BadDelivery, Transient
from leeroy.events import GUID
from leeroy.logs import Redactor
from leeroy.model import PullRef
from leeroy.queue import Queue
from leeroy.store import KeptDelivery, Store
from leeroy.web.access import Paused, Visitor, check_signed_in, check_visitor
from leeroy.web.assets import Assets
from leeroy.web.buttons import DONE, add_buttons
from leeroy.web.forms import Forms, form_cookie, keep_cookie
from leeroy.web.pages import HEADERS, Pages
from leeroy.web.pull_page import context_lines, timeline
from leeroy.web.troubles import troubles
from leeroy.worker.names import renamed_repos

#: Rows of each list.
PULLS, DELIVERIES, STEPS, BUILDS, FAILING = 50, 50, 60, 60, 100
#: Characters of a payload that a page shows; GitHub's may have 25 MB.
PAYLOAD_SHOWN = 256 * 1024

_PULL_PATH = re.compile(r"^https?://[^/\s]+/([^/\s]+/[^/\s]+)/pull/([0-9]+)")
_TITLES = {
    400: "That did not work",
    401: "Sign in",
    403: "Closed",
    404: "Not here",
    429: "Slower",
    503: "Later",
}


def dashboard(
    config: Config,
    queue: Queue,
    store: Store,
    nsq_troubles: Callable[[], tuple[str, ...]] = tuple,
) -> Blueprint:
    """The pages over these parts."""
    views = Blueprint("dashboard", __name__)
    assets = Assets()
    pages = Pages(redactor=Redactor(config.secrets()), url_for=url_for, asset_url=assets.url)
    forms = Forms(config.secrets())
    github_url = github_web_url(config.github_api_url)

    def page(name: str, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
        cookie = form_cookie() if visitor.is_operator else ""
        text = pages.render(
            name,
            visitor=visitor,
            token=forms.token_for(visitor, cookie) if cookie else "",
            can_sign_in=bool(config.user) and not visitor.is_operator,
            github_url=github_url,
            notice=DONE.get(request.args.get("done", ""), ""),
            **values,
        )
        answer = Response(text, status=status, mimetype="text/html")
        if cookie:
            keep_cookie(answer, cookie)
        return answer

    @views.get("/")
    def home() -> Response:
        visitor = check_visitor(config)
        pulls = store.recent_pulls(PULLS)
        statuses: dict[tuple[str, str], list[Any]] = {}
        for kept in store.statuses_at([(pull.ref.repo, pull.head_sha) for pull in pulls]):
            statuses.setdefault((kept.repo, kept.sha), []).append(kept.status)
        return page(
            "home.html",
            visitor,
            now=queue.now(),
            depth=queue.depth(),
            oldest=queue.oldest_due_age(),
            unfinished=store.unfinished_counts(),
            troubles=troubles(queue.troubles(FAILING)),
            nsq_troubles=nsq_troubles(),
            pulls=pulls,
            statuses=statuses,
            without_effect=config.without_effect(),
            renamed=tuple(renamed_repos(config, store)),
            unconfigured=store.unconfigured(),
            hook_url=_hook_url(config),
        )

    @views.get("/sign-in")
    def sign_in() -> AnyResponse:
        """On a public dashboard nothing else makes a browser ask for a name and password."""
        check_signed_in(config)
        return redirect(url_for("dashboard.home"), 303)

    @views.get("/deliveries")
    def deliveries() -> Response:
        visitor = check_visitor(config)
        return page(
            "deliveries.html",
            visitor,
            now=queue.now(),
            deliveries=store.recent_deliveries(DELIVERIES),
            hook_url=_hook_url(config),
        )

    @views.get("/deliveries/<guid>")
    def delivery(guid: str) -> Response:
        visitor = check_visitor(config)
        kept = store.delivery(guid) if GUID.match(guid) else None
        if kept is None:
            abort(404, "No such delivery is kept: it led to nothing, or it is too long ago.")
        hints = queue.hints_of_delivery(guid)
        began = min((hint.received for hint in hints), default=kept.received)
        ended = max((hint.handled or float("inf") for hint in hints), default=kept.received)
        looks = store.looks_at(kept.subject) if kept.subject else ()
        return page(
            "delivery.html",
            visitor,
            now=queue.now(),
            delivery=kept,
            hints=hints,
            looks=[look for look in looks if began <= look.at <= ended],
            # Only who signed in may read what GitHub sent: it may come from a private repository.
            payload=_shown_payload(kept) if visitor.is_operator else "",
        )

    @views.get("/pulls")
    def find_pull() -> AnyResponse:
        check_visitor(config)
        name = request.args.get("name", "").strip()
        if match := _PULL_PATH.match(name):
            name = f"{match[1]}#{match[2]}"
        try:
            ref = PullRef.parse(name)
        except ValueError:
            abort(404, "Write owner/repo#12, or paste the address of a pull request.")
        owner, _, repo = ref.repo.partition("/")
        return redirect(
            url_for("dashboard.pull", owner=owner, repo=repo, number=ref.number), code=303
        )

    @views.get("/pulls/<owner>/<repo>/<int(min=1, max=2147483647):number>")
    def pull(owner: str, repo: str, number: int) -> Response:
        visitor = check_visitor(config)
        ref = _pull_ref(owner, repo, number)
        kept = store.pull(ref)
        hints = queue.hints_of_subject(str(ref), STEPS)
        looks = store.looks_at(str(ref), STEPS)
        if kept is None and not hints and not looks:
            abort(404, _why_unknown(config, ref))
        builds = store.newest_builds_of(ref, BUILDS)
        shas = {kept.head_sha} if kept else set()
        shas.update(build.sha for build in builds)
        statuses = store.statuses_at([(ref.repo, sha) for sha in shas])
        lines = kept and context_lines(
            kept,
            configured=config.builds_for(ref.repo, kept.base_ref),
            statuses=statuses,
            builds=builds,
            hints=hints,
            mode=config.for_repo(ref.repo).mode,
        )
        return page(
            "pull.html",
            visitor,
            now=queue.now(),
            ref=ref,
            pull=kept,
            lines=lines or (),
            builds=builds,
            statuses=sorted(statuses, key=lambda status: -status.written),
            entries=timeline(looks, hints, STEPS),
            audit=store.audit_of(ref),
            is_known=config.knows(ref.repo),
        )

    assets.add_to(views)
    add_buttons(views, config, queue, store, forms)

    def refused(error: Exception) -> Response:
        status = _status_of(error)
        answer = page(
            "refused.html",
            Visitor(name=""),
            status=status,
            title=_TITLES.get(status, "That did not work"),
            text=_reason_of(error),
        )
        if status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Leeroy", charset="UTF-8"'
        if isinstance(error, Paused):
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    for kind in (BadDelivery, Transient, HTTPException):
        views.register_error_handler(kind, refused)
    views.after_request(_with_headers)
    return views


def _with_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer


def _status_of(error: Exception) -> int:
    if isinstance(error, BadDelivery):
        return error.status
    return (error.code or 500) if isinstance(error, HTTPException) else 503


def _reason_of(error: Exception) -> str:
    if isinstance(error, HTTPException):
        return error.description or error.name
    if isinstance(error, Transient):
        return "The database cannot be asked now. Reload the page in a minute."
    return str(error)


def _pull_ref(owner: str, repo: str, number: int) -> PullRef:
    try:
        return PullRef.parse(f"{owner}/{repo}#{number}")
    except ValueError:
        abort(404, "No pull request has that name.")


def _hook_url(config: Config) -> str:
    root = (config.public_url or request.url_root).rstrip("/")
    return f"{root}/notification/github"


def _why_unknown(config: Config, ref: PullRef) -> str:
    if not config.knows(ref.repo):
        return f"The settings have nothing for {ref.repo}: add a build with its github_repo."
    return (
        f"Nothing ever asked for a look at {ref}. Did GitHub send its delivery? The webhook's page"
        " on GitHub lists them under Recent Deliveries; there they can be sent again."
    )


def _shown_payload(kept: KeptDelivery) -> str:
    """The payload for people to read: indented where it is JSON, cut where it is endless."""
    text = kept.payload.decode("utf-8", "replace")
    with suppress(KeyError, ValueError, RecursionError):
        if not text.lstrip().startswith("{"):
            # A hook of the content type application/x-www-form-urlencoded.
            text = parse_qs(text, max_num_fields=8)["payload"][0]
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    if len(text) <= PAYLOAD_SHOWN:
        return text
    return f"{text[:PAYLOAD_SHOWN]}\n… and {len(text) - PAYLOAD_SHOWN} characters more"
