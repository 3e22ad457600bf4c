"""When docs and tests are asked for, and the ways out: what a policy says of the two checks.

Apart from the checks, because reading a policy must not cost what the checks are made of.
"""

from dataclasses import dataclass
from typing import ClassVar

from patchparser.findings import Mode
from patchparser.surface import SurfaceKind


@dataclass(frozen=True, kw_only=True)
class DocsPolicy:
    """When docs are asked for, and the ways out."""

    mode: Mode = Mode.ADVISORY
    #: Globs of files users see the changes of, whatever their lines say.
    when: tuple[str, ...] = ()
    #: Globs of what counts as docs; empty: every file of kind docs.
    expect: tuple[str, ...] = ()
    #: What to look for in added lines; empty: nothing, only ``when`` counts.
    look_for: tuple[SurfaceKind, ...] = tuple(SurfaceKind)
    #: Whether other programs are built on this one, so that public functions and classes are seen
    #: by users. None: where a path shows it, such as a module with a version of its own.
    library: bool | None = None
    #: Fewer changed lines that can break than this need no docs.
    min_lines: int = 0
    #: One of these labels on the pull request: no docs are asked for.
    skip_labels: tuple[str, ...] = ("no-docs-needed",)
    #: The same for words in the title or the body, in any case.
    skip_phrases: tuple[str, ...] = ()
    #: What a title may begin with that lets the pull request out: ``Revert``, ``refactor:``.
    skip_titles: tuple[str, ...] = ()
    #: Globs of base branches whose pull requests are not asked.
    base_branches: tuple[str, ...] = ()
    #: Logins that are not asked, such as ``dependabot[bot]``.
    authors: tuple[str, ...] = ()


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
    #: What a title may begin with that lets the pull request out: ``Revert``, ``refactor:``.
    skip_titles: tuple[str, ...] = ()
    #: Globs of base branches whose pull requests are not asked.
    base_branches: tuple[str, ...] = ()
    #: Logins that are not asked, such as ``dependabot[bot]``.
    authors: tuple[str, ...] = ()
