"""Every commit must carry a sign-off by its author or committer.

By a sign-off its author states the Developer Certificate of Origin
(https://developercertificate.org); ``git commit --signoff`` writes it
(https://git-scm.com/docs/git-commit#Documentation/git-commit.txt--s).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from patchparser import messages
from patchparser.findings import Check, CommitProblem, Finding, Mode, Verdict
from patchparser.pull import Commit, Identity, Pull

#: GitHub commits in this name for everybody who edits or merges in the browser, so a sign-off by
#: it says nothing about who made the change.
GITHUB_EMAIL = "noreply@github.com"

#: GitHub lists no more commits of a pull request than this, and does not say that it cut.
#: https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
LISTED_COMMITS = 250

#: A line's end as git has it; str.splitlines would also break at U+2028 and its like.
LINE_END = re.compile(r"\r\n|\n|\r")
#: ``Docker-DCO-1.1-`` is what docker's own tools wrote in front of the key.
KEY = re.compile(r"(?:Docker-DCO-1\.1-)?Signed-off-by[ \t]*:", re.IGNORECASE)
#: The subject of a commit that GitHub made of a pull request by squashing it. Its author is the
#: account, with the account's name and noreply address, who signed off with their own.
SQUASHED = re.compile(r"\(#\d{1,10}\)$")
#: How people write the key who do not know it by heart, letters only.
MISSPELT = (
    "signedoffby",
    "signoffby",
    "signedofby",
    "singedoffby",
    "signofby",
    "signeoffby",
    "signedoff",
)
#: Where people meant to sign off and put it elsewhere than at the start of a line.
KEY_ANYWHERE = re.compile(r"Signed-off-by[ \t]*:", re.IGNORECASE)

# The lines dcoapp asks for: https://github.com/dcoapp/app#remediation-commits
INDIVIDUAL = re.compile(
    r"I, ([^<]+)<([^<>]+)>, hereby add my Signed-off-by to this commit: ([0-9a-f]{40,64})",
    re.IGNORECASE,
)
THIRD_PARTY = re.compile(
    r"On behalf of ([^<]+)<([^<>]+)>, I, ([^<]+)<([^<>]+)>, "
    r"hereby add my Signed-off-by to this commit: ([0-9a-f]{40,64})",
    re.IGNORECASE,
)


#: More lines of remediation than this nobody wants to read; rewriting the commits is shorter.
MAX_REMEDIATED = 20


class Match(StrEnum):
    """What of a sign-off must agree with the commit."""

    #: Name and e-mail address, both of the author or both of the committer.
    IDENTITY = "identity"
    #: The e-mail address.
    EMAIL = "email"
    #: Nothing: a name and an address are there.
    PRESENT = "present"


@dataclass(frozen=True, kw_only=True)
class SignOffPolicy:
    """How commits must be signed off."""

    mode: Mode = Mode.REQUIRED
    match: Match = Match.IDENTITY
    #: A later commit of the same author may sign off earlier ones.
    individual_remediation: bool = False
    #: A later commit of anybody may sign off earlier ones on behalf of their author.
    third_party_remediation: bool = False
    #: Globs of base branches whose pull requests need no sign-off.
    skip_base_branches: tuple[str, ...] = ()


def find_missing_sign_offs(
    commits: Sequence[Commit] | None, pull: Pull, policy: SignOffPolicy
) -> Finding:
    """Name every commit that is not signed off; None as commits means that nobody listed them."""
    from patchparser.globs import matches

    if any(matches(glob, pull.base) for glob in policy.skip_base_branches if pull.base):
        return _finding(policy, Verdict.SKIPPED, messages.base_branch_needs_no_sign_off())
    if commits is None:
        return _finding(policy, Verdict.SKIPPED, messages.no_commits_given())
    if not commits:
        return _finding(policy, Verdict.SKIPPED, messages.no_commits())
    remediated = frozenset(_remediated(commits, policy))
    problems = tuple(
        CommitProblem(sha=commit.sha, subject=commit.subject, problem=problem)
        for commit in commits
        if commit.sha not in remediated and (problem := problem_of(commit, policy.match))
    )
    summary = messages.sign_offs(
        failing=len(problems), seen=len(commits), exempt=sum(is_exempt(each) for each in commits)
    )
    if _is_cut(commits, pull):
        # Nobody saw the rest, so nobody can say that it is signed off.
        summary = messages.sign_offs_cut(
            failing=len(problems), seen=len(commits), total=pull.commit_count
        )
        return _finding(policy, Verdict.FAIL, summary, problems)
    return _finding(policy, Verdict.FAIL if problems else Verdict.PASS, summary, problems)


def problem_of(commit: Commit, match: Match) -> str:
    """Say what is wrong with a commit's sign-off; empty when it is good, or not needed."""
    if is_exempt(commit):
        return ""
    signers = tuple(sign_offs(commit.message))
    if is_squashed(commit):
        match = Match.PRESENT
        signers = tuple(each for each in signers if _folded_address(each.email) != GITHUB_EMAIL)
    if any(_counts(signer, commit, match) for signer in signers):
        return ""
    complete = [signer for signer in signers if _is_complete(signer)]
    if complete and match is not Match.PRESENT:
        return messages.other_signer(complete, _accepted(commit))
    if signers:
        return messages.incomplete_sign_off()
    if KEY_ANYWHERE.search(commit.message):
        return messages.misplaced_sign_off()
    if any(_letters(line).startswith(MISSPELT) for line in LINE_END.split(commit.message)[1:]):
        return messages.misspelt_sign_off()
    return messages.missing_sign_off()


