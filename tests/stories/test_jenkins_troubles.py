"""What Jenkins refuses, forgets, repeats or says too early; and what people do there by hand."""

import pytest

from leeroy_sandbox.faults import Drop
from leeroy_sandbox.jenkins import ORDINARY, Endpoint, Permission, String
from tests.stories.world import JENKINS_TOKEN, NOTIFICATION_SECRET, REPO


def triggers(world):
    return world.jenkins.calls.matching("POST", "/buildWithParameters")


def janky(world, number):
    return world.statuses(world.head(number)).get("janky")


class TestRefusedTriggers:
    def test_a_job_that_is_not_there(self, world):
        world.jenkins.remove_job("ci/widgets")
        number = world.open_pull()
        world.settle()
        assert janky(world, number) == (
            "error",
            "Job ci/widgets does not exist or is hidden from leeroy",
        )

    def test_a_disabled_job(self, world):
        world.jenkins.disable_job("ci/widgets")
        number = world.open_pull()
        world.settle()
        assert janky(world, number) == ("error", "Job ci/widgets is disabled")

    def test_a_job_without_parameters(self, world):
        world.add_job("ci/widgets", parameters=())
        number = world.open_pull()
        world.settle()
        state, description = janky(world, number)
        assert state == "error"
        assert description.startswith("Job ci/widgets takes no parameters")

    def test_a_user_who_may_not_build_yet(self, world):
        world.jenkins.add_user(
            "leeroy", token=JENKINS_TOKEN, permissions=ORDINARY - {Permission.BUILD}
        )
        number = world.open_pull()
        world.until(lambda: "janky" in world.statuses(world.head(number)))
        assert janky(world, number) == ("pending", "Waiting for Jenkins")
        world.jenkins.add_user("leeroy", token=JENKINS_TOKEN, permissions=ORDINARY)
        world.settle()
        assert janky(world, number) == ("pending", "Queued in Jenkins")

    def test_a_job_that_does_not_take_our_sha(self, world):
        world.add_job("ci/widgets", parameters=[String("PR")])
        number = world.open_pull()
        world.settle()
        world.build_next()
        assert janky(world, number) == ("error", "Job ci/widgets does not take GIT_SHA1")

    def test_what_was_refused_is_tried_again_on_request_only(self, world):
        world.jenkins.disable_job("ci/widgets")
        number = world.open_pull()
        world.settle()
        world.jenkins.disable_job("ci/widgets", disabled=False)
        world.github.label(REPO, number, "x")
        world.settle()
        assert len(triggers(world)) == 1
        world.ask("/build/retry", {"repo": REPO, "number": number})
        world.settle()
        assert janky(world, number) == ("pending", "Queued in Jenkins")


class TestUnreachableJenkins:
    def test_the_status_says_so_and_the_build_starts_when_it_is_back(self, world):
        world.jenkins.down = True
        number = world.open_pull()
        world.until(lambda: world.statuses(world.head(number)))
        assert janky(world, number) == ("pending", "Waiting for Jenkins")
        world.jenkins.down = False
        world.settle()
        assert janky(world, number) == ("pending", "Queued in Jenkins")
        assert len(world.jenkins.queue()) == 1

    @pytest.mark.parametrize("takes_id", [True, False], ids=["found by our id", "by parameters"])
    @pytest.mark.parametrize("started", [False, True], ids=["while queued", "once it runs"])
    def test_a_lost_answer_never_starts_a_second_build(self, world, takes_id, started):
        if not takes_id:
            world.add_job("ci/widgets", parameters=[String("GIT_SHA1"), String("PR")])
        world.jenkins.hold_notifications()
        if started:
            world.jenkins.down = False
        world.jenkins.faults.add("POST", "/buildWithParameters", drop=Drop.AFTER, times=1)
        number = world.open_pull()
        world.until(lambda: world.jenkins.queue())
        if started:
            world.jenkins.start_next()
        world.settle()
        assert len(triggers(world)) == 1
        assert len(world.jenkins.queue()) + len(world.jenkins.builds("ci/widgets")) == 1
        assert janky(world, number)[0] == "pending"

    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_a_proxys_error_is_no_refusal(self, world, status):
        world.jenkins.faults.add(
            "POST", "/buildWithParameters", status=status, body=b"<html>", times=2
        )
        number = world.open_pull()
        world.settle()
        assert janky(world, number) == ("pending", "Queued in Jenkins")
        assert len(world.jenkins.queue()) == 1


