"""Which contexts the settings give a repository's pull requests."""

from collections.abc import Collection
from dataclasses import dataclass

from leeroy.config import Config, Mode
from leeroy.config.resolved import filled
from patchparser.findings import Check
from patchparser.findings import Mode as CheckMode


@dataclass(frozen=True, kw_only=True)
class Contexts:
    """Contexts by repository, as the settings say."""

    config: Config

    def has_pulls(self, repo: str) -> bool:
        """Something is built or checked there."""
        return bool(self.config.builds_for(repo)) or self.config.policy_for(repo) is not None

    def expected(self, repo: str, base: str) -> tuple[str, ...]:
        """The contexts every head there gets, be it with a word instead of a build."""
        if self.config.for_repo(repo).mode is Mode.OBSERVE:
            return ()
        built = [b.context for b in self.config.builds_for(repo, base) if not b.is_on_command]
        return (*built, *self._checks(repo))

    def of(self, repo: str) -> frozenset[str]:
        """What is configured, in lower case, ``{branch}`` left as it is."""
        builds = (build.context for build in self.config.builds_for(repo))
        return frozenset(context.lower() for context in (*builds, *self._checks(repo)))

    def new(self, repo: str, bases: Collection[str], seen: frozenset[str]) -> frozenset[str]:
        """Those, in lower case, that nobody has asked for there so far."""
        builds = [b for b in self.config.builds_for(repo) if b.context.lower() not in seen]
        contexts = (filled(build, repo, base).context for build in builds for base in bases)
        return frozenset(c.lower() for c in (*contexts, *self._checks(repo))) - seen

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
