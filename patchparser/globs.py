"""The one meaning of a glob: that of actions/labeler, which is minimatch's.

``*`` stays within a folder and ``**`` does not; ``{a,b}`` and ``+(a|b)`` choose; a leading ``!``
turns the answer round; a pattern that begins with ``#`` is a comment and matches nothing.
https://github.com/isaacs/minimatch
"""

from collections.abc import Callable
from functools import lru_cache


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
    from wcmatch import glob

    # A pattern without a slash is one for names, wherever they are.
    subject = path if "/" in pattern else path.rpartition("/")[2]
    flags = glob.GLOBSTAR | glob.FORCEUNIX | glob.CASE | glob.DOTGLOB
    return glob.globmatch(subject, pattern.removeprefix("/"), flags=flags)


@lru_cache(maxsize=4096)
def _matcher(pattern: str, dot: bool) -> Callable[[str], bool]:
    if pattern.startswith("#"):
        return lambda path: False
    positive = pattern.lstrip("!")
    expected = (len(pattern) - len(positive)) % 2 == 0
    if not positive:
        return lambda path: (path == "") is expected
    # Imported here: it costs a tenth of the command's start-up, and many policies have no globs.
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.EXTGLOB | glob.BRACE | glob.FORCEUNIX | glob.CASE
    if dot:
        flags |= glob.DOTGLOB

    def match(path: str) -> bool:
        try:
            return glob.globmatch(path, positive, flags=flags) is expected
        except Exception as exc:  # "too many patterns in braces" is of a private class
            raise GlobError(f"{pattern}: {exc}") from exc

    return match