class TestNotifications:
    def test_a_merged_queue_item_is_one_build_for_both(self, world):
        world.add_job("ci/widgets", parameters=[String("GIT_SHA1")])
        first = world.open_pull()
        world.settle()
        world.github.push(REPO, "release", {"VERSION": "1\n"})
        second = world.github.open_pull(REPO, "rounder", "release")
        world.settle()
        assert world.head(first) == world.head(second)
        assert len(world.jenkins.queue()) == 1
        world.build_next()
        assert janky(world, second)[0] == "success"

    def test_repeated_and_late_notifications_turn_nothing_back(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next()
        before = world.history(world.head(number))
        for phase in ("STARTED", "QUEUED", "COMPLETED", "STARTED", "FINALIZED"):
            world.notify("ci/widgets", 1, phase=phase)
        world.settle()
        assert world.history(world.head(number)) == before

    def test_a_forged_notification_can_say_what_it_likes(self, world):
        number = world.open_pull()
        world.settle()
        world.jenkins.start_next()
        world.settle()
        world.notify("ci/widgets", 1, phase="FINALIZED", status="SUCCESS")
        world.notify("ci/widgets", 99, phase="FINALIZED", status="SUCCESS", queue_id=12345)
        world.until(lambda: world.services.queue.depth() == 0)
        assert janky(world, number) == ("pending", "Build #1 is running")

    def test_only_the_last_phase_arrives(self, world):
        number = world.open_pull()
        world.settle()
        world.jenkins.hold_notifications()
        build = world.jenkins.start_next()
        world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        world.notify("ci/widgets", 1, phase="FINALIZED")
        world.settle()
        assert janky(world, number)[0] == "success"

    def test_a_notification_before_the_triggers_answer_is_matched_in_the_end(self, arrange):
        world = arrange(jenkins_settings={"quiet_period": 0.0})
        world.jenkins.add_job(
            "ci/widgets",
            parameters=[String("GIT_SHA1")],
            result="SUCCESS",
            endpoints=[
                Endpoint(url=f"{world.url}/notification/jenkins?secret={NOTIFICATION_SECRET}")
            ],
        )
        world.jenkins.faults.add("POST", "/buildWithParameters", delay=0.6)
        number = world.open_pull()
        world.until(lambda: world.statuses(world.head(number)))
        world.until(lambda: janky(world, number)[0] == "success")

    def test_a_build_rebuilt_by_hand_is_reported(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.jenkins.rebuild("ci/widgets", 1)
        world.build_next("SUCCESS")
        assert janky(world, number)[0] == "success"
        assert len(triggers(world)) == 1

    def test_a_replayed_build_is_not(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.jenkins.replay("ci/widgets", 1)
        world.build_next("SUCCESS")
        assert janky(world, number)[0] == "failure"

    def test_a_build_cancelled_in_the_queue_by_hand_is_found_by_the_next_request(self, world):
        number = world.open_pull()
        world.settle()
        (item,) = world.jenkins.queue()
        world.jenkins.items.cancel(item)
        world.ask("/build/retry", {"repo": REPO, "number": number})
        world.settle()
        assert len(world.jenkins.queue()) == 1


class TestRequests:
    def test_retry_builds_again_what_was_done(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.ask("/build/retry", {"repo": REPO, "number": number, "context": "janky"})
        world.settle()
        assert janky(world, number) == ("pending", "Queued in Jenkins")
        world.build_next("SUCCESS")
        assert janky(world, number)[0] == "success"

    def test_custom_builds_what_only_a_request_builds(self, arrange):
        world = arrange(
            builds=[
                {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
                {
                    "github_repo": REPO,
                    "jenkins_job_name": "ci/arm",
                    "context": "arm",
                    "custom": True,
                },
            ]
        )
        number = world.open_pull()
        world.settle()
        assert "arm" not in world.statuses(world.head(number))
        world.ask("/build/custom", {"repo": REPO, "number": number, "context": "all"})
        world.settle()
        assert "arm" not in world.statuses(world.head(number))
        world.ask("/build/custom", {"repo": REPO, "number": number, "context": "arm"})
        world.settle()
        assert world.statuses(world.head(number))["arm"] == ("pending", "Queued in Jenkins")

    def test_cron_builds_what_has_no_success(self, world):
        good, bad, waiting = world.open_pull("good"), world.open_pull("bad"), 0
        world.settle()
        world.build_next("SUCCESS")
        world.build_next("FAILURE")
        waiting = world.open_pull("waiting")
        world.settle()
        world.ask("/build/cron", {"repo": REPO, "context": "janky"})
        world.settle()
        assert janky(world, good)[0] == "success"
        assert janky(world, bad) == ("pending", "Queued in Jenkins")
        assert world.history(world.head(waiting)) == ["pending"]


def test_each_build_goes_to_its_own_server(arrange, tmp_path):
    from leeroy_sandbox.jenkins import Jenkins
    from leeroy_sandbox.server import Server

    with (
        Jenkins(tmp_path / "arm", auto=False) as arm,
        Server(arm.wsgi) as server,
    ):
        arm.add_user("leeroy", token="11" + "b" * 32)
        arm.add_job("widgets", parameters=[String("GIT_SHA1")])
        world = arrange(
            jenkins_servers={
                "arm": {"base_url": server.url, "username": "leeroy", "token": "11" + "b" * 32}
            },
            builds=[
                {
                    "github_repo": REPO,
                    "jenkins_job_name": "widgets",
                    "context": "arm",
                    "jenkins": "arm",
                }
            ],
        )
        number = world.open_pull()
        world.settle()
        assert len(arm.queue()) == 1
        assert world.statuses(world.head(number))["arm"] == ("pending", "Queued in Jenkins")
