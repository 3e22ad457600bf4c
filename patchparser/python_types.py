"""Python's words without what only type checkers read: annotations, protocols, overloads, docstrings.

Hunks are no programs (they begin inside of brackets and end inside of texts), so neither ``ast``
nor ``tokenize`` takes them; this reads a list of words, and where it is not sure it leaves them.
"""

from collections.abc import Sequence

#: How far the end of an argument is looked for.
MAX_WORDS = 60
#: Begins a word that parts two statements; the indentation of the second follows in it.
_NEWLINE = "\n"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def is_text(token: str) -> bool:
    """Whether a word is a text in quotes, or what two of them were joined to."""
    return token[-1] in "\"'`" or token[0] in "\"'`"


_NO_NAMES = _names(
    """else try finally lambda with while if elif for return yield assert raise del global class def
    import from pass break continue and or not in is await async except match case"""
)
_TYPE_NAMES = _names(
    """str int bool float bytes object None Any Optional Union List Dict Set FrozenSet Tuple Type
    list dict set tuple type Callable Awaitable Coroutine Iterable Iterator Sequence Mapping
    MutableMapping AsyncIterator AsyncIterable Generator AsyncGenerator Literal Annotated ClassVar
    Final PathLike Self"""
)
_TYPE_MAKERS = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})


def without_annotations(tokens: list[str]) -> list[str]:
    """Python's words without what only type checkers read."""
    out: list[str] = []
    closings = _closings(tokens)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        begins = token[0] == _NEWLINE
        if begins:
            end = _end_of_statement(tokens, at + 1)
            statement = tokens[at + 1 : end]
            if _says_nothing(statement):
                at = end
                continue
            if _declares_types(statement):
                at = _end_of_block(tokens, end, len(token))
                continue
            if statement[0] == "@" and statement[-1] == "overload":
                end = _end_of_statement(tokens, end + 1)
                at = _end_of_block(tokens, end, len(token))
                continue
            if kept := _annotated(statement):
                out += [token, *kept]
                at = end
                continue
        if token == "def" and tokens[at + 2 : at + 3] == ["("]:
            # Where the hunk ends inside of them, all that follows are parameters.
            end = closings.get(at + 2, len(tokens))
            out += [*tokens[at : at + 2], *_parameters(tokens[at + 2 : end])]
            at = end
            if tokens[at + 1 : at + 2] == ["->"]:
                out.append(tokens[at])
                at = _end_of_result(tokens, at + 1)
            continue
        if token == ")" and tokens[at + 1 : at + 2] == ["->"]:
            out.append(token)
            at = _end_of_result(tokens, at + 1)
            continue
        if (
            token == "class"
            and tokens[at + 2 : at + 3] == ["("]
            and (end := closings.get(at + 2, 0))
        ):
            out += [*tokens[at : at + 2], *_bases(tokens[at + 2 : end + 1])]
            at = end + 1
            continue
        if (
            token == "cast"
            and tokens[at + 1 : at + 2] == ["("]
            and (end := _first_argument(tokens, at + 1))
        ):
            out.append("(")
            at = end + 1
            continue
        out.append(token)
        at += 1
    return out  # fmt: skip


def _end_of_statement(tokens: Sequence[str], at: int) -> int:
    while at < len(tokens) and tokens[at][0] != _NEWLINE:
        at += 1
    return at


def _end_of_block(tokens: Sequence[str], at: int, indentation: int) -> int:
    """Behind the lines that stand further in than a statement's; ``indentation`` is its own."""
    while at < len(tokens) and (tokens[at][0] != _NEWLINE or len(tokens[at]) > indentation):
        at += 1
    return at


def _says_nothing(statement: Sequence[str]) -> bool:
    """A docstring, ``if TYPE_CHECKING``, ``T = TypeVar(...)``, ``Key = Union[str, int]``."""
    if not statement:
        return True
    if len(statement) == 1:
        return is_text(statement[0])
    if "TYPE_CHECKING" in statement[:5] and statement[0] == "if" and statement[-1] == ":":
        return True
    if statement[1:2] != ["="] or not statement[0].isidentifier():
        return False
    made = statement[4:] if statement[3:4] == ["."] else statement[2:]
    if made[:1] and made[0] in _TYPE_MAKERS:
        return True
    return made[1:2] == ["["] and made[0] in _TYPE_NAMES and made[-1] == "]"


