"""The one meaning of a glob: that of actions/labeler, which is minimatch's.

``*`` stays within a folder and ``**`` does not; ``{a,b}`` and ``+(a|b)`` choose; a leading ``!``
turns the answer round; a pattern that begins with ``#`` is a comment and matches nothing.
https://github.com/isaacs/minimatch

A match takes time in proportion to the path's length, whatever both say:
docs/decisions/0020-globs-without-backtracking.md.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from patchparser.glob_segments import Segment, SegmentError, compile_segment

#: Longer patterns are no globs of people.
MAX_PATTERN = 1_000
#: How many patterns the braces of one may stand for, as ``{a,b}{c,d}`` stands for four.
MAX_BRACES = 1_000
#: Longer paths git cannot check out anywhere; they match nothing.
MAX_PATH = 4_096


class GlobError(ValueError):
    """The pattern cannot be used; the message says why."""


def matches(pattern: str, path: str, *, dot: bool = True) -> bool:
    """Whether the path is one the pattern means; without ``dot``, wildcards pass over dotfiles.

    >>> matches("docs/**", "docs/a/b.md"), matches("*.md", "docs/a.md")
    (True, False)
    >>> matches("!docs/**", "src/x.py"), matches("# docs", "# docs")
    (True, False)
    >>> matches("**/*.py", ".ci/run.py", dot=False)
    False
    """
    return _matcher(pattern, dot)(path)


def matches_as_git(pattern: str, path: str) -> bool:
    """Whether a pattern of ``.gitattributes`` means the path, seen from the file's own folder.

    https://git-scm.com/docs/gitattributes

    >>> matches_as_git("*.md", "docs/a.md"), matches_as_git("/*.md", "docs/a.md")
    (True, False)
    >>> matches_as_git("docs/", "docs/a.md"), matches_as_git("docs/**", "docs/a.md")
    (False, True)
    """
    # A pattern without a slash is one for names, wherever they are.
    subject = path if "/" in pattern else path.rpartition("/")[2]
    return _git_matcher(pattern.removeprefix("/"))(subject)


@lru_cache(maxsize=4096)
def _git_matcher(pattern: str) -> Callable[[str], bool]:
    try:
        return _path_matcher(_shortened(pattern), dot=True, extended=False)
    except (GlobError, SegmentError):
        return lambda path: False  # git knows no faults here


@lru_cache(maxsize=4096)
def _matcher(pattern: str, dot: bool) -> Callable[[str], bool]:
    if pattern.startswith("#"):
        return lambda path: False
    positive = pattern.lstrip("!")
    expected = (len(pattern) - len(positive)) % 2 == 0
    if not positive:
        return lambda path: (path == "") is expected
    try:
        alternatives = [
            _path_matcher(each, dot=dot, extended=True) for each in _expanded(_shortened(positive))
        ]
    except SegmentError as exc:
        raise GlobError(f"{pattern}: {exc}") from exc
    if len(alternatives) == 1:
        [only] = alternatives
        return only if expected else lambda path: not only(path)
    return lambda path: any(each(path) for each in alternatives) is expected


def _shortened(pattern: str) -> str:
    if len(pattern) > MAX_PATTERN:
        raise GlobError(f"{pattern[:40]}...: it is longer than {MAX_PATTERN:,} characters")
    return pattern


def _expanded(pattern: str) -> Sequence[str]:
    """The patterns that one with braces stands for."""
    if "{" not in pattern:
        return (pattern,)
    import bracex

    try:
        return bracex.expand(pattern, keep_escapes=True, limit=MAX_BRACES)
    except bracex.ExpansionLimitException as exc:
        problem = f"its braces stand for more than {MAX_BRACES:,} patterns"
        raise GlobError(f"{pattern}: {problem}") from exc
    except RecursionError as exc:
        raise GlobError(f"{pattern[:40]}...: its braces stand in each other too deeply") from exc


def _path_matcher(pattern: str, *, dot: bool, extended: bool) -> Callable[[str], bool]:
    first, *rest = pattern.split("/")
    # Slashes in a row are one, but for the first, which no path begins with.
    segments = [first, *(each for each in rest[:-1] if each), *rest[-1:]]
    compiled: list[Segment | None] = []
    for segment in segments:
        if segment != "**":
            compiled.append(compile_segment(segment, dot=dot, extended=extended))
        elif compiled[-1:] != [None]:
            compiled.append(None)
    if len(compiled) == 1 and compiled[0]:
        name = compiled[0]
        return lambda path: "/" not in path and len(path) <= MAX_PATH and name(path)
    return lambda path: len(path) <= MAX_PATH and _leads_through(compiled, path.split("/"), dot)


def _leads_through(segments: Sequence[Segment | None], names: Sequence[str], dot: bool) -> bool:
    """Whether the segments take the names one by one; None takes any number of them.

    When a name does not fit, only the last ``**`` can still take more, so none before it is
    tried again.
    """
    at = 0
    number = 0
    again: tuple[int, int] | None = None
    while at < len(names) or number < len(segments):
        if number < len(segments) and (segment := segments[number]) is None:
            if number == len(segments) - 1:
                # The last takes all that is left, and not nothing.
                return at < len(names) and all(_is_taken(name, dot) for name in names[at:])
            again = number, at
            number += 1
            continue
        if number < len(segments) and at < len(names) and segment and segment(names[at]):
            at, number = at + 1, number + 1
            continue
        if again is None or again[1] >= len(names) or not _is_taken(names[again[1]], dot):
            return False
        again = again[0], again[1] + 1
        number, at = again[0] + 1, again[1]
    return True


def _is_taken(name: str, dot: bool) -> bool:
    """Whether ``**`` takes a folder or file of this name."""
    return not name.startswith(".") or (dot and name not in (".", ".."))
