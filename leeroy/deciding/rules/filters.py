"""Which builds the pull request should have: filters by branch, path, draft, label, author, phrase.

What the changes cannot affect is a success, so that a required check does not wait for ever. What
somebody chose to skip stays pending: an author must not turn a check green without a build.
"""

import re
from dataclasses import replace

from leeroy.config import Build as BuildSettings
from leeroy.config import BuildCommits
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.unknown import Unknown
from leeroy.deciding.words import WordRank
from leeroy.model import BuildState, Status, StatusState

#: The one reason that keeps GitHub from merging it, too.
DRAFT = "a draft"
#: In the title or body, as in GHPRB and most CI services.
SKIP_CI = re.compile(r"\[(?:skip[\s_-]+ci|ci[\s_-]+skip)\]", re.IGNORECASE)


def select_builds(facts: PullFacts, decision: Decision) -> Decision:
    """The contexts each sha should have, and which of them get a word instead of a build."""
    if not facts.pull.is_open:
        return decision
    found = []
    for settings in facts.configured:
        if not settings.jenkins_job_name:
            continue
        if settings.is_for_older_commits:
            decision = decision.asking(facts.commits)
        for sha in _shas(facts, settings):
            if not _is_automatic(facts, decision, settings, sha):
                continue
            if _is_hidden(facts, decision, settings, sha):
                decision = decision.asking(facts.statuses_of(sha))
                if sha != facts.pull.head_sha:
                    continue  # somebody may have built it: left out until GitHub says
            one: Wanted | Unknown | None = _want(facts, decision, settings, sha)
            if isinstance(one, Unknown):
                decision = decision.asking(one)
                one = _meanwhile(facts, Wanted(settings=settings, sha=sha), one)
            if one is not None:
                found.append(one)
    wanted = tuple(found)
    skipped = tuple(
        f"{w.context}: {w.instead.description}" for w in wanted if w.instead is not None
    )
    return replace(decision, wanted=wanted, reasons=decision.reasons + skipped)


def _shas(facts: PullFacts, settings: BuildSettings) -> list[str]:
    head = facts.pull.head_sha
    if not settings.is_for_older_commits or isinstance(facts.commits, Unknown):
        return [head]
    newest = [commit.sha for commit in facts.commits if commit.sha != head]
    return [*newest[len(newest) - min(len(newest), settings.max_commits - 1) :], head]


def _is_hidden(facts: PullFacts, decision: Decision, settings: BuildSettings, sha: str) -> bool:
    """Only new commits are to be built, and nobody knows whether this one is."""
    return (
        settings.build_commits is BuildCommits.NEW
        and decision.newest(sha, settings.context) is None
        and isinstance(facts.statuses_of(sha), Unknown)
    )


def _meanwhile(facts: PullFacts, wanted: Wanted, unknown: Unknown) -> Wanted | None:
    """What to say while the changed files are not known; after a while it is built."""
    if unknown.needs or facts.is_out_of_patience:
        return wanted
    if facts.is_blip:
        return wanted.as_said(facts)
    text = messages.not_shown("changed files", unknown.briefly)
    return _pending(wanted, text, WordRank.UNDER_WAY)


def _is_automatic(facts: PullFacts, decision: Decision, settings: BuildSettings, sha: str) -> bool:
    if not settings.is_on_command or decision.newest(sha, settings.context) is not None:
        return True
    told = facts.own_word(sha, settings.context)
    if told is not None and told.state is StatusState.PENDING:
        return True  # it was asked for, and told to wait
    is_head = sha == facts.pull.head_sha
    return is_head and any(request.asks_for(settings) for request in decision.requests)


def _want(
    facts: PullFacts, decision: Decision, settings: BuildSettings, sha: str
) -> Wanted | Unknown:
    """The build, or what is said instead of it and why."""
    pull, wanted = facts.pull, Wanted(settings=settings, sha=sha)
    is_asked_for = any(request.asks_for(settings) for request in decision.requests)
    if is_asked_for or _was_asked_for(facts, decision, settings, sha):
        return wanted  # people know better than filters
    if not settings.is_for_base(pull.base_ref):
        excused = _excused(wanted, messages.not_built_for(pull.base_ref))
        return replace(excused, is_by_base=True)
    if settings.is_filtered and not _is_built(facts, decision, wanted):
        if isinstance(facts.patch, Unknown):
            return facts.patch
        if not settings.is_affected_by(facts.patch):
            return _excused(wanted, messages.SKIPPED_PATHS)
    reason = _chosen(facts, settings)
    if not reason:
        return wanted
    if settings.skip_success:
        can_write = facts.author_can_write
        if isinstance(can_write, Unknown) and can_write.needs:
            return can_write
        if can_write is True:
            return _excused(wanted, messages.skipped(reason))
    rank = WordRank.BLOCKED if reason == DRAFT else WordRank.HELD
    return _pending(wanted, messages.waits(reason, settings.context), rank)


def _excused(wanted: Wanted, text: str) -> Wanted:
    status = _status(wanted, StatusState.SUCCESS, text)
    return replace(wanted, instead=status, rank=WordRank.EXCUSED)


def _pending(wanted: Wanted, text: str, rank: WordRank) -> Wanted:
    return replace(wanted, instead=_status(wanted, StatusState.PENDING, text), rank=rank)


def _is_built(facts: PullFacts, decision: Decision, wanted: Wanted) -> bool:
    newest = decision.newest_onto(wanted.sha, wanted.context, facts.base)
    return newest is not None and newest.state is not BuildState.SUPERSEDED


def _was_asked_for(facts: PullFacts, decision: Decision, settings: BuildSettings, sha: str) -> bool:
    """Somebody wanted it onto this base in an earlier look; it may still wait, or be tried again."""
    return any(
        build.sha == sha
        and build.context.lower() == settings.context.lower()
        and build.base in ("", facts.base)
        and build.cause.is_by_somebody
        for build in decision.builds
    )


def _chosen(facts: PullFacts, settings: BuildSettings) -> str:
    """Why somebody, by what they set or wrote, keeps this from being built; empty: nobody does."""
    pull = facts.pull
    labels = {label.lower() for label in pull.labels}
    if pull.is_draft and not settings.drafts:
        return DRAFT
    if label := next((one for one in settings.skip_labels if one.lower() in labels), ""):
        return f"label {label}"
    if settings.labels and not any(one.lower() in labels for one in settings.labels):
        return f"no label {' or '.join(settings.labels)}"
    if pull.author.lower() in {login.lower() for login in settings.authors_ignore}:
        return f"by {pull.author}"
    if SKIP_CI.search(pull.title) or SKIP_CI.search(pull.body):
        return "[skip ci]"
    return ""


def _status(wanted: Wanted, state: StatusState, description: str) -> Status:
    return Status(context=wanted.context, state=state, description=messages.shorten(description))
