"""What users see changed, and the docs did not.

Two signs that users see a change: the policy's globs, and the added lines themselves, where
:mod:`patchparser.surface_search` finds new flags, environment variables, routes and public names.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from patchparser import messages
from patchparser.breaking import breaking_lines
from patchparser.findings import Check, Finding, Mode, Place, Verdict
from patchparser.globs import matches
from patchparser.kind_defaults import says_who_and_how
from patchparser.kinds import Kind, Kinds
from patchparser.patch import PatchedFile, PatchSet
from patchparser.pull import Pull
from patchparser.surface import OF_LIBRARIES, Surface, SurfaceKind
from patchparser.surface_search import find_surfaces, is_offered
from patchparser.ways_out import why_not_asked

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


def find_missing_docs(patch: PatchSet, pull: Pull, settings: DocsPolicy, kinds: Kinds) -> Finding:
    """Whether the patch should have touched the docs and did not."""
    if reason := why_not_asked(
        pull,
        check=Check.DOCS,
        labels=settings.skip_labels,
        phrases=settings.skip_phrases,
        titles=settings.skip_titles,
        base_branches=settings.base_branches,
        authors=settings.authors,
    ):
        return _finding(settings, Verdict.SKIPPED, reason)
    if any(_touches_docs(file, settings, kinds) for file in patch):
        return _finding(settings, Verdict.PASS, messages.touched(Check.DOCS))
    if not patch.is_complete:
        return _finding(settings, Verdict.SKIPPED, messages.not_all_seen())
    surfaces = list(_new_surfaces(patch, settings, kinds))
    files = [file for file in patch if _is_seen_by_users(file, settings, kinds)]
    if not surfaces and not files:
        return _finding(settings, Verdict.PASS, messages.nothing_users_see())
    if settings.min_lines:
        touched = {file.path: file for file, _ in surfaces} | {file.path: file for file in files}
        lines = sum(breaking_lines(file).lines for file in touched.values())
        if lines < settings.min_lines:
            reason = messages.too_small(Check.DOCS, lines, settings.min_lines)
            return _finding(settings, Verdict.PASS, reason)
    places = [
        Place(path=file.path, line=surface.line, note=str(surface)) for file, surface in surfaces
    ]
    shown = {file.path for file, _ in surfaces}
    note = messages.users_see_file()
    places += [Place(path=f.path, note=note) for f in files if f.path not in shown]
    summary = messages.not_documented([surface for _, surface in surfaces], len(files))
    return _finding(settings, Verdict.FAIL, summary, tuple(places))


def _touches_docs(file: PatchedFile, settings: DocsPolicy, kinds: Kinds) -> bool:
    # Taking docs away, or moving them, explains nothing.
    if file.is_removed or not (file.additions or file.is_binary):
        return False
    if settings.expect:
        return any(matches(glob, file.path) for glob in settings.expect)
    return kinds.kind_of(file.path) is Kind.DOCS and not says_who_and_how(file.path)


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
                if surface.kind not in OF_LIBRARIES or _is_for_users(file, surface, settings):
                    yield file, surface


def _is_for_users(file: PatchedFile, surface: Surface, settings: DocsPolicy) -> bool:
    """Whether a public function or class is for others, and nothing beside it says what it is."""
    is_library = is_offered(file.path) if settings.library is None else settings.library
    return is_library and not surface.is_documented


def _finding(
    settings: DocsPolicy, verdict: Verdict, summary: str, places: tuple[Place, ...] = ()
) -> Finding:
    return Finding(
        check=Check.DOCS, verdict=verdict, mode=settings.mode, summary=summary, places=places
    )
