"""Who people are: what GitHub lets them do, and what they said.

A right that somebody has is kept for minutes, so that a crowd of deliveries asks once; one that he
has not only for seconds, for it may just have been given to him. See
docs/decisions/0036-rights-and-accounts.md.
"""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

import structlog

from leeroy.config import RepoSettings
from leeroy.deciding.messages import is_marked
from leeroy.errors import NotFound, Permanent
from leeroy.hints import CommentKey, comment_of
from leeroy.model import Comment, CommentKind, Permission, PullRef, PullRequest
from leeroy.queue import KeptHint
from leeroy.store import Store
from leeroy.worker.protocols import ReadsPeople

log = structlog.get_logger()

T = TypeVar("T")

#: How long a right counts, where nothing new is let be built by it.
KEPT_SECONDS = 300.0
#: How long it counts that somebody has none.
REFUSED_SECONDS = 10.0
#: So many people are remembered at most; they come from deliveries.
KEPT_PEOPLE = 4096


@dataclass(frozen=True, kw_only=True)
class People:
    """Asks GitHub about people, and remembers for a while what it said."""

    github: ReadsPeople
    store: Store
    #: Our login for a repository.
    login_for: Callable[[str], str]
    clock: Callable[[], float] = time.monotonic
    _kept: dict[tuple[str, ...], tuple[float, object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def permission(self, repo: str, login: str, *, anew: bool = False) -> Permission:
        """What a login may do in a repository; ``anew``: now, and not minutes ago."""

        def ask() -> Permission:
            try:
                return self.github.permission(repo, login)
            except NotFound:
                return Permission.NONE  # GitHub knows no such user: a ghost, or a bot

        return self._ask(
            ("permission", repo, login.lower()), ask, lambda held: held.can_write, anew=anew
        )

    def is_trusted_author(self, pull: PullRequest, settings: RepoSettings) -> bool:
        """The author is on a list: by account, organization, team, or an administrator's word."""
        login, repo, account = pull.author.lower(), pull.ref.repo, pull.author_id
        if account is not None:
            if account in self._accounts(repo, settings.trusted_users):
                return True
            if settings.whitelist_command and account in self.store.trusted_authors(repo):
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
        login = self.login_for(ref.repo)
        # Where GitHub does not say who we are, our words are known by their marker. Whoever else
        # writes it, asks for nothing.
        is_ours = comment.author.lower() == login.lower() if login else is_marked(comment.body)
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

        return self._ask(("member", repo, group.lower(), login), ask, bool)

    def _accounts(self, repo: str, logins: Collection[str]) -> frozenset[int]:
        """Whose these logins of the settings are, or were when we first asked.

        A login that was given up may be somebody else's by now, who is not meant. So the first
        look that asks for anybody asks for all of them.
        """
        if not logins:
            return frozenset()
        names = {login.lower() for login in logins}
        known = self.store.known_accounts(names)
        for login in sorted(names - known.keys()):
            try:
                user_id = self.github.user_id(repo, login)
            except Permanent as exc:
                log.warning("account is not known", login=login, error=str(exc))
                continue
            log.info("login of the settings", login=login, user_id=user_id)
            self.store.save_account(login, user_id)
            known[login] = user_id
        return frozenset(user_id for user_id in known.values() if user_id is not None)

    def _ask(
        self,
        question: tuple[str, ...],
        ask: Callable[[], T],
        is_yes: Callable[[T], bool],
        *,
        anew: bool = False,
    ) -> T:
        if not anew:
            with self._lock:
                until, answer = self._kept.get(question, (0.0, None))
            if answer is not None and self.clock() < until:
                return cast(T, answer)
        answer = ask()
        with self._lock:
            if len(self._kept) >= KEPT_PEOPLE:
                self._kept.clear()
            seconds = KEPT_SECONDS if is_yes(answer) else REFUSED_SECONDS
            self._kept[question] = (self.clock() + seconds, answer)
        return answer
