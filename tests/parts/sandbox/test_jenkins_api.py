"""The sandbox Jenkins' JSON: tree and depth, escapes, jobs, folders, multibranch projects."""

import json
from pathlib import Path

import pytest
from werkzeug.test import Client

from leeroy_sandbox.jenkins import (
    Boolean,
    Choice,
    Head,
    Jenkins,
    String,
)
from leeroy_sandbox.jenkins.beans import parse_tree, to_json

AUTH = ("leeroy", "11" + "a" * 32)
PROJECT = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"


@pytest.fixture
def jenkins(tmp_path: Path):
    with Jenkins(tmp_path, auto=False) as jenkins:
        jenkins.add_user("leeroy", token=AUTH[1])
        jenkins.add_job("ci/app", parameters=[String("A", default="x"), Boolean("B")])
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def get(http: Client, path: str):
    answer = http.get(path, auth=AUTH)
    assert answer.status_code == 200, answer.status
    return answer.json


def run(jenkins: Jenkins, job: str, result: str = "SUCCESS", times: int = 1) -> None:
    for _ in range(times):
        jenkins.start_by_hand(job)
        jenkins.finish(job, jenkins.start_next(job).number, result)


def test_an_api_answer_has_jenkins_headers(http: Client):
    answer = http.get("/api/json", auth=AUTH)
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert answer.headers["X-Jenkins"] == "2.568.2"
    assert len(answer.headers["X-Jenkins-Session"]) == 8
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "deny"


BUILD = "hudson.model.FreeStyleBuild"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param("name", {"name": "app"}, id="one name"),
        pytest.param("name,nope", {"name": "app"}, id="unknown names are ignored"),
        pytest.param(
            "builds[number]{0,2}",
            {"builds": [{"_class": BUILD, "number": 4}, {"_class": BUILD, "number": 3}]},
            id="range",
        ),
        pytest.param("builds[number]{3,}", {"builds": [{"_class": BUILD, "number": 1}]}, id="from"),
        pytest.param("builds[number]{,1}", {"builds": [{"_class": BUILD, "number": 4}]}, id="to"),
        pytest.param("builds[number]{2}", {"builds": [{"_class": BUILD, "number": 2}]}, id="one"),
        pytest.param("builds{0,1}", {"builds": [{"_class": BUILD}]}, id="no brackets, no fields"),
        pytest.param(
            "lastBuild[result,actions[parameters[name,value]]]",
            {
                "lastBuild": {
                    "_class": BUILD,
                    "actions": [
                        {
                            "_class": "hudson.model.ParametersAction",
                            "parameters": [
                                {
                                    "_class": "hudson.model.StringParameterValue",
                                    "name": "A",
                                    "value": "x",
                                },
                                {
                                    "_class": "hudson.model.BooleanParameterValue",
                                    "name": "B",
                                    "value": False,
                                },
                            ],
                        },
                        {"_class": "hudson.model.CauseAction"},
                        {},
                    ],
                    "result": "SUCCESS",
                }
            },
            id="nested",
        ),
        pytest.param(
            "lastBuild[*]{0,1},name",
            None,
            id="star",
        ),
    ],
)
def test_tree_shows_what_it_names(jenkins: Jenkins, http: Client, tree: str, expected):
    run(jenkins, "ci/app", times=4)
    document = get(http, f"/job/ci/job/app/api/json?tree={tree}")
    if expected is None:
        assert document["lastBuild"]["queueId"] == 4
    else:
        assert document == {"_class": "hudson.model.FreeStyleProject", **expected}


@pytest.mark.parametrize(
    "query", ["tree=a[b", "tree=a]b", "tree=", "tree=a{x}", "tree=a,,b", "tree=[a]", "depth=deep"]
)
def test_bad_syntax_is_a_500(http: Client, query: str):
    answer = http.get(f"/job/ci/job/app/api/json?{query}", auth=AUTH)
    assert answer.status_code == 500
    assert "Logging ID=" in answer.text


def test_tree_wins_over_depth(http: Client):
    document = get(http, "/job/ci/job/app/api/json?depth=2&tree=name")
    assert list(document) == ["_class", "name"]


