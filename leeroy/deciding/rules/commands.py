"""Comments that ask for something, and who may ask."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from leeroy.deciding import messages
from leeroy.deciding.commands import Command, Verb, parse_commands
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import (
    Approve,
    Audit,
    MarkObeyed,
    React,
    Reply,
    RevokeApprovals,
    SkipContext,
    TrustAuthor,
)
from leeroy.deciding.facts import PullFacts, Request, SaidComment
from leeroy.deciding.trusted import is_trusted, trust_in
from leeroy.deciding.unknown import Unknown
from leeroy.hints import CommentKey
from leeroy.model import (
    Approval,
    AuditEntry,
    BuildState,
    Cause,
    Comment,
    CommentKind,
    Permission,
    Reaction,
    Result,
    StatusState,
    cause_of,
)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One command with everything that is needed to judge it."""

    facts: PullFacts
    said: SaidComment
    command: Command
    is_trusted: bool

    @property
    def comment(self) -> Comment:
        return self.said.comment

    @property
    def is_author(self) -> bool:
        return self.comment.author.lower() == self.facts.pull.author.lower()

    @property
    def cause(self) -> Cause:
        return cause_of(self.comment)


#: A decision with the command's part added, or the reason why not.
_Judged = Decision | str


def obey_commands(facts: PullFacts, decision: Decision) -> Decision:
    """Do what people who may ask have asked for; answer the others once, with the reason."""
    for key in facts.named:
        said = _said(facts, key)
        if isinstance(said, Unknown):
            decision = decision.leaving(key, said)
        elif said is not None:
            decision = _obey(facts, decision, said)
    return decision


def _said(facts: PullFacts, key: CommentKey) -> SaidComment | Unknown | None:
    """The comment and what its author may do; None: it asks for nothing."""
    comment = facts.comment_of(key)
    if comment is None or isinstance(comment, Unknown):
        return comment
    if not parse_commands(comment.body):
        return None
    permission = facts.permission_of(comment.author)
    if isinstance(permission, Unknown):
        return permission
    return SaidComment(comment=comment, permission=permission)


def _obey(facts: PullFacts, decision: Decision, said: SaidComment) -> Decision:
    commands = parse_commands(said.comment.body)
    trusted = trust_in(facts, decision.approvals)
    if isinstance(trusted, Unknown) and (trusted.needs or not said.permission.can_write):
        # Nobody is refused because GitHub does not answer.
        return decision.leaving((said.comment.kind, said.comment.id), trusted)
    refusals = []
    wants_help = False
    for index, command in enumerate(commands):
        wants_help = wants_help or command.verb is Verb.HELP
        asked = _Asked(
            facts=facts,
            said=said,
            command=command,
            is_trusted=is_trusted(facts, decision.approvals),
        )
        judged = _JUDGES[command.verb](asked, decision)
        refused = isinstance(judged, str)
        if isinstance(judged, Decision):
            decision = judged
        else:
            refusals.append((command, judged))
        decision = decision.doing(Audit(entry=_entry(asked, index, judged if refused else "")))
    comment = said.comment
    if refusals or wants_help:
        body = messages.reply(refusals, [s.context for s in facts.configured])
        decision = decision.doing(Reply(comment=comment, body=body))
    if len(refusals) < len(commands) and comment.kind is not CommentKind.REVIEW:
        decision = decision.doing(React(comment=comment, reaction=Reaction.DONE))
    return decision.doing(MarkObeyed(comment=comment))


def _entry(asked: _Asked, index: int, refusal: object) -> AuditEntry:
    pull = asked.facts.pull
    return AuditEntry(
        repo=pull.ref.repo,
        pull=pull.ref.number,
        who=asked.comment.author,
        what=f"{asked.command.verb} {asked.command.argument}".strip(),
        sha=pull.head_sha,
        detail=f"refused: {refusal}" if refusal else "done",
        ref=f"{asked.cause}:{index}",
    )


def _help(_asked: _Asked, decision: Decision) -> _Judged:
    return decision


def _unknown(_asked: _Asked, _decision: Decision) -> _Judged:
    return "there is no such command"


def _test(asked: _Asked, decision: Decision) -> _Judged:
    wanted = asked.command.argument
    context = "" if wanted.lower() in ("", "all") else wanted
    known = {s.context.lower() for s in asked.facts.configured}
    if context and context.lower() not in known:
        return "there is no such context here"
    return _request(asked, decision, [context])


def _retest(asked: _Asked, decision: Decision) -> _Judged:
    failed = [
        settings.context
        for settings in asked.facts.configured
        if _failed_or_never_ran(asked, decision, settings.context, settings.is_on_command)
    ]
    return _request(asked, decision, failed)


def _failed_or_never_ran(
    asked: _Asked, decision: Decision, context: str, is_on_command: bool
) -> bool:
    head = asked.facts.pull.head_sha
    newest = decision.newest(head, context)
    if newest is None:
        said = asked.facts.own_word(head, context)
        was_skipped = said is not None and said.state is StatusState.SUCCESS
        return not is_on_command and not was_skipped
    if newest.cause == asked.cause:
        return not is_on_command
    if newest.state is BuildState.DONE:
        return newest.result is not Result.SUCCESS
    return newest.state.is_over


