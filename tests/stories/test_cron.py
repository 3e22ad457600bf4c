"""`/build/cron` builds again what has no success; one thing that cannot be read costs just that."""

import json

import pytest
import requests

from tests.stories.outages import HTML
from tests.stories.world import REPO, TOKEN
from tests.waiting import PATIENCE

QUEUED = ("pending", "Queued in Jenkins")
ANSWERS = {
    "403": {"status": 403},
    "422": {"status": 422},
    "404": {"status": 404},
    "500": {"status": 500},
    "HTML with 200": {"status": 200, "body": HTML},
    "half JSON": {"status": 200, "body": b'{"statuses": [{"context": "jan'},
    "null": {"status": 200, "body": b"null"},
    "200 KB of [": {"status": 200, "body": b"[" * 200_000},
    "1e400": {"status": 200, "body": b"1e400"},
}
#: These may pass, so what was asked for is asked for until they do.
PASS = {"404", "500", "HTML with 200", "half JSON", "null", "200 KB of [", "1e400"}


@pytest.fixture
def failed(arrange):
    """Three pull requests whose builds failed."""
    world = arrange()
    for n in (1, 2, 3):
        world.github.push(REPO, f"b{n}", {f"{n}.py": "x\n"})
        assert world.github.open_pull(REPO, f"b{n}") == n
    world.settle()
    for _ in (1, 2, 3):
        world.build_next("FAILURE")
    return world


def ask(world):
    world.ask("/build/cron", {"repo": REPO, "context": "janky"})


def queued(world):
    return [n for n in (1, 2, 3) if world.statuses(world.head(n))["janky"] == QUEUED]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_others_are_built_where_one_heads_statuses_cannot_be_read(failed, answer):
    where = f"/commits/{failed.head(1)}/status"
    fault = failed.github.faults.add("GET", where, **ANSWERS[answer])
    ask(failed)
    failed.until(lambda: queued(failed) == [2, 3])
    failed.until(lambda: fault.hits >= (2 if answer in PASS else 1))
    failed.github.faults.clear()
    failed.settle()
    (hint, *_) = failed.services.queue.hints_of_subject(REPO)
    if answer in PASS:
        assert (queued(failed), hint.error) == ([1, 2, 3], None)
    else:
        assert queued(failed) == [2, 3]
        assert hint.error
    assert len(failed.jenkins.queue()) == len(queued(failed))


def test_an_entry_that_makes_no_sense_costs_only_itself(failed):
    token = {"Authorization": f"Bearer {TOKEN}"}
    path = f"/repos/{REPO}/pulls"
    told = requests.get(failed.github.url + path, headers=token, timeout=PATIENCE).json()
    del told[0]["base"]
    failed.github.faults.add("GET", rf"{path}\?", status=200, body=json.dumps(told), times=1)
    ask(failed)
    failed.settle()
    assert queued(failed) == [1, 2, 3]
    assert len(failed.jenkins.queue()) == 3


def test_what_failed_again_meanwhile_is_not_built_once_more(failed):
    failed.github.faults.add("GET", f"/commits/{failed.head(1)}/status", status=500)
    ask(failed)
    failed.until(lambda: queued(failed) == [2, 3])
    for _ in (2, 3):
        build = failed.jenkins.start_next()
        failed.jenkins.finish("ci/widgets", build.number, "FAILURE")
    failed.until(lambda: queued(failed) == [])
    failed.github.faults.clear()
    failed.settle()
    assert queued(failed) == [1]
