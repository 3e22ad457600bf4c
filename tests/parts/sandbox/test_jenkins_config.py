"""The `config.xml` of the sandbox Jenkins' jobs: shown to who may see it, and made jobs of."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from werkzeug.test import Client

from leeroy_sandbox.jenkins import (
    EVERYTHING,
    ORDINARY,
    Boolean,
    Choice,
    Endpoint,
    Jenkins,
    Job,
    Kind,
    Password,
    Permission,
    String,
    Text,
)

ADMIN = ("admin", "root")
SHOWN = {
    "kind": Kind.FREESTYLE,
    "git_url": "https://git.example/acme/widgets.git",
    "revision": "*/main",
    "refspec": "+refs/pull/*/head:refs/remotes/origin/pr/*",
    "shell": "make test < /dev/null && echo done",
    "disabled": True,
    "concurrent": False,
    "token": "sesame",
}


@pytest.fixture
def jenkins(tmp_path: Path) -> Iterator[Jenkins]:
    with Jenkins(tmp_path, auto=False) as jenkins:
        jenkins.add_user("admin", token="root", permissions=EVERYTHING)
        jenkins.add_user("leeroy", token="t")
        jenkins.add_user("curious", token="c", permissions=ORDINARY | {Permission.EXTENDED_READ})
        parameters = [
            String("GIT_SHA1", default="main", trim=True),
            Text("NOTE"),
            Boolean("DEPLOY", default=True),
            Choice("WHERE", choices=("here", "there")),
            Password("KEY"),
        ]
        jenkins.add_job(
            "ci/app", parameters=parameters, endpoints=[Endpoint("http://x/?s=1")], **SHOWN
        )
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def test_it_is_shown_to_who_may_see_it(jenkins: Jenkins, http: Client):
    address = "/job/ci/job/app/config.xml"
    refused = http.get(address, auth=("leeroy", "t"))
    assert refused.status_code == 403
    assert refused.headers["X-Required-Permission"] == "hudson.model.Item.ExtendedRead"
    answer = http.get(address, auth=("curious", "c"))
    assert (answer.status_code, answer.content_type) == (200, "application/xml")
    declaration, _, rest = answer.text.partition("\n")
    assert declaration == "<?xml version='1.1' encoding='UTF-8'?>"
    root = ElementTree.fromstring(rest)
    assert root.findtext("scm/branches/*/name") == "*/main"
    assert root.findtext("properties/*/endpoints/*/urlInfo/urlOrId") == "http://x/?s=1"


def test_a_job_made_of_it_is_the_same(jenkins: Jenkins, http: Client):
    shown = http.get("/job/ci/job/app/config.xml", auth=ADMIN).data
    made = http.post("/job/ci/createItem?name=copy", data=shown, auth=ADMIN)
    assert (made.status_code, made.data) == (200, b"")
    one, other = jenkins.jobs.get("ci/app"), jenkins.jobs.get("ci/copy")

    def facts(job: Job) -> list[object]:
        kept = [getattr(job, name) for name in SHOWN]
        return [*kept, *(d for d in job.definitions if not isinstance(d, Password)), job.endpoints]

    assert facts(one) == facts(other)
    assert http.get("/job/ci/job/copy/config.xml", auth=ADMIN).data == shown


@pytest.mark.parametrize(
    ("name", "text", "status"),
    [
        ("new", b"<project/>", 200),
        ("", b"<project/>", 400),
        ("ci", b"<project/>", 400),
        ("bad", b"<project>", 500),
        ("strange", b"<maven2-moduleset/>", 500),
    ],
)
def test_what_is_no_job_is_refused(http: Client, name: str, text: bytes, status: int):
    answer = http.post(f"/createItem?name={name}", data=text, auth=ADMIN)
    assert answer.status_code == status
    assert http.post("/createItem?name=no", data=text, auth=("leeroy", "t")).status_code == 403


def test_a_job_that_says_no_more_fetches_branches_alone(jenkins: Jenkins, http: Client):
    text = (
        b"<project><scm><userRemoteConfigs><c><url>https://x/y.git</url></c></userRemoteConfigs>"
        b"<branches><b><name>*/master</name></b></branches></scm></project>"
    )
    http.post("/createItem?name=new", data=text, auth=ADMIN)
    job = jenkins.jobs.get("new")
    assert (job.revision, job.refspec) == ("*/master", "+refs/heads/*:refs/remotes/origin/*")
