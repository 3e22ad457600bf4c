"""Parameters: what a job defines, what a request gives it, what a build gets.

Jenkins reads only what the job defines, and believes oddly little of it: see each definition.
https://www.jenkins.io/doc/book/pipeline/syntax/#parameters
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

#: A value in the UI form's JSON, or as text from a query.
Given = str | bool


class BadParameter(Exception):
    """A value Jenkins cannot use; it answers 500, and only its log says why."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """One parameter of a build. Equal values make queue items equal."""

    #: The class Jenkins' JSON shows.
    class_name: str
    name: str
    #: None for a password, which equals every other password of its name.
    value: Given | None
    #: What the build's environment gets.
    text: str = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A parameter that a job defines."""

    name: str = field(kw_only=False)
    description: str = ""
    type: ClassVar[str]
    value_class: ClassVar[str]

    def default_value(self) -> Value:
        """What a build gets when the request says nothing."""
        raise NotImplementedError

    def convert(self, given: Given) -> Value:
        """What a build gets when the request says this; raises `BadParameter`."""
        raise NotImplementedError

    def _value(self, value: Given | None, text: str) -> Value:
        return Value(class_name=self.value_class, name=self.name, value=value, text=text)


@dataclass(frozen=True, kw_only=True)
class String(Definition):
    """One line of text."""

    type = "StringParameterDefinition"
    value_class = "hudson.model.StringParameterValue"
    default: str = ""
    trim: bool = False

    def default_value(self) -> Value:
        """The default, which may be empty."""
        return self.convert(self.default)

    def convert(self, given: Given) -> Value:
        """The text as it was sent; trimmed if the definition says so."""
        text = str(given).strip() if self.trim else str(given)
        return self._value(text, text)


@dataclass(frozen=True, kw_only=True)
class Text(String):
    """Several lines of text."""

    type = "TextParameterDefinition"
    value_class = "hudson.model.TextParameterValue"


@dataclass(frozen=True, kw_only=True)
class Boolean(Definition):
    """A box to tick.

    >>> [Boolean("DEPLOY").convert(given).value for given in ("TRUE", "1", "yes")]
    [True, False, False]
    """

    type = "BooleanParameterDefinition"
    value_class = "hudson.model.BooleanParameterValue"
    default: bool = False

    def default_value(self) -> Value:
        """The default: not ticked."""
        return self.convert(self.default)

    def convert(self, given: Given) -> Value:
        """True for `true` in any case; everything else is false."""
        ticked = str(given).lower() == "true"
        return self._value(ticked, str(ticked).lower())


@dataclass(frozen=True, kw_only=True)
class Choice(Definition):
    """One of several; the first is the default."""

    type = "ChoiceParameterDefinition"
    # Jenkins has no class of its own for a choice's value.
    value_class = "hudson.model.StringParameterValue"
    choices: tuple[str, ...]

    def default_value(self) -> Value:
        """The first choice."""
        return self.convert(self.choices[0])

    def convert(self, given: Given) -> Value:
        """The choice, which must be one of those defined."""
        if given not in self.choices:
            raise BadParameter(f"Illegal choice for parameter {self.name}: {given}")
        return self._value(str(given), str(given))


@dataclass(frozen=True, kw_only=True)
class Password(Definition):
    """A secret: the build gets it, and nobody is shown it."""

    type = "PasswordParameterDefinition"
    value_class = "hudson.model.PasswordParameterValue"
    default: str = field(default="", repr=False)

    def default_value(self) -> Value:
        """The default, which is hidden too."""
        return self.convert(self.default)

    def convert(self, given: Given) -> Value:
        """The secret; it does not take part in comparing queue items."""
        return self._value(None, str(given))


def values_from_request(
    definitions: Sequence[Definition], given: Mapping[str, Sequence[str]]
) -> tuple[Value, ...]:
    """The values of a `buildWithParameters`: only what is defined; defaults for the rest.

    >>> [v.value for v in values_from_request([String("A", default="x")], {"B": ["1"]})]
    ['x']
    """
    values = []
    for definition in definitions:
        texts = given.get(definition.name, ())
        if len(texts) > 1:
            raise BadParameter(f"Illegal number of parameter values for {definition.name}")
        values.append(definition.convert(texts[0]) if texts else definition.default_value())
    return tuple(values)


def values_from_form(definitions: Sequence[Definition], form: object) -> tuple[Value, ...]:
    """The values of the UI's form: `{"parameter": [{"name", "value"}]}`, or one object alone."""
    by_name = {definition.name: definition for definition in definitions}
    entries = form.get("parameter", []) if isinstance(form, dict) else None
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        raise BadParameter("This page expects a form with parameters")
    values = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("name") not in by_name:
            raise BadParameter("No such parameter definition")
        definition = by_name[entry["name"]]
        given = entry.get("value")
        values.append(
            definition.default_value()
            if given is None
            else definition.convert(given if isinstance(given, bool) else str(given))
        )
    return tuple(values)


def parse_delay(text: str) -> int:
    """The whole seconds a `delay` asks for: milliseconds, unless it ends in `sec` or `secs`.

    >>> [parse_delay(text) for text in ("0sec", "10secs", "10", "2500")]
    [0, 10, 0, 2]
    """
    text = text.strip()
    for suffix in ("secs", "sec"):
        if text.endswith(suffix):
            return int(text.removesuffix(suffix).strip())
    return int(text) // 1000
