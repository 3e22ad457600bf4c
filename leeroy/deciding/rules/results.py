"""One comment with the results of all builds of the head, rewritten in place as they finish."""

from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.result_texts import NOT_FINISHED, ContextResult, fingerprint, results_comment
from leeroy.deciding.unknown import Unknown
from leeroy.model import Build, BuildState, Result, StatusState

TOPIC = "results"

_WORDS = {
    Result.SUCCESS: "succeeded",
    Result.FAILURE: "failed",
    Result.UNSTABLE: "unstable",
    Result.ABORTED: "aborted",
    Result.NOT_BUILT: "not built",
}
#: Of these people want to see which tests failed and what the console said.
_HAVE_DETAILS = frozenset([Result.FAILURE, Result.UNSTABLE])
_ENDED = frozenset([BuildState.DONE, BuildState.REFUSED, BuildState.LOST])


def tell_results(facts: PullFacts, decision: Decision) -> Decision:
    """Post the comment when the first build of the head has ended, and keep it true ever after."""
    if not facts.settings.comments.results or not facts.pull.is_open:
        return decision
    rows = _rows(facts, decision)
    mark = _mark(facts, rows)
    if not _has_ended(facts, decision) or facts.has_told(TOPIC, mark):
        return decision
    asked = [(row, facts.details_of(row.details_of)) for row in rows if row.details_of]
    decision = decision.asking(*(details for _, details in asked))
    details = [(row, known) for row, known in asked if not isinstance(known, Unknown)]
    body = results_comment(facts.pull.head_sha, rows, details)
    if len(details) == len(asked):
        # Without the mark it is written again once everything can be read.
        body = f"{mark}\n{body}"
    return decision.commenting(TOPIC, body, mark=mark)


def shown_console_lines(facts: PullFacts) -> int:
    """How many console lines to show; on a public repository none, unless that was asked for."""
    settings = facts.settings.comments
    return settings.console_lines if facts.pull.is_private or settings.console_on_public else 0


def _mark(facts: PullFacts, rows: list[ContextResult]) -> str:
    return fingerprint(facts.pull.head_sha, rows, console_lines=shown_console_lines(facts))


def _has_ended(facts: PullFacts, decision: Decision) -> bool:
    head = facts.pull.head_sha
    return any(build.sha == head and build.state in _ENDED for build in decision.builds)


def _rows(facts: PullFacts, decision: Decision) -> list[ContextResult]:
    """The contexts of the head: those that are wanted, then others that were built."""
    head = facts.pull.head_sha
    wanted = {w.context.lower(): w for w in decision.wanted if w.sha == head}
    built = [b.context.lower() for b in decision.builds if b.sha == head]
    return [
        _row(_newest(facts, decision, context, wanted.get(context)), wanted.get(context))
        for context in dict.fromkeys([*wanted, *built])
    ]


def _newest(
    facts: PullFacts, decision: Decision, context: str, wanted: Wanted | None
) -> Build | None:
    """What was built onto another base says nothing any more, where something is said instead."""
    head = facts.pull.head_sha
    if wanted is None or wanted.instead is None:
        return decision.newest(head, context)
    return decision.newest_onto(head, context, facts.base)


def _row(newest: Build | None, wanted: Wanted | None) -> ContextResult:
    """What was built says more than a reason why there is no build; what was stopped does not."""
    if wanted is None or (newest is not None and newest.state is not BuildState.SUPERSEDED):
        assert newest is not None  # one of both made the row
        return _row_of_build(newest)
    instead = wanted.instead
    is_good = instead is not None and instead.state is StatusState.SUCCESS
    return ContextResult(
        context=wanted.context,
        result=NOT_FINISHED if instead is None else instead.description,
        is_good=is_good,
        is_over=is_good,
    )


def _row_of_build(build: Build) -> ContextResult:
    if build.state is not BuildState.DONE or build.result is None:
        is_over = build.state.is_over
        return ContextResult(
            context=build.context,
            result=messages.reason(build.reason) if is_over else NOT_FINISHED,
            is_good=False,
            is_over=is_over,
        )
    word = _WORDS[build.result]
    has_details = build.result in _HAVE_DETAILS and build.build_number is not None
    return ContextResult(
        context=build.context,
        result=f"{word}: {messages.reason(build.reason)}" if build.reason else word,
        is_good=build.result is Result.SUCCESS,
        is_over=True,
        build_number=build.build_number,
        url=build.url,
        duration=build.duration,
        details_of=build.id if has_details else "",
    )