def test_each_depth_shows_one_level_more(jenkins: Jenkins, http: Client):
    run(jenkins, "ci/app")
    shallow = get(http, "/job/ci/job/app/api/json")["builds"][0]
    assert list(shallow) == ["_class", "number", "url"]
    deep = get(http, "/job/ci/job/app/api/json?depth=1")["builds"][0]
    assert deep["queueId"] == 1
    assert [set(job) for job in get(http, "/api/json")["jobs"]] == [{"_class", "name", "url"}]


def test_builds_shows_the_newest_hundred_and_all_builds_all(jenkins: Jenkins, http: Client):
    run(jenkins, "ci/app", times=102)
    document = get(http, "/job/ci/job/app/api/json")
    assert [b["number"] for b in document["builds"]] == list(range(102, 2, -1))
    assert document["firstBuild"]["number"] == 1
    assert "allBuilds" not in document
    every = get(http, "/job/ci/job/app/api/json?tree=allBuilds[number]")["allBuilds"]
    assert len(every) == 102


def test_a_job_says_what_it_takes(jenkins: Jenkins, http: Client):
    jenkins.add_job("choosy", parameters=[Choice("C", choices=("one", "two"))])
    taken = get(http, "/job/choosy/api/json")["property"]
    assert taken == [
        {
            "_class": "hudson.model.ParametersDefinitionProperty",
            "parameterDefinitions": [
                {
                    "_class": "hudson.model.ChoiceParameterDefinition",
                    "defaultParameterValue": {
                        "_class": "hudson.model.StringParameterValue",
                        "name": "C",
                        "value": "one",
                    },
                    "description": "",
                    "name": "C",
                    "type": "ChoiceParameterDefinition",
                    "choices": ["one", "two"],
                }
            ],
        }
    ]


@pytest.mark.parametrize(
    ("result", "color"),
    [
        ("SUCCESS", "blue"),
        ("UNSTABLE", "yellow"),
        ("FAILURE", "red"),
        ("ABORTED", "aborted"),
        ("NOT_BUILT", "notbuilt"),
    ],
)
def test_a_job_wears_the_color_of_its_last_result(
    jenkins: Jenkins, http: Client, result: str, color: str
):
    run(jenkins, "ci/app", result)
    assert get(http, "/job/ci/job/app/api/json")["color"] == color
    jenkins.disable_job("ci/app")
    document = get(http, "/job/ci/job/app/api/json")
    assert (document["color"], document["buildable"]) == ("disabled", False)


def test_a_job_in_the_queue_shows_its_item(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("ci/app")
    document = get(http, "/job/ci/job/app/api/json")
    assert document["inQueue"] is True
    assert document["queueItem"]["id"] == 1
    assert document["nextBuildNumber"] == 1


def test_folders_hold_jobs_and_have_no_builds(http: Client):
    folder = get(http, "/job/ci/api/json")
    assert folder["_class"] == "com.cloudbees.hudson.plugins.folder.Folder"
    assert [job["name"] for job in folder["jobs"]] == ["app"]
    assert folder["jobs"][0]["color"] == "notbuilt"
    assert "builds" not in folder
    nested = get(http, "/api/json?tree=jobs[name,jobs[name]]")["jobs"]
    assert nested[0]["jobs"] == [{"_class": "hudson.model.FreeStyleProject", "name": "app"}]


def test_addresses_are_encoded_and_names_are_not(jenkins: Jenkins, http: Client):
    jenkins.add_job("my jobs/é & more")
    document = get(http, "/job/my%20jobs/job/%C3%A9%20&%20more/api/json")
    assert document["fullName"] == "my jobs/é & more"
    assert document["url"] == "http://localhost/job/my%20jobs/job/%C3%A9%20&%20more/"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("a\nb\tc", r'"a\u000ab\u0009c"', id="control characters"),
        pytest.param('"\\', r'"\"\\"', id="quotes"),
        pytest.param("\\n", r'"\\n"', id="a backslash before an n"),
        pytest.param("é»", '"é»"', id="raw UTF-8"),
        pytest.param("😀", r'"\ud83d\ude00"', id="surrogates"),
    ],
)
def test_strings_are_written_as_stapler_writes_them(value: str, written: str):
    assert to_json(value) == written
    assert json.loads(written) == value


