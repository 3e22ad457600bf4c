"""Which labels a pull request earns: actions/labeler's match objects, and two of our own.

A label has match objects that must all hold. ``any`` holds when one of its tests does, ``all``
when every one does; a bare test counts as one of the label's first ``any``. Beside labeler's
``changed-files``, ``head-branch`` and ``base-branch`` there are ``title``, ``any-file-kind`` and
``all-files-kind``. https://github.com/actions/labeler#match-object
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from patchparser.globs import matches
from patchparser.js_regex import JsPattern
from patchparser.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What labels are decided by."""

    #: The changed files, by their new names only, as labeler has it, each with its kind.
    files: Mapping[str, Kind]
    head: str = ""
    base: str = ""
    title: str = ""
    #: Whether wildcards match names that begin with a dot.
    dot: bool = True


class GlobForm(StrEnum):
    """labeler's four ways to hold globs against files."""

    ANY_TO_ANY = "any-glob-to-any-file"
    #: One and the same glob matches every file.
    ANY_TO_ALL = "any-glob-to-all-files"
    #: One and the same file matches every glob.
    ALL_TO_ANY = "all-globs-to-any-file"
    ALL_TO_ALL = "all-globs-to-all-files"


@dataclass(frozen=True, kw_only=True)
class GlobTest:
    """Globs against the changed files."""

    form: GlobForm
    globs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.form}: {', '.join(self.globs)}"

    def holds(self, subject: Subject, *, every: bool) -> bool:
        """Whether the globs match as the form says; ``all`` never holds without files."""
        files, dot = subject.files, subject.dot
        if every and not files:
            return False
        match self.form:
            case GlobForm.ANY_TO_ANY:
                return any(matches(glob, path, dot=dot) for glob in self.globs for path in files)
            case GlobForm.ANY_TO_ALL:
                return any(
                    all(matches(glob, path, dot=dot) for path in files) for glob in self.globs
                )
            case GlobForm.ALL_TO_ANY:
                return any(
                    all(matches(glob, path, dot=dot) for glob in self.globs) for path in files
                )
            case GlobForm.ALL_TO_ALL:
                return all(matches(glob, path, dot=dot) for glob in self.globs for path in files)


class TextSource(StrEnum):
    """The texts that patterns are held against."""

    HEAD_BRANCH = "head-branch"
    BASE_BRANCH = "base-branch"
    TITLE = "title"

    def of(self, subject: Subject) -> str:
        """The text itself; empty where nobody said."""
        match self:
            case TextSource.HEAD_BRANCH:
                return subject.head
            case TextSource.BASE_BRANCH:
                return subject.base
            case TextSource.TITLE:
                return subject.title


@dataclass(frozen=True, kw_only=True)
class TextTest:
    """Patterns, unanchored, against a branch name or the title."""

    source: TextSource
    patterns: tuple[JsPattern, ...]

    def __str__(self) -> str:
        return f"{self.source}: {', '.join(pattern.pattern for pattern in self.patterns)}"

    def holds(self, subject: Subject, *, every: bool) -> bool:
        """Whether one pattern is found, or under ``all`` every one; never in an unknown text."""
        text = self.source.of(subject)
        enough = all if every else any
        return bool(text) and enough(pattern.is_found_in(text) for pattern in self.patterns)


class KindForm(StrEnum):
    """How kinds are held against files."""

    ANY_FILE = "any-file-kind"
    ALL_FILES = "all-files-kind"


@dataclass(frozen=True, kw_only=True)
class KindTest:
    """Kinds against the kinds of the changed files."""

    form: KindForm
    kinds: frozenset[Kind]

    def __str__(self) -> str:
        return f"{self.form}: {', '.join(sorted(self.kinds))}"

    def holds(self, subject: Subject, *, every: bool) -> bool:
        """Whether some file, or every file of at least one, is of one of the kinds."""
        enough = any if self.form is KindForm.ANY_FILE else all
        found = subject.files.values()
        return bool(found) and enough(kind in self.kinds for kind in found)


Test = GlobTest | TextTest | KindTest


@dataclass(frozen=True, kw_only=True)
class MatchObject:
    """An ``any`` or an ``all``."""

    every: bool
    tests: tuple[Test, ...]

    def holds(self, subject: Subject) -> bool:
        """Whether enough tests hold; without any test it does not hold, as in labeler."""
        enough: Callable[[Iterable[bool]], bool] = all if self.every else any
        return bool(self.tests) and enough(
            test.holds(subject, every=self.every) for test in self.tests
        )


@dataclass(frozen=True, kw_only=True)
class LabelRule:
    """A label and what earns it."""

    label: str
    #: All must hold; none means that the label is always earned.
    matches: tuple[MatchObject, ...]

    def holds(self, subject: Subject) -> bool:
        """Whether the pull request earns the label."""
        return all(each.holds(subject) for each in self.matches)

    def reason(self, subject: Subject) -> str:
        """Name the first test by which the pull request earns the label."""
        tests = (
            str(test)
            for each in self.matches
            for test in each.tests
            if test.holds(subject, every=each.every)
        )
        return next(tests, "always")

    def count_patterns(self) -> int:
        """How many patterns it holds against branches and the title."""
        tests = (test for each in self.matches for test in each.tests)
        return sum(len(test.patterns) for test in tests if isinstance(test, TextTest))

    def reads_files(self) -> bool:
        """Whether changed files have a say: labeler's two limits are about such labels."""
        return any(isinstance(test, GlobTest) for each in self.matches for test in each.tests)

    def reads_title(self) -> bool:
        """Whether the title has a say, which needs no file to be changed."""
        return any(
            isinstance(test, TextTest) and test.source is TextSource.TITLE
            for each in self.matches
            for test in each.tests
        )


@dataclass(frozen=True, kw_only=True)
class LabelRules:
    """All labels that follow from rules, in their order."""

    rules: tuple[LabelRule, ...] = ()
    #: When more new labels than this follow from files, none of them is put on.
    changed_files_labels_limit: int | None = None
    #: Above this many changed files, labels that follow from files are left as they are.
    max_files_changed: int | None = None
