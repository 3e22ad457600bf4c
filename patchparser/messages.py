"""Every sentence for contributors: short, kind, exact; tested as text.

A summary is one sentence of at most 140 characters, as a commit status' description may be no
longer (https://docs.github.com/en/rest/commits/statuses#create-a-commit-status), and holds nothing
a contributor wrote. Where a sentence quotes contributors, it does so in a Markdown code span.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from patchparser.findings import Check, Mode
from patchparser.pull import Identity
from patchparser.quoting import code, shell_word
from patchparser.surface import WORDS, Surface, SurfaceKind

DCO_URL = "https://developercertificate.org"

#: The checks by the names people read.
TITLES = {Check.SIGN_OFF: "Sign-off", Check.DOCS: "Docs", Check.TESTS: "Tests"}

#: The same inside a sentence.
_WHAT = {Check.SIGN_OFF: "a sign-off", Check.DOCS: "docs", Check.TESTS: "tests"}

#: Kinds of what users see that a summary names; more would not fit a status' description.
MOST_NAMED = 3

#: What a mode means to whoever reads the comment.
WEIGHTS = {Mode.REQUIRED: "required", Mode.ADVISORY: "advice", Mode.OFF: "off"}


@dataclass(frozen=True, kw_only=True)
class Help:
    """How to put one failing check right."""

    #: The line that unfolds it.
    title: str
    #: The paragraph above the commands, as Markdown that reads well as plain text too.
    before: str
    #: Shell commands to copy, safe whatever the branch is called.
    commands: tuple[str, ...] = ()
    #: The paragraph below the commands.
    after: str = ""
    #: The page that explains the rule.
    url: str = ""


# Sign-off: summaries


def sign_offs(*, failing: int, seen: int, exempt: int) -> str:
    """Sum up a list of commits that was seen whole.

    >>> sign_offs(failing=1, seen=3, exempt=0)
    '1 of 3 commits is not signed off.'
    >>> sign_offs(failing=0, seen=1, exempt=0)
    'The commit is signed off.'
    """
    if failing and seen == 1:
        return "The commit is not signed off."
    if failing:
        return f"{failing} of {seen} commits {'is' if failing == 1 else 'are'} not signed off."
    if exempt == seen:
        return "Merges and bots' commits need no sign-off."
    return "The commit is signed off." if seen == 1 else f"All {seen} commits are signed off."


def sign_offs_cut(*, failing: int, seen: int, total: int | None) -> str:
    """Sum up a list of commits that GitHub cut; ``total`` is None where nobody knows it.

    >>> sign_offs_cut(failing=0, seen=250, total=260)
    'Only 250 of 260 commits could be seen: those are signed off.'
    """
    those = f"{failing} of those not signed off" if failing else "those are signed off"
    if total is None:
        return f"Only the first {seen} commits could be seen, there may be more: {those}."
    return f"Only {seen} of {total} commits could be seen: {those}."


def no_commits_given() -> str:
    """Say why sign-offs were not looked for: the caller gave a patch without commits."""
    return "Not checked: the commits were not given."


def no_commits() -> str:
    """Say why sign-offs were not looked for: the list is empty."""
    return "Not checked: there are no commits."


def base_branch_needs_no_sign_off() -> str:
    """Say why sign-offs were not looked for: the policy exempts the base branch."""
    return "Not checked: this base branch needs no sign-off."


# Sign-off: what is wrong with one commit


def missing_sign_off() -> str:
    """Say that no line looks like a sign-off."""
    return "The sign-off is missing."


def misplaced_sign_off() -> str:
    """Say that a sign-off is indented, quoted, or inside a sentence."""
    return "The sign-off does not stand at the start of a line."


def misspelt_sign_off() -> str:
    """Say that a line looks like a sign-off and is none."""
    return "The sign-off is misspelt: the line begins with `Signed-off-by: `."


def incomplete_sign_off() -> str:
    """Say that a sign-off lacks its name or its address."""
    return "The sign-off needs both: `Signed-off-by: Name <name@example.org>`."


def other_signer(signers: Sequence[Identity], accepted: Sequence[Identity]) -> str:
    """Say who signed off and who should have.

    >>> other_signer([Identity(name="B", email="b@x.io")], [Identity(name="A", email="a@x.io")])
    'Signed off by `B <b@x.io>`, but the commit is by `A <a@x.io>`.'
    """
    author, *committer = accepted
    by = code(_shown(author))
    if committer:
        by += f", committed by {code(_shown(committer[0]))}"
    named = " and ".join(code(_shown(signer)) for signer in signers[:2])
    if len(signers) > 2:
        named += f" and {len(signers) - 2} more"
    return f"Signed off by {named}, but the commit is by {by}."


def _shown(person: Identity) -> str:
    return f"{person.name} <{person.email}>"


# Docs and tests: summaries


def touched(check: Check) -> str:
    """Say that what was looked for changed as well.

    >>> touched(Check.DOCS)
    'Docs changed too.'
    """
    return f"{TITLES[check]} changed too."


def not_all_seen() -> str:
    """Say why nothing is concluded from what GitHub did not show."""
    return "Not checked: GitHub did not list all changed files."


def too_small(check: Check, lines: int, least: int) -> str:
    """Say why so few lines are not asked for more.

    >>> too_small(Check.TESTS, 1, 5)
    'Too small to ask for tests: 1 line of code changed, fewer than 5.'
    """
    changed = f"{counted(lines, 'line')} of code changed"
    return f"Too small to ask for {_WHAT[check]}: {changed}, fewer than {least}."


def nothing_users_see() -> str:
    """Say why no docs are asked for: nothing shows."""
    return "Nothing changed that users see."


def nothing_can_break() -> str:
    """Say why no tests are asked for: only comments, say, or files that were moved."""
    return "No code changed in a way that can break."


def nothing_is_left(why: str) -> str:
    """Say why no tests are asked for code that changed and is the same.

    >>> nothing_is_left("was only moved")
    'The code that changed was only moved.'
    """
    return f"The code that changed {why}." if why else nothing_can_break()


def not_documented(surfaces: Sequence[Surface], files: int) -> str:
    """Sum up what users see and the docs do not tell.

    >>> flag = Surface(kind=SurfaceKind.FLAG, name="--x", line=1)
    >>> not_documented([flag], 0)
    'New: 1 command-line flag. The docs did not change.'
    >>> not_documented([], 2)
    '2 files changed that users see the changes of. The docs did not change.'
    """
    counts = Counter(surface.kind for surface in surfaces)
    if not counts:
        changed = f"{counted(files, 'file')} changed"
        return f"{changed} that users see the changes of. The docs did not change."
    named = [
        f"{counts[kind]:,} {WORDS[kind][counts[kind] > 1]}" for kind in SurfaceKind if counts[kind]
    ]
    more = " and more" if len(named) > MOST_NAMED else ""
    return f"New: {', '.join(named[:MOST_NAMED])}{more}. The docs did not change."


def not_tested(files: int, lines: int) -> str:
    """Sum up what changed without a test.

    >>> not_tested(2, 40)
    'Code changed in 2 files (40 lines), and no test did.'
    """
    return f"Code changed in {counted(files, 'file')} ({counted(lines, 'line')}), and no test did."


def users_see_file() -> str:
    """Say of a file why it stands in the list: a glob of the policy names it."""
    return "users see this file's changes"


def lines_changed(lines: int) -> str:
    """Say of a file how much of it changed.

    >>> lines_changed(1200)
    '1,200 lines changed'
    """
    return f"{counted(lines, 'line')} changed"


# Docs and tests: why a pull request is not asked


def has_label(label: str) -> str:
    """Say which of the policy's labels exempts the pull request."""
    return f"Not checked: it has the label {label}."


