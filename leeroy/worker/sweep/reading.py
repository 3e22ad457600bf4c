"""Read a whole repository at once, and compare it with what the store knows: the sweep's facts."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

import structlog

from leeroy.config import Config, Mode
from leeroy.config.resolved import filled
from leeroy.deciding.commands import parse_commands
from leeroy.deciding.missing import Sight, SweepView, Verdict, Why
from leeroy.errors import Permanent
from leeroy.model import Comment, OpenPull, PullRef, Status, SweptRepo
from leeroy.store import Store
from leeroy.worker.side import each
from leeroy.worker.sweep.branches import (
    BranchNews,
    ListsBranches,
    SweptBranches,
    final_statuses,
    without,
)
from patchparser.findings import Check
from patchparser.findings import Mode as CheckMode

log = structlog.get_logger()

#: Seconds by which GitHub's clock may differ from the database's.
CLOCK_SKEW = 60.0


class ListsGitHub(ListsBranches, Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def open_pulls(self, repo: str) -> Iterable[OpenPull]: ...
    def comments_since(self, repo: str, since: datetime) -> tuple[Comment, ...]: ...
    def review_comments(self, pull: PullRef) -> tuple[Comment, ...]: ...
    def reviews(self, pull: PullRef) -> tuple[Comment, ...]: ...
    def repositories(self, repo: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class RepoView:
    """All that a sweep saw of one repository, judged."""

    repo: str
    sight: Sight
    pulls: tuple[tuple[SweepView, Verdict], ...]
    #: Pull requests we took for open, and that are not.
    closed: tuple[PullRef, ...]
    #: Those the sweeps remember, and that are not open.
    forgotten: tuple[int, ...]
    branches: tuple[BranchNews, ...]
    #: Comments that ask for something, said since the last sweep.
    comments: tuple[Comment, ...]
    #: Final statuses of heads we never built, by sha: they count as done.
    shown: tuple[tuple[str, Status], ...]
    #: What to remember of the repository for the next sweep.
    swept: SweptRepo


@dataclass(frozen=True, kw_only=True)
class SweepReader:
    """Reads repositories for the sweep; what is unchanged costs none of GitHub's quota."""

    config: Config
    store: Store
    github: ListsGitHub
    side: Executor
    login_for: Callable[[str], str]

    def repos(self) -> tuple[str, ...]:
        """The repositories to sweep: those named, those seen, and those GitHub lists for globs."""
        listed = (repo for glob in self.config.repo_globs() for repo in self._listed(glob))
        others = (repo for repo in (*listed, *self.store.known_repos()) if self.config.knows(repo))
        # One spelling each, that of deliveries first: GitHub takes any case of letters.
        found = {repo.lower(): repo for repo in (*self.config.repo_names(), *others)}
        return tuple(sorted(found.values()))

    def read(self, repo: str, *, is_by_hand: bool, now: float) -> RepoView:
        """What is so there now, and what of it Leeroy does not know."""
        then = self.store.swept_repo(repo)
        listed = tuple(self.github.open_pulls(repo)) if self._has_pulls(repo) else ()
        known = self.store.known_pulls(repo, {pull.ref.number for pull in listed})
        remembered = self.store.swept_pulls(repo)
        seen = self.store.contexts_of(repo) if then is None else then.known
        sight = Sight(
            is_first=then is None,
            new=self._new_contexts(repo, {pull.base_ref for pull in listed}, seen),
            is_by_hand=is_by_hand,
            now=now,
        )
        had = self.store.contexts_at(repo, {pull.head_sha for pull in listed})
        views = [
            SweepView(
                pull=pull,
                known=known.get(pull.ref.number),
                swept=remembered.get(pull.ref.number),
                lacking=without(self._expected(repo, pull.base_ref), had.get(pull.head_sha, ())),
            )
            for pull in listed
        ]
        shown = final_statuses(
            self.side,
            self.github,
            repo,
            {v.pull.head_sha: v.lacking for v in views if not sight.is_settled(v)},
        )
        judged = tuple((view, sight.judge(view)) for view in _after_reading(views, shown))
        branches = SweptBranches(
            config=self.config, store=self.store, github=self.github, side=self.side
        ).read(repo, then, is_by_hand=is_by_hand)
        numbers = {pull.ref.number for pull in listed}
        comments = self._comments(repo, then, judged)
        return RepoView(
            repo=repo,
            sight=sight,
            pulls=judged,
            closed=tuple(
                PullRef(repo, number)
                for number, pull in sorted(known.items())
                if pull.is_open and number not in numbers
            ),
            forgotten=tuple(sorted(remembered.keys() - numbers)),
            branches=branches.news,
            comments=tuple(c for c in comments if self._asks_for_something(repo, c)),
            shown=(*shown, *branches.shown),
            swept=SweptRepo(
                mark=_mark(then, listed, comments, now),
                known=seen | self._contexts(repo) | branches.known,
            ),
        )

    def _listed(self, glob: str) -> tuple[str, ...]:
        try:
            return self.github.repositories(glob)
        except Permanent as exc:  # an app's token may not ask
            log.info("only repositories seen before are swept", glob=glob, error=str(exc))
            return ()

    def _has_pulls(self, repo: str) -> bool:
        return bool(self.config.builds_for(repo)) or self.config.policy_for(repo) is not None

    def _expected(self, repo: str, base: str) -> tuple[str, ...]:
        """The contexts every head there gets, be it with a word instead of a build."""
        if self.config.for_repo(repo).mode is Mode.OBSERVE:
            return ()
        built = [b.context for b in self.config.builds_for(repo, base) if not b.is_on_command]
        return (*built, *self._checks(repo))

    def _checks(self, repo: str) -> tuple[str, ...]:
        policy = self.config.policy_for(repo)
        if policy is None:
            return ()
        parts = {
            Check.SIGN_OFF: policy.sign_off,
            Check.DOCS: policy.docs,
            Check.TESTS: policy.tests,
        }
        return tuple(
            policy.contexts[check]
            for check, part in parts.items()
            if part is not None and part.mode is CheckMode.REQUIRED
        )

    def _contexts(self, repo: str) -> frozenset[str]:
        """What is configured, ``{branch}`` left as it is."""
        builds = (build.context for build in self.config.builds_for(repo))
        return frozenset(context.lower() for context in (*builds, *self._checks(repo)))

    def _new_contexts(self, repo: str, bases: set[str], seen: frozenset[str]) -> frozenset[str]:
        """Contexts that nobody has asked for there so far."""
        builds = [b for b in self.config.builds_for(repo) if b.context.lower() not in seen]
        contexts = (filled(build, repo, base).context for build in builds for base in bases)
        return frozenset(c.lower() for c in (*contexts, *self._checks(repo))) - seen

    def _comments(
        self, repo: str, then: SweptRepo | None, pulls: Sequence[tuple[SweepView, Verdict]]
    ) -> list[Comment]:
        """All that was said since the last sweep; at the first, nobody was waiting for us."""
        if then is None or not self._has_pulls(repo):
            return []
        said = list(self.github.comments_since(repo, datetime.fromtimestamp(then.mark, UTC)))
        # These GitHub lists for one pull request at a time.
        lively = [v.pull.ref for v, verdict in pulls if verdict.why in (Why.MOVED, Why.UPDATED)]
        for ref, comments, error in each(self.side, self._reviews, lively):
            if isinstance(error, Permanent):
                # One that cannot be read does not hide the others; its own look says why.
                log.warning("reviews are not read", pull=str(ref), error=str(error))
            elif error is not None:
                raise error
            said += [c for c in comments or () if c.updated >= then.mark]
        return said

    def _reviews(self, ref: PullRef) -> tuple[Comment, ...]:
        return self.github.reviews(ref) + self.github.review_comments(ref)

    def _asks_for_something(self, repo: str, comment: Comment) -> bool:
        return (
            comment.is_on_pull
            and not comment.is_edited
            and not comment.author_is_bot
            and bool(parse_commands(comment.body))
            and not self.store.was_obeyed(repo, comment.kind, comment.id)
            and comment.author.lower() != self.login_for(repo).lower()
        )


def _after_reading(
    views: Iterable[SweepView], shown: Iterable[tuple[str, Status]]
) -> list[SweepView]:
    """The views with what GitHub has counted as done."""
    done: dict[str, list[str]] = {}
    for sha, status in shown:
        done.setdefault(sha, []).append(status.context)
    return [
        replace(view, lacking=without(view.lacking, done.get(view.pull.head_sha, ())))
        for view in views
    ]


def _mark(
    then: SweptRepo | None, listed: Sequence[OpenPull], comments: Sequence[Comment], now: float
) -> float:
    """Up to when all was read, by GitHub's clock: it stands still while nothing happens there.

    So the same question is asked again, and an unchanged answer costs nothing.
    """
    moments = [pull.updated for pull in listed] + [comment.updated for comment in comments]
    if then is None:
        # GitHub counts in whole seconds: what was said in the last of them was said before us.
        moments = [moment + 1 for moment in moments]
    else:
        moments.append(then.mark)
    # Only where nobody has said anything yet are clocks mixed; comments are obeyed once anyway.
    return max(moments, default=now - CLOCK_SKEW)
