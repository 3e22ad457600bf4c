"""What the answers of GitHub and Jenkins mean for the settings: tables without a network."""

import pytest

from leeroy.cli.findings import Check, Verdict, note, ok, run_checks, show, wrong
from leeroy.cli.hooks import (
    EVENTS,
    hook_address,
    hook_faults,
    ours_among,
    secret_for,
    wanted_events,
)
from leeroy.cli.online_jenkins import job_findings
from leeroy.cli.outline import JobUse, job_uses
from leeroy.errors import Transient
from leeroy.logs import Redactor
from leeroy.model import Hook, JobInfo, JobKind
from tests.making import REPO, a_build_setting, config

ADDRESS = "https://leeroy.test/notification/github"


def a_hook(**fields):
    return Hook(
        **{
            "id": 1,
            "url": ADDRESS,
            "events": EVENTS,
            "is_active": True,
            "content_type": "json",
            "has_secret": True,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("fields", "has_secret", "faults"),
    [
        pytest.param({}, True, [], id="as it should be"),
        pytest.param({"events": frozenset({"*"})}, True, [], id="every event"),
        pytest.param({"events": EVENTS | {"release"}}, True, [], id="more events"),
        pytest.param(
            {"events": EVENTS - {"push"}}, True, ["it lacks the events push"], id="an event less"
        ),
        pytest.param({"is_active": False}, True, ["it is switched off"], id="off"),
        pytest.param(
            {"content_type": "form"}, True, ["its content type is form, not json"], id="a form"
        ),
        pytest.param({"has_secret": False}, True, ["it has no secret"], id="no secret"),
        pytest.param(
            {}, False, ["it has a secret that the settings lack"], id="a secret nobody knows"
        ),
        pytest.param({"has_secret": False}, False, [], id="unsigned by choice"),
    ],
)
def test_what_keeps_leeroy_from_hearing_by_a_webhook(fields, has_secret, faults):
    assert list(hook_faults(a_hook(**fields), has_secret=has_secret)) == faults


@pytest.mark.parametrize(
    ("url", "address", "is_ours"),
    [
        pytest.param(ADDRESS, ADDRESS, True, id="the same"),
        pytest.param(f"{ADDRESS}/", ADDRESS, True, id="a slash more"),
        pytest.param("https://LEEROY.test/notification/github", ADDRESS, True, id="another case"),
        pytest.param("https://old.test/notification/github", ADDRESS, False, id="another Leeroy"),
        pytest.param("https://old.test/notification/github", None, True, id="no public_url"),
        pytest.param("https://ci.test/ghprbhook/", None, False, id="something else"),
    ],
)
def test_which_webhook_is_ours(url, address, is_ours):
    assert bool(ours_among([a_hook(url=url)], address)) is is_ours


def test_events_that_somebody_else_chose_are_kept():
    assert wanted_events(a_hook(events=frozenset({"release"}))) == EVENTS | {"release"}
    assert wanted_events(a_hook(events=frozenset({"*"}))) == {"*"}


def test_the_first_secret_of_a_repository_signs_for_it():
    settings = config(
        github_webhook_secret=["new", "old"],
        repositories={"other/*": {"github_webhook_secret": "others"}},
        public_url="https://leeroy.test/",
    )
    assert (secret_for(settings, REPO), secret_for(settings, "other/x")) == ("new", "others")
    assert hook_address(settings) == ADDRESS


ALL = frozenset({"GIT_SHA1", "LEEROY_BUILD_ID"})


def a_job(**fields):
    return JobInfo(
        **{
            "name": "widgets-pr",
            "kind": JobKind.JOB,
            "is_buildable": True,
            "parameters": ALL,
            "has_endpoints": True,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("fields", "settings", "expected"),
    [
        pytest.param({}, {}, [("ok", "takes what Leeroy sends")], id="as it should be"),
        pytest.param({"is_buildable": False}, {}, [("wrong", "disabled")], id="disabled"),
        pytest.param({"name": "Widgets-PR"}, {}, [("note", "writes it Widgets-PR")], id="case"),
        pytest.param(
            {"has_endpoints": False}, {}, [("note", "sends no notifications")], id="silent"
        ),
        pytest.param({"kind": JobKind.FOLDER}, {}, [("wrong", "a folder")], id="a folder"),
        pytest.param(
            {"kind": JobKind.MULTIBRANCH}, {}, [("wrong", "multibranch")], id="multibranch unsaid"
        ),
        pytest.param(
            {"kind": JobKind.MULTIBRANCH, "is_buildable": False, "parameters": frozenset()},
            {"is_pipeline": True},
            [("ok", "")],
            id="multibranch as said",
        ),
        pytest.param({}, {"is_pipeline": True}, [("wrong", "no multibranch")], id="a plain job"),
        pytest.param(
            {"parameters": frozenset()},
            {},
            [("wrong", "GIT_SHA1"), ("note", "LEEROY_BUILD_ID")],
            id="no parameters",
        ),
        pytest.param(
            {"parameters": frozenset({"GIT_SHA1"})},
            {},
            [("note", "LEEROY_BUILD_ID")],
            id="docker/leeroy's job",
        ),
        pytest.param(
            {"parameters": ALL - {"GIT_SHA1"} | {"rev"}},
            {"parameters": {"rev": "{GIT_SHA1}"}},
            [("ok", "")],
            id="the sha by a name of one's own",
        ),
        pytest.param(
            {},
            {"parameters": {"WHERE": "pr-{PR}"}},
            [("wrong", "WHERE")],
            id="a parameter of one's own that is dropped",
        ),
        pytest.param(
            {"parameters": ALL - {"GIT_SHA1"} | {"sha1"}},
            {"parameters": "ghprb"},
            [("ok", "")],
            id="GHPRB's job",
        ),
    ],
)
def test_what_is_wrong_with_a_job(fields, settings, expected):
    uses = list(job_uses(config(builds=[a_build_setting(**settings)]), REPO))
    found = list(job_findings(a_job(**fields), uses))
    assert [finding.verdict for finding in found] == [verdict for verdict, _ in expected]
    assert all(word in f.text for f, (_, word) in zip(found, expected, strict=True))
    assert all(f.way_out for f in found if f.verdict is not Verdict.OK)


def test_two_users_of_one_job_hear_of_a_missing_parameter_once():
    settings = config(builds=[a_build_setting(context="a"), a_build_setting(context="b")])
    uses: list[JobUse] = list(job_uses(settings, REPO))
    found = list(job_findings(a_job(parameters=frozenset({"LEEROY_BUILD_ID"})), uses))
    assert [f.verdict for f in found] == ["wrong"]


def test_no_check_stops_the_others_and_the_order_stays():
    def down():
        raise Transient("ask: GitHub refused the connection")

    def broken():
        raise KeyError("odd")

    checks = [
        Check(about="a", topic="one", ask=down, way_out="wait"),
        Check(about="a", topic="two", ask=broken),
        Check(about="b", topic="three", ask=lambda: [ok("three: fine"), note("three: by the way")]),
    ]
    found = run_checks(checks)
    assert [about for about, _ in found] == ["a", "a", "b"]
    assert [str(f).splitlines()[0] for _, each in found for f in each] == [
        "wrong  one: ask: GitHub refused the connection",
        "wrong  two: a defect in Leeroy: KeyError: 'odd'",
        "ok     three: fine",
        "note   three: by the way",
    ]


def test_findings_are_grouped_and_no_secret_gets_into_them(capsys):
    found = [("x", (ok("fine"),)), ("x", (wrong("it said tok-12345", "mend it"),))]
    assert show(found, Redactor(["tok-12345"])) is False
    assert capsys.readouterr().out.splitlines() == [
        "x",
        "  ok     fine",
        "  wrong  it said ***",
        "         -> mend it",
    ]
