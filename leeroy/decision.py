"""What a decision is made of: the facts of one look, and what the rules have made of them so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from leeroy.config import Build as BuildSettings
from leeroy.config import RepoSettings
from leeroy.effects import Effect
from leeroy.facts import Build, JenkinsBuild, OwnComment, PullRequest, Sighting, Status
from patchparser.patch import PatchSet
from patchparser.policy import Policy
from patchparser.pull import Commit


@dataclass(frozen=True, kw_only=True)
class Request:
    """Somebody asked for builds: by ``/build/*``, ``leeroy rebuild`` or a comment."""

    #: Names the asking, so that it is obeyed once however often a look is repeated.
    cause: str
    #: Empty: every build that is not only on command.
    context: str = ""

    def asks_for(self, settings: BuildSettings) -> bool:
        """This request means that build; one on command only by its own name."""
        if not self.context:
            return not settings.is_on_command
        return self.context.lower() == settings.context.lower()


@dataclass(frozen=True, kw_only=True)
class PullFacts:
    """Everything one look at a pull request read, and the settings that apply to it."""

    pull: PullRequest
    settings: RepoSettings
    #: The builds configured for its repository.
    configured: tuple[BuildSettings, ...]
    #: Its changed files; None when no rule needs them.
    patch: PatchSet | None = None
    #: Its commits, oldest first; None when no rule needs them.
    commits: tuple[Commit, ...] | None = None
    #: Our rows for this pull request, oldest first.
    builds: tuple[Build, ...] = ()
    #: Rows of other pull requests for the same shas: two may share one head.
    rivals: tuple[Build, ...] = ()
    #: Shas that another open pull request has as its head too.
    shared_heads: frozenset[str] = frozenset()
    #: What Jenkins says of our builds, by row id, for those that were looked at.
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    #: Builds we were told of that no row of ours claims.
    strays: tuple[JenkinsBuild, ...] = ()
    #: The last status we wrote, by sha and lower-case context.
    written: Mapping[tuple[str, str], Status] = field(default_factory=dict)
    #: Statuses GitHub shows, by sha and lower-case context, where they were read.
    shown: Mapping[tuple[str, str], Status] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    #: What patchparser is to check; None: nothing, or not in this look.
    policy: Policy | None = None
    #: The labeler.yml the policy names, as it is on the base branch.
    labels_file: bytes | None = None
    #: Our comments, by topic.
    comments: Mapping[str, OwnComment] = field(default_factory=dict)
    #: Labels on the pull request that we put on.
    our_labels: frozenset[str] = frozenset()
    #: This look is because the pull request was opened.
    is_just_opened: bool = False
    #: The author may push to the base repository; None when nobody asked GitHub.
    author_can_write: bool | None = None
    #: Where each job is found on the web, by server and job.
    job_urls: Mapping[tuple[str, str], str] = field(default_factory=dict)
    now: datetime

    @property
    def clock(self) -> float:
        """Now, in epoch seconds."""
        return self.now.timestamp()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A context that one sha of the pull request should have."""

    settings: BuildSettings
    sha: str
    #: Say this instead of building; None: build.
    instead: Status | None = None

    @property
    def context(self) -> str:
        """As people configured it; GitHub compares contexts without case."""
        return self.settings.context


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What should be so and what to do about it, as far as the rules have come."""

    wanted: tuple[Wanted, ...] = ()
    #: Our rows as they are once the effects so far are applied, oldest first.
    builds: tuple[Build, ...] = ()
    effects: tuple[Effect, ...] = ()
    #: Why, line by line, for people.
    reasons: tuple[str, ...] = ()

    def newest(self, sha: str, context: str) -> Build | None:
        """The attempt that speaks for a context of a sha."""
        attempts = [
            build
            for build in self.builds
            if build.sha == sha and build.context.lower() == context.lower()
        ]
        return max(attempts, key=lambda build: build.attempt, default=None)

    def doing(self, *effects: Effect, because: str = "") -> "Decision":
        """With these effects too, and the reason for them."""
        reasons = (*self.reasons, because) if because else self.reasons
        return replace(self, effects=self.effects + effects, reasons=reasons)

    def with_build(self, build: Build) -> "Decision":
        """With this row added, or in the place of the one with its id."""
        if all(known.id != build.id for known in self.builds):
            return replace(self, builds=(*self.builds, build))
        return replace(
            self,
            builds=tuple(build if known.id == build.id else known for known in self.builds),
        )
