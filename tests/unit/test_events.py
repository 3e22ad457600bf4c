"""What reaches Leeroy by HTTP, odd and hostile: parsed, or refused with the right answer."""

import hashlib
import hmac
import json
from urllib.parse import quote_plus

import pytest

from leeroy.errors import BadDelivery
from leeroy.events import (
    parse_build_request,
    parse_delivery,
    signing_secrets,
)
from leeroy.model import BranchRef, PullRef
from leeroy.notifications import Phase, parse_notification

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
REPOSITORY = {"full_name": "acme/widgets"}


def delivery(payload, *, event="pull_request", guid="72d3162e-cc78-11e3-81ab-4c9367dc0958"):
    body = json.dumps({"repository": REPOSITORY, **payload}).encode()
    return parse_delivery(event=event, guid=guid, content_type=JSON, body=body)


def sign(body, secret="s3cret"):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class TestSignatures:
    def test_a_body_signed_with_one_of_several_secrets_is_believed(self):
        signed = signing_secrets(b"{}", sign(b"{}", "new"), ["old", "new"])
        assert signed == {"new"}

    def test_githubs_form_vector_is_verified_over_the_raw_bytes(self):
        body = b"payload=%7B%22zen%22%3A%22x%22%7D"
        digest = "a16c5f5568ae8c26123524f18c977c1a794f7cc69cebd7f2742856f8f136b37a"
        assert signing_secrets(body, f"sha256={digest}", ["s3cret"])

    @pytest.mark.parametrize(
        "signature",
        [
            pytest.param(None, id="missing"),
            pytest.param("", id="empty"),
            pytest.param("sha256=", id="empty digest, as Gitea sends without a secret"),
            pytest.param("sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59", id="SHA-1 only"),
            pytest.param("sha256=zz", id="not hex"),
            pytest.param("sha256=" + "0" * 64, id="wrong"),
            pytest.param("sha256=" + "0" * 63, id="short"),
            pytest.param("sha256=" + "é" * 64, id="not ASCII"),
            pytest.param(sign(b"{}").upper(), id="scheme in upper case"),
        ],
    )
    def test_anything_else_is_401(self, signature):
        with pytest.raises(BadDelivery) as refused:
            signing_secrets(b"{}", signature, ["s3cret"])
        assert refused.value.status == 401

    def test_without_any_secret_nothing_is_believed(self):
        with pytest.raises(BadDelivery):
            signing_secrets(b"{}", sign(b"{}", ""), [])


class TestDeliveries:
    @pytest.mark.parametrize("action", ["opened", "synchronize", "closed", "labeled", "edited"])
    def test_a_pull_request_action_names_the_pull_request(self, action):
        assert delivery({"action": action, "number": 7}).subject == PullRef("acme/widgets", 7)

    @pytest.mark.parametrize(
        ("event", "payload"),
        [
            pytest.param("pull_request", {"action": "stacked", "number": 7}, id="unknown action"),
            pytest.param("pull_request", {"action": "opened"}, id="no number"),
            pytest.param("pull_request", {"action": ["opened"], "number": 7}, id="odd action"),
            pytest.param("issues", {"action": "opened", "issue": {"number": 7}}, id="an issue"),
            pytest.param("never_heard_of", {}, id="unknown event"),
            pytest.param("push", {"ref": "refs/tags/v1"}, id="a tag"),
            pytest.param("push", {"ref": 5}, id="odd ref"),
            pytest.param(
                "issue_comment",
                {"action": "created", "issue": {"number": 7}, "comment": {"id": 1}},
                id="a comment on an issue",
            ),
            pytest.param(
                "issue_comment",
                {"action": "edited", "issue": {"number": 7, "pull_request": {}}},
                id="an edited comment",
            ),
        ],
    )
    def test_what_is_of_no_interest_has_no_subject(self, event, payload):
        assert delivery(payload, event=event).subject is None

    def test_a_comment_on_a_pull_request_names_both(self):
        payload = {
            "action": "created",
            "issue": {"number": 7, "pull_request": {}},
            "comment": {"id": 99},
        }
        found = delivery(payload, event="issue_comment")
        assert (found.subject, found.comment_id) == (PullRef("acme/widgets", 7), 99)

    def test_a_push_names_the_branch(self):
        found = delivery({"ref": "refs/heads/release/1.0"}, event="push")
        assert found.subject == BranchRef("acme/widgets", "release/1.0")

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            pytest.param({"event": None}, b"{}", id="no event"),
            pytest.param({"event": "x y"}, b"{}", id="odd event"),
            pytest.param({"guid": None}, b"{}", id="no GUID"),
            pytest.param({"guid": "a\nb"}, b"{}", id="odd GUID"),
            pytest.param({"guid": "../x"}, b"{}", id="a path for a GUID"),
            pytest.param({"guid": "g" * 65}, b"{}", id="long GUID"),
            pytest.param({}, b"", id="empty"),
            pytest.param({}, b"[]", id="not an object"),
            pytest.param({}, b"{", id="broken"),
            pytest.param({}, b"\xff{}", id="not UTF-8"),
            pytest.param({}, b"[" * 100_000, id="too deep"),
            pytest.param({"content_type": FORM}, b"x=1", id="form without payload"),
            pytest.param({"content_type": FORM}, b"payload={}&payload={}", id="two payloads"),
            pytest.param({"content_type": FORM}, b"{}", id="JSON under a form's name"),
        ],
    )
    def test_what_cannot_be_read_is_400(self, headers, body):
        whole = {"event": "pull_request", "guid": "g-1", "content_type": JSON, **headers}
        with pytest.raises(BadDelivery) as refused:
            parse_delivery(**whole, body=body)
        assert refused.value.status == 400

    def test_a_form_body_is_read_like_json(self):
        payload = {"action": "opened", "number": 7, "repository": REPOSITORY, "title": "ü & <b>"}
        body = f"payload={quote_plus(json.dumps(payload))}".encode()
        found = parse_delivery(event="pull_request", guid="g", content_type=FORM, body=body)
        assert found.subject == PullRef("acme/widgets", 7)

    @pytest.mark.parametrize("name", ["a/b/c", "acme", "../x", "a b/c", "", None, 7])
    def test_a_repository_that_cannot_be_one_is_no_repository(self, name):
        found = delivery({"action": "opened", "number": 7, "repository": {"full_name": name}})
        assert (found.repo, found.subject) == ("", None)


