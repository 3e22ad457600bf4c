"""What a merge group is not asked for again: checks of the pull requests in it, not of their commits.

GitHub merges a group only when every required context reports on it, those included:
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from leeroy.config import own_contexts
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts
from leeroy.deciding.words import WordRank
from leeroy.model import Status, StatusState


def report_group(facts: BranchFacts, decision: Decision) -> Decision:
    """Say success for each context that was looked at on the pull request."""
    if facts.group is None or facts.is_gone:
        return decision
    built = {settings.context.lower() for settings in facts.configured}
    for own in own_contexts(facts.settings, facts.policy):
        context = own.name
        status = Status(
            context=context,
            state=StatusState.SUCCESS,
            description=messages.skipped("checked on the pull request"),
        )
        if context.lower() not in built:
            because = f"{context}: {status.description}"
            decision = decision.saying(facts.newest, status, WordRank.EXCUSED, because=because)
    return decision
