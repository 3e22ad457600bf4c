"""Faults in what people wrote for us, and the reader that collects them all with their paths.

Written by hand because importing a validation library costs the command more time than its work.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a policy.

    >>> print(Fault(path="signoff.mod", problem="unknown key", hint="did you mean mode?"))
    signoff.mod: unknown key (did you mean mode?)
    """

    #: Where: ``labels.area/docs[0].changed-files``; empty for the file as a whole.
    path: str
    problem: str
    #: The way out, when we know one.
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.problem}" + (f" ({self.hint})" if self.hint else "")


class PolicyError(ValueError):
    """The policy cannot be used; ``faults`` has everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def name_of(value: object) -> str:
    """Name the JSON type of a value, as a fault does.

    >>> name_of([1])
    'a list'
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "an object"
    return type(value).__name__


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A value of parsed JSON, where it stands, and the list that its faults go to.

    Every method returns something usable even after a fault, so that reading goes on and finds
    the next one.
    """

    value: Any
    path: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, problem: str, hint: str = "") -> None:
        """Note that something is wrong here."""
        self.faults.append(Fault(path=self.path, problem=problem, hint=hint))

    def wrong_type(self, expected: str) -> None:
        """Note that the value is of the wrong type."""
        self.fault(f"must be {expected}, but is {name_of(self.value)}")

    def has(self, key: str) -> bool:
        """Whether this object has the key; a null counts as absent."""
        return isinstance(self.value, Mapping) and self.value.get(key) is not None

    def at(self, key: str | int) -> "Reader":
        """Read what stands under a key or at a position; an absent key reads as null."""
        if isinstance(key, int):
            return Reader(value=self.value[key], path=f"{self.path}[{key}]", faults=self.faults)
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        path = f"{self.path}.{key}" if self.path else key
        return Reader(value=value, path=path, faults=self.faults)

    def is_object(self, keys: Collection[str] | None = None) -> bool:
        """Check for an object; with ``keys``, also that it has no others."""
        if not isinstance(self.value, Mapping):
            self.wrong_type("an object")
            return False
        if keys is not None:
            for key in self.value:
                if key not in keys:
                    self.at(key).unknown_key(str(key), keys)
        return True

    def unknown_key(self, key: str, known: Collection[str]) -> None:
        """Note an unknown key, with the one that was probably meant."""
        # Only a misspelt policy pays for this import.
        from difflib import get_close_matches

        plain = {name.lower().replace("_", "-"): name for name in known}
        meant = key.lower().replace("_", "-")
        close = [name for name in plain if meant and name.startswith(meant)]
        close = close or get_close_matches(meant, plain, n=1, cutoff=0.6)
        known_keys = "known keys: " + ", ".join(known)
        self.fault("unknown key", f"did you mean {plain[close[0]]}?" if close else known_keys)

    def items(self) -> Iterator[tuple[str, "Reader"]]:
        """Read the entries of an object, whatever their keys."""
        if self.is_object():
            for key in self.value:
                yield str(key), self.at(key)

    def elements(self) -> Iterator["Reader"]:
        """Read the elements of a list."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self.at(index)
        else:
            self.wrong_type("a list")

    def one_or_more(self) -> Iterator["Reader"]:
        """Read a list, or a single value as a list of one."""
        if isinstance(self.value, list):
            if not self.value:
                self.fault("must not be empty")
            yield from self.elements()
        else:
            yield self

    def text(self, default: str = "") -> str:
        """Read text that is not empty."""
        if not isinstance(self.value, str):
            self.wrong_type("text")
        elif not self.value.strip():
            self.fault("must not be empty")
        else:
            return self.value
        return default

    def texts(self) -> tuple[str, ...]:
        """Read text, or a list of texts, which may be empty."""
        given = self.one_or_more() if self.value != [] else ()
        return tuple(text for each in given if (text := each.text()))

    def globs(self) -> tuple[str, ...]:
        """Read a glob or a list of globs, which may be empty; each is fit to be used."""
        # Imported here: the glob library is only worth its start-up where there are globs.
        from patchparser.globs import GlobError, matches

        found = []
        for each in self.one_or_more() if self.value != [] else ():
            if glob := each.text():
                try:
                    matches(glob, "")
                except GlobError as exc:
                    each.fault(f"is no glob: {exc}")
                else:
                    found.append(glob)
        return tuple(found)

    def flag(self, default: bool = False) -> bool:
        """Read true or false."""
        if isinstance(self.value, bool):
            return self.value
        self.wrong_type("true or false")
        return default

    def count(self, default: int = 0) -> int:
        """Read a whole number that is not negative."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= 0:
            return self.value
        self.fault(f"must be a whole number, 0 or more, but is {self._shown()}")
        return default

    def choice(self, kind: type[E], default: E) -> E:
        """Read one of the words of an enum."""
        if isinstance(self.value, str) and self.value in list(kind):
            return kind(self.value)
        words = ", ".join(f'"{word}"' for word in kind)
        self.fault(f"must be one of {words}, but is {self._shown()}")
        return default

    def optional(self, key: str, read: Callable[["Reader"], T], default: T) -> T:
        """Read what stands under a key, or take the default where it is absent."""
        return read(self.at(key)) if self.has(key) else default

    def optional_choice(self, key: str, default: E) -> E:
        """Read one of the words of the default's enum, or take the default."""
        return self.at(key).choice(type(default), default) if self.has(key) else default

    def _shown(self) -> str:
        if isinstance(self.value, bool | None | list | dict):
            return name_of(self.value)
        return repr(self.value) if not isinstance(self.value, str) else f'"{self.value}"'
