"""Which objects the file has where, read from the models: nobody keeps a list of them."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from leeroy.config.fields import Model
from leeroy.config.models import Settings
from leeroy.config.substitute import join


def keys_of(model: type[Model]) -> list[str]:
    """The keys as the file writes them.

    >>> "pass" in keys_of(Settings)
    True
    """
    return [field.alias or name for name, field in model.model_fields.items()]


@lru_cache
def parts_of(model: type[Model] = Settings) -> Mapping[str, type[Model]]:
    """Key -> the model of what stands under it, or of each of what stands there; also deeper ones.

    >>> [parts_of()[key].__name__ for key in ("builds", "jenkins_servers", "notify")]
    ['Build', 'Server', 'Notify']
    """
    found: dict[str, type[Model]] = {}
    for name, field in model.model_fields.items():
        if (part := _model_in(field.annotation)) is not None:
            found[field.alias or name] = part
            found = {**parts_of(part), **found}
    return MappingProxyType(found)


@lru_cache
def homes() -> Mapping[type[Model], str]:
    """Each model -> where its keys belong, as a fault says it; the file's top first."""
    listed: dict[type[Model], str] = {}
    under: dict[type[Model], str] = {}
    for key, part in parts_of().items():
        if get_origin(_annotation(key)) is tuple:
            listed.setdefault(part, f"on a {part.__name__.lower()}")
        else:
            under.setdefault(part, f"under {key}")
    return MappingProxyType({Settings: "at the top", **listed, **under})


def fields_in(
    data: object, model: type[Model] = Settings, path: str = ""
) -> Iterator[tuple[str, dict[str, Any], str, FieldInfo]]:
    """Every field that plain values have: its path, what holds it, its key there, what it is.

    What is not of its type is passed over: another tells.
    """
    if not isinstance(data, dict):
        return
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key not in data:
            continue
        at, value = join(path, key), data[key]
        yield at, data, key, field
        part = _model_in(field.annotation)
        if part is None:
            continue
        if get_origin(field.annotation) is dict and isinstance(value, dict):
            for inner, each in value.items():
                yield from fields_in(each, part, join(at, inner))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                yield from fields_in(each, part, join(at, index))
        else:
            yield from fields_in(value, part, at)


def _annotation(key: str) -> Any:
    fields = {field.alias or name: field for name, field in Settings.model_fields.items()}
    return fields[key].annotation if key in fields else None


def _model_in(annotation: Any) -> type[Model] | None:
    """The model that an annotation is of: itself, one of a list or object, or None beside it."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
