"""Every sentence Leeroy says on GitHub, and the hidden markers that find its comments again."""

from collections.abc import Sequence
from typing import assert_never

from leeroy.deciding.commands import NOT_COMMANDS, Command, Verb
from leeroy.model import Build, BuildState, Cause, CauseKind, News, Reason, ReasonKind, Result
from patchparser.quoting import code, shell_word

#: GitHub refuses longer ones:
#: https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
DESCRIPTION_LIMIT = 140

QUEUED = "Queued in Jenkins"
WAITING_FOR_JENKINS = "Waiting for Jenkins"
WAITING_FOR_APPROVAL = "Waiting for a maintainer to comment /ok-to-test"
SKIPPED_PATHS = "Skipped: no matching changes"
#: Why a trigger is made for an attempt that is written down already.
CUT_SHORT = "an earlier look was cut short before Jenkins took it"


def marker(topic: str) -> str:
    """The hidden line that finds our comment on a topic again.

    >>> marker("hygiene")
    '<!-- leeroy: hygiene -->'
    """
    return f"<!-- leeroy: {topic} -->"


def is_marked(body: str) -> bool:
    """It begins as a comment of ours does.

    >>> is_marked(marker("results") + "\\nall is well"), is_marked("/retest")
    (True, False)
    """
    return body.startswith("<!-- leeroy: ")


