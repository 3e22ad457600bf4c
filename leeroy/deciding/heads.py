"""Which head commit a comment can have meant: one that its author could see.

What was seen, and when, is by GitHub's clock: see docs/decisions/0004-what-an-approval-counts-for.md.
"""

from leeroy.deciding import messages
from leeroy.deciding.facts import PullFacts
from leeroy.model import Comment, SeenHead

#: Letters of a sha that GitHub writes out, and the fewest that name one.
WHOLE_SHA = 40
SHORTEST_SHA = 7


def has_moved(facts: PullFacts, comment: Comment) -> bool:
    """The head is one that the comment's author cannot have seen: it was read too late.

    Where Leeroy saw no other before, or the comment was written on this one, it cannot be told so.
    """
    pull, heads = facts.pull, facts.heads
    if comment.commit_id == pull.head_sha:
        return False
    others = any(seen.sha != pull.head_sha for seen in heads)
    first = min((seen.seen for seen in heads if seen.sha == pull.head_sha), default=pull.read)
    return (others or bool(comment.commit_id)) and first > comment.created


def not_the_head(facts: PullFacts, comment: Comment, named: str) -> str:
    """Why the approval cannot be of the head as it is now; empty: it is.

    A push between a look and a comment must not be approved unseen. So a bare command counts only
    for a head that Leeroy had seen before. What begins a sha may begin two of one author's: it
    means one of the heads seen before, too. Only a whole sha says it all.
    """
    pull, heads = facts.pull, facts.heads
    again = messages.name_the_head(pull.head_sha)
    meant = named or comment.commit_id
    if len(meant) >= WHOLE_SHA:
        if meant != pull.head_sha:
            return f"the head is another one now: {again}"
        # The same commit may be harmless onto one base, and not onto another.
        bases = {h.base for h in heads if h.sha == meant and _was_seen(facts, comment, h)}
        is_onto_another = bases and pull.base_ref not in bases
        return f"the base is another one now: {again}" if is_onto_another else ""
    if named:
        begun = {h.sha for h in heads if h.sha.startswith(named) and _was_seen(facts, comment, h)}
        onto = {h.base for h in heads if h.sha == pull.head_sha and _was_seen(facts, comment, h)}
        is_head = len(named) >= SHORTEST_SHA and begun == {pull.head_sha}
        if is_head and pull.base_ref in onto:
            return ""
        return f"that is no head that Leeroy had seen before that comment: {again}"
    mine = next((h for h in heads if (h.sha, h.base) == (pull.head_sha, pull.base_ref)), None)
    if mine is None:
        return f"the head is newer than what Leeroy had seen before that comment: {again}"
    later = any(h.seen > mine.seen and h.sha != mine.sha for h in heads if h.base == pull.base_ref)
    if later or not _was_seen(facts, comment, mine):
        return f"the head may have changed around that comment: {again}"
    return ""


def _was_seen(facts: PullFacts, comment: Comment, head: SeenHead) -> bool:
    """It was there for the comment's author to look at, by GitHub's clock.

    GitHub tells whole seconds; within one, only a head that had none before it can be the one
    looked at.
    """
    is_only = all(other.sha == head.sha for other in facts.heads)
    created = comment.created
    return head.seen < created or (is_only and head.seen <= created)
