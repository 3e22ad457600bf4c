"""When a watched branch breaks, and when it is mended: news for those who asked for it."""

from collections.abc import Iterator

from leeroy.config import Branch, UnstableAs
from leeroy.config import Notify as NotifySettings
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import Notify
from leeroy.deciding.facts import BranchFacts
from leeroy.model import Build, BuildState, Channel, News, Result


def tell_of_breaks(facts: BranchFacts, decision: Decision) -> Decision:
    """Tell of each context whose newest result is other news than what was told last.

    A branch of which nothing was told yet counts as whole.
    """
    if facts.is_gone:
        return decision
    for settings in facts.configured:
        if not isinstance(settings, Branch) or settings.notify is None:
            continue
        build = _newest_result(decision, settings)
        if build is None:
            continue
        news = News.MENDED if _is_good(build, settings) else News.BROKEN
        for channel in _channels(settings.notify):
            told = facts.notices.get((settings.context.lower(), channel))
            known = News.MENDED if told is None else told.news
            if news is known or (told is not None and told.build_id == build.id):
                continue
            decision = decision.doing(
                Notify(channel=channel, news=news, of=build, to=settings.notify),
                because=f"{settings.context}: {facts.ref} is {news}",
            )
    return decision


def _newest_result(decision: Decision, settings: Branch) -> Build | None:
    """The result of the newest push that has one: builds may end in another order than they began."""
    attempts = [b for b in decision.builds if b.context.lower() == settings.context.lower()]
    pushed: dict[str, float] = {}
    for build in attempts:
        if build.created:
            pushed[build.sha] = min(build.created, pushed.get(build.sha, build.created))
    results = [
        build
        for build in attempts
        if build.state.is_over
        and build.state is not BuildState.SUPERSEDED
        and decision.newest(build.sha, build.context) == build
    ]
    return max(results, key=lambda build: pushed.get(build.sha, 0.0), default=None)


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