def shorten(text: str, limit: int = DESCRIPTION_LIMIT) -> str:
    """One line of at most ``limit`` characters, cut with an ellipsis.

    >>> shorten("a\\nb"), shorten("abcdef", 4)
    ('a b', 'abc…')
    """
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def duration(seconds: float) -> str:
    """A duration as people say it.

    >>> [duration(s) for s in (0.2, 20, 200, 7260)]
    ['1 s', '20 s', '3 min 20 s', '2 h 1 min']
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def about(seconds: float) -> str:
    """A duration that is only a guess.

    >>> [about(s) for s in (47, 200, 7260)]
    ['50 s', '3 min', '2 h 1 min']
    """
    return duration(round(seconds, -1) if seconds < 60 else 60 * round(seconds / 60))


#: What is over sooner than it can be read is not announced.
SHORTEST_USUAL = 10.0


def running(number: int, usual: float | None = None) -> str:
    """A build runs; ``usual`` is how long such builds take, where that is known.

    >>> running(7), running(7, usual=200)
    ('Build #7 is running', 'Build #7 is running, usually 3 min')
    """
    text = f"Build #{number} is running"
    return text if usual is None or usual < SHORTEST_USUAL else f"{text}, usually {about(usual)}"


_VERBS = {
    Result.SUCCESS: "succeeded",
    Result.FAILURE: "failed",
    Result.UNSTABLE: "is unstable",
    Result.ABORTED: "was aborted",
    Result.NOT_BUILT: "was not built",
}


def finished(build: Build) -> str:
    """How a build ended, and how long it took.

    >>> from leeroy.model import BuildState
    >>> finished(Build(id="1", server="", job="j", repo="a/b", pull=1, sha="c", context="ci",
    ...     attempt=1, build_number=9, state=BuildState.DONE, result=Result.SUCCESS, duration=200))
    'Build #9 succeeded in 3 min 20 s'
    """
    by = build.reason.of if build.reason and build.reason.kind is ReasonKind.ABORTED else ""
    if build.result is None or build.build_number is None or (build.reason and not by):
        return reason(build.reason) or "Jenkins gave no result"
    took = (
        ""
        if build.result is Result.NOT_BUILT or not build.duration
        else f" {'after' if build.result is not Result.SUCCESS else 'in'} "
        f"{duration(build.duration)}"
    )
    retried = after_retries(build.retry)
    who = by.removeprefix("Aborted ")
    verb = _VERBS[build.result] + (f" {who}" if who != by else "")
    why = f": {by}" if by and who == by else ""
    return f"Build #{build.build_number} {verb}{took}{retried}{why}"


def reason(why: Reason | None) -> str:
    """Why a build waits, was refused, was stopped or got lost; empty: for no reason of its own.

    >>> reason(Reason(ReasonKind.SUPERSEDED, "abc1234def")), reason(Reason(ReasonKind.CLOSED))
    ('Superseded by abc1234', 'Closed')
    >>> reason(Reason(ReasonKind.NEW_BASE, "release"))
    'Superseded: the base is now release'
    """
    if why is None:
        return ""
    of = why.of
    match why.kind:
        case ReasonKind.WAITING_FOR_TURN:
            return "Waiting for its turn"
        case (
            ReasonKind.JENKINS_AWAY
            | ReasonKind.JOB_TO_COME
            | ReasonKind.JOB_MISSING
            | ReasonKind.REFUSED
        ):
            return of
        case ReasonKind.TAKES_NO_SHA:
            return f"Job {of} does not take GIT_SHA1"
        case ReasonKind.BUILT_OTHER:
            sha, _, job = of.partition(" ")
            return f"{f'Job {job}' if job else 'Jenkins'} built {sha[:7]} instead"
        case ReasonKind.SHOWS_NO_COMMIT:
            return f"Build #{of} does not say which commit it built"
        case ReasonKind.FORGOTTEN:
            return "Jenkins no longer knows this build"
        case ReasonKind.CUT_OFF:
            return f"A restart of Jenkins ended build #{of}"
        case ReasonKind.ABORTED:
            return of
        case ReasonKind.HELD:
            return f"{QUEUED}: {of}"
        case ReasonKind.WAITS_FOR_INPUT:
            return f"Build #{of} waits for input in Jenkins"
        case ReasonKind.DISABLED:
            return f"Job {of} was disabled while the build waited"
        case ReasonKind.LEFT_QUEUE:
            return "Left Jenkins' queue without a build"
        case ReasonKind.CANCELLED_IN_QUEUE:
            return "Cancelled in Jenkins' queue"
        case ReasonKind.CANCELLED_BY:
            return f"Cancelled by {of}"
        case ReasonKind.UNAPPROVED:
            return f"Aborted: Jenkins began build #{of} before a maintainer commented /ok-to-test"
        case ReasonKind.SUPERSEDED:
            return f"Superseded by {of[:7]}"
        case ReasonKind.NEW_BASE:
            return f"Superseded: the base is now {of}"
        case ReasonKind.NEW_ATTEMPT:
            return "Superseded by a new attempt"
        case ReasonKind.CLOSED:
            return "Closed"
        case ReasonKind.MERGED:
            return "Merged before it was built"
        case ReasonKind.BRANCH_DELETED:
            return "Branch deleted"
    assert_never(why.kind)


def new_attempt(cause: Cause, build: Build | None, sha: str, retries: int = 0) -> str:
    """Why an attempt is made, for people who ask.

    >>> new_attempt(Cause(CauseKind.HEAD), None, "abc1234def")
    'no build of abc1234 yet'
    """
    match cause.kind:
        case CauseKind.HEAD:
            return f"no build of {sha[:7]} yet"
        case CauseKind.AGAIN:
            return f"{sha[:7]} is wanted again"
        case CauseKind.APPROVED:
            return f"{sha[:7]} may be built now"
        case CauseKind.LOST:
            return reason(build.reason) if build else "Jenkins lost it"
        case CauseKind.BASE:
            return f"the base is now {cause.of}"
        case CauseKind.RETRY:
            number = (build.build_number if build else None) or 0
            return trying_again(number, int(cause.of), retries)
    return "asked for"


def trying_again(number: int, retry: int, most: int) -> str:
    """A build failed, which may be the fault of a flaky test.

    >>> trying_again(17, 1, 2)
    'Build #17 failed, trying again (1 of 2)'
    """
    return f"Build #{number} failed, trying again ({retry} of {most})"


def after_retries(retry: int) -> str:
    """How many builds failed before this one.

    >>> after_retries(0), after_retries(1), after_retries(2)
    ('', ' (after 1 retry)', ' (after 2 retries)')
    """
    return f" (after {retry} {'retry' if retry == 1 else 'retries'})" if retry else ""


def not_built_for(base: str) -> str:
    """The settings say that pull requests onto that base are not built.

    >>> not_built_for("gh-pages")
    'Skipped: not built for gh-pages'
    """
    return skipped(f"not built for {base}")


def skipped(reason: str) -> str:
    """Not built, and that is fine.

    >>> skipped("label no-ci")
    'Skipped: label no-ci'
    """
    return f"Skipped: {reason}"


def waits(reason: str, context: str) -> str:
    """Not built, and how to build it anyway, whole: it is the reason that is cut.

    >>> waits("a draft", "janky")
    'Not built: a draft. To build it anyway, comment /test janky'
    >>> len(waits("a label of fifty letters " * 5, "janky"))
    140
    """
    way_out = f". To build it anyway, comment /test {context}"
    return shorten(f"Not built: {reason}", max(20, DESCRIPTION_LIMIT - len(way_out))) + way_out


def conflict(base: str) -> str:
    """It cannot be merged.

    >>> conflict("main")
    'Merge conflict with main'
    """
    return f"Merge conflict with {base}"


def no_conflict(base: str) -> str:
    """It can be merged.

    >>> no_conflict("main")
    'No conflict with main'
    """
    return f"No conflict with {base}"


def waits_for_merge(base: str) -> str:
    """Not built, because what would be built can never be merged.

    >>> waits_for_merge("main")
    'Waiting: merge conflict with main'
    """
    return f"Waiting: merge conflict with {base}"


def conflict_comment(repo_url: str, base: str, head: str) -> str:
    """What a conflict means, and how to settle it."""
    commands = (
        f"git fetch {shell_word(repo_url)} {shell_word(base)}",
        "git rebase FETCH_HEAD",
        f"git push --force-with-lease origin {shell_word(head)}",
    )
    parts = (
        f"This pull request conflicts with {code(base)}, so nothing new is built for it.",
        "In your clone, on your branch:",
        "\n".join(["```sh", *commands, "```"]),
        (
            "Where the rebase stops, edit the files git names, `git add` them, and go on with"
            " `git rebase --continue`. Builds start by themselves once there is no conflict."
        ),
    )
    return "\n\n".join(parts)


def conflict_settled_comment(base: str) -> str:
    """What becomes of that comment.

    >>> conflict_settled_comment("main")
    'Thank you! This pull request no longer conflicts with `main`.'
    """
    return f"Thank you! This pull request no longer conflicts with {code(base)}."


def how_it_ended(build: Build) -> str:
    """How an attempt ended, also one that Jenkins never built.

    >>> how_it_ended(Build(id="1", server="", job="j", repo="a/b", pull=None, branch="main",
    ...     sha="c", context="ci", attempt=1, state=BuildState.REFUSED,
    ...     reason=Reason(ReasonKind.REFUSED, "Job j is disabled")))
    'Job j is disabled'
    """
    return finished(build) if build.state is BuildState.DONE else reason(build.reason)


def branch_headline(news: News, build: Build) -> str:
    """That a branch broke, or was mended.

    >>> branch_headline(News.BROKEN, Build(id="1", server="", job="j", repo="a/b", pull=None,
    ...     branch="main", sha="c", context="ci", attempt=1))
    'ci of a/b@main is broken'
    """
    return shorten(f"{build.context} of {build.repo}@{build.branch} is {news}", 300)


def slack_news(news: News, build: Build, commit_url: str) -> str:
    """The same with how it ended and with links, as Slack reads them.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    where = _slack_link(commit_url, f"{build.repo}@{build.branch} at {build.sha[:7]}")
    how = _slack_link(build.url, how_it_ended(build))
    return f"*{_slack_text(build.context)}* of {where} is *{news}*: {how}"