def test_pretty_is_for_people(http: Client):
    text = http.get("/job/ci/api/json?tree=name&pretty=true", auth=AUTH).text
    assert text.count("\n") == 3


def test_a_tree_is_parsed_with_its_ranges():
    tree = parse_tree("a,b[c,d[e]],f[*]{0,20}")
    assert set(tree.children) == {"a", "b", "f"}
    assert set(tree.children["b"].children["d"].children) == {"e"}
    assert tree.children["f"].cut(list(range(30))) == list(range(20))


@pytest.fixture
def repo(jenkins: Jenkins):
    heads = [Head(name="feature/x", commit="a" * 40), Head(name="PR-12", commit="b" * 40)]
    jenkins.add_job(
        "repo", kind="multibranch", discover=lambda: list(heads), parameters=[String("A")]
    )
    return heads


def test_indexing_makes_branch_jobs_and_builds_them(jenkins: Jenkins, http: Client, repo):
    answer = http.post("/job/repo/build", auth=AUTH)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/job/repo/")
    assert jenkins.indexings == ["repo"]
    assert get(http, "/job/repo/api/json")["jobs"] == []
    jenkins.index("repo")
    project = get(http, "/job/repo/api/json")
    assert project["_class"] == PROJECT
    assert [job["name"] for job in project["jobs"]] == ["feature%2Fx", "PR-12"]
    branch = get(http, "/job/repo/job/feature%252Fx/api/json")
    assert branch["displayName"] == "feature/x"
    assert branch["url"] == "http://localhost/job/repo/job/feature%252Fx/"
    build = jenkins.start_next("repo/PR-12")
    assert build.causes[0].description == "Branch indexing"
    assert build.revision.commit == "b" * 40


def test_indexing_again_builds_what_moved_and_prunes_what_went(jenkins: Jenkins, repo):
    jenkins.index("repo")
    run_all = [jenkins.start_next() for _ in range(2)]
    assert {build.job.name for build in run_all} == {"feature%2Fx", "PR-12"}
    for build in run_all:
        jenkins.finish(build.job.full_name, build.number, "SUCCESS")
    assert jenkins.index("repo") == []
    repo[:] = [Head(name="PR-12", commit="c" * 40)]
    (item,) = jenkins.index("repo")
    assert item.job.head.commit == "c" * 40
    assert jenkins.jobs.find("repo/feature%2Fx") is None
    repo.append(Head(name="feature/x", commit="a" * 40))
    jenkins.index("repo")
    assert jenkins.start_next("repo/feature%2Fx").number == 1  # a job made again starts again


def test_a_branch_takes_parameters_after_its_first_build(jenkins: Jenkins, http: Client, repo):
    jenkins.add_branch("repo", "PR-12", commit="b" * 40)
    trigger = "/job/repo/job/PR-12/buildWithParameters?A=1"
    assert http.post(trigger, auth=AUTH).status_code == 400
    assert http.post("/job/repo/job/PR-12/build", auth=AUTH).status_code == 201
    jenkins.finish("repo/PR-12", jenkins.start_next().number)
    assert http.post(trigger, auth=AUTH).status_code == 201


@pytest.mark.parametrize(("version", "status"), [("2.568.2", 409), ("2.546", 201)])
def test_branches_of_a_disabled_project_are_not_buildable(
    tmp_path: Path, version: str, status: int
):
    with Jenkins(tmp_path, auto=False, version=version) as jenkins:
        jenkins.add_user("leeroy", token=AUTH[1])
        jenkins.add_job("repo", kind="multibranch", disabled=True)
        jenkins.add_branch("repo", "main", commit="a" * 40)
        http = Client(jenkins.wsgi)
        assert http.post("/job/repo/job/main/build", auth=AUTH).status_code == status
        assert http.post("/job/repo/build", auth=AUTH).status_code == 500
