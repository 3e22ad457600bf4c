"""Comments that ask for something, and who may ask."""

from collections.abc import Callable, Sequence
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
from leeroy.deciding.heads import has_moved, not_the_head
from leeroy.deciding.trusted import is_trusted, trust_in
from leeroy.deciding.unknown import Unknown
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

NO_SUCH_CONTEXT = "there is no such context here"
MAY_NOT_BUILD = "that takes write permission, or being the author of a trusted pull request"

#: These are about the head commit, as their author saw it.
_OF_THE_HEAD = frozenset({Verb.TEST, Verb.RETEST, Verb.CANCEL, Verb.OK_TO_TEST, Verb.SKIP})


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
        mine, theirs = self.comment, self.facts.pull
        is_same = mine.author_id is not None and mine.author_id == theirs.author_id
        return is_same or mine.author.lower() == theirs.author.lower()

    @property
    def may_build(self) -> bool:
        """Its author may have things built, and stopped."""
        return self.said.permission.can_write or (self.is_author and self.is_trusted)

    @property
    def context(self) -> str | None:
        """As it is configured; empty: all of them are meant; None: there is none like it."""
        wanted = self.command.argument.lower()
        known = {s.context.lower(): s.context for s in self.facts.configured}
        # People end sentences; a context may end like one, too.
        for name in (wanted, wanted.rstrip(".!")):
            if name in known:
                return known[name]
            if name in ("", "all"):
                return ""
        return None

    @property
    def cause(self) -> Cause:
        return cause_of(self.comment)


#: A decision with the command's part added, or the reason why not.
_Judged = Decision | str

#: These change what may be built, or what is green: who may ask is not taken from memory.
_ASKED_ANEW = frozenset({Verb.OK_TO_TEST, Verb.WHITELIST, Verb.SKIP})
#: These may approve a head that waits.
_MAY_APPROVE = frozenset({Verb.TEST, Verb.RETEST})


def obey_commands(facts: PullFacts, decision: Decision) -> Decision:
    """Do what people who may ask have asked for; answer the others once, with the reason."""
    for key in facts.named:
        comment = facts.comment_of(key)
        if isinstance(comment, Unknown):
            decision = decision.leaving(key, comment)
        elif comment is not None and (commands := parse_commands(comment.body)):
            decision = _judge(facts, decision, comment, commands)
    return decision


def _judge(
    facts: PullFacts, decision: Decision, comment: Comment, commands: Sequence[Command]
) -> Decision:
    """Obey, once it is known who asks."""
    key = (comment.kind, comment.id)
    trusted = trust_in(facts, decision.approvals)
    verbs = {command.verb for command in commands}
    if verbs & _ASKED_ANEW or (verbs & _MAY_APPROVE and trusted is not True):
        permission = facts.permission_now_of(comment.author)
    else:
        permission = facts.permission_of(comment.author)
    if isinstance(permission, Unknown):
        return decision.leaving(key, permission).asking(trusted)
    if isinstance(trusted, Unknown) and (trusted.needs or not permission.can_write):
        # Nobody is refused because GitHub does not answer.
        return decision.leaving(key, trusted)
    return _obey(facts, decision, SaidComment(comment=comment, permission=permission), commands)


def _obey(
    facts: PullFacts, decision: Decision, said: SaidComment, commands: Sequence[Command]
) -> Decision:
    comment = said.comment
    refusals = []
    for index, command in enumerate(commands):
        asked = _Asked(
            facts=facts,
            said=said,
            command=command,
            is_trusted=is_trusted(facts, decision.approvals),
        )
        judged = _impossible(asked, decision) or _JUDGES[command.verb](asked, decision)
        refused = isinstance(judged, str)
        if isinstance(judged, Decision):
            decision = judged
        else:
            refusals.append((command, judged))
        decision = decision.doing(Audit(entry=_entry(asked, index, judged if refused else "")))
    wants_help = any(command.verb is Verb.HELP for command in commands)
    is_heard = asked.may_build or not _was_answered(facts, decision, comment)
    if is_heard and (refusals or wants_help):
        body = messages.reply(refusals, [s.context for s in facts.configured])
        decision = decision.doing(Reply(comment=comment, body=body))
    if is_heard and len(refusals) < len(commands) and comment.kind is not CommentKind.REVIEW:
        decision = decision.doing(React(comment=comment, reaction=Reaction.DONE))
    return decision.doing(MarkObeyed(comment=comment))


def _was_answered(facts: PullFacts, decision: Decision, comment: Comment) -> bool:
    """Its author was told at this head before why not, or what there is: once is enough."""
    cause, login = str(cause_of(comment)), comment.author.lower()
    before = any(
        entry.who.lower() == login and entry.ref.rpartition(":")[0] != cause
        for entry in facts.asked_before
    )
    now = any(
        isinstance(effect, Reply) and effect.comment.author.lower() == login
        for effect in decision.effects
    )
    return before or now


