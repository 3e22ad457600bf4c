"""The demo as anybody runs it: a process of its own, and what is left of it afterwards."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeroy.demo import cast
from leeroy.demo.expectations import Conversation, Head, Standing, differences
from leeroy.demo.guests import welcome_pushes
from leeroy.demo.stage import Patience, TookTooLong, set_stage
from tests.waiting import PATIENCE

DEMO = [sys.executable, "-m", "leeroy", "demo"]
#: Far above what it takes, and above what it gives itself.
SECONDS = 2 * PATIENCE


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the demo makes its folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def environ(temporary: Path) -> dict[str, str]:
    # Settings of whoever runs the tests must not reach the demo's Leeroy.
    return {**os.environ, "TMPDIR": str(temporary), "LEEROY_WEBHOOK_SECRET": "another"}


def urls_in(printed: str) -> list[str]:
    return re.findall(
        r"^  (?:GitHub|Jenkins|Leeroy) +http://127\.0\.0\.1:(\d+)", printed, re.MULTILINE
    )


def is_listening(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def test_the_demo_tells_its_story_and_ends_with_every_status_as_expected(environ, temporary):
    done = subprocess.run(
        [*DEMO, "--once"], env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for line in (
        r"GitHub  #1   delivers pull_request opened: answered 202 in \d+ ms",
        r"Leeroy  #1   because ci/test: no build of [0-9a-f]{7} yet",
        r"Leeroy  #1   trigger widgets/test for ci/test at [0-9a-f]{7}",
        r"GitHub  #1   ci/docs success: Skipped: no matching changes",
        r"Jenkins #2   widgets/test #\d+ FAILURE after",
        r"GitHub  #2   ci/test failure: Build #\d+ failed",
        r"Leeroy  #2   abort widgets/docs #1: Superseded by [0-9a-f]{7}",
        r"Jenkins #2   widgets/docs #1 ABORTED after",
        r"GitHub  #2   ci/docs error: Superseded by [0-9a-f]{7}",
        r"Leeroy  #3   post the hygiene comment",
        r"GitHub  #3   patchparser/signoff failure: The commit is not signed off",
        r"┃ Thank you! Nothing is missing any more",
        r"GitHub  #4   ci/test pending: Waiting for a maintainer to comment /ok-to-test",
        r"Leeroy  #4   because alice approved [0-9a-f]{7}",
        r"Leeroy  #4   react \+1 to alice's comment",
        r"GitHub  #5   ci/test failure: Build #\d+ failed",
        r"Leeroy  #5   trigger widgets/test for ci/test at [0-9a-f]{7}, attempt 2",
        r"GitHub  #6   ci/test success: Skipped: no matching changes",
        r"Leeroy  #1   trigger widgets/test for ci/test at [0-9a-f]{7}, attempt 2",
        r"GitHub  main delivers push: answered 202 in \d+ ms",
        r"GitHub  main ci/docs success: Skipped: no matching changes",
        r"GitHub  main ci/binaries success: Build #1 succeeded",
        r"Jenkins main widgets/docs #\d+ SUCCESS after",
        r"All \d+ expected statuses stand",
    ):
        assert re.search(line, done.stdout), f"{line}\n{done.stdout}"
    ports = urls_in(done.stdout)
    assert len(ports) == 3
    assert not any(is_listening(port) for port in ports)
    assert list(temporary.iterdir()) == []


def test_the_demo_says_what_differs_when_no_test_can_run_here(environ, tmp_path, temporary):
    broken = tmp_path / "bin" / "python3"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'no Python today'\nexit 1\n")
    broken.chmod(0o755)
    environ["PATH"] = f"{broken.parent}{os.pathsep}{environ['PATH']}"
    done = subprocess.run(
        [*DEMO, "--once"], env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 1, done.stdout
    told = done.stdout.partition("Not everything came as expected:")[2]
    assert told.strip().splitlines() == [
        "#3 push 1: ci/test is failure, not success",
        "  #1 push 1: ci/test is failure, not success",
        "  #2 push 2: ci/test is failure, not success",
        "  #3 push 2: ci/test is failure, not success",
        "  #4 push 1: ci/test is failure, not success",
        "  #5 push 1: ci/test is failure, not success",
        "  main push 1: ci/binaries is failure, not success",
        "  main push 2: ci/binaries is failure, not success",
    ]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, id="ctrl-c"),
        pytest.param(signal.SIGTERM, 143, id="terminated"),
    ],
)
def test_whoever_stops_the_demo_finds_nothing_left_of_it(environ, temporary, number, code):
    with subprocess.Popen(
        [*DEMO], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        printed = "".join(lines_until(demo, "trigger widgets/test for ci/test"))
        demo.send_signal(number)
        rest = demo.communicate(timeout=SECONDS)[0]
    assert demo.returncode == code, rest
    assert "Traceback" not in rest
    assert not any(is_listening(port) for port in urls_in(printed))
    assert list(temporary.iterdir()) == []


def lines_until(process: subprocess.Popen[str], words: str) -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        yield line
        if words in line:
            return


def test_a_branch_that_a_guest_pushes_by_git_becomes_a_pull_request_and_is_built(tmp_path):
    with set_stage(seconds=60) as stage:
        clone = tmp_path / "clone"

        def git(*arguments: str) -> None:
            subprocess.run(["git", "-C", str(clone), *arguments], check=True, capture_output=True)

        subprocess.run(["git", "clone", "--quiet", stage.clone_url, str(clone)], check=True)
        git("config", "user.name", "Guest")
        git("config", "user.email", "guest@example.com")
        git("switch", "--quiet", "--create", "mine")
        (clone / "README.md").write_text("# More widgets\n")
        git("commit", "--quiet", "--all", "--signoff", "--message", "Say more")
        git("push", "--quiet", "origin", "mine")
        welcome_pushes(stage)
        welcome_pushes(stage)
        stage.settle()
        (pull,) = stage.github.repository(cast.REPO).pulls.values()
        assert (pull.title, pull.author) == ("Say more", cast.GUEST)
        assert stage.statuses(pull.head_sha)[cast.TEST] == "success"


def test_a_leeroy_that_cannot_start_is_told_with_its_own_words(tmp_path, environ):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*DEMO, "--once", "--port", port],
            env=environ, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "leeroy serve ended by itself" in done.stderr
    assert "Traceback" not in done.stderr


def test_patience_ends_with_what_it_waited_for():
    with pytest.raises(TookTooLong, match="the moon to rise: not in time"):
        Patience.for_seconds(0).until("the moon to rise", lambda: False)


@pytest.mark.parametrize(
    ("expected", "seen", "told"),
    [
        pytest.param(
            Standing(heads=(Head(pull=1, push=2, statuses={}),)),
            Standing(),
            ["#1 push 2: was never there"],
            id="no such head",
        ),
        pytest.param(
            Standing(heads=(Head(pull=None, push=1, statuses={"docs": "success"}),)),
            Standing(heads=(Head(pull=None, push=1, statuses={"docs": "error"}),)),
            ["main push 1: docs is error, not success"],
            id="a push to main",
        ),
        pytest.param(
            Standing(heads=(Head(pull=1, push=1, statuses={"ci": "success"}),)),
            Standing(heads=(Head(pull=1, push=1, statuses={}),)),
            ["#1 push 1: ci is missing, not success"],
            id="no status",
        ),
        pytest.param(
            Standing(heads=(Head(pull=1, push=1, statuses={}, builds={"job": 1}),)),
            Standing(heads=(Head(pull=1, push=1, statuses={}, builds={"job": 2}),)),
            ["#1 push 1: builds: job is 2, not 1"],
            id="built twice",
        ),
        pytest.param(
            Standing(conversations=(Conversation(pull=1, labels=frozenset({"a"})),)),
            Standing(conversations=(Conversation(pull=1, labels=frozenset({"b"})),)),
            ["#1: label a is missing", "#1: label b is on, and nobody expected it"],
            id="another label",
        ),
        pytest.param(
            Standing(conversations=(Conversation(pull=1, comments=1, last="good"),)),
            Standing(conversations=(Conversation(pull=1, comments=2, last="good"),)),
            ["#1: 2 comments by Leeroy, not 1"],
            id="a second comment",
        ),
        pytest.param(
            Standing(conversations=(Conversation(pull=1, comments=1, last="good"),)),
            Standing(conversations=(Conversation(pull=1, comments=1, last="bad"),)),
            ["#1: Leeroy's comment does not say: good"],
            id="a comment not edited",
        ),
    ],
)
def test_every_difference_is_told(expected, seen, told):
    assert list(differences(expected, seen)) == told
