"""What users see changed, and the docs did not."""

from dataclasses import dataclass

from patchparser.findings import Finding, Mode
from patchparser.kinds import Kinds
from patchparser.patch import PatchSet
from patchparser.pull import Pull
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
    #: Fewer changed lines that can break than this need no docs.
    min_lines: int = 0
    #: One of these labels on the pull request: no docs are asked for.
    skip_labels: tuple[str, ...] = ("no-docs-needed",)
    #: The same for words in the title or the body, in any case.
    skip_phrases: tuple[str, ...] = ()
    #: Globs of base branches whose pull requests are not asked.
    base_branches: tuple[str, ...] = ()
    #: Logins that are not asked, such as ``dependabot[bot]``.
    authors: tuple[str, ...] = ()


def find_missing_docs(patch: PatchSet, pull: Pull, settings: DocsPolicy, kinds: Kinds) -> Finding:
    """Whether the patch should have touched the docs and did not."""
    raise NotImplementedError
