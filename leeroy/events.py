"""What GitHub and people post: verified, then parsed into small events. Bytes in, data out.

An event only names what to look at again; nothing else in a payload is believed.
"""

import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from leeroy.errors import BadDelivery
from leeroy.hints import CommentHint, DeliveryHint, Hint, PullView, PushHint
from leeroy.model import BranchRef, CommentKind, PullRef, Push
from leeroy.payloads import (
    LARGEST_ID,
    LARGEST_NUMBER,
    REPOSITORY,
    id_at,
    is_number,
    json_object,
    number_at,
    text_at,
)

#: GitHub sends nothing larger (https://docs.github.com/en/webhooks/webhook-events-and-payloads).
PAYLOAD_LIMIT = 25 * 1024 * 1024
#: A form body is the payload percent-encoded: at worst three bytes for one.
BODY_LIMIT = 3 * PAYLOAD_LIMIT + 1024

# GitHub's own are narrower; these only keep out what no log line and no address should hold.
GUID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")
_EVENT = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_SHA = re.compile(r"(?!0+\Z)[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")

#: https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
PULL_ACTIONS = frozenset(
    [
        "assigned",
        "auto_merge_disabled",
        "auto_merge_enabled",
        "closed",
        "converted_to_draft",
        "demilestoned",
        "dequeued",
        "edited",
        "enqueued",
        "labeled",
        "locked",
        "milestoned",
        "opened",
        "ready_for_review",
        "reopened",
        "review_request_removed",
        "review_requested",
        "synchronize",
        "unassigned",
        "unlabeled",
        "unlocked",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One webhook request, reduced to what it hints at."""

    guid: str
    event: str
    action: str = ""
    #: Empty for the few events that belong to no repository.
    repo: str = ""
    #: GitHub's for the repository, which stays when its name changes; 0: not told.
    repo_id: int = 0
    #: The pull request or branch to look at again; None: of no interest.
    subject: PullRef | BranchRef | None = None
    #: The comment, review or review comment that came with it.
    comment_kind: CommentKind | None = None
    comment_id: int = 0
    #: What it showed of the pull request; never believed, only compared.
    seen: PullView = PullView()
    #: How the branch moved, where that is what it tells of.
    push: Push | None = None
    #: Who did it is a bot, as far as the payload is to be believed.
    is_by_bot: bool = False

    @property
    def hint(self) -> Hint:
        """Why to look at its subject again."""
        if self.push is not None:
            return PushHint(push=self.push)
        if self.comment_kind is not None:
            return CommentHint(
                event=self.event,
                action=self.action,
                comment_kind=self.comment_kind,
                comment_id=self.comment_id,
                seen=self.seen,
            )
        return DeliveryHint(event=self.event, action=self.action, seen=self.seen)


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """The body of ``/build/retry``, ``/build/custom`` and ``/build/cron``."""

    repo: str
    #: None when only a ref is given.
    number: int | None
    #: Empty or ``all``: every build of the repository.
    context: str
    ref: str


def signing_secrets(body: bytes, signature: str | None, secrets: Sequence[str]) -> frozenset[str]:
    """Those of ``secrets`` that signed ``body``; in constant time for each.

    Raises:
        BadDelivery: 401 when the signature is missing, malformed, or none of them made it.

    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

    >>> signing_secrets(b"Hello, World!", "sha256=757107ea0eb2509fc211221cce984b8a"
    ...     "37570b6d7586c22c46f4379c8b043e17", ["It's a Secret to Everybody"])
    frozenset({"It's a Secret to Everybody"})
    """
    if not signature:
        raise BadDelivery("X-Hub-Signature-256 is missing: set a secret on the hook", status=401)
    scheme, _, digest = signature.partition("=")
    try:
        given = binascii.unhexlify(digest)
    except (ValueError, binascii.Error):
        given = b""
    if scheme != "sha256" or len(given) != sha256().digest_size:
        raise BadDelivery("X-Hub-Signature-256 is malformed", status=401)
    signed = [
        secret
        for secret in secrets
        if hmac.compare_digest(hmac.digest(secret.encode(), body, "sha256"), given)
    ]
    if not signed:
        raise BadDelivery("the signature does not match: is it the same secret?", status=401)
    return frozenset(signed)


def parse_delivery(
    *, event: str | None, guid: str | None, content_type: str, body: bytes
) -> Delivery:
    """The small event of a webhook request whose signature was verified.

    Raises:
        BadDelivery: 400 for a missing header, a body that is not JSON, or not an object.
    """
    if not event or not _EVENT.match(event):
        raise BadDelivery("X-GitHub-Event is missing or malformed")
    if not guid or not GUID.match(guid):
        raise BadDelivery("X-GitHub-Delivery is missing or malformed")
    payload = _delivery_payload(content_type, body)
    repo = text_at(payload, "repository", "full_name")
    found = Delivery(
        guid=guid,
        event=event,
        action=text_at(payload, "action"),
        repo=repo,
        repo_id=id_at(payload, "repository"),
        is_by_bot=text_at(payload, "sender", "type") == "Bot",
    )
    if not REPOSITORY.match(repo):
        return Delivery(guid=guid, event=event, action=found.action)
    parser = _PARSERS.get(event)
    return parser(found, payload) if parser else found


def parse_build_request(body: bytes) -> BuildRequest:
    """The JSON body docker/leeroy's ``/build/*`` take; missing keys are empty there, and here.

    Raises:
        BadDelivery: 400 for what is not such an object, 422 for what names nothing.
    """
    payload = json_object(body)
    number = payload.get("number") or 0
    texts = {key: payload.get(key) or "" for key in ("repo", "context", "ref")}
    if not is_number(number, LARGEST_NUMBER) and number != 0:
        raise BadDelivery("number must be that of a pull request")
    for key, value in texts.items():
        if not isinstance(value, str):
            raise BadDelivery(f"{key} must be a text")
    if not REPOSITORY.match(texts["repo"]):
        raise BadDelivery("repo must be owner/name", status=422)
    return BuildRequest(number=number or None, **texts)


def _pull_event(found: Delivery, payload: Mapping[str, Any]) -> Delivery:
    number = number_at(payload, "number") or number_at(payload, "pull_request", "number")
    if found.action not in PULL_ACTIONS or not number:
        return found
    seen = _view(payload.get("pull_request"))
    return replace(found, subject=PullRef(found.repo, number), seen=seen)


def _comment_event(found: Delivery, payload: Mapping[str, Any]) -> Delivery:
    issue = payload.get("issue")
    if found.action != "created" or not isinstance(issue, dict) or "pull_request" not in issue:
        return found
    found = replace(found, seen=_view(issue), comment_kind=CommentKind.COMMENT)
    return _commented(found, number_at(issue, "number"), payload.get("comment"))


def _review_event(found: Delivery, payload: Mapping[str, Any]) -> Delivery:
    if found.action not in ("submitted", "created"):
        return found
    is_review = found.event == "pull_request_review"
    kind = CommentKind.REVIEW if is_review else CommentKind.REVIEW_COMMENT
    said = payload.get("review" if is_review else "comment")
    found = replace(found, seen=_view(payload.get("pull_request")), comment_kind=kind)
    return _commented(found, number_at(payload, "pull_request", "number"), said)


def _commented(found: Delivery, number: int, said: object) -> Delivery:
    comment_id = said.get("id") if isinstance(said, dict) else None
    if not number or not isinstance(comment_id, int) or not is_number(comment_id, LARGEST_ID):
        return replace(found, comment_kind=None)
    return replace(found, subject=PullRef(found.repo, number), comment_id=comment_id)


def _view(said: object) -> PullView:
    """What a payload shows of a pull request, itself or as the issue it is, too."""
    if not isinstance(said, dict):
        return PullView()
    state, draft, title = said.get("state"), said.get("draft"), said.get("title")
    return PullView(
        updated=_epoch(text_at(said, "updated_at")),
        head_sha=_sha(said.get("head") or {}, "sha") or None,
        base_ref=text_at(said, "base", "ref") or None,
        is_open=state == "open" if state in ("open", "closed") else None,
        is_draft=draft if isinstance(draft, bool) else None,
        title=title if isinstance(title, str) else None,
        labels=_labels(said.get("labels")),
    )


def _labels(said: object) -> frozenset[str] | None:
    """The names of labels; None where they cannot be read: they are only compared."""
    if not isinstance(said, list):
        return None
    names = [label.get("name") if isinstance(label, dict) else None for label in said]
    return frozenset(name for name in names if isinstance(name, str))


def _push_event(found: Delivery, payload: Mapping[str, Any]) -> Delivery:
    ref = text_at(payload, "ref")
    if not ref.startswith("refs/heads/"):
        return found
    push = Push(
        before=_sha(payload, "before"),
        after=_sha(payload, "after"),
        is_forced=payload.get("forced") is True,
    )
    return replace(found, subject=BranchRef(found.repo, ref.removeprefix("refs/heads/")), push=push)


_PARSERS = {
    "pull_request": _pull_event,
    "issue_comment": _comment_event,
    "pull_request_review": _review_event,
    "pull_request_review_comment": _review_event,
    "push": _push_event,
}


def _delivery_payload(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type.split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return json_object(body)
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=8)
    except ValueError as exc:
        raise BadDelivery("the form body is malformed") from exc
    if len(fields.get("payload", ())) != 1:
        raise BadDelivery("the form body has no payload field")
    return json_object(fields["payload"][0].encode())


def _sha(payload: Mapping[str, Any], key: str) -> str:
    """A sha; empty for the zeros that stand for none, and for anything else."""
    text = text_at(payload, key)
    return text if _SHA.match(text) else ""


def _epoch(text: str) -> float:
    """Epoch seconds of one of GitHub's moments; 0 for anything else.

    >>> _epoch("2026-11-22T10:00:00Z"), _epoch("yesterday")
    (1795341600.0, 0.0)
    """
    try:
        return datetime.fromisoformat(text).timestamp() if text.endswith("Z") else 0.0
    except (ValueError, OverflowError):
        return 0.0
