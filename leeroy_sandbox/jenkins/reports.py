"""Test results: what JUnit's files say, and what a build shows of them.

https://plugins.jenkins.io/junit/
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self
from xml.etree import ElementTree


class TestStatus(StrEnum):
    """What a test came to, in the words of `testReport/api/json`."""

    __test__ = False

    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, kw_only=True)
class TestCase:
    """One test that ran, or did not."""

    __test__ = False

    class_name: str
    name: str
    status: TestStatus = TestStatus.PASSED
    #: What a failure said.
    message: str = ""
    seconds: float = 0.0

    @property
    def full_name(self) -> str:
        """Class and name, as notifications list failed tests."""
        return f"{self.class_name}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class TestReport:
    """All tests of a build."""

    __test__ = False

    cases: tuple[TestCase, ...]

    @classmethod
    def of(cls, *, passed: int = 0, failed: Sequence[str] = (), skipped: int = 0) -> Self:
        """A report of so many tests, the failed ones by their full names.

        >>> TestReport.of(passed=8, failed=["pkg.Class.test"], skipped=1).count()
        10
        """
        cases = [TestCase(class_name="pkg.Class", name=f"passes{n}") for n in range(passed)]
        for full_name in failed:
            class_name, _, name = full_name.rpartition(".")
            cases.append(TestCase(class_name=class_name, name=name, status=TestStatus.FAILED))
        cases += [
            TestCase(class_name="pkg.Class", name=f"skips{n}", status=TestStatus.SKIPPED)
            for n in range(skipped)
        ]
        return cls(cases=tuple(cases))

    @classmethod
    def read(cls, files: Iterable[Path]) -> Self:
        """The tests in JUnit's XML files."""
        return cls(
            cases=tuple(
                _case(element)
                for file in sorted(files)
                for element in ElementTree.parse(file).iter("testcase")
            )
        )

    def count(self, status: TestStatus | None = None) -> int:
        """How many tests came to this; all of them without one."""
        return sum(status in (None, case.status) for case in self.cases)

    @property
    def failed(self) -> list[str]:
        """The full names of the tests that failed."""
        return [case.full_name for case in self.cases if case.status is TestStatus.FAILED]


def _case(element: ElementTree.Element) -> TestCase:
    failure = element.find("failure")
    problem = element.find("error") if failure is None else failure
    status = TestStatus.PASSED
    if problem is not None:
        status = TestStatus.FAILED
    elif element.find("skipped") is not None:
        status = TestStatus.SKIPPED
    return TestCase(
        class_name=element.get("classname", ""),
        name=element.get("name", ""),
        status=status,
        message="" if problem is None else problem.get("message") or problem.text or "",
        seconds=float(element.get("time") or 0),
    )
