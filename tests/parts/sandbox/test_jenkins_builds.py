"""The sandbox Jenkins' builds: their JSON, stopping, logs, real scripts in real checkouts."""

import subprocess
from pathlib import Path

import pytest
from werkzeug.test import Client

from leeroy_sandbox.jenkins import Jenkins, Password, Permission, Result, String, TestReport
from tests.waiting import wait_for

AUTH = ("leeroy", "11" + "a" * 32)


@pytest.fixture
def jenkins(tmp_path: Path):
    with Jenkins(tmp_path, auto=False, root_url="https://jenkins.example/ci") as jenkins:
        everything = {Permission.OVERALL_READ, Permission.READ, Permission.BUILD}
        jenkins.add_user(
            "leeroy",
            token=AUTH[1],
            permissions=everything | {Permission.CANCEL, Permission.DELETE_BUILD},
        )
        jenkins.add_user("reader", token="t", permissions=everything)
        jenkins.add_job("ci/app", parameters=[String("GIT_SHA1"), Password("P", default="s3cret")])
        jenkins.add_job("flow", kind="pipeline")
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def get(http: Client, path: str):
    answer = http.get(path, auth=AUTH)
    assert answer.status_code == 200, answer.status
    return answer.json


def run(jenkins: Jenkins, job: str, result: str | None = None, **parameters: str):
    jenkins.start_by_hand(job, parameters)
    return jenkins.finish(job, jenkins.start_next(job).number, result)


def test_a_freestyle_builds_keys_stand_in_jenkins_order(jenkins: Jenkins, http: Client):
    run(jenkins, "ci/app", "FAILURE")
    build = get(http, "/job/ci/job/app/1/api/json")
    assert list(build) == [
        *("_class", "actions", "artifacts", "building", "description", "displayName", "duration"),
        *("estimatedDuration", "executor", "fullDisplayName", "id", "inProgress", "keepLog"),
        *("number", "queueId", "result", "timestamp", "url", "builtOn", "changeSet", "culprits"),
    ]
    assert build["url"] == "https://jenkins.example/ci/job/ci/job/app/1/"
    assert build["fullDisplayName"] == "ci » app #1"
    assert (build["id"], build["number"], build["queueId"]) == ("1", 1, 1)


