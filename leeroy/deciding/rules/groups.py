"""What a merge group is not asked for again: checks of the pull requests in it, not of their commits.

GitHub merges a group only when every required context reports on it, those included:
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from collections.abc import Iterator

from leeroy.deciding import messages
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts
from leeroy.model import Status, StatusState
from patchparser.findings import Check, Mode


def report_group(facts: BranchFacts, decision: Decision) -> Decision:
    """Say success for each context that was looked at on the pull request."""
    if facts.group is None or facts.is_gone:
        return decision
    built = {settings.context.lower() for settings in facts.configured}
    for context in _contexts(facts):
        status = Status(
            context=context,
            state=StatusState.SUCCESS,
            description=messages.skipped("checked on the pull request"),
        )
        if context.lower() not in built:
            because = f"{context}: {status.description}"
            decision = decision.saying(facts.newest, status, because)
    return decision


def _contexts(facts: BranchFacts) -> Iterator[str]:
    if (policy := facts.policy) is not None:
        checks = {
            Check.SIGN_OFF: policy.sign_off,
            Check.DOCS: policy.docs,
            Check.TESTS: policy.tests,
        }
        for check, settings in checks.items():
            if settings is not None and settings.mode is Mode.REQUIRED:
                yield policy.contexts[check]
    if facts.settings.conflicts is not None:
        yield facts.settings.conflicts.context