def sign_offs(message: str) -> Iterator[Identity]:
    r"""Read who signed off, wherever in the message: GitHub appends trailers of its own below.

    >>> [signer.email for signer in sign_offs("Fix\n\nsigned-off-by: Ann <ann@example.org> (ann)")]
    ['ann@example.org']
    """
    lines = LINE_END.split(message)
    for number, line in enumerate(lines):
        if not (key := KEY.match(line)):
            continue
        value = line[key.end() :]
        # A trailer may go on in a line that begins with a space.
        if ">" not in value and lines[number + 1 : number + 2]:
            following = lines[number + 1]
            value += following if following.startswith((" ", "\t")) else ""
        name, _, rest = value.partition("<")
        email, closed, _ = rest.partition(">")
        yield Identity(name=" ".join(name.split()), email=email.strip() if closed else "")


def is_squashed(commit: Commit) -> bool:
    """Whether GitHub made this commit by squashing a pull request, which was checked by itself."""
    by_github = _folded_address(commit.committer.email) == GITHUB_EMAIL
    return by_github and bool(SQUASHED.search(commit.subject[-20:].rstrip()))


def _letters(line: str) -> str:
    return "".join(char for char in line[:40].lower() if char.isalpha())


def is_exempt(commit: Commit) -> bool:
    """Whether a commit needs no sign-off: merges and bots write nothing of their own."""
    return commit.is_merge or commit.author_is_bot


def _finding(
    policy: SignOffPolicy, verdict: Verdict, summary: str, problems: tuple[CommitProblem, ...] = ()
) -> Finding:
    return Finding(
        check=Check.SIGN_OFF, verdict=verdict, mode=policy.mode, summary=summary, commits=problems
    )


def _is_cut(commits: Sequence[Commit], pull: Pull) -> bool:
    """Whether commits are known, or must be feared, to be missing from the list."""
    if pull.commit_count is not None:
        return pull.commit_count > len(commits)
    return len(commits) == LISTED_COMMITS


def _accepted(commit: Commit) -> tuple[Identity, ...]:
    """List whose sign-off counts: the author's and, unless it is GitHub, the committer's."""
    if _folded_address(commit.committer.email) == GITHUB_EMAIL or _same(
        commit.committer, commit.author
    ):
        return (commit.author,)
    return (commit.author, commit.committer)


