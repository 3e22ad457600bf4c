"""Who is trusted to have what they wrote run on the Jenkins machines."""

from collections.abc import Iterable, Sequence

from leeroy.config import Approval as ApprovalMode
from leeroy.config import Trust
from leeroy.decision import PullFacts
from leeroy.facts import Approval
from patchparser.globs import matches
from patchparser.patch import PatchSet


def is_trusted(facts: PullFacts, approvals: Sequence[Approval]) -> bool:
    """The head is from somebody who may write, or trusted otherwise, or was approved."""
    pull = facts.pull
    if not pull.is_from_fork or facts.author_can_write or _is_approved(facts, approvals):
        return True
    if touches(facts.patch, facts.settings.sensitive_paths):
        return False
    return (
        facts.settings.trust is Trust.EVERYONE
        or facts.author_is_trusted
        or (facts.settings.approval is ApprovalMode.PULL and bool(approvals))
    )


def touches(patch: PatchSet | None, globs: Iterable[str]) -> bool:
    """Some changed file, by its new or old name, matches; what we cannot see may."""
    if not (patterns := tuple(globs)):
        return False
    if patch is None or not patch.is_complete:
        return True
    return any(
        matches(glob, name)
        for file in patch
        for name in (file.path, file.previous_path)
        if name
        for glob in patterns
    )


def _is_approved(facts: PullFacts, approvals: Iterable[Approval]) -> bool:
    head = (facts.pull.head_sha, facts.pull.base_ref)
    return any((approval.sha, approval.base) == head for approval in approvals)
