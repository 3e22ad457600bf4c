"""Who may ask the sandbox Jenkins for what: credentials, permissions, crumbs, restarts."""

from pathlib import Path

import pytest
from werkzeug.test import Client

from leeroy_sandbox.jenkins import ORDINARY, Jenkins, Permission

TOKEN = "11" + "a" * 32
BY_TOKEN = ("leeroy", TOKEN)
BY_PASSWORD = ("leeroy", "pass word")


@pytest.fixture
def jenkins(tmp_path: Path):
    with Jenkins(tmp_path, auto=False, clock=lambda: 1_790_000_000.0) as jenkins:
        jenkins.add_user("leeroy", token=TOKEN, password="pass word")
        jenkins.add_job("app")
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def crumb_of(http: Client, auth: tuple[str, str]) -> dict[str, str]:
    document = http.get("/crumbIssuer/api/json", auth=auth).json
    assert document["_class"] == "hudson.security.csrf.DefaultCrumbIssuer"
    return {document["crumbRequestField"]: document["crumb"]}


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Basic bGVlcm95Ondyb25n", id="wrong secret"),
        pytest.param("Basic bm9ib2R5OmF0IGFsbA==", id="unknown user"),
        pytest.param("Basic !!!", id="not base64"),
        pytest.param("Basic bGVlcm95", id="no colon"),
    ],
)
@pytest.mark.parametrize("path", ["/job/app/build", "/api/json", "/whoAmI/api/json", "/nowhere"])
def test_bad_credentials_are_401_on_every_address(http: Client, header: str, path: str):
    answer = http.post(path, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Jenkins", charset="UTF-8"'
    assert answer.headers["Set-Cookie"].startswith("remember-me=; Path=/; ")
    assert "<tr><th>MESSAGE:</th><td>Unauthorized</td></tr>" in answer.text
    assert "X-Jenkins" not in answer.headers


def test_nobody_in_particular_gets_403_and_a_way_to_the_login(http: Client):
    answer = http.get("/job/app/api/json")
    assert answer.status_code == 403
    assert "Authentication required" in answer.text
    assert "/login?from=%2Fjob%2Fapp%2Fapi%2Fjson" in answer.text
    assert answer.headers["X-Jenkins"] == "2.568.2"
    assert answer.headers["X-You-Are-Authenticated-As"] == "anonymous"
    assert answer.headers["X-Required-Permission"] == "hudson.model.Hudson.Read"
    assert "Permission you need to have (but didn't): hudson.model.Hudson.Read" in answer.text
    script = http.get("/job/app/api/json", headers={"X-Requested-With": "XMLHttpRequest"})
    assert (script.status_code, script.data) == (403, b"")


def test_a_lacking_permission_is_named_in_headers(jenkins: Jenkins, http: Client):
    jenkins.add_user("reader", token="t", permissions={Permission.OVERALL_READ, Permission.READ})
    answer = http.post("/job/app/build", auth=("reader", "t"))
    assert answer.status_code == 403
    assert "reader is missing the Job/Build permission" in answer.text
    assert answer.headers["X-You-Are-Authenticated-As"] == "reader"
    assert answer.headers["X-Required-Permission"] == "hudson.model.Item.Build"
    assert answer.headers.getlist("X-Permission-Implied-By") == [
        "hudson.security.Permission.GenericUpdate",
        "hudson.security.Permission.GenericWrite",
        "hudson.model.Hudson.Administer",
    ]


@pytest.mark.parametrize(
    ("held", "status"),
    [
        pytest.param(set(), 404, id="hidden"),
        pytest.param({Permission.DISCOVER}, 403, id="discovered"),
        pytest.param({Permission.READ}, 200, id="read"),
        pytest.param({Permission.ADMINISTER}, 200, id="administered"),
    ],
)
def test_what_may_not_be_read_is_not_there(
    jenkins: Jenkins, http: Client, held: set[Permission], status: int
):
    jenkins.add_job("secret", permissions={"leeroy": frozenset(held)})
    assert http.get("/job/secret/api/json", auth=BY_TOKEN).status_code == status
    item = jenkins.start_by_hand("secret")
    assert http.get(f"/queue/item/{item.id}/api/json", auth=BY_TOKEN).status_code == status
    shown = [job["name"] for job in http.get("/api/json", auth=BY_TOKEN).json["jobs"]]
    assert ("secret" in shown) is (status == 200)


def test_a_password_needs_a_crumb_and_a_token_does_not(http: Client):
    assert http.post("/job/app/build", auth=BY_TOKEN).status_code == 201
    refused = http.post("/job/app/build", auth=BY_PASSWORD)
    assert refused.status_code == 403
    assert "<h2>HTTP ERROR 403 No valid crumb was included in the request</h2>" in refused.text
    assert "X-Required-Permission" not in refused.headers
    assert "X-Jenkins" not in refused.headers


def test_a_missing_crumb_is_noticed_before_a_missing_job(http: Client):
    assert http.post("/job/nowhere/build", auth=BY_PASSWORD).status_code == 403
    assert http.post("/job/nowhere/build", auth=BY_TOKEN).status_code == 404


def test_a_crumb_holds_in_the_session_it_was_given_to(jenkins: Jenkins, http: Client):
    crumb = crumb_of(http, BY_PASSWORD)
    assert len(crumb["Jenkins-Crumb"]) == 64
    assert http.post("/job/app/build", auth=BY_PASSWORD, headers=crumb).status_code == 201
    assert http.post("/job/app/build", auth=BY_PASSWORD, data=crumb).status_code == 201
    elsewhere = Client(jenkins.wsgi)
    assert elsewhere.post("/job/app/build", auth=BY_PASSWORD, headers=crumb).status_code == 403


def test_the_crumbs_cookie_is_named_for_this_start(http: Client):
    answer = http.get("/crumbIssuer/api/json", auth=BY_PASSWORD)
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name.startswith("JSESSIONID.")
    assert len(name) == len("JSESSIONID.") + 8
    assert rest.endswith("; Path=/; HttpOnly")


def test_a_crumb_is_one_users(jenkins: Jenkins, http: Client):
    jenkins.add_user("other", password="secret")
    crumb = crumb_of(http, BY_PASSWORD)
    answer = http.post("/job/app/build", auth=("other", "secret"), headers=crumb)
    assert answer.status_code == 403


def test_a_restart_ends_crumbs_and_shows_in_a_header(jenkins: Jenkins, http: Client):
    crumb = crumb_of(http, BY_PASSWORD)
    before = http.get("/api/json", auth=BY_TOKEN).headers["X-Jenkins-Session"]
    jenkins.restart()
    assert http.post("/job/app/build", auth=BY_PASSWORD, headers=crumb).status_code == 403
    assert http.post("/job/app/build", auth=BY_TOKEN).status_code == 201
    assert http.get("/api/json", auth=BY_TOKEN).headers["X-Jenkins-Session"] != before


def test_a_session_nobody_uses_ends(tmp_path: Path):
    now = [0.0]
    with Jenkins(tmp_path, auto=False, clock=lambda: now[0]) as jenkins:
        jenkins.add_user("leeroy", password="pass word")
        jenkins.add_job("app")
        http = Client(jenkins.wsgi)
        crumb = crumb_of(http, BY_PASSWORD)
        now[0] += 1700
        assert http.post("/job/app/build", auth=BY_PASSWORD, headers=crumb).status_code == 201
        now[0] += 1801
        assert http.post("/job/app/build", auth=BY_PASSWORD, headers=crumb).status_code == 403


def test_old_crumbs_are_short_and_know_no_session(tmp_path: Path):
    with Jenkins(tmp_path, auto=False, version="2.176.1") as jenkins:
        jenkins.add_user("leeroy", password="pass word")
        jenkins.add_job("app")
        crumb = crumb_of(Client(jenkins.wsgi), BY_PASSWORD)
        assert len(crumb["Jenkins-Crumb"]) == 32
        answer = Client(jenkins.wsgi).post("/job/app/build", auth=BY_PASSWORD, headers=crumb)
        assert answer.status_code == 201


def test_without_csrf_there_is_no_crumb_to_be_had_or_needed(tmp_path: Path):
    with Jenkins(tmp_path, auto=False, csrf=False) as jenkins:
        jenkins.add_user("leeroy", password="pass word")
        jenkins.add_job("app")
        http = Client(jenkins.wsgi)
        assert http.get("/crumbIssuer/api/json", auth=BY_PASSWORD).status_code == 404
        assert http.post("/job/app/build", auth=BY_PASSWORD).status_code == 201


def test_without_security_nobody_is_asked(tmp_path: Path):
    with Jenkins(tmp_path, auto=False, security=False, csrf=False) as jenkins:
        jenkins.add_job("app")
        http = Client(jenkins.wsgi)
        assert http.post("/job/app/build", auth=("who", "ever")).status_code == 201
        assert jenkins.queue()[0].causes[0].fields == {"userId": None, "userName": "anonymous"}


def test_everybody_can_ask_who_they_are(http: Client):
    assert http.get("/whoAmI/api/json").json["anonymous"] is True
    assert http.get("/whoAmI/api/json", auth=BY_TOKEN).json["name"] == "leeroy"
    assert http.get("/me/api/json").status_code == 403
    assert http.get("/me/api/json", auth=BY_TOKEN).json["id"] == "leeroy"


def test_a_jenkins_that_is_not_up_says_503_to_everything(jenkins: Jenkins, http: Client):
    jenkins.down = True
    for answer in (
        http.get("/api/json"),
        http.post("/job/app/build", auth=("leeroy", "wrong")),
        http.get("/queue/item/1/api/json", auth=BY_TOKEN),
    ):
        assert answer.status_code == 503
        assert answer.content_type.startswith("text/html")
        assert "Jenkins is getting ready to work" in answer.text
        assert answer.headers["Cache-Control"] == "no-cache,no-store,must-revalidate"
        assert "Retry-After" not in answer.headers
        assert "X-Jenkins" not in answer.headers
    jenkins.down = False
    assert http.get("/api/json", auth=BY_TOKEN).status_code == 200


def test_a_made_up_token_looks_like_jenkins(jenkins: Jenkins):
    user = jenkins.add_user("other")
    assert (len(user.token), user.token[:2]) == (34, "11")
    assert user.token not in repr(user)
    assert user.permissions == ORDINARY
