"""Who is trusted to have what they wrote run on the Jenkins machines."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leeroy.config import Approval as ApprovalMode
from leeroy.config import Trust
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.unknown import Unknown, is_unread
from leeroy.model import Approval
from patchparser.globs import matches
from patchparser.patch import PatchSet


def trust_in(facts: PullFacts, approvals: Sequence[Approval]) -> bool | Unknown:
    """The head is from somebody who may write, or trusted otherwise, or was approved.

    Only an exact yes is one: what is not known is as much as a no, and says why.
    """
    if not facts.pull.is_from_fork or _is_approved(facts, approvals):
        return True
    can_write = facts.author_can_write
    if can_write is True or is_unread(can_write):
        return can_write
    if (doubt := _touches_sensitive(facts)) is not False:
        return doubt if isinstance(doubt, Unknown) else _no(can_write)
    if facts.settings.trust is Trust.EVERYONE:
        return True
    if facts.settings.approval is ApprovalMode.PULL and approvals:
        return True
    if facts.author_is_trusted is not False:
        return facts.author_is_trusted
    return _no(can_write)


def is_trusted(facts: PullFacts, approvals: Sequence[Approval]) -> bool:
    """It is sure that the head is to be trusted."""
    return trust_in(facts, approvals) is True


def _no(can_write: bool | Unknown) -> bool | Unknown:
    return can_write if isinstance(can_write, Unknown) else False


def _touches_sensitive(facts: PullFacts) -> bool | Unknown:
    if not facts.settings.sensitive_paths:
        return False
    if isinstance(facts.patch, Unknown):
        if not facts.patch.needs:
            return facts.patch
        # The list is asked in the same breath: both would be waited for.
        asked = facts.author_is_trusted
        needs = asked.needs if isinstance(asked, Unknown) else ()
        return replace(facts.patch, needs=facts.patch.needs + needs)
    return touches(facts.patch, facts.settings.sensitive_paths)


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