def author_is_not_asked(check: Check) -> str:
    """Say that the policy exempts the author."""
    return f"Not checked: its author is not asked for {_WHAT[check]}."


def base_is_not_asked(check: Check) -> str:
    """Say that the policy exempts the base branch."""
    return f"Not checked: its base branch is not asked for {_WHAT[check]}."


def title_is_not_asked(check: Check) -> str:
    """Say that the policy exempts titles that begin so.

    >>> title_is_not_asked(Check.TESTS)
    'Not checked: pull requests whose title begins like this are not asked for tests.'
    """
    return (
        f"Not checked: pull requests whose title begins like this are not asked for {_WHAT[check]}."
    )


def says_it_needs_none(check: Check) -> str:
    """Say that the title or body has one of the policy's phrases."""
    return f"Not checked: the pull request says that it needs no {_WHAT[check]}."


def counted(number: int, noun: str) -> str:
    """Write a number and its noun.

    >>> counted(1, "file"), counted(1200, "line")
    ('1 file', '1,200 lines')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# How to put it right


def how_to_sign_off(
    *, commits: int, has_merges: bool, branch: str, base: str, help_url: str
) -> Help:
    """Tell how to sign off all commits, with commands to copy."""
    rebase: tuple[str, ...]
    if has_merges and base:
        # Counting back from HEAD would also rewrite what the merges brought in.
        rebase = (f"git fetch origin {shell_word(base)}", "git rebase --signoff FETCH_HEAD")
    else:
        rebase = (f"git rebase HEAD~{commits} --signoff",)
    push = "git push --force-with-lease"
    if branch and branch == base:
        push = "git push"  # on the base branch itself: what origin has is not rewritten
    elif branch:
        push += f" origin {shell_word(branch)}"
    return Help(
        title="How to sign off",
        before=(
            "A sign-off is a line at the end of the commit message that says you may contribute"
            " this change. In your clone, on your branch:"
        ),
        commands=(*rebase, push),
        after=(
            "This updates the pull request; there is no need to open a new one."
            " Next time, `git commit --signoff` writes the line for you."
        ),
        url=help_url or DCO_URL,
    )


def how_to_be_seen(*, listed: int) -> Help:
    """Tell what to do about commits that GitHub does not list."""
    return Help(
        title="What to do about this",
        before=(
            f"GitHub lists no more than {listed} commits of a pull request, and a sign-off that"
            " cannot be seen cannot be checked. Squash some commits, or split the pull request."
        ),
    )


def how_to_remediate(
    messages_to_add: Sequence[Sequence[str]], *, commits: int, branch: str, help_url: str
) -> Help:
    """Tell how to sign off without rewriting history: by a commit that signs off the others.

    Each of ``messages_to_add`` has the lines of one author.
    """
    adding = [
        "git commit --allow-empty --signoff -m 'Sign off earlier commits'"
        + "".join(f" -m {shell_word(line)}" for line in lines)
        for lines in messages_to_add
    ]
    return Help(
        title="How to sign off",
        before=(
            "A sign-off is a line at the end of the commit message that says you may contribute"
            " this change. Add a commit that gives it to the commits before:"
        ),
        commands=(*adding, f"git push origin {shell_word(branch)}" if branch else "git push"),
        after=(
            f"Or rewrite the commits, with `git rebase HEAD~{commits} --signoff` and then"
            " `git push --force-with-lease`."
            " Next time, `git commit --signoff` writes the line for you."
        ),
        url=help_url or DCO_URL,
    )


def remediation_line(author: Identity, sha: str) -> str:
    """Write the line by which an author signs off an earlier commit."""
    return f"I, {_shown(author)}, hereby add my Signed-off-by to this commit: {sha}"


def how_to_sign_off_message(message_file: str) -> Help:
    """Tell how to sign off a commit that its commit-msg hook just refused."""
    return Help(
        title="How to sign off",
        before="Your message is kept. To commit it with a sign-off:",
        commands=(f"git commit --signoff --edit --file {shell_word(message_file)}",),
        url=DCO_URL,
    )


def how_to_leave_out(
    check: Check, *, labels: Sequence[str], phrases: Sequence[str], help_url: str = ""
) -> Help:
    """Tell what to do when docs or tests are missing, or when none are needed."""
    what = _WHAT[check]
    ways = []
    if labels:
        ways.append(f"a maintainer can add the label {_one_of(labels)}")
    if phrases:
        ways.append(f"the title or body of the pull request can say {_one_of(phrases)}")
    text = f"Push a commit that changes the {what}, and this is looked at again."
    if ways:
        text += f" If this change needs no {what}, {', or '.join(ways)}."
    return Help(title=f"What to do about {what}", before=text, url=help_url)


def _one_of(words: Sequence[str]) -> str:
    return " or ".join(code(word) for word in words)


# The comment


def comment_opening(*, required: bool) -> str:
    """Open the comment on a pull request that misses something."""
    if required:
        return "Thank you for this pull request! Before it can be merged, it still needs something:"
    return "Thank you for this pull request! It could be better still:"


def all_good_comment() -> str:
    """Replace the comment once nothing is missing any more."""
    return "Thank you! Nothing is missing any more: all checks of this pull request are good."


def nothing_missing() -> str:
    """Say that nothing is missing, where nothing ever was."""
    return "Nothing is missing."


def nothing_checked() -> str:
    """Say that the policy asks for nothing."""
    return "Nothing is checked: the policy turns every check off."


def why_we_ask() -> str:
    """Name the link to the page that explains a rule."""
    return "Why we ask for this"


def and_more(count: int) -> str:
    """Close a list that was cut.

    >>> and_more(3)
    'and 3 more'
    """
    return f"and {count} more"
