"""From plain values to typed settings, with every fault at once.

A value with a fault is taken out and the rest is read again, so that what can only be told of
whole settings (:mod:`leeroy.config.consistency`) is told in the same breath.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from leeroy.config.fields import Model
from leeroy.config.models import Settings
from leeroy.config.parts import homes, keys_of, parts_of
from leeroy.config.resolved import Config
from leeroy.config.substitute import join
from leeroy.errors import Fault

#: Where the items of ``builds``, ``branches`` and ``repositories`` stand: they may be in other
#: files. Lists by position, ``repositories`` by key.
Origins = dict[str, Any]

_PROBLEMS = {
    "missing": "is missing",
    "extra_forbidden": "unknown key",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "enum": "must be {expected}",
}
_GONE = object()


def validate(
    data: dict[str, Any], origins: Origins, *, source: Path
) -> tuple[Config | None, list[Fault]]:
    """The settings without what is wrong with them, and what that is; ``data`` loses it."""
    faults: list[Fault] = []
    while True:
        try:
            return Config.model_validate(data, context={"source": source}), faults
        except ValidationError as exc:
            errors = exc.errors(include_url=False)
        for error in errors:
            fault = _fault(error, origins)
            if all(fault.path != known.path for known in faults):
                faults.append(fault)
        taken_out = [_take_out(data, error) for error in errors]
        if not any(taken_out):
            return None, faults
        _close_gaps(data, origins)


def path_of(loc: tuple[str | int, ...], origins: Origins) -> str:
    """Where a value stands, in the file that holds it.

    >>> path_of(("builds", 1, "paths", 0), {"builds": ["builds[0]", "more.json:builds[0]"]})
    'more.json:builds[0].paths[0]'
    """
    path, rest = "", loc
    if len(loc) > 1 and loc[0] in origins:
        known = origins[str(loc[0])]
        if isinstance(known, dict) or int(loc[1]) < len(known):
            path, rest = known[loc[1]], loc[2:]
    for step in rest:
        path = join(path, step)
    return path


def _fault(error: ErrorDetails, origins: Origins) -> Fault:
    loc, kind, context = _place(error), error["type"], error.get("ctx", {})
    if kind == "value_error":
        problem = str(context["error"])
    elif kind in _PROBLEMS:
        limits = {
            name: f"{limit:g}" if isinstance(limit, float) else limit
            for name, limit in context.items()
        }
        problem = _PROBLEMS[kind].format(**limits).replace("'", '"')
    else:
        problem = error["msg"]
    return Fault(path=path_of(loc, origins), problem=problem, hint=_hint(error, loc))


def _hint(error: ErrorDetails, loc: tuple[str | int, ...]) -> str:
    """The way out. The value itself is never shown: it may be a secret."""
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        return _key_hint(str(loc[-1]), _model_at(loc[:-1]))
    if kind == "enum" and isinstance(value, str):
        words = [
            word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")
        ]
        close = get_close_matches(value.lower(), words, n=1)
        return f'did you mean "{close[0]}"?' if close else ""
    if value is None and kind != "missing":
        return "leave the key out to have the default"
    if kind in {"bool_type", "int_type", "float_type"} and isinstance(value, str):
        return "write it without quotes"
    if kind == "tuple_type" and isinstance(value, str):
        return "put it in [ ]"
    return ""


def _key_hint(key: str, model: type[Model]) -> str:
    known = {name.lower(): name for name in keys_of(model)}
    close = get_close_matches(key.lower(), known, n=1, cutoff=0.7)
    if close:
        return f"did you mean {known[close[0]]}?"
    for home, where in homes().items():
        if key in keys_of(home):
            return f"it belongs {where}"
    far = get_close_matches(key.lower(), known, n=1, cutoff=0.5)
    return f"did you mean {known[far[0]]}?" if far else "docs/configuration.md has every key"


def _model_at(loc: tuple[str | int, ...]) -> type[Model]:
    parts = parts_of()
    return next((parts[str(step)] for step in reversed(loc) if step in parts), Settings)


def _place(error: ErrorDetails) -> tuple[str | int, ...]:
    """The steps to the value; pydantic adds one of its own for the key of an object."""
    loc = error["loc"]
    return loc[:-1] if loc and loc[-1] == "[key]" else loc


def _take_out(data: dict[str, Any], error: ErrorDetails) -> bool:
    """Take the value out, or what holds it when it is a missing one."""
    loc = _place(error)
    if error["type"] == "missing":
        loc = loc[:-1]
    while loc:
        holder = _at(data, loc[:-1])
        if holder is _GONE:
            return True
        if isinstance(holder, dict) and loc[-1] in holder:
            holder[loc[-1]] = _GONE
            return True
        if isinstance(holder, list) and isinstance(loc[-1], int) and loc[-1] < len(holder):
            holder[loc[-1]] = _GONE
            return True
        loc = loc[:-1]  # one text stands where a list of them may: its place is the list's
    return False


def _at(value: Any, loc: tuple[str | int, ...]) -> Any:
    for step in loc:
        if value is _GONE:
            return value
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _close_gaps(data: dict[str, Any], origins: Origins) -> None:
    for key in ("builds", "branches"):
        items = data.get(key)
        if isinstance(items, list):
            pairs = zip(items, origins.get(key, []), strict=False)
            origins[key] = [origin for item, origin in pairs if item is not _GONE]
    _drop_gone(data)


def _drop_gone(value: Any) -> None:
    if isinstance(value, dict):
        for key in [key for key, inner in value.items() if inner is _GONE]:
            del value[key]
        inners = list(value.values())
    elif isinstance(value, list):
        value[:] = inners = [inner for inner in value if inner is not _GONE]
    else:
        return
    for inner in inners:
        _drop_gone(inner)