def test_a_running_build_has_no_result_and_no_duration(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("ci/app")
    jenkins.start_next()
    build = get(http, "/job/ci/job/app/1/api/json")
    assert (build["building"], build["result"], build["duration"]) == (True, None, 0)
    assert build["executor"] == {}
    assert get(http, "/job/ci/job/app/api/json")["color"] == "notbuilt_anime"


def test_a_pipeline_shows_its_neighbours(jenkins: Jenkins, http: Client):
    for _ in range(3):
        run(jenkins, "flow", "SUCCESS")
    build = get(http, "/job/flow/2/api/json")
    assert build["_class"] == "org.jenkinsci.plugins.workflow.job.WorkflowRun"
    assert (build["previousBuild"]["number"], build["nextBuild"]["number"]) == (1, 3)
    assert "changeSets" in build
    assert "builtOn" not in build


def test_a_password_is_given_to_the_build_and_shown_to_nobody(jenkins: Jenkins, http: Client):
    jenkins.jobs.get("ci/app").shell = 'test "$P" = s3cret'
    build = run(jenkins, "ci/app")
    assert build.result is Result.SUCCESS
    assert "s3cret" not in http.get("/job/ci/job/app/1/api/json", auth=AUTH).text
    assert "s3cret" not in repr(build.parameters)


def test_permalinks_lead_to_numbers(jenkins: Jenkins, http: Client):
    for result in ("SUCCESS", "FAILURE", "UNSTABLE", "ABORTED"):
        run(jenkins, "flow", result)
    jenkins.start_by_hand("flow")
    jenkins.start_next()
    expected = {
        "lastBuild": 5,
        "lastCompletedBuild": 4,
        "lastSuccessfulBuild": 3,
        "lastStableBuild": 1,
        "lastFailedBuild": 2,
        "lastUnstableBuild": 3,
        "lastUnsuccessfulBuild": 4,
    }
    found = {name: get(http, f"/job/flow/{name}/api/json")["number"] for name in expected}
    assert found == expected
    assert http.get("/job/ci/job/app/lastBuild/api/json", auth=AUTH).status_code == 404


def test_stop_asks_and_redirects_and_the_result_comes_later(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("ci/app")
    jenkins.start_next()
    answer = http.post("/job/ci/job/app/1/stop", auth=AUTH)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/job/ci/job/app/1/"
    assert jenkins.build("ci/app", 1).building
    jenkins.finish("ci/app", 1)
    assert jenkins.build("ci/app", 1).result is Result.ABORTED
    back = http.post("/job/ci/job/app/1/stop", auth=AUTH, headers={"Referer": "http://x/y"})
    assert (back.status_code, back.headers["Location"]) == (302, "http://x/y")


@pytest.mark.parametrize(
    ("method", "path", "user", "status"),
    [
        pytest.param("GET", "/job/flow/1/stop", AUTH, 405, id="GET"),
        pytest.param("POST", "/job/flow/9/stop", AUTH, 404, id="unknown build"),
        pytest.param("POST", "/job/flow/1/stop", ("reader", "t"), 403, id="no permission"),
        pytest.param("POST", "/job/ci/job/app/1/kill", AUTH, 404, id="freestyle has no kill"),
    ],
)
def test_stop_is_refused(
    jenkins: Jenkins, http: Client, method: str, path: str, user: tuple[str, str], status: int
):
    for job in ("flow", "ci/app"):
        jenkins.start_by_hand(job)
        jenkins.start_next(job)
    assert http.open(path, method=method, auth=user).status_code == status


def test_kill_ends_a_pipeline_within_the_request(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("flow")
    jenkins.start_next()
    assert http.post("/job/flow/1/kill", auth=AUTH).status_code == 302
    assert jenkins.build("flow", 1).result is Result.ABORTED
    assert not jenkins.build("flow", 1).in_progress


def test_a_deleted_build_is_gone_and_its_number_stays_used(jenkins: Jenkins, http: Client):
    run(jenkins, "flow", "SUCCESS")
    assert http.post("/job/flow/1/doDelete", auth=("reader", "t")).status_code == 403
    assert http.post("/job/flow/1/doDelete", auth=AUTH).status_code == 302
    assert http.get("/job/flow/1/api/json", auth=AUTH).status_code == 404
    assert run(jenkins, "flow", "SUCCESS").number == 2


def test_a_log_can_be_followed(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("flow", user="alice")
    jenkins.start_next()
    path = "/job/flow/1/logText/progressiveText"
    first = http.get(path, auth=AUTH)
    assert first.text.startswith("Started by user \x1b[8mha:////")
    assert first.text.endswith("\x1b[0malice\r\nRunning as SYSTEM\r\n")
    size = first.headers["X-Text-Size"]
    assert (int(size), first.headers["X-More-Data"]) == (len(first.data) - 2, "true")
    jenkins.finish("flow", 1, "SUCCESS")
    rest = http.get(f"{path}?start={size}", auth=AUTH)
    assert rest.text == "Finished: SUCCESS\r\n"
    assert "X-More-Data" not in rest.headers
    assert http.get(f"{path}?start=999", auth=AUTH).text.startswith("Started by")
    whole = http.get("/job/flow/1/consoleText", auth=AUTH)
    assert whole.content_type == "text/plain;charset=utf-8"
    assert whole.text == "Started by user alice\nRunning as SYSTEM\nFinished: SUCCESS\n"


def test_test_results_have_a_document_of_their_own(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("flow")
    jenkins.start_next()
    assert http.get("/job/flow/1/testReport/api/json", auth=AUTH).status_code == 404
    report = TestReport.of(passed=8, failed=["pkg.Class.test"], skipped=1)
    jenkins.finish("flow", 1, "UNSTABLE", test_summary=report)
    document = get(http, "/job/flow/1/testReport/api/json")
    assert [document[k] for k in ("failCount", "passCount", "skipCount")] == [1, 8, 1]
    failed = [c for c in document["suites"][0]["cases"] if c["status"] == "FAILED"]
    assert [(c["className"], c["name"]) for c in failed] == [("pkg.Class", "test")]
    actions = get(http, "/job/flow/1/api/json")["actions"]
    assert {"totalCount": 10}.items() <= actions[-1].items()


@pytest.mark.parametrize(
    ("script", "result"),
    [
        pytest.param("true", Result.SUCCESS, id="exit 0"),
        pytest.param("exit 3", Result.FAILURE, id="exit 3"),
        pytest.param("exit 77", Result.UNSTABLE, id="the unstable exit"),
        pytest.param("false; true", Result.FAILURE, id="sh -e stops at the first failure"),
    ],
)
def test_the_exit_code_decides(jenkins: Jenkins, script: str, result: Result):
    jenkins.add_job("script", shell=script, unstable_exit=77)
    assert run(jenkins, "script").result is result


def test_a_script_gets_its_parameters_and_jenkins_own_variables(jenkins: Jenkins):
    names = ["GIT_SHA1", "BUILD_NUMBER", "JOB_NAME", "BUILD_URL", "WORKSPACE", "JENKINS_URL"]
    lines = "\n".join(f"echo {name}=${name}" for name in names)
    jenkins.jobs.get("ci/app").shell = f"set +x\n{lines}\npwd"
    build = run(jenkins, "ci/app", GIT_SHA1="abc")
    said = build.log.decode()
    assert "GIT_SHA1=abc\nBUILD_NUMBER=1\nJOB_NAME=ci/app\n" in said
    assert "BUILD_URL=https://jenkins.example/ci/job/ci/job/app/1/" in said
    workspace = said.partition("WORKSPACE=")[2].splitlines()[0]
    assert f"\n{workspace}\n" in said  # it runs there


def test_our_own_environment_is_none_of_a_builds_business(
    jenkins: Jenkins, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LEEROY_WEBHOOK_SECRET", "hush")
    jenkins.add_job("nosy", shell="env")
    assert b"hush" not in run(jenkins, "nosy").log


def test_without_a_root_url_a_build_has_no_url_to_show(tmp_path: Path):
    with Jenkins(tmp_path, auto=False) as jenkins:
        jenkins.add_job("app", shell='echo "[$BUILD_URL]"')
        assert "\n[]\n" in run(jenkins, "app").log.decode()


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "git" / "acme" / "widgets.git"
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    for number in (1, 2):
        (path / f"file{number}").write_text(f"{number}\n")
        git(path, "add", ".")
        git(path, "commit", "--quiet", "-m", f"Add {number}")
    return path


def test_a_script_runs_on_a_checkout_of_the_commit_it_was_given(
    jenkins: Jenkins, http: Client, repository: Path, tmp_path: Path
):
    first, second = git(repository, "rev-parse", "HEAD~1", "HEAD").split()
    jenkins.add_job(
        "build",
        parameters=[String("GIT_BASE_REPO"), String("GIT_SHA1")],
        git_url=f"{tmp_path}/git/${{GIT_BASE_REPO}}.git",
        shell="ls; touch left-over",
    )
    one = run(jenkins, "build", GIT_BASE_REPO="acme/widgets", GIT_SHA1=first)
    assert b"file1\n" in one.log
    assert b"file2\n" not in one.log
    two = run(jenkins, "build", GIT_BASE_REPO="acme/widgets", GIT_SHA1=second)
    assert b"file2\n" in two.log
    assert b"left-over\n" not in two.log.replace(b"touch left-over", b"")
    assert two.revision.changes == ("file2",)
    data = next(
        action
        for action in get(http, "/job/build/2/api/json")["actions"]
        if action.get("_class") == "hudson.plugins.git.util.BuildData"
    )
    assert data["lastBuiltRevision"] == {
        "SHA1": second,
        "branch": [{"SHA1": second, "name": "detached"}],
    }
    assert data["remoteUrls"] == [str(repository)]


def test_a_commit_that_was_not_fetched_fails_the_build(jenkins: Jenkins, repository: Path):
    jenkins.add_job("build", git_url=str(repository), revision="f" * 40, shell="true")
    build = run(jenkins, "build")
    assert build.result is Result.FAILURE
    assert b"ERROR: Couldn't find any revision to build." in build.log


def test_junit_files_become_the_builds_tests(jenkins: Jenkins):
    xml = (
        '<testsuite><testcase classname="a.B" name="ok"/>'
        '<testcase classname="a.B" name="bad"><failure message="1 != 2"/></testcase>'
        '<testcase classname="a.B" name="later"><skipped/></testcase></testsuite>'
    )
    jenkins.add_job("tested", shell=f"echo '{xml}' > report.xml", test_report="*.xml")
    build = run(jenkins, "tested")
    assert build.result is Result.UNSTABLE
    assert build.test_report.failed == ["a.B.bad"]
    assert build.test_report.count() == 3


def test_an_aborted_script_ends_with_all_it_started(tmp_path: Path):
    with Jenkins(tmp_path, quiet_period=0) as jenkins:
        jenkins.add_job("slow", shell="echo ready; sleep 3600 & wait")
        jenkins.start_by_hand("slow")
        wait_for(lambda: jenkins.builds("slow") and b"ready\n" in jenkins.build("slow", 1).log)
        jenkins.build("slow", 1).stop()
        jenkins.wait_idle()
        assert jenkins.build("slow", 1).result is Result.ABORTED


def test_builds_of_one_job_have_workspaces_of_their_own(tmp_path: Path):
    with Jenkins(tmp_path, quiet_period=0, executors=2) as jenkins:
        # Each waits until the other has been there.
        script = 'touch ../$N; while [ ! -e ../$O ]; do sleep 0.01; done; echo "at $WORKSPACE"'
        jenkins.add_job("twice", parameters=[String("N"), String("O")], shell=script)
        jenkins.start_by_hand("twice", {"N": "a", "O": "b"})
        jenkins.start_by_hand("twice", {"N": "b", "O": "a"})
        jenkins.wait_idle()
        places = {
            b.log.decode().rpartition("at ")[2].splitlines()[0] for b in jenkins.builds("twice")
        }
        assert places == {f"{tmp_path}/workspace/twice", f"{tmp_path}/workspace/twice@2"}


def test_a_matrix_builds_parts_hang_below_it(jenkins: Jenkins, http: Client):
    jenkins.add_job("grid", kind="matrix", axes={"OS": ("linux", "mac")})
    run(jenkins, "grid", "SUCCESS")
    build = get(http, "/job/grid/1/api/json")
    assert build["_class"] == "hudson.matrix.MatrixBuild"
    assert [part["url"].removeprefix("https://jenkins.example/ci/") for part in build["runs"]] == [
        "job/grid/OS=linux/1/",
        "job/grid/OS=mac/1/",
    ]
    part = get(http, "/job/grid/OS=mac/1/api/json")
    assert (part["_class"], part["result"]) == ("hudson.matrix.MatrixRun", "SUCCESS")
