"""Who people are: what GitHub lets them do, kept for minutes, and what they said."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from leeroy.config import RepoSettings
from leeroy.errors import NotFound, Permanent
from leeroy.hints import CommentKey, comment_of
from leeroy.model import Comment, CommentKind, Permission, PullRef, PullRequest
from leeroy.queue import KeptHint
from leeroy.store import Store
from leeroy.worker.protocols import ReadsPeople

log = structlog.get_logger()

#: How long an answer about a person counts.
KEPT_SECONDS = 300.0
#: So many people are remembered at most; they come from deliveries.
KEPT_PEOPLE = 4096


@dataclass(frozen=True, kw_only=True)
class People:
    """Asks GitHub about people, at most once in five minutes for each question."""

    github: ReadsPeople
    store: Store
    #: Our login for a repository.
    login_for: Callable[[str], str]
    clock: Callable[[], float] = time.monotonic
    _kept: dict[tuple[str, ...], tuple[float, object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def permission(self, repo: str, login: str) -> Permission:
        """What a login may do in a repository."""

        def ask() -> Permission:
            try:
                return self.github.permission(repo, login)
            except NotFound:
                return Permission.NONE  # GitHub knows no such user: a ghost, or a bot

        answer = self._ask(("permission", repo, login.lower()), ask)
        assert isinstance(answer, Permission)
        return answer

    def is_trusted_author(self, pull: PullRequest, settings: RepoSettings) -> bool:
        """The author is on a list: by login, organization, team, or an administrator's word."""
        login, repo = pull.author.lower(), pull.ref.repo
        if login in {name.lower() for name in settings.trusted_users}:
            return True
        if settings.whitelist_command and login in self.store.trusted_authors(repo):
            return True
        return any(self._is_member(repo, group, login) for group in settings.trusted_orgs)

    def named(self, ref: PullRef, hints: Sequence[KeptHint]) -> tuple[CommentKey, ...]:
        """The comments the hints name that were not answered yet."""
        keys = sorted({key for kept in hints if (key := comment_of(kept.hint)) is not None})
        return tuple(key for key in keys if not self.store.was_obeyed(ref.repo, *key))

    def comment(self, ref: PullRef, kind: CommentKind, comment_id: int) -> Comment | None:
        """A comment as it reads now; edited ones, bots' and our own are none.

        Raises:
            NotFound: it was deleted, or GitHub does not show it yet.
        """
        comment = self._read(ref, kind, comment_id)
        if comment is None or comment.is_edited or comment.author_is_bot:
            return None
        is_ours = comment.author.lower() == self.login_for(ref.repo).lower()
        return None if is_ours else comment

    def _read(self, ref: PullRef, kind: CommentKind, comment_id: int) -> Comment | None:
        match kind:
            case CommentKind.COMMENT:
                comment = self.github.comment(ref.repo, comment_id)
            case CommentKind.REVIEW_COMMENT:
                comment = self.github.review_comment(ref, comment_id)
            case CommentKind.REVIEW:
                comment = self.github.review(ref, comment_id)
        return comment if comment.is_on_pull and comment.pull == ref else None

    def _is_member(self, repo: str, group: str, login: str) -> bool:
        org, _, team = group.partition("/")

        def ask() -> bool:
            try:
                if team:
                    return self.github.is_team_member(repo, org, team, login)
                return self.github.is_org_member(repo, org, login)
            except Permanent as exc:
                log.warning("membership is not known", group=group, login=login, error=str(exc))
                return False

        return bool(self._ask(("member", repo, group.lower(), login), ask))

    def _ask(self, question: tuple[str, ...], ask: Callable[[], object]) -> object:
        with self._lock:
            at, answer = self._kept.get(question, (0.0, None))
            if answer is not None and self.clock() - at < KEPT_SECONDS:
                return answer
        answer = ask()
        with self._lock:
            if len(self._kept) >= KEPT_PEOPLE:
                self._kept.clear()
            self._kept[question] = (self.clock(), answer)
        return answer