def _declares_types(statement: Sequence[str]) -> bool:
    """Whether this begins a class of which there never is an object: a protocol, a typed dict."""
    return statement[0] == "class" and not {"Protocol", "TypedDict"}.isdisjoint(statement[2:])


def _annotated(statement: Sequence[str]) -> list[str]:
    """``x: T = v`` as ``x = v``, and ``x: T`` as ``x``; empty for any other statement."""
    at = 0
    while at < len(statement) and (statement[at] == "." or statement[at].isidentifier()):
        at += 1
    if not at or statement[0] in _NO_NAMES or statement[at : at + 1] != [":"]:
        return []
    if at + 1 == len(statement):
        return []
    if statement[-1] == "," and not _is_type(statement[at + 1 : -1]):
        return []  # perhaps a line of a dict
    depth = 0
    for place in range(at + 1, len(statement)):
        depth += (statement[place] in ("(", "[", "{")) - (statement[place] in (")", "]", "}"))
        if not depth and statement[place] == "=":
            return [*statement[:at], *statement[place:]]
    return [*statement[:at], *([","] if statement[-1] == "," else [])]


def _is_type(tokens: Sequence[str]) -> bool:
    """Whether these words are surely a type: ``str | None``, ``Optional[Node]``."""
    kind = tokens[: tokens.index("=")] if "=" in tokens else tokens
    is_class = bool(kind) and (
        _is_class(kind[0]) or (kind[1:2] == ["."] and len(kind) > 2 and _is_class(kind[2]))
    )
    return (is_class or not _TYPE_NAMES.isdisjoint(kind)) and all(
        token in "[],.|" or token.isidentifier() or is_text(token) or token == "..."
        for token in kind
    )


def _is_class(token: str) -> bool:
    """Whether a word is called as classes are; in quotes too, for what is defined below."""
    name = token.strip("'\"").rpartition(".")[2] if "[" not in token else token.strip("'\"")
    return name.lstrip("_")[:1].isupper() or "[" in name


def _closings(tokens: Sequence[str]) -> dict[int, int]:
    """Where each bracket that opens is closed, for those that are."""
    closed: dict[int, int] = {}
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token in ("(", "[", "{"):
            opened.append(place)
        elif token in (")", "]", "}") and opened:
            closed[opened.pop()] = place
    return closed


def _parameters(tokens: Sequence[str]) -> list[str]:
    """The parameters of a function, from the opening bracket on, without their types."""
    out: list[str] = []
    depth = 0
    skipping = False
    for number, token in enumerate(tokens):
        depth += (token in ("(", "[", "{")) - (token in (")", "]", "}"))
        if depth == 1 and token == ":" and number and tokens[number - 1].isidentifier():
            skipping = True
        elif depth == 1 and token in (",", "="):
            skipping = False
        if not skipping:
            out.append(token)
    return out


def _end_of_result(tokens: Sequence[str], at: int) -> int:
    """Behind the type that a function returns, which ``->`` at a place begins."""
    depth = 0
    while at < len(tokens) and not (tokens[at] == ":" and not depth):
        if tokens[at][0] == _NEWLINE and not depth:
            return at
        depth += (tokens[at] in ("(", "[", "{")) - (tokens[at] in (")", "]", "}"))
        at += 1
    return at


def _bases(tokens: Sequence[str]) -> list[str]:
    """The bases of a class without their parameters; ``Generic`` alone is none."""
    out: list[str] = []
    depth = 0
    for token in tokens:
        depth += (token == "[") - (token == "]")
        if not depth and token != "]" and token not in ("Generic", "typing"):
            out.append(token)
    return [] if out == ["(", ")"] else out


def _first_argument(tokens: Sequence[str], at: int) -> int:
    """Where the comma behind the first argument is, of the bracket that opens at a place."""
    depth = 0
    for place in range(at, min(len(tokens), at + MAX_WORDS)):
        depth += (tokens[place] in ("(", "[", "{")) - (tokens[place] in (")", "]", "}"))
        if depth == 1 and tokens[place] == ",":
            return place
        if not depth:
            return 0
    return 0