BUILD = {
    "full_url": "https://jenkins.test/job/ci/job/app-test/17/",
    "number": 17,
    "queue_id": 41,
    "phase": "STARTED",
    "url": "job/ci/job/app-test/17/",
    "parameters": {"GIT_SHA1": "c0ffee"},
}
STARTED = {"name": "app-test", "url": "job/ci/job/app-test/", "build": BUILD}


class TestNotifications:
    def told(self, *, content_type=JSON, **build):
        body = json.dumps({**STARTED, "build": {**BUILD, **build}}).encode()
        return parse_notification(content_type, body)

    def test_the_job_is_known_by_its_url_with_folders(self):
        told = self.told()
        assert (told.job, told.number, told.queue_id) == ("ci/app-test", 17, 41)
        assert (told.phase, told.parameters) == (Phase.STARTED, {"GIT_SHA1": "c0ffee"})

    def test_without_a_url_the_name_has_to_do(self):
        body = json.dumps({"name": "app", "build": {"number": 1, "phase": "FINISHED"}}).encode()
        told = parse_notification(JSON, body)
        assert (told.job, told.phase, told.queue_id) == ("app", Phase.FINISHED, None)

    @pytest.mark.parametrize("phase", ["NONE", "queued", None, 7])
    def test_other_phases_are_of_no_interest(self, phase):
        assert self.told(phase=phase).phase is None

    def test_the_old_plugins_json_under_a_forms_content_type_is_exact(self):
        told = self.told(content_type=FORM, parameters={"A": "1+1=2 & 100%20"})
        assert told.parameters == {"A": "1+1=2 & 100%20"}

    def test_json_that_was_encoded_like_a_form_is_read_too(self):
        body = quote_plus(json.dumps(STARTED)).encode() + b"="
        assert parse_notification(FORM, body).number == 17

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [("application/xml;charset=UTF-8", b"<job/>"), (JSON, b" <job/>")],
        ids=["by its type", "by its look"],
    )
    def test_xml_is_415(self, content_type, body):
        with pytest.raises(BadDelivery) as refused:
            parse_notification(content_type, body)
        assert refused.value.status == 415

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"[]",
            b'{"name": "x"}',
            b'{"name": "x", "build": []}',
            b'{"name": "x", "build": {"number": true}}',
            b'{"name": 5, "build": {"number": 1}}',
        ],
    )
    def test_what_is_no_notification_is_400(self, body):
        with pytest.raises(BadDelivery) as refused:
            parse_notification(JSON, body)
        assert refused.value.status == 400


class TestBuildRequests:
    def test_missing_keys_are_empty(self):
        asked = parse_build_request(b'{"repo": "acme/widgets"}')
        assert (asked.number, asked.context, asked.ref) == (None, "", "")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"[]", 400),
            (b'{"repo": 5}', 400),
            (b'{"repo": "acme/widgets", "number": "7"}', 400),
            (b'{"repo": "acme/widgets", "number": -1}', 400),
            (b"{}", 422),
            (b'{"repo": "../x"}', 422),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, body, status):
        with pytest.raises(BadDelivery) as refused:
            parse_build_request(body)
        assert refused.value.status == status