def _counts(signer: Identity, commit: Commit, match: Match) -> bool:
    if not _is_complete(signer):
        return False
    match match:
        case Match.PRESENT:
            return "@" in signer.email
        case Match.EMAIL:
            return any(_same_email(signer, person) for person in _accepted(commit))
        case Match.IDENTITY:
            return any(_same(signer, person) for person in _accepted(commit))


def _is_complete(signer: Identity) -> bool:
    return bool(signer.name and signer.email)


def _same(one: Identity, other: Identity) -> bool:
    return _fold(one.name) == _fold(other.name) and _same_email(one, other)


def _same_email(one: Identity, other: Identity) -> bool:
    ours, theirs = _folded_address(one.email), _folded_address(other.email)
    return ours == theirs or _is_same_account(ours, theirs)


def _folded_address(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).casefold()


#: https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
NOREPLY = re.compile(r"(?:(\d{1,20})\+)?([\w.\[\]-]{1,100})@users\.noreply\.github\.com")


def _is_same_account(one: str, other: str) -> bool:
    """Whether both are noreply addresses of one account, one of them from before it had a number.

    >>> _is_same_account("ann@users.noreply.github.com", "1+ann@users.noreply.github.com")
    True
    """
    ours, theirs = NOREPLY.fullmatch(one), NOREPLY.fullmatch(other)
    if not ours or not theirs or ours[2] != theirs[2]:
        return False
    # Two numbers are two accounts: a login may be given away.
    return ours[1] is None or theirs[1] is None


def _fold(name: str) -> str:
    """Fold what people do not see or do not mean: letter case, how letters are composed, spaces.

    >>> _fold("  Zoe\u0308   Dev ") == "zo\u00eb dev"
    True
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _remediated(commits: Sequence[Commit], policy: SignOffPolicy) -> Iterator[str]:
    """Find the shas that a later commit, itself signed off, adds a sign-off to."""
    if not (policy.individual_remediation or policy.third_party_remediation):
        return
    authors = {commit.sha.lower(): commit.author for commit in commits}
    shas = {commit.sha.lower(): commit.sha for commit in commits}
    for commit in commits:
        if is_exempt(commit) or problem_of(commit, policy.match):
            continue
        for sha, owner in _remediations(commit, policy):
            if sha in authors and _same(owner, authors[sha]):
                yield shas[sha]


def _remediations(commit: Commit, policy: SignOffPolicy) -> Iterator[tuple[str, Identity]]:
    """Read which commits, by which author, this one signs off."""
    for line in LINE_END.split(commit.message):
        text = line.strip()
        if policy.individual_remediation and (found := INDIVIDUAL.fullmatch(text)):
            owner = Identity(name=found[1], email=found[2])
            if _same(owner, commit.author):
                yield found[3].lower(), owner
        if policy.third_party_remediation and (found := THIRD_PARTY.fullmatch(text)):
            helper = Identity(name=found[3], email=found[4])
            if any(_same(helper, person) for person in _accepted(commit)):
                yield found[5].lower(), Identity(name=found[1], email=found[2])


def how_to_put_right(
    finding: Finding,
    commits: Sequence[Commit],
    pull: Pull,
    policy: SignOffPolicy,
    *,
    help_url: str = "",
) -> messages.Help:
    """Tell how to sign off what the finding names, with this pull request's numbers and branch."""
    count = max(len(commits), pull.commit_count or 0)
    failing = {problem.sha for problem in finding.commits}
    if not failing:
        return messages.how_to_be_seen(listed=len(commits))
    if policy.individual_remediation and 0 < len(failing) <= MAX_REMEDIATED:
        by_author: dict[Identity, list[str]] = {}
        for commit in commits:
            if commit.sha in failing:
                line = messages.remediation_line(commit.author, commit.sha)
                by_author.setdefault(commit.author, []).append(line)
        return messages.how_to_remediate(
            list(by_author.values()), commits=count, branch=pull.head, help_url=help_url
        )
    return messages.how_to_sign_off(
        commits=count,
        has_merges=any(commit.is_merge for commit in commits),
        branch=pull.head,
        base=pull.base,
        help_url=help_url,
    )
