r"""File names as the headers of a diff write them, in bytes.

git quotes a name that holds control characters, quotes, backslashes or (by default) bytes above
127, and leaves a name with spaces as it is, so ``diff --git a/x b/y b/x b/y`` can only be split
by knowing that both halves name one file.
https://git-scm.com/docs/diff-format#generate_patch_text_with_p
"""

import re

NO_FILE = b"/dev/null"

_ESCAPE = re.compile(rb"\\([0-3][0-7]{2}|.)", re.DOTALL)
_MEANINGS = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
#: More places than this where a header might be split are no names of files.
_MAX_PLACES = 16
#: What git, and Mercurial's git style, put before the two names.
_PREFIX = re.compile(rb"[abciow12]/")


def unquote(name: bytes) -> bytes:
    r"""The name itself, where git wrote it as a C string; any other name as it is.

    >>> unquote(rb'"docs/na\303\257ve \"x\".md"').decode()
    'docs/naïve "x".md'
    >>> unquote(b"plain name")
    b'plain name'
    """
    if len(name) < 2 or not name.startswith(b'"') or not name.endswith(b'"'):
        return name
    return _ESCAPE.sub(_unescaped, name[1:-1])


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if len(code) == 3:
        return bytes([int(code, 8)])
    return _MEANINGS.get(code, code)


def name_of_side(text: bytes) -> bytes:
    r"""The name in what follows ``---`` or ``+++``; a tab ends it, a date may come after.

    >>> name_of_side(b"a/with space\t")
    b'a/with space'
    """
    return unquote(text.split(b"\t", 1)[0])


def split_git_header(names: bytes) -> tuple[bytes, bytes] | None:
    r"""The two names after ``diff --git``, which name one file; None if they cannot be told apart.

    >>> split_git_header(b"a/x b/y b/x b/y")
    (b'a/x b/y', b'b/x b/y')
    >>> split_git_header(rb'"a/\303\257" b/i')
    (b'a/\xc3\xaf', b'b/i')
    """
    if names.startswith(b'"'):
        if not (first := _QUOTED.match(names)):
            return None
        return unquote(first[0]), unquote(names[first.end() + 1 :])
    if names.endswith(b'"'):
        left, separator, right = names.partition(b' "')
        return (left, unquote(b'"' + right)) if separator else None
    middle = len(names) // 2
    if names[middle : middle + 1] == b" " and common_path(names[:middle], names[middle + 1 :]):
        return names[:middle], names[middle + 1 :]
    return _split_where_paths_agree(names, b" ")


def split_binary(text: bytes) -> tuple[bytes, bytes] | None:
    """The two names of ``Binary files X and Y differ``, written by a diff that is not git's.

    >>> split_binary(b"old/a and b.png and new/a and b.png")
    (b'old/a and b.png', b'new/a and b.png')
    """
    left, separator, right = text.partition(b" and ")
    if separator and (left == NO_FILE or right == NO_FILE):
        return left, right
    if separator and b" and " not in right:
        return left, right
    return _split_where_paths_agree(text, b" and ")


def split_at_only_prefix(names: bytes) -> tuple[bytes, bytes] | None:
    """The two names after ``diff --git`` when they are of different files, if that is clear.

    >>> split_at_only_prefix(b"a/old.py b/new.py")
    (b'a/old.py', b'b/new.py')
    """
    if b'"' in names:
        return split_git_header(names)
    left, separator, right = names.partition(b" b/")
    return (left, b"b/" + right) if separator and b" b/" not in right else None


def _split_where_paths_agree(text: bytes, separator: bytes) -> tuple[bytes, bytes] | None:
    # Names are at most 4096 bytes; longer text is no header.
    if len(text) > 10_000 or text.count(separator) > _MAX_PLACES:
        return None
    best: tuple[int, tuple[bytes, bytes]] | None = None
    place = text.find(separator)
    while place >= 0:
        halves = text[:place], text[place + len(separator) :]
        agreed = len(common_path(*halves) or b"")
        if agreed and (best is None or agreed > best[0]):
            best = agreed, halves
        place = text.find(separator, place + 1)
    return best[1] if best else None


def common_path(source: bytes, target: bytes) -> bytes | None:
    """The path two names share, without what was put before them; None if they share nothing.

    Same names mean a diff without prefixes. Otherwise the prefixes are whatever differs, so
    ``i/`` and ``w/``, ``old/`` and ``new/`` are understood as well as ``a/`` and ``b/``.

    >>> common_path(b"a/src/x.py", b"b/src/x.py"), common_path(b"a/x", b"a/x")
    (b'src/x.py', b'a/x')
    """
    if source == target:
        return source
    ours, theirs = source.split(b"/"), target.split(b"/")
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[-1 - shared] == theirs[-1 - shared]:
        shared += 1
    return b"/".join(theirs[-shared:]) if shared else None


def without_prefix(name: bytes) -> bytes:
    """The path in a name that has no other to compare with.

    >>> without_prefix(b"b/src/x.py"), without_prefix(b"src/x.py")
    (b'src/x.py', b'src/x.py')
    """
    return name[2:] if _PREFIX.match(name) else name
