"""Commit statuses of the sandbox GitHub."""

from collections.abc import Mapping
from dataclasses import dataclass

from leeroy_sandbox.gitformat import FULL_SHA
from leeroy_sandbox.github.conversation import Conversation
from leeroy_sandbox.github.model import Status
from leeroy_sandbox.github.render import payloads
from leeroy_sandbox.github.state import Refused

STATES = ("error", "failure", "pending", "success")
LONGEST_DESCRIPTION = 140
LONGEST_CONTEXT = 255
#: One commit and context take no more.
MOST_STATUSES = 1000


@dataclass(frozen=True, kw_only=True)
class CommitStatuses:
    """What was said of a commit."""

    #: Oldest first.
    history: tuple[Status, ...]
    #: By context, in the case it was last given.
    latest: Mapping[str, Status]


class Statuses(Conversation):
    """What was said of commits, and what hooks are told of it."""

    def post_status(
        self,
        repo: str,
        sha: str,
        state: str,
        context: str = "default",
        *,
        description: str | None = None,
        target_url: str | None = None,
        by: str | None = None,
    ) -> Status:
        """Say something of a commit; contexts are the same in any case."""
        with self.lock:
            found = self.repository(repo)
            _check(state, context, description, target_url)
            if not FULL_SHA.fullmatch(sha) or found.git.resolve(sha) != sha:
                raise Refused(f"No commit found for SHA: {sha}")
            said = found.statuses.setdefault(sha, [])
            if sum(s.context.lower() == context.lower() for s in said) >= MOST_STATUSES:
                message = "This SHA and context has reached the maximum number of statuses."
                raise _refused(message=message)
            creator = self.acting(found, by)
            status = Status(
                id=self.next_id(),
                sha=sha,
                state=state,
                context=context,
                description=description,
                target_url=target_url,
                creator=creator.login,
                created=self.now(),
            )
            said.append(status)
            self.emit("status", found, creator, lambda: payloads.status(self, found, status))
            return status

    def statuses(self, repo: str, sha: str) -> CommitStatuses:
        """Everything said of a commit, and what holds now."""
        with self.lock:
            said = tuple(self.repository(repo).statuses.get(sha, ()))
        latest = {status.context.lower(): status for status in said}
        return CommitStatuses(
            history=said, latest={status.context: status for status in latest.values()}
        )


def _check(state: str, context: str, description: str | None, target_url: str | None) -> None:
    if state not in STATES:
        raise _refused(field="state", message="state is not included in the list")
    for field, text in (("context", context), ("description", description or "")):
        if any(ord(letter) > 0xFFFF for letter in text):
            message = f"{field} doesn't accept 4-byte Unicode"
            raise _refused(field=field, message=message)
    if description and len(description) > LONGEST_DESCRIPTION:
        message = f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        raise _refused(field="description", message=message)
    if len(context) > LONGEST_CONTEXT:
        message = f"context is too long (maximum is {LONGEST_CONTEXT} characters)"
        raise _refused(field="context", message=message)
    if target_url and not target_url.lower().startswith(("http://", "https://")):
        raise _refused(field="target_url", message="target_url must use http(s) scheme")


def _refused(**more: object) -> Refused:
    error = {"resource": "Status", "code": "custom", **more}
    return Refused("Validation Failed", [error])
