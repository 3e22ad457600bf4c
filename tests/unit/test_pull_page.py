"""Why a status is not there, and what is in trouble, in the words the pages have for it."""

from typing import Any

import pytest

from leeroy.config import Mode
from leeroy.hints import OtherHint
from leeroy.model import BuildState, Reason, ReasonKind
from leeroy.queue import KeptHint
from leeroy.store import KeptPull, KeptStatus
from leeroy.web.pull_page import context_lines
from leeroy.web.troubles import troubles
from tests.browser.dashboard_world import (
    PULL,
    a_status,
)
from tests.making import HEAD, REPO, a_build_setting, a_queued_row, a_row, config


def a_hint(**fields: Any) -> KeptHint:
    whole = {
        "id": 1, "subject": str(PULL), "hint": OtherHint(kind="delivery"), "delivery": "",
        "priority": 0, "received": 0.0, "due": 0.0, "handled": 1.0, "error": None, **fields,
    }  # fmt: skip
    return KeptHint(**whole)


def a_kept_pull(**fields: Any) -> KeptPull:
    whole = {
        "ref": PULL, "title": "", "author": "ann", "is_open": True, "head_sha": HEAD,
        "base_ref": "main", "updated": 0.0, **fields,
    }  # fmt: skip
    return KeptPull(**whole)


class TestContexts:
    @pytest.mark.parametrize(
        ("facts", "note"),
        [
            pytest.param({}, "No look wanted it", id="nothing at all"),
            pytest.param({"mode": Mode.OBSERVE}, "only observes", id="observed only"),
            pytest.param({"pull": a_kept_pull(is_open=False)}, "closed", id="closed"),
            pytest.param({"hints": [a_hint(handled=None)]}, "A look is due", id="a look is due"),
            pytest.param(
                {"hints": [a_hint(handled=None, error="x")]}, "made again by itself", id="failing"
            ),
            pytest.param({"hints": [a_hint(error="x")]}, "was given up", id="given up"),
            pytest.param(
                {"hints": [a_hint(), a_hint(error="x")]}, "No look wanted it", id="went well since"
            ),
            pytest.param(
                {"builds": [a_row(reason=Reason(ReasonKind.JENKINS_AWAY, "Waiting for Jenkins"))]},
                "Waiting for Jenkins",
                id="new",
            ),
            pytest.param({"builds": [a_queued_row()]}, "next look reports it", id="queued"),
            pytest.param(
                {
                    "builds": [
                        a_row(
                            state=BuildState.REFUSED,
                            reason=Reason(ReasonKind.REFUSED, "No such job"),
                        )
                    ]
                },
                "No such job",
                id="refused",
            ),
            pytest.param({"custom": True}, "only when somebody asks", id="on command"),
        ],
    )
    def test_a_context_without_a_status_says_why(self, facts, note):
        settings = config(builds=[a_build_setting(custom=facts.pop("custom", False))])
        whole = {
            "pull": a_kept_pull(), "configured": settings.builds_for(REPO, "main"),
            "statuses": (), "builds": (), "hints": (), "mode": Mode.ACT, **facts,
        }  # fmt: skip
        (line,) = context_lines(whole.pop("pull"), **whole)
        assert note in line.note
        assert line.status is None

    def test_statuses_speak_for_themselves_whatever_the_letters_case(self):
        kept = KeptStatus(
            repo=REPO, sha=HEAD, status=a_status("Janky", "success", "Well"), written=0.0
        )
        gone = KeptStatus(
            repo=REPO, sha=HEAD, status=a_status("old", "success", "Well"), written=0.0
        )
        lines = context_lines(
            a_kept_pull(),
            configured=config().builds_for(REPO, "main"),
            statuses=[gone, kept],
            builds=[],
            hints=[],
            mode=Mode.ACT,
        )
        assert [(line.context, line.note, line.is_configured) for line in lines] == [
            ("janky", "", True),
            ("old", "", False),
        ]


def test_troubles_are_one_a_subject_and_those_that_need_somebody_come_first():
    found = troubles(
        [
            a_hint(subject="b", error="new", handled=None, received=9.0),
            a_hint(subject="b", error="old", received=3.0),
            a_hint(subject="a", error="x", received=1.0),
        ]
    )
    assert [(t.subject, t.error, t.since, t.hints, t.is_given_up) for t in found] == [
        ("a", "x", 1.0, 1, True),
        ("b", "new", 3.0, 2, False),
    ]