def _request(asked: _Asked, decision: Decision, contexts: list[str]) -> _Judged:
    if not asked.said.permission.can_write and not (asked.is_author and asked.is_trusted):
        return "that takes write permission, or being the author of a trusted pull request"
    if not asked.is_trusted:
        approved = _approve(asked, decision, "")
        if isinstance(approved, str):
            return approved
        decision = approved
    requests = tuple(Request(cause=asked.cause, context=context) for context in contexts)
    return replace(decision, requests=decision.requests + requests)


def _cancel(asked: _Asked, decision: Decision) -> _Judged:
    if not asked.said.permission.can_write and not (asked.is_author and asked.is_trusted):
        return "that takes write permission, or being the author of a trusted pull request"
    head = asked.facts.pull.head_sha
    running = {b.id for b in decision.builds if b.sha == head and not b.state.is_over}
    return replace(
        decision,
        cancelled={**decision.cancelled, **dict.fromkeys(running, asked.comment.author)},
    )


def _ok_to_test(asked: _Asked, decision: Decision) -> _Judged:
    if asked.command.argument.lower() == "cancel":
        if not asked.said.permission.can_write or asked.is_author:
            return "that takes write permission, and not being the author"
        return replace(decision, approvals=()).doing(RevokeApprovals(pull=asked.facts.pull.ref))
    return _approve(asked, decision, asked.command.argument)


def _approve(asked: _Asked, decision: Decision, sha: str) -> _Judged:
    if not asked.said.permission.can_write:
        return "that takes write permission"
    if asked.is_author:
        return "nobody approves a pull request of their own"
    pull = asked.facts.pull
    if refusal := _not_the_head(asked, sha.lower()):
        return refusal
    approval = Approval(
        sha=pull.head_sha,
        base=pull.base_ref,
        by=asked.comment.author,
        comment_kind=asked.comment.kind,
        comment_id=asked.comment.id,
    )
    return replace(decision, approvals=(*decision.approvals, approval)).doing(
        Approve(pull=pull.ref, approval=approval),
        because=f"{asked.comment.author} approved {pull.head_sha[:7]}",
    )


def _not_the_head(asked: _Asked, sha: str) -> str:
    """Why the approval cannot be of the head as it is now; empty: it is.

    A push between a look and a comment must not be approved unseen. So a bare command counts only
    for a head that Leeroy had seen, by GitHub's clock, in a second before the comment's. GitHub
    tells whole seconds; within one, only a head that had none before it can be the one looked at.
    """
    head = asked.facts.pull.head_sha
    again = messages.name_the_head(head)
    meant = sha or asked.comment.commit_id
    if meant:
        is_head = len(meant) >= 7 and head.startswith(meant)
        return "" if is_head else f"the head is another one now: {again}"
    seen = [h for h in asked.facts.heads if h.base == asked.facts.pull.base_ref]
    mine = next((h for h in seen if h.sha == head), None)
    if mine is None:
        return f"the head is newer than what Leeroy had seen before that comment: {again}"
    is_only = all(other.sha == head for other in asked.facts.heads)
    was_seen = mine.seen < asked.comment.created or (is_only and mine.seen <= asked.comment.created)
    later = any(h.seen > mine.seen and h.sha != head for h in seen)
    if not was_seen or later:
        return f"the head may have changed around that comment: {again}"
    return ""


def _skip(asked: _Asked, decision: Decision) -> _Judged:
    if not asked.said.permission.can_write:
        return "that takes write permission"
    settings = next(
        (s for s in asked.facts.configured if s.context.lower() == asked.command.argument.lower()),
        None,
    )
    if settings is None:
        return "there is no such context here"
    if not settings.optional:
        return f"{settings.context} is not optional"
    head, by = asked.facts.pull.head_sha, asked.comment.author
    return replace(decision, skips={**decision.skips, (head, settings.context.lower()): by}).doing(
        SkipContext(pull=asked.facts.pull.ref, sha=head, context=settings.context, by=by)
    )


def _whitelist(asked: _Asked, decision: Decision) -> _Judged:
    if not asked.facts.settings.whitelist_command:
        return "that command is switched off here"
    if asked.said.permission is not Permission.ADMIN or asked.is_author:
        return "that takes administrator permission"
    pull = asked.facts.pull
    return decision.doing(
        TrustAuthor(repo=pull.ref.repo, login=pull.author, by=asked.comment.author)
    )


_JUDGES: dict[Verb, Callable[[_Asked, Decision], _Judged]] = {
    Verb.HELP: _help,
    Verb.TEST: _test,
    Verb.RETEST: _retest,
    Verb.CANCEL: _cancel,
    Verb.OK_TO_TEST: _ok_to_test,
    Verb.SKIP: _skip,
    Verb.WHITELIST: _whitelist,
    Verb.UNKNOWN: _unknown,
}
