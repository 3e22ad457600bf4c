"""What a real Jenkins was seen to do that one would not expect, done by the sandbox's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import Client

from leeroy_sandbox.jenkins import EVERYTHING, Endpoint, Jenkins, Password, String
from leeroy_sandbox.jenkins.payload import Phase
from leeroy_sandbox.server import Server
from tests.parts.sandbox.jenkins_receiver import Receiver, receiver
from tests.waiting import PATIENCE, wait_for

__all__ = ["receiver"]
AUTH = ("leeroy", "11" + "a" * 32)
CLASSES = "actions[causes[shortDescription]]"


class Clock:
    """Time that goes on when told to."""

    now = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jenkins(tmp_path: Path, clock: Clock) -> Iterator[Jenkins]:
    with Jenkins(tmp_path, auto=False, clock=lambda: clock.now, version="2.579") as jenkins:
        jenkins.root_url = "http://jenkins.example"
        jenkins.add_user("leeroy", token=AUTH[1])
        jenkins.add_user("admin", token="root", permissions=EVERYTHING)
        jenkins.add_job("app", parameters=[String("A"), Password("P")])
        jenkins.add_job("alone", parameters=[String("A")], concurrent=False)
        jenkins.add_job("flow", kind="pipeline", parameters=[String("A")])
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def get(http: Client, path: str) -> Any:
    answer = http.get(path, auth=AUTH)
    assert answer.status_code == 200, answer.status
    return answer.json


def begin(jenkins: Jenkins, job: str = "app", **parameters: str) -> int:
    jenkins.start_by_hand(job, parameters)
    return jenkins.start_next(job).number


def causes(said: Any) -> list[tuple[str, str]]:
    return [
        (cause["_class"].rpartition(".")[2], cause["shortDescription"])
        for action in said["actions"]
        for cause in action.get("causes", ())
    ]


class TestAnAbortedBuild:
    def test_says_by_whom(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins)
        assert http.post(f"/job/app/{number}/stop", auth=("admin", "root")).status_code == 302
        running = get(http, f"/job/app/{number}/api/json")
        assert "InterruptedBuildAction" not in str(running)
        jenkins.finish("app", number, "ABORTED")
        said = get(http, f"/job/app/{number}/api/json")
        (action,) = [a for a in said["actions"] if "Interrupted" in a.get("_class", "")]
        assert action == {
            "_class": "jenkins.model.InterruptedBuildAction",
            "causes": [
                {
                    "_class": "jenkins.model.CauseOfInterruption$UserInterruption",
                    "shortDescription": "Aborted by admin",
                }
            ],
        }

    def test_says_nothing_when_it_succeeded_all_the_same(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins)
        jenkins.abort("app", number)
        jenkins.finish("app", number, "SUCCESS")
        assert "Interrupted" not in str(get(http, f"/job/app/{number}/api/json"))

    def test_that_is_aborted_twice_names_both(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins)
        jenkins.abort("app", number, user="ann")
        jenkins.abort("app", number, user="bob")
        jenkins.finish("app", number, "ABORTED")
        jenkins.abort("app", number, user="late")
        said = causes(get(http, f"/job/app/{number}/api/json?tree={CLASSES}"))
        assert [text for _, text in said[1:]] == ["Aborted by ann", "Aborted by bob"]


class TestBuiltAgain:
    @pytest.mark.parametrize(
        ("again", "seen"),
        [
            pytest.param(
                lambda j: j.rebuild("flow", 1),
                [
                    ("Cause$UserIdCause", "Started by user admin"),
                    ("RebuildCause", "Rebuilds build #1"),
                ],
                id="rebuild",
            ),
            pytest.param(
                lambda j: j.replay("flow", 1),
                [("Cause$UserIdCause", "Started by user admin"), ("ReplayCause", "Replayed #1")],
                id="replay",
            ),
            pytest.param(
                lambda j: j.restart_stage("flow", 1, "Publish"),
                [
                    ("Cause$UserIdCause", "Started by user admin"),
                    (
                        "RestartDeclarativePipelineCause",
                        "Restarted from build #1, stage Publish",
                    ),
                ],
                id="restart from a stage",
            ),
            pytest.param(
                lambda j: j.naginate("flow", 1),
                [("NaginatorCause", "Started by Naginator after build #1 failure")],
                id="Naginator",
            ),
        ],
    )
    def test_has_the_same_parameters_and_says_why(self, jenkins, http, again, seen):
        jenkins.finish("flow", begin(jenkins, "flow", A="x"), "FAILURE")
        assert again(jenkins).parameters == jenkins.build("flow", 1).parameters
        number = jenkins.start_next("flow").number
        assert causes(get(http, f"/job/flow/{number}/api/json")) == seen

    def test_a_merged_item_has_a_cause_of_each(self, jenkins: Jenkins, http: Client):
        for _ in range(2):
            answer = http.post("/job/app/buildWithParameters?A=q1", auth=AUTH)
        assert answer.status_code == 303
        (item,) = get(http, "/queue/api/json")["items"]
        assert causes(item) == [("Cause$UserIdCause", "Started by user leeroy")] * 2


class TestWhatWaits:
    def test_behind_another_build_says_how_long_that_may_take(self, jenkins, http, clock):
        begin(jenkins, "alone", A="1")
        jenkins.start_by_hand("alone", {"A": "2"})
        item = jenkins.advance(2).id

        def why() -> str:
            return str(get(http, f"/queue/item/{item}/api/json")["why"])

        assert why() == "Build #1 is already in progress (ETA: N/A)"
        clock.now += 30
        jenkins.finish("alone", 1, "SUCCESS")
        jenkins.start_next("alone")
        jenkins.start_by_hand("alone", {"A": "3"})
        item = jenkins.advance(3).id
        clock.now += 3
        assert why() == "Build #2 is already in progress (ETA: 27 sec)"
        clock.now += 60
        assert why() == "Build #2 is already in progress (ETA: N/A)"

    def test_while_jenkins_quiets_down_is_buildable_and_says_so(self, jenkins, http, clock):
        jenkins.quiet_down()
        answer = http.post("/job/app/buildWithParameters?A=1", auth=AUTH)
        assert answer.status_code == 201
        clock.now += 6
        said = get(http, "/queue/item/1/api/json")
        assert (said["_class"], said["why"], said["buildable"]) == (
            "hudson.model.Queue$BuildableItem",
            "Jenkins is about to shut down",
            True,
        )

    def test_leaves_the_queue_cancelled_when_its_job_is_disabled(self, jenkins, http):
        jenkins.start_by_hand("app", {"A": "1"})
        assert http.post("/job/app/disable", auth=AUTH).status_code == 403
        answer = http.post("/job/app/disable", auth=("admin", "root"))
        assert (answer.status_code, answer.headers["Location"]) == (302, "/job/app/")
        for _ in range(2):
            said = get(http, "/queue/item/1/api/json")
            assert (said["cancelled"], said["executable"]) == (True, None)
            assert http.post("/job/app/enable", auth=("admin", "root")).status_code == 302
        assert get(http, "/job/app/api/json")["buildable"] is True


class TestAPipelineThatAsks:
    def test_shows_it_nowhere_but_to_the_pipeline_plugin(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins, "flow")
        before = get(http, f"/job/flow/{number}/api/json")
        assert get(http, f"/job/flow/{number}/wfapi/describe")["status"] == "IN_PROGRESS"
        assert get(http, f"/job/flow/{number}/wfapi/pendingInputActions") == []
        pause = jenkins.wait_for_input("flow", number, "Deploy?")
        assert get(http, f"/job/flow/{number}/api/json") == before
        described = get(http, f"/job/flow/{number}/wfapi/describe")
        assert described["status"] == "PAUSED_PENDING_INPUT"
        (asked,) = get(http, described["_links"]["pendingInputActions"]["href"])
        assert (asked["message"], asked["id"]) == ("Deploy?", pause.id)
        assert "Deploy?" in http.get(f"/job/flow/{number}/consoleText", auth=AUTH).text
        jenkins.answer_input("flow", number)
        jenkins.finish("flow", number)
        assert get(http, f"/job/flow/{number}/wfapi/describe")["status"] == "SUCCESS"

    def test_is_aborted_by_a_no_and_says_whose(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins, "flow")
        jenkins.wait_for_input("flow", number, "Deploy?")
        jenkins.answer_input("flow", number, proceed=False, user="ann")
        jenkins.finish("flow", number)
        said = get(http, f"/job/flow/{number}/api/json")
        assert said["result"] == "ABORTED"
        assert causes(said)[-1] == ("Rejection", "Rejected by ann")

    def test_waits_by_itself_where_its_job_says_so(self, tmp_path: Path):
        with Jenkins(tmp_path / "other", quiet_period=0.0) as jenkins:
            jenkins.add_job("ship", kind="pipeline", asks="Ship it?")
            jenkins.start_by_hand("ship")
            builds = jenkins.jobs.get("ship").builds
            wait_for(lambda: builds and builds[1].waits_at)
            jenkins.answer_input("ship", 1)
            jenkins.wait_idle()
            assert jenkins.build("ship", 1).result == "SUCCESS"

    def test_is_no_freestyle_job(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins)
        answer = http.get(f"/job/app/{number}/wfapi/describe", auth=AUTH)
        assert answer.status_code == 404
        with pytest.raises(LookupError, match="waits for no input"):
            jenkins.answer_input("app", number)


class TestAJob:
    def test_shows_that_it_notifies_and_not_whom(self, jenkins: Jenkins, http: Client):
        bare = {"_class": "com.tikal.hudson.plugins.notification.HudsonNotificationProperty"}
        assert bare not in get(http, "/job/app/api/json")["property"]
        jenkins.add_job("loud", endpoints=[Endpoint("http://127.0.0.1:9/secret")])
        for query in ("", "?tree=property[parameterDefinitions[name]]", "?depth=2"):
            said = get(http, f"/job/loud/api/json{query}")
            assert bare in said["property"]
            assert "secret" not in str(said)

    def test_shows_its_parameters_twice_and_their_defaults_names_once(self, jenkins, http):
        said = get(http, "/job/app/api/json")
        (whole,) = said["property"]
        (short,) = [action for action in said["actions"] if action]
        assert short["_class"] == whole["_class"] == "hudson.model.ParametersDefinitionProperty"
        first, second = (one["parameterDefinitions"][0] for one in (whole, short))
        assert first["name"] == second["name"] == "A"
        assert first["defaultParameterValue"]["name"] == "A"
        assert "name" not in second["defaultParameterValue"]

    def test_hides_a_password_s_value_everywhere(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins, P="s3cret")
        said = get(http, f"/job/app/{number}/api/json")
        shown = [p for a in said["actions"] for p in a.get("parameters", ()) if p["name"] == "P"]
        assert shown == [{"_class": "hudson.model.PasswordParameterValue", "name": "P"}]

    def test_is_found_in_any_case_and_says_its_real_name(self, jenkins, http, receiver: Receiver):
        jenkins.add_job("Team/Widgets", endpoints=[Endpoint(receiver.url)])
        said = get(http, "/job/TEAM/job/widgets/api/json")
        assert (said["name"], said["fullName"]) == ("Widgets", "Team/Widgets")
        assert http.post("/job/team/job/WIDGETS/build", auth=AUTH).status_code == 201
        jenkins.start_next()
        assert b'"url":"job/Team/job/Widgets/"' in receiver.bodies[0]
        said = get(http, "/job/team/job/WIDGETS/1/api/json")
        assert said["url"] == "http://jenkins.example/job/Team/job/Widgets/1/"

    def test_may_be_called_job_in_a_folder_called_job(self, jenkins, http, receiver: Receiver):
        jenkins.add_job("job/job", endpoints=[Endpoint(receiver.url)])
        assert get(http, "/job/job/job/job/api/json")["fullName"] == "job/job"
        assert http.post("/job/job/job/job/build", auth=AUTH).status_code == 201
        number = jenkins.start_next().number
        assert get(http, f"/job/job/job/job/{number}/api/json")["fullDisplayName"] == "job » job #1"
        assert [message.phase for message in jenkins.notifications.log] == [
            Phase.QUEUED,
            Phase.STARTED,
        ]
        assert b'"url":"job/job/job/job/"' in receiver.bodies[0]

    def test_that_is_renamed_or_moved_is_404_where_it_was_and_keeps_its_builds(self, jenkins, http):
        jenkins.add_job("team/app", parameters=[String("A")])
        begin(jenkins, "team/app")
        jenkins.start_by_hand("team/app", {"A": "2"})
        jenkins.rename_job("team/app", "new")
        assert http.get("/job/team/job/app/api/json", auth=AUTH).status_code == 404
        assert get(http, "/job/team/job/new/1/api/json")["number"] == 1
        jenkins.move_job("team/new", "other/place")
        assert http.get("/job/team/job/new/api/json", auth=AUTH).status_code == 404
        assert get(http, "/job/other/job/place/job/new/api/json")["nextBuildNumber"] == 2
        (item,) = get(http, "/queue/api/json")["items"]
        assert item["task"]["url"] == "http://jenkins.example/job/other/job/place/job/new/"
        jenkins.rename_job("other", "OTHER")
        assert get(http, "/job/other/job/place/job/new/api/json")["fullName"] == "OTHER/place/new"
        with pytest.raises(KeyError):
            jenkins.rename_job("app", "alone")

    def test_that_is_deleted_takes_its_running_builds_with_it(self, jenkins, http):
        number = begin(jenkins)
        jenkins.start_by_hand("app", {"A": "2"})
        answer = http.post("/job/app/doDelete", auth=("admin", "root"))
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert http.get(f"/job/app/{number}/api/json", auth=AUTH).status_code == 404
        assert get(http, "/queue/item/2/api/json")["cancelled"] is True
        refused = http.post("/job/app/buildWithParameters", auth=AUTH)
        assert refused.status_code == 404
        assert "<title>Not Found - Jenkins</title>" in refused.text


class TestPages:
    def test_come_in_pieces_and_are_long(self, jenkins: Jenkins):
        with Server(jenkins.wsgi) as server:
            answer = requests.get(f"{server.url}/job/nowhere/", auth=AUTH, timeout=PATIENCE)
        assert answer.status_code == 404
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in answer.headers
        assert answer.headers["X-Hudson"] == "1.395"
        assert 7_000 < len(answer.content) < 14_000

    def test_that_is_cut_off_is_no_whole_page(self, jenkins: Jenkins):
        with Server(jenkins.wsgi) as server:
            jenkins.faults.add("GET", "/job/nowhere/", drop="half")
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                requests.get(f"{server.url}/job/nowhere/", auth=AUTH, timeout=PATIENCE)


class TestALog:
    def test_has_hidden_parts_and_other_line_ends_where_it_is_read_in_pieces(self, jenkins, http):
        number = begin(jenkins)
        jenkins.finish("app", number, "SUCCESS")
        raw = bytes(jenkins.build("app", number).log)
        piece = http.get(f"/job/app/{number}/logText/progressiveText", auth=AUTH)
        assert piece.data == raw.replace(b"\n", b"\r\n")
        assert piece.headers["X-Text-Size"] == str(len(raw))
        assert piece.data.startswith(b"Started by user \x1b[8mha:////")
        assert b"\x1b[0madmin\r\nRunning as SYSTEM\r\n" in piece.data
        rest = http.get(f"/job/app/{number}/logText/progressiveText?start=10", auth=AUTH)
        assert rest.data == raw[10:].replace(b"\n", b"\r\n")

    def test_is_plain_where_it_is_read_whole(self, jenkins: Jenkins, http: Client):
        number = begin(jenkins)
        whole = http.get(f"/job/app/{number}/consoleText", auth=AUTH)
        assert whole.text.splitlines()[:2] == ["Started by user admin", "Running as SYSTEM"]
        assert b"\r" not in whole.data
