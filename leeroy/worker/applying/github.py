"""Apply what was decided on GitHub: statuses first, then labels and comments, each on its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import structlog

from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import (
    AddLabels,
    DeleteComment,
    Effect,
    React,
    RemoveLabel,
    Reply,
    SetStatus,
    WriteComment,
)
from leeroy.deciding.facts import Facts
from leeroy.deciding.messages import marker
from leeroy.deciding.words import Subject
from leeroy.errors import NotFound, Permanent, TooManyStatuses
from leeroy.model import OwnComment, PullRef, Status
from leeroy.store import Store
from leeroy.worker.applying.outcome import Outcome, failed
from leeroy.worker.protocols import WritesGitHub
from leeroy.worker.side import each

log = structlog.get_logger()

Said = AddLabels | RemoveLabel | WriteComment | DeleteComment | Reply | React


@dataclass(frozen=True, kw_only=True)
class GitHubApplier:
    """Does things to GitHub, and writes down that they were done."""

    store: Store
    github: WritesGitHub
    side: Executor
    #: Our login for a repository: comments are ours by their author, not by their words.
    login_for: Callable[[str], str]

    def apply(
        self, facts: Facts, decision: Decision, effects: Sequence[Effect], keep: Callable[[], None]
    ) -> Outcome:
        """Write what differs; one that is refused does not hold back the others.

        ``keep`` makes sure that nobody else has the subject: of two who write one status, the
        slower would have the last word.
        """
        others = [effect for effect in effects if isinstance(effect, Said)]
        return self._set_statuses(facts, decision, effects, keep).and_then(self._say(others))

    def give_up(self, subject: Subject) -> frozenset[str]:
        """Leave what the subject was about to write to those who share its commits."""
        return self.store.drop_marks(subject)

    def _set_statuses(
        self, facts: Facts, decision: Decision, effects: Sequence[Effect], keep: Callable[[], None]
    ) -> Outcome:
        """Intent, act, record: once more while others changed what should stand meanwhile."""
        places = {
            (effect.sha, effect.status.context.lower())
            for effect in effects
            if isinstance(effect, SetStatus)
        }
        places |= facts.marked
        if not places and not decision.words:
            return Outcome()
        begun = self.store.begin_writes(facts.subject, decision.words, places, decision.ends)
        outcome = Outcome(others=begun.others)
        writes = begun.writes
        while writes:
            keep()
            written, refused, full = [], [], set()
            for one, _, error in each(self.side, partial(self._write, facts.repo), writes):
                if error is None:
                    written.append(one)
                    continue
                log.warning(
                    "status not written", sha=one[0], context=one[1].context, error=str(error)
                )
                outcome = outcome.and_then(failed(error))
                if isinstance(error, Permanent):
                    refused.append(one)
                if isinstance(error, TooManyStatuses):
                    full.add((one[0], one[1].context.lower()))
            # What may yet be taken keeps its mark: the look is made again, and writes it.
            writes = ()
            if written or refused:
                writes = self.store.end_writes(
                    facts.subject, written, refused, decision.ends, full=full
                )
        return outcome

    def _say(self, effects: Sequence[Said]) -> Outcome:
        outcome = Outcome()
        for effect, _, error in each(self.side, self._do, effects):
            if error is not None:
                log.warning("effect failed", effect=str(effect), error=str(error))
                outcome = outcome.and_then(failed(error))
        return outcome

    def _write(self, repo: str, write: tuple[str, Status]) -> None:
        self.github.set_status(repo, *write)

    def _do(self, effect: Said) -> None:
        match effect:
            case AddLabels():
                # Written down first: were we cut off in between, the label would stay for ever.
                self.store.save_labels(effect.pull, added=effect.labels, removed=())
                self.github.add_labels(effect.pull, effect.labels)
            case RemoveLabel():
                self.github.remove_label(effect.pull, effect.label)
                self.store.save_labels(effect.pull, added=(), removed=(effect.label,))
            case WriteComment():
                comment_id = self._write_comment(effect)
                own = OwnComment(topic=effect.topic, comment_id=comment_id, body=effect.body)
                self.store.save_comment(effect.pull, own)
            case DeleteComment():
                self.github.delete_comment(effect.pull.repo, effect.comment_id)
                self.store.forget_comment(effect.pull, effect.topic)
            case Reply(comment=comment):
                self._post_once(comment.pull, f"reply {comment.kind} {comment.id}", effect.body)
            case React(comment=comment):
                self.github.react(comment.kind, comment.pull.repo, comment.id, effect.reaction)

    def _write_comment(self, effect: WriteComment) -> int:
        """Edit our comment, or post it when there is none; its id."""
        body = f"{marker(effect.topic)}\n{effect.body}"
        if effect.comment_id is not None:
            try:
                self.github.edit_comment(effect.pull.repo, effect.comment_id, body)
            except NotFound:
                log.info("somebody deleted our comment", pull=str(effect.pull), topic=effect.topic)
            else:
                return effect.comment_id
        return self._post_once(effect.pull, effect.topic, effect.body)

    def _post_once(self, pull: PullRef, topic: str, text: str) -> int:
        """Post a comment that an earlier look may have posted without living to say so."""
        mark, login = marker(topic), self.login_for(pull.repo)
        body = f"{mark}\n{text}"
        known = self.github.find_comments(pull, mark, author=login)
        if not known:
            return self.github.post_comment(pull, body, marker=mark, author=login).id
        if known[0].body != body:
            self.github.edit_comment(pull.repo, known[0].id, body)
        return known[0].id
