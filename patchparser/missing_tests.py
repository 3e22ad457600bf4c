"""Code changed in a way that can break, and no test did."""

from dataclasses import dataclass
from typing import ClassVar

from patchparser.findings import Finding, Mode
from patchparser.kinds import Kinds
from patchparser.patch import PatchSet
from patchparser.pull import Pull


@dataclass(frozen=True, kw_only=True)
class TestsPolicy:
    """When tests are asked for, and the ways out."""

    #: pytest must not take this for a test.
    __test__: ClassVar[bool] = False

    mode: Mode = Mode.ADVISORY
    #: Fewer changed lines that can break than this need no test.
    min_lines: int = 5
    #: One of these labels on the pull request: no test is asked for.
    skip_labels: tuple[str, ...] = ("no-tests-needed",)
    #: The same for words in the title or the body, in any case.
    skip_phrases: tuple[str, ...] = ()
    #: Globs of base branches whose pull requests are not asked.
    base_branches: tuple[str, ...] = ()
    #: Logins that are not asked, such as ``dependabot[bot]``.
    authors: tuple[str, ...] = ()


def find_missing_tests(patch: PatchSet, pull: Pull, settings: TestsPolicy, kinds: Kinds) -> Finding:
    """Whether the patch should have touched a test and did not."""
    raise NotImplementedError