def _entry(asked: _Asked, index: int, refusal: object) -> AuditEntry:
    pull = asked.facts.pull
    return AuditEntry(
        repo=pull.ref.repo,
        pull=pull.ref.number,
        who=asked.comment.author,
        who_id=asked.comment.author_id,
        what=f"{asked.command.verb} {asked.command.argument}".strip(),
        sha=pull.head_sha,
        detail=f"refused: {refusal}" if refusal else "done",
        ref=f"{asked.cause}:{index}",
    )


def _impossible(asked: _Asked, decision: Decision) -> str:
    """Why nobody could do that now; empty: somebody can."""
    pull, verb = asked.facts.pull, asked.command.verb
    if verb not in _OF_THE_HEAD or _is_cancelled_approval(asked.command):
        return ""
    if not pull.is_open and not (verb is Verb.CANCEL and _running(asked, decision)):
        return messages.is_over(is_merged=pull.is_merged)
    if verb is not Verb.OK_TO_TEST and asked.may_build and has_moved(asked.facts, asked.comment):
        return messages.head_has_moved(pull.head_sha)
    return ""


def _help(_asked: _Asked, decision: Decision) -> _Judged:
    return decision


def _unknown(_asked: _Asked, _decision: Decision) -> _Judged:
    return "there is no such command"


def _almost(_asked: _Asked, _decision: Decision) -> _Judged:
    return "a command has a line of its own, with nothing else in it"


def _too_low(_asked: _Asked, _decision: Decision) -> _Judged:
    return "it stands too far down in a long comment: write it in one of its own"


def _test(asked: _Asked, decision: Decision) -> _Judged:
    if asked.context is None:
        return NO_SUCH_CONTEXT
    return _request(asked, decision, [asked.context])


def _retest(asked: _Asked, decision: Decision) -> _Judged:
    if asked.context is None:
        return NO_SUCH_CONTEXT
    if asked.context:
        return _request(asked, decision, [asked.context])
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
    if not asked.may_build:
        return MAY_NOT_BUILD
    if not asked.is_trusted:
        approved = _approve(asked, decision, "")
        if isinstance(approved, str):
            return approved
        decision = approved
    requests = tuple(Request(cause=asked.cause, context=context) for context in contexts)
    return replace(decision, requests=decision.requests + requests)


def _cancel(asked: _Asked, decision: Decision) -> _Judged:
    if not asked.may_build:
        return MAY_NOT_BUILD
    running = dict.fromkeys(_running(asked, decision), asked.comment.author)
    return replace(decision, cancelled={**decision.cancelled, **running})


def _running(asked: _Asked, decision: Decision) -> frozenset[str]:
    head = asked.facts.pull.head_sha
    return frozenset(b.id for b in decision.builds if b.sha == head and not b.state.is_over)


def _is_cancelled_approval(command: Command) -> bool:
    return command.verb is Verb.OK_TO_TEST and _named(command) == "cancel"


def _named(command: Command) -> str:
    return command.argument.lower().rstrip(".!")


def _ok_to_test(asked: _Asked, decision: Decision) -> _Judged:
    if _is_cancelled_approval(asked.command):
        if not asked.said.permission.can_write or asked.is_author:
            return "that takes write permission, and not being the author"
        return replace(decision, approvals=()).doing(RevokeApprovals(pull=asked.facts.pull.ref))
    return _approve(asked, decision, _named(asked.command))


def _approve(asked: _Asked, decision: Decision, sha: str) -> _Judged:
    if not asked.said.permission.can_write:
        return "that takes write permission"
    if asked.is_author:
        return "nobody approves a pull request of their own"
    pull = asked.facts.pull
    if refusal := not_the_head(asked.facts, asked.comment, sha):
        return refusal
    approval = Approval(
        sha=pull.head_sha,
        base=pull.base_ref,
        by=asked.comment.author,
        by_id=asked.comment.author_id,
        comment_kind=asked.comment.kind,
        comment_id=asked.comment.id,
    )
    return replace(decision, approvals=(*decision.approvals, approval)).doing(
        Approve(pull=pull.ref, approval=approval),
        because=f"{asked.comment.author} approved {pull.head_sha[:7]}",
    )


def _skip(asked: _Asked, decision: Decision) -> _Judged:
    if not asked.said.permission.can_write:
        return "that takes write permission"
    settings = next((s for s in asked.facts.configured if s.context == asked.context), None)
    if settings is None:
        return NO_SUCH_CONTEXT
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
    if pull.author_id is None:
        return "the author's account is gone"
    return decision.doing(
        TrustAuthor(
            repo=pull.ref.repo,
            login=pull.author,
            user_id=pull.author_id,
            by=asked.comment.author,
        )
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
    Verb.ALMOST: _almost,
    Verb.TOO_LOW: _too_low,
}
