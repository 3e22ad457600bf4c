"""When a watched branch breaks, and when it is mended: news for those who asked for it."""

from collections.abc import Iterator

from leeroy.config import Branch, UnstableAs
from leeroy.config import Notify as NotifySettings
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import Notify
from leeroy.deciding.facts import BranchFacts
from leeroy.model import Build, BuildState, Channel, News, Result


def tell_of_breaks(facts: BranchFacts, decision: Decision) -> Decision:
    """Tell of each context whose result is other news than what was told last.

    A branch of which nothing was told yet counts as whole.
    """
    if facts.is_gone:
        return decision
    for settings in facts.configured:
        if not isinstance(settings, Branch) or settings.notify is None:
            continue
        for channel in _channels(settings.notify):
            told = facts.notices.get((settings.context.lower(), channel))
            build = _result(facts, decision, settings, since=told.begun if told else 0.0)
            if build is None:
                continue
            news = News.MENDED if _is_good(build, settings) else News.BROKEN
            known = News.MENDED if told is None else told.news
            if news is known or (told is not None and told.build_id == build.id):
                continue
            decision = decision.doing(
                Notify(channel=channel, news=news, of=build, to=settings.notify),
                because=f"{settings.context}: {facts.ref} is {news}",
            )
    return decision


def _result(
    facts: BranchFacts, decision: Decision, settings: Branch, *, since: float
) -> Build | None:
    """The result of the branch's head, also when it was built long ago and forced back to.

    Until it has one, that of the newest push that ended since: builds may end in another order than
    they began, and what ended before the last news was told of a head that is gone may stand for
    commits that the branch has no more.
    """
    of_head = decision.newest(facts.head, settings.context)
    if of_head is not None and _has_ended(of_head):
        return of_head
    attempts = [b for b in decision.builds if b.context.lower() == settings.context.lower()]
    pushed: dict[str, float] = {}
    for build in attempts:
        if build.created:
            pushed[build.sha] = min(build.created, pushed.get(build.sha, build.created))
    long_over = {b.id for b in facts.builds if b.state.is_over and b.updated <= since}
    results = [
        build
        for build in attempts
        if _has_ended(build)
        and build.id not in long_over
        and decision.newest(build.sha, build.context) == build
    ]
    return max(results, key=lambda build: pushed.get(build.sha, 0.0), default=None)


def _has_ended(build: Build) -> bool:
    """It says something of its commit."""
    return build.state.is_over and build.state is not BuildState.SUPERSEDED


def _is_good(build: Build, settings: Branch) -> bool:
    if build.state is not BuildState.DONE:
        return False
    if build.result is Result.UNSTABLE:
        return settings.unstable_as is UnstableAs.SUCCESS
    return build.result is Result.SUCCESS


def _channels(notify: NotifySettings) -> Iterator[Channel]:
    if notify.slack is not None:
        yield Channel.SLACK
    if notify.webhook is not None:
        yield Channel.WEBHOOK
    if notify.email:
        yield Channel.EMAIL
