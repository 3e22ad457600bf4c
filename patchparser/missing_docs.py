"""What users see changed, and the docs did not.

Two signs that users see a change: the policy's globs, and the added lines themselves, where
:mod:`patchparser.surface_search` finds new flags, environment variables, routes and public names.
"""

from collections.abc import Iterator

from patchparser import messages
from patchparser.asking import DocsPolicy
from patchparser.breaking import breaking_lines
from patchparser.findings import Check, Finding, Place, Verdict
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
        if file.deletions
        for surface in find_surfaces(file.path, file.hunks, removed=True)
    }
    for file in code:
        if file.additions:
            seen = _kinds_for_users(file, settings)
            for surface in find_surfaces(file.path, file.hunks, kinds=seen):
                name = (surface.kind, surface.name)
                if name not in known and not surface.is_documented:
                    known.add(name)
                    yield file, surface


def _kinds_for_users(file: PatchedFile, settings: DocsPolicy) -> frozenset[SurfaceKind]:
    """What users see of a file: of public functions and classes, those of libraries only."""
    is_library = is_offered(file.path) if settings.library is None else settings.library
    return frozenset(settings.look_for) - (frozenset() if is_library else OF_LIBRARIES)


def _finding(
    settings: DocsPolicy, verdict: Verdict, summary: str, places: tuple[Place, ...] = ()
) -> Finding:
    return Finding(
        check=Check.DOCS, verdict=verdict, mode=settings.mode, summary=summary, places=places
    )