def _slack_text(text: str) -> str:
    line = " ".join(text.split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_link(url: str, text: str) -> str:
    shown = _slack_text(text).replace("|", "¦")
    return f"<{_slack_text(url).replace('|', '%7C')}|{shown}>" if url else shown


def skipped_by(login: str) -> str:
    """Somebody called an optional context skipped.

    >>> skipped_by("mary")
    'Skipped by mary'
    """
    return f"Skipped by {login}"


def name_the_head(sha: str) -> str:
    """How to say which head is meant.

    >>> name_the_head("abc1234def")
    'look at it and comment `/ok-to-test abc1234def`'
    """
    return f"look at it and comment `/ok-to-test {sha}`"


def head_has_moved(sha: str) -> str:
    """A command was read when what it was about had been superseded.

    >>> head_has_moved("abc1234def")
    'the head has moved since, to abc1234: comment again if you mean that one'
    """
    return f"the head has moved since, to {sha[:7]}: comment again if you mean that one"


def is_over(*, is_merged: bool) -> str:
    """Why nothing is built or stopped any more.

    >>> is_over(is_merged=False)
    'this pull request is closed'
    """
    return f"this pull request is {'merged' if is_merged else 'closed'}"


#: What may be asked for, and by whom.
COMMANDS = (
    ("/test CONTEXT", "build one context; `/test all` builds every one that is not on command"),
    ("/retest [CONTEXT]", "build again what failed or never ran, or that context"),
    ("/cancel", "stop what is queued or runs"),
    ("/ok-to-test [SHA]", "let this head be built (write permission); `/ok-to-test cancel`"),
    ("/skip CONTEXT", "call an optional context skipped (write permission)"),
    ("/help", "show this"),
)


def reply(refusals: Sequence[tuple[Command, str]], contexts: Sequence[str]) -> str:
    """What was not done and why, and what can be done; nothing in it mentions anybody."""
    said = [f"{code(_as_written(command))} was not done: {reason}." for command, reason in refusals]
    listed = "\n".join(f"| `{name}` | {what} |" for name, what in COMMANDS)
    here = ", ".join(code(context) for context in contexts) or "none"
    opening = "\n\n".join(said) or "This is what you can ask for, each on a line of its own."
    help_table = f"| command | what it does |\n| --- | --- |\n{listed}\n\nContexts here: {here}."
    if not said:
        return f"{opening}\n\n{help_table}"
    return f"{opening}\n\n<details><summary>What you can ask for</summary>\n\n{help_table}\n\n</details>"


def _as_written(command: Command) -> str:
    if command.verb in NOT_COMMANDS:
        return command.argument
    verb = command.verb if command.verb is Verb.WHITELIST else f"/{command.verb}"
    return f"{verb} {command.argument}".strip()


def not_shown(what: str, why: str) -> str:
    """A part of GitHub cannot be read now.

    >>> not_shown("changed files", "500")
    'GitHub does not show the changed files (500); trying again'
    """
    return f"GitHub does not show the {what} ({why}); trying again"


def cannot_tell_trust(why: str) -> str:
    """The head waits because GitHub does not say who its author is.

    >>> cannot_tell_trust("500").partition(": ")[2]
    'GitHub does not say what the author may do (500)'
    """
    return f"{WAITING_FOR_APPROVAL}: GitHub does not say what the author may do ({why})"
