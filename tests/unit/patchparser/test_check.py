"""All checks of a policy in one report."""

import pytest

from patchparser.check import check_message, run_checks
from patchparser.findings import Check, Mode, Verdict
from patchparser.labels import LabelChanges
from patchparser.patch import FileStatus, PatchedFile, PatchSet
from patchparser.policy import parse_policy
from patchparser.pull import Commit, Identity, Pull

ANN = Identity(name="Ann Dev", email="ann@example.org")
BOB = Identity(name="Bob Roe", email="bob@example.org")
SIGNED = "Fix\n\nSigned-off-by: Ann Dev <ann@example.org>\n"
PATCH = PatchSet(
    files=(PatchedFile(path="docs/a.md", status=FileStatus.ADDED, additions=12),)
)  # fmt: skip


def commit(message: str) -> Commit:
    return Commit(sha="a" * 40, message=message, author=ANN, committer=ANN)


def run(policy, *messages, patch=PATCH, **facts):
    settings = parse_policy(policy)
    commits = tuple(commit(message) for message in messages) or None
    pull = Pull(head="topic", base="main", **facts)
    return run_checks(patch, pull, commits, settings, settings.make_kinds())


def test_a_check_that_is_off_has_no_finding():
    report = run({}, "Fix")
    assert (report.findings, report.labels) == ((), LabelChanges())
    assert report.is_clean


def test_findings_come_in_the_order_people_read_about_them():
    report = run({"tests": {}, "docs": {}, "signoff": {}}, SIGNED)
    assert [finding.check for finding in report.findings] == list(Check)
    assert report.is_clean


def test_kinds_name_every_file():
    assert {path: str(kind) for path, kind in run({}).kinds.items()} == {"docs/a.md": "docs"}


def test_a_failing_sign_off_brings_its_label_and_its_help():
    report = run({"signoff": {"label": "dco/no", "help_url": "https://example.org/"}}, "Fix")
    assert [finding.verdict for finding in report.findings] == [Verdict.FAIL]
    assert report.labels.add == ("dco/no",)
    assert report.helps[Check.SIGN_OFF].commands[-1].endswith(" origin topic")
    assert report.helps[Check.SIGN_OFF].url == "https://example.org/"


def test_advice_is_a_fail_too():
    report = run({"signoff": {"mode": "advisory"}}, "Fix")
    assert (report.is_clean, report.findings[0].mode) == (False, Mode.ADVISORY)


def test_without_commits_the_sign_off_is_skipped_and_nothing_is_labelled():
    report = run({"signoff": {"label": "dco/no"}}, labels=frozenset({"dco/no"}))
    assert report.findings[0].verdict is Verdict.SKIPPED
    assert report.labels == LabelChanges()


MESSAGES = [
    pytest.param(SIGNED, (ANN, ANN), False, True, id="signed off"),
    pytest.param("Fix\n", (ANN, ANN), False, False, id="not signed off"),
    pytest.param("Fix\n", (ANN, ANN), True, True, id="a merge"),
    pytest.param(SIGNED, (BOB, ANN), False, True, id="by the committer"),
    pytest.param(SIGNED, (BOB, BOB), False, False, id="by somebody else"),
    pytest.param(SIGNED, None, False, True, id="nobody to compare with"),
    pytest.param("Fix\n", None, False, False, id="nobody to compare with, and none"),
]


@pytest.mark.parametrize(("message", "people", "is_merge", "good"), MESSAGES)
def test_a_message_is_checked_before_it_is_a_commit(message, people, is_merge, good):
    policy = parse_policy({"signoff": {}})
    report = check_message(message, policy, people=people, is_merge=is_merge, file="M")
    assert report.is_clean is good
    commands = [command for help in report.helps.values() for command in help.commands]
    assert commands == ([] if good else ["git commit --signoff --edit --file M"])


def test_a_message_passes_where_sign_offs_are_not_asked_for():
    report = check_message("Fix", parse_policy({}), people=None, is_merge=False, file="M")
    assert report.is_clean
