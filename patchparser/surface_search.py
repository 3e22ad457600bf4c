"""What users see in a file's new lines: flags, environment variables, routes, public names.

Lines are read one by one with the tables of :mod:`patchparser.surface_languages`; nothing is
compiled, so what is found is what people would find reading the diff: a call whose first argument
stands on the next line included, a name made up at run time not.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from patchparser.hunks import Hunk, Line
from patchparser.kind_defaults import is_own_tool
from patchparser.surface import OF_LIBRARIES, Surface, SurfaceKind

if TYPE_CHECKING:
    from patchparser.surface_patterns import Call, Language

#: Longer lines are data, and would make any pattern slow.
MAX_LINE = 1_000
#: Calls of one kind that are looked into on one line; each reads the rest of it.
MAX_OPENED = 4
#: Lines after which a call that was not closed is given up.
MAX_CALL = 12


def find_surfaces(
    path: str,
    hunks: Iterable[Hunk],
    *,
    removed: bool = False,
    kinds: Collection[SurfaceKind] = frozenset(SurfaceKind),
) -> Iterator[Surface]:
    """What the lines that the hunks add (or remove) show, by the language of the path.

    What the project's own people run is not for users, whatever flags it has.
    """
    language = _language_of(path)
    if language is None or is_own_tool(path):
        return
    for hunk in hunks:
        yield from _find_in_hunk(language, path, hunk, "-" if removed else "+", kinds)


def is_offered(path: str) -> bool:
    """Whether the path is of something that other programs are built on, as far as it shows."""
    language = _language_of(path)
    return language is not None and language.offered(path)


def _language_of(path: str) -> "Language | None":
    extension = path.rpartition(".")[2].lower()
    return _languages().get(extension)


@cache
def _languages() -> "dict[str, Language]":
    # Imported here: a hundred patterns take time to compile, and most runs need none.
    from patchparser.surface_languages import LANGUAGES

    return LANGUAGES


def _find_in_hunk(
    language: "Language", path: str, hunk: Hunk, kind: str, kinds: Collection[SurfaceKind]
) -> Iterator[Surface]:
    """Walk one side of a hunk; unchanged lines say what the changed ones belong to."""
    patterns = language.patterns_for(path, kinds)
    calls = _Calls(language, kinds)
    for_libraries = not OF_LIBRARIES.isdisjoint(kinds)
    found: set[tuple[SurfaceKind, str]] = set()
    before = ""
    enclosing = hunk.section
    lines = [line for line in hunk.lines if line.kind in (kind, " ")]
    for at, line in enumerate(lines):
        text = line.text[:MAX_LINE]
        stripped = text.strip()
        if not stripped or stripped.startswith(language.comments):
            continue
        if language.encloses and language.encloses.match(text):
            enclosing = text
        if not (
            calls.is_open
            or language.signs.search(text)
            or (for_libraries and language.library_signs.search(text))
        ):
            before = stripped
            continue
        names = calls.read(text)
        for pattern in patterns:
            if pattern.only_inside and not enclosing.lstrip().startswith(pattern.only_inside):
                continue
            if pattern.not_after and before.startswith(pattern.not_after):
                continue
            names += [
                (pattern.kind, pattern.prefix + match["name"])
                for match in pattern.regex.finditer(text)
            ]
        before = stripped
        if line.kind != kind:
            continue
        for surface in names:
            if surface not in found and not language.is_ignored(*surface):
                found.add(surface)
                number = line.target_line or line.source_line or 1
                documented = surface[0] in OF_LIBRARIES and _is_documented(language, lines, at)
                yield Surface(
                    kind=surface[0], name=surface[1], line=number, is_documented=documented
                )


#: Lines that a signature may have, and annotations above it.
MAX_SIGNATURE = 30


def _is_documented(language: "Language", lines: Sequence[Line], at: int) -> bool:
    """Whether a docstring stands below the definition at a line, or a comment right above."""
    if language.documented_below:
        texts = [line.text[:MAX_LINE].strip() for line in lines[at : at + MAX_SIGNATURE]]
        ends = next((n for n, text in enumerate(texts) if text.endswith((":", "..."))), None)
        below = [text for text in texts[ends + 1 :] if text] if ends is not None else []
        return bool(below) and below[0].lstrip("rRuU").startswith(('"', "'"))
    for line in reversed(lines[max(0, at - MAX_SIGNATURE) : at]):
        text = line.text[:MAX_LINE].strip()
        if not text.startswith(("@", "#[")):
            return text.startswith(language.comments) or text.endswith("*/")
    return False


class _Calls:
    """Follows calls over lines: the argument that is the name may stand below the opener."""

    def __init__(self, language: "Language", kinds: Collection[SurfaceKind]) -> None:
        self._calls = [call for call in language.calls if call.kind in kinds]
        self._open: Call | None = None
        #: Lines the open call may still take.
        self._left = 0

    @property
    def is_open(self) -> bool:
        """A call goes on below its line."""
        return self._open is not None

    def read(self, text: str) -> list[tuple[SurfaceKind, str]]:
        """The names this line shows."""
        names: list[tuple[SurfaceKind, str]] = []
        if call := self._open:
            names += [(call.kind, name) for name in call.names_in(text)]
            self._left -= 1
            if names or call.first_only or _closes(text) or not self._left:
                self._open = None
        for call in self._calls:
            for opener in islice(call.opener.finditer(text), MAX_OPENED):
                rest = text[opener.end() :]
                here = call.names_in(rest)
                names += [(call.kind, name) for name in here]
                goes_on = not rest.strip() or not (call.first_only or _closes(rest))
                if goes_on and not here:
                    self._open, self._left = call, MAX_CALL
        return names


def _closes(text: str) -> bool:
    """More is closed than opened: a call begun on an earlier line, or just before, ends here."""
    closed = text.count(")") + text.count("}") + text.count("]")
    return closed > text.count("(") + text.count("{") + text.count("[")
