"""Reads label rules as they are written, in a policy or in a labeler.yml.

A policy is held to its syntax strictly. actions/labeler passes over what it does not know, so a
labeler.yml is read as labeler reads it, and what it passes over is noted, because it is nearly
always a slip: https://github.com/actions/labeler/blob/main/src/api/get-label-configs.ts
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from patchparser.faults import Fault, Reader
from patchparser.js_regex import JsPattern, RegexError, compile_js
from patchparser.kinds import Kind
from patchparser.label_rules import (
    GlobForm,
    GlobTest,
    KindForm,
    KindTest,
    LabelRule,
    LabelRules,
    MatchObject,
    Test,
    TextSource,
    TextTest,
)

#: Each may take its whole time: no more of them than one look can wait for.
MAX_PATTERNS = 100
#: GitHub refuses longer names of labels.
MAX_LABEL = 50

CHANGED_FILES = "changed-files"
LABELS_LIMIT = "changed-files-labels-limit"
MAX_FILES = "max-files-changed"

#: What may stand in an ``any`` or ``all``.
TEST_KEYS = (CHANGED_FILES, *TextSource, *KindForm)
MATCH_KEYS = (*TEST_KEYS, "any", "all")


@dataclass(frozen=True, kw_only=True)
class LabelSyntax:
    """One reading of label rules; ``lenient`` is labeler's own way."""

    lenient: bool = False
    #: What a lenient reading passed over.
    ignored: list[Fault] = field(default_factory=list)

    def read_rules(self, reader: Reader) -> LabelRules:
        """Read labels with their match objects, and labeler's two limits among them."""
        rules: list[LabelRule] = []
        limits: dict[str, int] = {}
        for key, value in reader.items():
            if key in (LABELS_LIMIT, MAX_FILES):
                limits[key] = self._read_limit(value)
                continue
            matches = tuple(self.read_matches(value))
            if matches:
                check_label(value, key)
                rules.append(LabelRule(label=key, matches=matches))
        patterns = sum(rule.count_patterns() for rule in rules)
        if patterns > MAX_PATTERNS:
            reader.fault(
                f"has {patterns} patterns of branches and titles, more than {MAX_PATTERNS}"
            )
        return LabelRules(
            rules=tuple(rules),
            changed_files_labels_limit=limits.get(LABELS_LIMIT),
            max_files_changed=limits.get(MAX_FILES),
        )

    def read_matches(self, reader: Reader) -> Iterator[MatchObject]:
        """Read a label's match objects, in labeler's reading of bare tests."""
        if not isinstance(reader.value, list):
            hint = "put it into [ ]" if isinstance(reader.value, dict) else self._hint_at_v4(reader)
            reader.fault("must be a list of match objects", hint)
            return
        if not reader.value and not self.lenient:
            reader.fault("must not be empty", "such a label would never be put on")
        found: list[tuple[bool, list[Test]]] = []
        for element in reader.elements():
            if element.value is None and self.lenient:
                continue
            if isinstance(element.value, str) and (hint := self._hint_at_v4(element)):
                element.fault("must be an object, but is text", hint)
                continue
            for key, value in element.items():
                if key in ("any", "all"):
                    if isinstance(value.value, list) or not self.lenient:
                        found.append((key == "all", list(self._read_group(value))))
                    else:
                        self._pass_over(value, "must be a list")
                elif key in TEST_KEYS:
                    tests = list(self._read_tests(key, value))
                    first_any = next((group for every, group in found if not every), None)
                    if first_any is None:
                        found.append((False, tests))
                    else:
                        first_any.extend(tests)
                else:
                    self._unknown(value, key, MATCH_KEYS)
        for every, tests in found:
            yield MatchObject(every=every, tests=tuple(tests))

    def _hint_at_v4(self, reader: Reader) -> str:
        """A glob right below a label is how labeler's version 4 had it."""
        if not isinstance(reader.value, str) or not self.lenient:
            return ""
        return (
            "this is actions/labeler v4's syntax; since v5 it is"
            " `- changed-files: [{any-glob-to-any-file: ...}]`"
        )

    def _read_group(self, reader: Reader) -> Iterator[Test]:
        """Read what stands in an ``any`` or ``all``: a list of objects with tests."""
        for element in reader.elements():
            for key, value in element.items():
                if key in TEST_KEYS:
                    yield from self._read_tests(key, value)
                else:
                    self._unknown(value, key, TEST_KEYS)

    def _read_tests(self, key: str, reader: Reader) -> Iterator[Test]:
        if key == CHANGED_FILES:
            yield from self._read_changed_files(reader)
        elif key in list(TextSource):
            patterns = tuple(_read_patterns(reader))
            if patterns:
                yield TextTest(source=TextSource(key), patterns=patterns)
        else:
            kinds = frozenset(each.choice(Kind, Kind.OTHER) for each in reader.one_or_more())
            yield KindTest(form=KindForm(key), kinds=kinds)

    def _read_changed_files(self, reader: Reader) -> Iterator[Test]:
        if isinstance(reader.value, dict):
            # labeler takes an object without a list around it for nothing at all.
            self._pass_over(reader, "must be a list", "put it into [ ]")
            return
        for element in reader.elements():
            for key, value in element.items():
                if key in list(GlobForm):
                    yield GlobTest(form=GlobForm(key), globs=value.globs())
                else:
                    value.unknown_key(key, tuple(GlobForm))

    def _read_limit(self, reader: Reader) -> int:
        text = reader.value
        if isinstance(text, str) and text.strip().isascii() and text.strip().isdigit():
            return int(text)
        return reader.count()

    def _unknown(self, reader: Reader, key: str, known: tuple[str, ...]) -> None:
        faults = self.ignored if self.lenient else reader.faults
        Reader(value=reader.value, path=reader.path, faults=faults).unknown_key(key, known)

    def _pass_over(self, reader: Reader, problem: str, hint: str = "") -> None:
        faults = self.ignored if self.lenient else reader.faults
        faults.append(Fault(path=reader.path, problem=problem, hint=hint))


def check_label(reader: Reader, label: str) -> None:
    """Note a label that GitHub would refuse."""
    if not label.strip():
        reader.fault("a label needs a name")
    elif len(label) > MAX_LABEL:
        reader.fault(f"the label is longer than GitHub's {MAX_LABEL} characters")


def _read_patterns(reader: Reader) -> Iterator[JsPattern]:
    for element in reader.one_or_more():
        if text := element.text():
            try:
                yield compile_js(text)
            except RegexError as exc:
                element.fault(f"is no regular expression: {exc}")
