"""Settings that are accepted and checked, but change nothing yet."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from leeroy.config.fields import Model
from leeroy.config.substitute import join

#: Key, with the keys around it except repositories -> what will make use of it. A line goes when
#: its feature comes.
NOT_YET: Mapping[str, str] = MappingProxyType(
    {
        "builds.handle_issues": "sorting issues",
        "branches.is_pipeline": "multibranch projects",
    }
)


def without_effect(settings: Model, table: Mapping[str, str] = NOT_YET) -> Iterator[str]:
    """The paths of settings that say something, and change nothing yet."""
    yield from _walk(settings, "", "", table)


def _walk(value: object, path: str, key: str, table: Mapping[str, str]) -> Iterator[str]:
    if key in table:
        yield path
    elif isinstance(value, Model):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            # What is said as it is anyway misses nothing.
            if name in value.model_fields_set and inner != field.default:
                word = field.alias or name
                yield from _walk(inner, join(path, word), join(key, word), table)
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _walk(inner, join(path, index), key, table)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, join(path, name), "" if key == "repositories" else key, table)
