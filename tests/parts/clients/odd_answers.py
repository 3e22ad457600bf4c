"""Answers that nobody should give, and what in a result is not what a method promised."""

import copy
import dataclasses
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: What a good answer's parts are replaced by, one part at a time.
WRONG: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, float("inf"), "", "x", [], [[]], {})

#: Bodies that are no answer at all, with status 200.
NONSENSE: dict[str, bytes] = {
    "html": b"<!DOCTYPE html><html><title>Log in</title></html>",
    "half a JSON": b'{"id": 7, "bo',
    "null": b"null",
    "an object": b"{}",
    "a number": b"7",
    "text": b'"x"',
    "200 KB of [": b"[" * 200_000,
    "200 KB of {": b'{"a":' * 40_000,
    "1e400": b"1e400",
    "a list of 1e400": b"[1e400]",
    "a huge number": b"[" + b"9" * 10_000 + b"]",
    "no UTF-8": b"\xff\xfe\x00[",
    "nothing": b"",
    "NaN": b"NaN",
    "a list in a list": b"[[]]",
    "a list of null": b"[null]",
    "a list of objects": b"[{}]",
}


def changed(good: Any) -> Iterator[tuple[str, bytes]]:
    """The good answer with each of its parts, in turn, missing or of a wrong kind."""
    for path in _paths(good, ()):
        name = ".".join(str(step) for step in path)
        if path and isinstance(path[-1], str):
            yield f"{name} missing", _dumped(_without(good, path))
        for wrong in WRONG:
            yield f"{name}={wrong!r}", _dumped(_with(good, path, wrong))


def _dumped(value: Any) -> bytes:
    # Infinity is how Python writes what 1e400 is read as.
    return json.dumps(value).replace("Infinity", "1e400").encode()


def _paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    steps: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _with(good: Any, path: tuple[str | int, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    whole = copy.deepcopy(good)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = wrong
    return whole


def _without(good: Any, path: tuple[str | int, ...]) -> Any:
    whole = copy.deepcopy(good)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return whole


def misfits(value: Any, kind: Any, where: str = "it") -> Iterator[str]:
    """What in a value is not of the kind an annotation promises, or no number we can store."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, kind):
            yield f"{where} is {value!r}, not {kind}"
            return
        for name, promised in typing.get_type_hints(kind).items():
            if name in {field.name for field in dataclasses.fields(kind)}:
                yield from misfits(getattr(value, name), promised, f"{where}.{name}")
    elif origin in (typing.Union, types.UnionType):
        if all(any(misfits(value, one, where)) for one in inner):
            yield f"{where} is {value!r}, not {kind}"
    elif origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            yield f"{where} is {value!r}, not {kind}"
            return
        for key, one in value.items():
            yield from misfits(key, inner[0], f"a key of {where}")
            yield from misfits(one, inner[1], f"{where}[{key!r}]")
    elif origin is not None:
        if not isinstance(value, origin):
            yield f"{where} is {value!r}, not {kind}"
            return
        for one in value:
            yield from misfits(one, inner[0], f"one of {where}")
    elif type(value) is not kind and not (kind is types.NoneType and value is None):
        if not (kind is float and type(value) is int):
            yield f"{where} is {value!r}, not {kind}"
    elif isinstance(value, int | float) and not -(2**63) < value < 2**63:
        yield f"{where} is {value!r}: too large to be stored"
