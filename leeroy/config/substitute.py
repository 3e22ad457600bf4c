"""From the text of a file to plain values: JSON, then ``${NAME}`` and ``${file:PATH}``.

Nothing here knows which settings there are. Faults are collected, never raised one by one.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from leeroy.errors import ConfigError, Fault

#: Reads a text file; raises OSError or UnicodeDecodeError.
ReadFile = Callable[[Path], str]

_REFERENCE = re.compile(r"\$(\$?)\{([^{}]*)(\}?)")
_BARE = re.compile(r"\$[A-Z][A-Z0-9_]*")
_BARE_PROBLEM = "is taken as it is, though it looks like a variable"
_BARE_HINT = "write ${NAME}; a text that begins with $ may come from one, or from a file"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class RepeatingObject(dict[str, Any]):
    """A JSON object that says some of its keys more than once; the last one counts."""

    def __init__(self, pairs: list[tuple[str, Any]], repeated: tuple[str, ...]) -> None:
        super().__init__(pairs)
        self.repeated = repeated


def parse_json(text: str, *, name: str) -> dict[str, Any]:
    """The object the text holds; where it is not JSON, the fault names line and column.

    >>> try:
    ...     parse_json('{"a": 1 // one', name="config.json")
    ... except ConfigError as error:
    ...     print(error)
    line 1, column 9 of config.json: is not JSON (JSON has no comments)
    """
    try:
        value = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_refuse
        )
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno}, column {exc.colno} of {name}"
        fault = Fault(path=where, problem="is not JSON", hint=_json_hint(exc))
        raise ConfigError([fault]) from exc
    except (ValueError, RecursionError) as exc:
        raise ConfigError([Fault(path=name, problem=f"is not JSON: {exc}")]) from exc
    if not isinstance(value, dict):
        raise ConfigError([Fault(path=name, problem="must be a JSON object: { ... }")])
    return value


def repeated_keys(value: Any, path: str) -> Iterator[Fault]:
    """Keys that stand twice in one object: only the last would count, silently."""
    if isinstance(value, RepeatingObject):
        for repeated in value.repeated:
            yield Fault(
                path=join(path, repeated),
                problem="stands twice in one object",
                hint="only the last would count; keep one",
            )
    for key, inner in _items(value):
        yield from repeated_keys(inner, join(path, key))


def substitute(
    value: Any, path: str, *, environ: Mapping[str, str], read_file: ReadFile, folder: Path
) -> tuple[Any, list[Fault]]:
    """The value with every reference in its texts replaced, and what could not be.

    What is put in is taken as it is: a reference inside it means nothing. ``$${`` is ``${``.

    >>> substitute({"a": "x-${N}", "b": ["$${N}"]}, "", environ={"N": "1"},
    ...            read_file=Path.read_text, folder=Path())
    ({'a': 'x-1', 'b': ['${N}']}, [])
    """
    faults: list[Fault] = []

    def replace(match: re.Match[str], at: str) -> str:
        escaped, reference, end = match.groups()
        if escaped:
            return f"${{{reference}{end}"
        found: str | tuple[str, str] = "has a ${ that no } closes", "write $${ for a plain ${"
        if end:
            found = _look_up(reference, environ, read_file, folder)
        if isinstance(found, str):
            return found
        problem, hint = found
        faults.append(Fault(path=at, problem=problem, hint=hint))
        return match[0]

    def walk(inner: Any, at: str) -> Any:
        if isinstance(inner, str):
            if _BARE.fullmatch(inner):
                faults.append(Fault(path=at, problem=_BARE_PROBLEM, hint=_BARE_HINT))
            return _REFERENCE.sub(lambda match: replace(match, at), inner)
        if isinstance(inner, dict):
            return {key: walk(item, join(at, key)) for key, item in inner.items()}
        if isinstance(inner, list):
            return [walk(item, join(at, index)) for index, item in enumerate(inner)]
        return inner

    return walk(value, path), faults


def join(path: str, step: str | int) -> str:
    """The path of what is inside.

    >>> join(join(join("", "builds"), 0), "context")
    'builds[0].context'
    """
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path and not path.endswith(":") else f"{path}{step}"


def _items(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _look_up(
    reference: str, environ: Mapping[str, str], read_file: ReadFile, folder: Path
) -> str | tuple[str, str]:
    """The text a reference stands for, or what is wrong with it and the way out."""
    if reference.startswith("file:"):
        name = reference.removeprefix("file:")
        try:
            return read_file(folder / name).rstrip("\r\n")
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "not text"
            hint = "paths are relative to the file they stand in"
            return f"${{file:{name}}}: cannot read the file: {reason}", hint
    if not _VARIABLE.fullmatch(reference):
        return "${...} must hold a variable's name, or file:PATH", "write $${ for a plain ${"
    if reference in environ:
        return environ[reference]
    close = get_close_matches(reference, environ, n=1, cutoff=0.8)
    hint = f"did you mean ${{{close[0]}}}?" if close else "set it, or use ${file:PATH}"
    return f"the environment has no {reference}", hint


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    times = Counter(key for key, _ in pairs)
    repeated = tuple(key for key, count in times.items() if count > 1)
    return RepeatingObject(pairs, repeated) if repeated else dict(pairs)


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not a number of JSON")


def _json_hint(error: json.JSONDecodeError) -> str:
    if not error.doc.strip():
        return "it is empty"
    before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos :].lstrip()
    if after.startswith(("//", "/*", "#")):
        return "JSON has no comments"
    if before.endswith(",") or (after.startswith(",") and after[1:].lstrip()[:1] in ("}", "]")):
        return "nothing may follow the last comma"
    return error.msg.lower()
