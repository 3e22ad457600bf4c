"""Test reports and consoles: what the client reads of them from the sandbox Jenkins."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import Permanent, Transient
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.jenkins.answers import MOST_TESTS, parse_tests
from leeroy.jenkins.client import CONSOLE_END
from leeroy.metrics import Metrics
from leeroy.model import FailedTests
from leeroy_sandbox import jenkins as sandbox
from leeroy_sandbox.server import Server

JOB = "ci/my app"


class World:
    def __init__(self, jenkins: sandbox.Jenkins, client: Jenkins) -> None:
        self.jenkins = jenkins
        self.client = client

    def build(self, report: sandbox.TestReport | None = None, log: str = "") -> None:
        self.jenkins.start_by_hand(JOB)
        build = self.jenkins.start_next()
        build.log[:] = log.encode()
        self.jenkins.finish(JOB, build.number, "FAILURE", test_summary=report)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sandbox.Jenkins(tmp_path, auto=False) as jenkins, Server(jenkins.wsgi) as server:
        jenkins.root_url = server.url
        jenkins.add_user("leeroy", token="11" + "a" * 32)
        jenkins.add_job(JOB)
        connection = JenkinsConnection(
            base_url=server.url, username="leeroy", token="11" + "a" * 32, timeout=5.0
        )
        client = Jenkins({"main": connection}, metrics=Metrics(CollectorRegistry()))
        yield World(jenkins, client)
        client.close()


def test_a_report_gives_the_names_of_the_failed_tests_and_counts(world):
    world.build(sandbox.TestReport.of(passed=8, failed=["pkg.A.one", "pkg.B.two"], skipped=1))
    said = world.client.test_report("main", JOB, 1)
    assert said == FailedTests(names=("pkg.A.one", "pkg.B.two"), count=2, total=11)


def test_a_build_without_a_report_has_none(world):
    world.build()
    assert world.client.test_report("main", JOB, 1) is None


def test_thousands_of_failed_tests_are_counted_but_not_all_named(world):
    world.build(sandbox.TestReport.of(failed=[f"pkg.A.t{n}" for n in range(MOST_TESTS + 5)]))
    said = world.client.test_report("main", JOB, 1)
    assert (len(said.names), said.count) == (MOST_TESTS, MOST_TESTS + 5)


def test_an_endless_report_is_not_read_to_its_end(world, monkeypatch):
    monkeypatch.setattr("leeroy.jenkins.client.LONGEST_REPORT", 200)
    world.build(sandbox.TestReport.of(passed=100, failed=["pkg.A.one"]))
    assert world.client.test_report("main", JOB, 1) is None


@pytest.mark.parametrize(
    "said",
    [b"", b"<html>login</html>", b"[]", b'{"suites": 3}', b'{"childReports": [{}]}'],
    ids=["nothing", "a page", "a list", "numbers", "a child without a result"],
)
def test_what_is_no_report_is_none(said):
    assert parse_tests(said) is None


def test_the_parts_of_a_matrix_report_count_too():
    said = (
        b'{"failCount": 1, "totalCount": 4, "childReports": [{"result": {"suites": [{"cases":'
        b' [{"className": "", "name": "it fails", "status": "FAILED"}]}]}}]}'
    )
    assert parse_tests(said) == FailedTests(names=("it fails",), count=1, total=4)


def test_a_short_console_is_one_request(world):
    world.build(log="one\ntwo\nthree\n")
    world.jenkins.calls.clear()
    assert world.client.console_tail("main", JOB, 1, 2)[-1].startswith("Finished")
    assert world.client.console_tail("main", JOB, 1, 100)[:3] == ("one", "two", "three")
    assert len(world.jenkins.calls) == 2


def test_of_a_long_console_only_the_end_is_read(world):
    lines = [f"line {n} é" for n in range(CONSOLE_END // 4)]
    world.build(log="\n".join(lines) + "\n")
    tail = world.client.console_tail("main", JOB, 1, 20)
    assert tail[:-1] == tuple(lines[-19:])
    everything = world.client.console_tail("main", JOB, 1, CONSOLE_END)
    assert everything[0] in lines
    assert len("\n".join(everything).encode()) <= CONSOLE_END


def test_no_lines_are_none(world):
    world.build(log="one\n")
    assert world.client.console_tail("main", JOB, 1, 0) == ()


def test_a_console_that_breaks_off_may_be_read_later(world):
    world.build(log="x" * 1000)
    world.jenkins.faults.add("GET", "/logText/", drop="after", times=2)
    with pytest.raises(Transient, match="read the console"):
        world.client.console_tail("main", JOB, 1, 5)


def test_a_redirect_is_not_a_console(world):
    world.build(log="one\n")
    world.jenkins.faults.add("GET", "/logText/", status=302)
    with pytest.raises(Permanent, match="302"):
        world.client.console_tail("main", JOB, 1, 5)
