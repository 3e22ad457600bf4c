"""What Jenkins' notification plugin posts. Bytes in, data out: https://plugins.jenkins.io/notification/"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from leeroy.errors import BadDelivery
from leeroy.job_names import is_part_of_matrix, parse_job_url
from leeroy.model import BranchRef, PullRef
from leeroy.payloads import LARGEST_NUMBER, REPOSITORY, json_object, number_at, storable, text_at

_NUMBER = re.compile(r"[1-9][0-9]{0,9}\Z")


class Phase(StrEnum):
    """Phases of a build that the notification plugin tells of."""

    QUEUED = "QUEUED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    FINALIZED = "FINALIZED"
    #: What the plugin up to 1.5 says for FINALIZED.
    FINISHED = "FINISHED"


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One POST of Jenkins' notification plugin.

    https://plugins.jenkins.io/notification/
    """

    #: Full name with folders, from the job's URL.
    job: str
    number: int
    #: None before plugin 1.10, or when Jenkins does not know.
    queue_id: int | None
    #: None for a phase that is of no interest.
    phase: Phase | None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def pull(self) -> PullRef | None:
        """The pull request whose parameters it has; anybody could have written them."""
        repo, number = self.parameters.get("GIT_BASE_REPO", ""), self.parameters.get("PR", "")
        if not REPOSITORY.match(repo) or not _NUMBER.match(number) or int(number) > LARGEST_NUMBER:
            return None
        return PullRef(repo, int(number))

    @property
    def branch(self) -> BranchRef | None:
        """The same for the branch of a push."""
        repo, branch = self.parameters.get("GIT_BASE_REPO", ""), self.parameters.get("BASE_BRANCH")
        if not REPOSITORY.match(repo) or not branch or self.parameters.get("PR"):
            return None
        return BranchRef(repo, branch)


def parse_notification(content_type: str, body: bytes) -> Notification:
    """What a Jenkins notification says; JSON, whatever content type the old plugin gave it.

    Raises:
        BadDelivery: 415 for XML, 400 for anything else that is not the plugin's JSON.
    """
    if "xml" in content_type.lower() or body.lstrip()[:1] == b"<":
        raise BadDelivery("set the notification endpoint's format to JSON", status=415)
    payload = _notification_payload(content_type, body)
    build = payload.get("build")
    if not isinstance(build, dict) or not isinstance(payload.get("name"), str):
        raise BadDelivery("not a notification: name and build are missing")
    number = number_at(build, "number")
    if not number:
        raise BadDelivery("not a notification: build.number is missing or odd")
    parameters = build.get("parameters")
    url, phase = text_at(payload, "url"), text_at(build, "phase")
    if is_part_of_matrix(url) or is_part_of_matrix(text_at(build, "url")):
        phase = ""  # the whole speaks for its parts, whose builds have the same number
    return Notification(
        job=storable(parse_job_url(url) or payload["name"]),
        number=number,
        queue_id=number_at(build, "queue_id") or None,
        phase=Phase(phase) if phase in list(Phase) else None,
        parameters={
            name: value
            for name, value in (parameters if isinstance(parameters, dict) else {}).items()
            if isinstance(value, str)
        },
    )


def _notification_payload(content_type: str, body: bytes) -> dict[str, Any]:
    # Up to plugin 1.4 the JSON travelled under a form content type, and what stands between may
    # have encoded it like a form.
    if b"form" in content_type.lower().encode() and body.lstrip()[:1] != b"{":
        body = unquote_plus(body.decode("utf-8", "replace")).strip().rstrip("=").encode()
    return json_object(body)
