"""What the operator may do on the dashboard: ask for a look, or for builds, again.

Each button puts a hint on the queue and leads back to its page: nothing else happens in a request.
"""

import structlog
from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from leeroy.config import Config
from leeroy.hints import DeliveryHint, FollowHint, RequestHint
from leeroy.model import PullRef
from leeroy.queue import Queue
from leeroy.store import Store
from leeroy.web.access import Visitor, check_signed_in
from leeroy.web.forms import Forms

log = structlog.get_logger()

#: What the page one comes back to says; only these words go through the address.
DONE = {
    "retry": "It is tried again now.",
    "nothing": "Nothing failed there any more.",
    "look": "Leeroy looks at it again now.",
    "known": "That delivery is in work already, or was handled within the last minute.",
    "rebuild": "The build was asked for.",
}


def add_buttons(views: Blueprint, config: Config, queue: Queue, store: Store, forms: Forms) -> None:
    """Add what forms are sent to; only who signed in may, and only by our own forms."""

    def check_form() -> Visitor:
        visitor = check_signed_in(config)
        forms.check(visitor)
        return visitor

    @views.post("/retry")
    def retry() -> Response:
        visitor = check_form()
        subject = request.form.get("subject", "")
        count = queue.retry(subject)
        log.info("button", button="retry", subject=subject, hints=count, by=visitor.name)
        return redirect(url_for("dashboard.home", done="retry" if count else "nothing"), 303)

    @views.post("/deliveries/<guid>/look")
    def look_for_delivery(guid: str) -> Response:
        visitor = check_form()
        kept = store.delivery(guid)
        if kept is None or not kept.subject:
            abort(404, "This delivery names nothing to look at.")
        # With what the first hint knew besides, such as the comment it came with.
        first = next((kept.hint for kept in queue.hints_of_delivery(guid)), None)
        hint = first or DeliveryHint(event=kept.event, action=kept.action)
        is_new = queue.put(kept.subject, hint, delivery=guid)
        log.info("button", button="look", delivery=guid, by=visitor.name)
        done = "look" if is_new else "known"
        return redirect(url_for("dashboard.delivery", guid=guid, done=done), 303)

    @views.post("/pulls/<owner>/<repo>/<int(min=1, max=2147483647):number>/look")
    def look_at_pull(owner: str, repo: str, number: int) -> Response:
        visitor = check_form()
        ref = _known_pull(config, owner, repo, number)
        # This asks Jenkins for every build that is not over, too.
        queue.put(str(ref), FollowHint(why="dashboard"))
        log.info("button", button="look", pull=str(ref), by=visitor.name)
        return _back(owner, repo, number, "look")

    @views.post("/pulls/<owner>/<repo>/<int(min=1, max=2147483647):number>/rebuild")
    def rebuild(owner: str, repo: str, number: int) -> Response:
        visitor = check_form()
        ref = _known_pull(config, owner, repo, number)
        context = request.form.get("context", "")
        kept = store.pull(ref)
        builds = config.builds_for(ref.repo, kept.base_ref if kept else "")
        if all(build.context.lower() != context.lower() for build in builds):
            abort(404, f"{ref.repo} has no context {context}.")
        queue.put(str(ref), RequestHint(context=context))
        log.info("button", button="rebuild", pull=str(ref), context=context, by=visitor.name)
        return _back(owner, repo, number, "rebuild")


def _known_pull(config: Config, owner: str, repo: str, number: int) -> PullRef:
    try:
        ref = PullRef.parse(f"{owner}/{repo}#{number}")
    except ValueError:
        abort(404, "No pull request has that name.")
    if not config.knows(ref.repo):
        abort(404, f"The settings have nothing for {ref.repo}.")
    return ref


def _back(owner: str, repo: str, number: int, done: str) -> Response:
    page = url_for("dashboard.pull", owner=owner, repo=repo, number=number, done=done)
    return redirect(page, 303)
