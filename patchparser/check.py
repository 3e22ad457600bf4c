"""Runs the checks of a policy over a pull request: start reading here.

Each check lives in a file of its own and says one finding; the labels follow from the patch and
from the findings. Nothing here reads a file or knows where the pull request came from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from patchparser import messages
from patchparser.findings import Check, Finding, Verdict
from patchparser.kinds import Kinds
from patchparser.labels import decide_labels
from patchparser.patch import PatchSet
from patchparser.policy import Policy
from patchparser.pull import Commit, Identity, Pull
from patchparser.report import Report
from patchparser.signoff import Match, find_missing_sign_offs, how_to_put_right, problem_of


def run_checks(
    patch: PatchSet,
    pull: Pull,
    commits: Sequence[Commit] | None,
    policy: Policy,
    kinds: Kinds,
    *,
    our_labels: frozenset[str] = frozenset(),
    action: str | None = None,
) -> Report:
    """Say what a pull request is missing and which labels it should get and lose.

    ``commits`` is None where nobody listed them. ``our_labels`` are the labels on the pull request
    that we put on; ``action`` is the delivery's, for labels that are only put on at ``opened``.
    """
    findings = tuple(_findings(patch, pull, commits, policy, kinds))
    return Report(
        findings=findings,
        labels=decide_labels(
            patch, pull, policy.labels, kinds, findings, our_labels=our_labels, action=action
        ),
        kinds={file.path: kinds.kind_of(file.path) for file in patch},
        helps={
            finding.check: _help(finding, pull, commits or (), policy)
            for finding in findings
            if finding.verdict is Verdict.FAIL
        },
    )


def check_message(
    message: str,
    policy: Policy,
    *,
    people: tuple[Identity, Identity] | None,
    is_merge: bool,
    file: str,
) -> Report:
    """Check one commit message before it becomes a commit, as a commit-msg hook does.

    ``people`` are author and committer to be; None where there is no checkout to ask, so that any
    sign-off will do. ``file`` is where git keeps the message.
    """
    if policy.sign_off is None:
        return Report(findings=())
    author, committer = people or (Identity(name="", email=""), Identity(name="", email=""))
    commit = Commit(sha="", message=message, author=author, committer=committer)
    settings = policy.sign_off if people else replace(policy.sign_off, match=Match.PRESENT)
    problem = "" if is_merge else problem_of(commit, settings.match)
    finding = Finding(
        check=Check.SIGN_OFF,
        verdict=Verdict.FAIL if problem else Verdict.PASS,
        mode=settings.mode,
        summary=problem or messages.sign_offs(failing=0, seen=1, exempt=int(is_merge)),
    )
    help = messages.how_to_sign_off_message(file)
    return Report(findings=(finding,), helps={Check.SIGN_OFF: help} if problem else {})


def _findings(
    patch: PatchSet,
    pull: Pull,
    commits: Sequence[Commit] | None,
    policy: Policy,
    kinds: Kinds,
) -> Iterator[Finding]:
    if policy.sign_off is not None:
        yield find_missing_sign_offs(commits, pull, policy.sign_off)
    # Imported here: a hook that checks a message has no patch to look at.
    if policy.docs is not None:
        from patchparser.missing_docs import find_missing_docs

        yield find_missing_docs(patch, pull, policy.docs, kinds)
    if policy.tests is not None:
        from patchparser.missing_tests import find_missing_tests

        yield find_missing_tests(patch, pull, policy.tests, kinds)


def _help(finding: Finding, pull: Pull, commits: Sequence[Commit], policy: Policy) -> messages.Help:
    url = policy.help_urls.get(finding.check, "")
    if finding.check is Check.SIGN_OFF and policy.sign_off is not None:
        return how_to_put_right(finding, commits, pull, policy.sign_off, help_url=url)
    settings = policy.docs if finding.check is Check.DOCS else policy.tests
    return messages.how_to_leave_out(
        finding.check,
        labels=settings.skip_labels if settings else (),
        phrases=settings.skip_phrases if settings else (),
        help_url=url,
    )
