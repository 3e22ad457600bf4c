"""Notifications that anybody may send cost a look into Jenkins now and then, and nothing of GitHub's."""

import requests

from leeroy_sandbox.jenkins import Endpoint
from tests.stories.world import PARAMETERS, REPO, make_world
from tests.waiting import PATIENCE

OPEN = {"jenkins": {"notification_secret": ""}}


def post(world, number, *, job="ci/widgets", pull=1):
    note = {
        "name": "widgets",
        "url": "job/ci/job/widgets/",
        "build": {
            "number": number,
            "phase": "COMPLETED",
            "parameters": {"GIT_BASE_REPO": REPO, "PR": str(pull)},
        },
    }
    address = f"{world.url}/notification/jenkins"
    return requests.post(address, json=note, timeout=PATIENCE).status_code


def test_made_up_ones_are_looked_for_once_in_jenkins_and_never_on_github(tmp_path):
    with make_world(tmp_path, **OPEN) as world:
        answers = [post(world, 10_000 + n, pull=n + 1) for n in range(100)]
        assert set(answers) == {202, 429}
        # A second each; the machine may have taken some while posting.
        assert answers.count(202) < 60
        world.pass_seconds(120)
        world.settle()
        asked = [call.path for call in world.jenkins.calls.matching("GET", r"/1\d{4}/")]
        assert len(set(asked)) == answers.count(202)
        # Jenkins' client asks a second time before it believes that something is not there.
        assert len(asked) <= 2 * len(set(asked))
        assert list(world.github.calls) == []


def test_a_build_of_ours_is_reported_all_the_same(tmp_path):
    with make_world(tmp_path, **OPEN) as world:
        world.jenkins.add_job(
            "ci/open",
            parameters=PARAMETERS,
            endpoints=[Endpoint(url=f"{world.url}/notification/jenkins")],
        )
        number = world.open_pull()
        world.settle()
        build = world.build_next()
        world.pass_seconds(5)
        post(world, build, pull=number)
        world.pass_seconds(5)
        world.settle()
        assert world.statuses(world.head(number))["janky"][0] == "success"


def test_what_is_known_already_costs_nothing_of_github(tmp_path):
    with make_world(tmp_path, **OPEN) as world:
        number = world.open_pull()
        world.settle()
        build = world.build_next()
        world.pass_seconds(5)
        world.settle()
        world.github.calls.clear()
        for _ in range(5):
            post(world, build, pull=number)
            world.pass_seconds(5)
            world.settle()
        assert list(world.github.calls) == []
