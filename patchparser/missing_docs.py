"""What users see changed, and the docs did not.

Two signs that users see a change: the policy's globs, and the added lines themselves, where
:mod:`patchparser.surface` finds new flags, environment variables, routes and public names.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from patchparser.breaking import breaking_lines
from patchparser.findings import Check, Finding, Mode, Place, Verdict
from patchparser.globs import matches
from patchparser.kinds import Kind, Kinds
from patchparser.patch import PatchedFile, PatchSet
from patchparser.pull import Pull
from patchparser.surface import WORDS, Surface, SurfaceKind, find_surfaces
from patchparser.ways_out import why_not_asked

TOUCHED = "Docs changed too."
NOTHING_SEEN = "Nothing changed that users see."
NOT_ALL_SEEN = "Not checked: GitHub did not list all changed files."
NOTE_OF_FILE = "users see this file's changes"
#: Kinds of surfaces a summary names; more would not fit a status' description.
MAX_KINDS = 3
#: What a glob of ``when`` may also match without users seeing it.
UNSEEN_KINDS = (Kind.TESTS, Kind.GENERATED, Kind.VENDORED, Kind.DOCS)


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
    if reason := why_not_asked(
        pull,
        what="docs",
        labels=settings.skip_labels,
        phrases=settings.skip_phrases,
        base_branches=settings.base_branches,
        authors=settings.authors,
    ):
        return _finding(settings, Verdict.SKIPPED, reason)
    if any(_touches_docs(file, settings, kinds) for file in patch):
        return _finding(settings, Verdict.PASS, TOUCHED)
    if not patch.is_complete:
        return _finding(settings, Verdict.SKIPPED, NOT_ALL_SEEN)
    surfaces = list(_new_surfaces(patch, settings, kinds))
    files = [file for file in patch if _is_seen_by_users(file, settings, kinds)]
    if not surfaces and not files:
        return _finding(settings, Verdict.PASS, NOTHING_SEEN)
    if settings.min_lines:
        touched = {file.path: file for file, _ in surfaces} | {file.path: file for file in files}
        lines = sum(breaking_lines(file).lines for file in touched.values())
        if lines < settings.min_lines:
            return _finding(settings, Verdict.PASS, too_small(settings.min_lines))
    places = [
        Place(path=file.path, line=surface.line, note=str(surface)) for file, surface in surfaces
    ]
    shown = {file.path for file, _ in surfaces}
    places += [Place(path=f.path, note=NOTE_OF_FILE) for f in files if f.path not in shown]
    summary = not_documented([surface for _, surface in surfaces], len(files))
    return _finding(settings, Verdict.FAIL, summary, tuple(places))


def _touches_docs(file: PatchedFile, settings: DocsPolicy, kinds: Kinds) -> bool:
    # Taking docs away, or moving them, explains nothing.
    if file.is_removed or not (file.additions or file.is_binary):
        return False
    if settings.expect:
        return any(matches(glob, file.path) for glob in settings.expect)
    return kinds.kind_of(file.path) is Kind.DOCS


def _is_seen_by_users(file: PatchedFile, settings: DocsPolicy, kinds: Kinds) -> bool:
    names = [name for name in (file.path, file.previous_path) if name]
    if not any(matches(glob, name) for glob in settings.when for name in names):
        return False
    kind = kinds.kind_of(file.path)
    if kind is Kind.CODE and not file.is_removed and file.previous_path is None:
        return breaking_lines(file).lines > 0
    return kind not in UNSEEN_KINDS


def _new_surfaces(
    patch: PatchSet, settings: DocsPolicy, kinds: Kinds
) -> Iterator[tuple[PatchedFile, Surface]]:
    """What added lines show and no removed line did: what only moved, or changed, is not new."""
    code = [file for file in patch if kinds.kind_of(file.path) is Kind.CODE and file.has_patch]
    known = {
        (surface.kind, surface.name)
        for file in code
        for surface in find_surfaces(file.path, file.hunks, removed=True)
    }
    for file in code:
        for surface in find_surfaces(file.path, file.hunks):
            name = (surface.kind, surface.name)
            if surface.kind in settings.look_for and name not in known:
                known.add(name)
                yield file, surface


def _finding(
    settings: DocsPolicy, verdict: Verdict, summary: str, places: tuple[Place, ...] = ()
) -> Finding:
    return Finding(
        check=Check.DOCS, verdict=verdict, mode=settings.mode, summary=summary, places=places
    )


def not_documented(surfaces: list[Surface], files: int) -> str:
    """Sum up what users see and the docs do not tell.

    >>> flag = Surface(kind=SurfaceKind.FLAG, name="--x", line=1)
    >>> not_documented([flag], 0)
    'New: 1 command-line flag. The docs did not change.'
    >>> not_documented([], 2)
    '2 files changed that users see the changes of. The docs did not change.'
    """
    counts = Counter(surface.kind for surface in surfaces)
    if not counts:
        changed = "1 file" if files == 1 else f"{files:,} files"
        return f"{changed} changed that users see the changes of. The docs did not change."
    named = [
        f"{counts[kind]:,} {WORDS[kind][counts[kind] > 1]}" for kind in SurfaceKind if counts[kind]
    ]
    more = " and more" if len(named) > MAX_KINDS else ""
    return f"New: {', '.join(named[:MAX_KINDS])}{more}. The docs did not change."


def too_small(least: int) -> str:
    """Say why so small a change needs no docs.

    >>> too_small(5)
    'Too small to ask for docs: fewer than 5 lines of code changed.'
    """
    return f"Too small to ask for docs: fewer than {least} lines of code changed."
