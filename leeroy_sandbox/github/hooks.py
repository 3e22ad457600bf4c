"""Webhooks of the sandbox GitHub: which there are, and which are told of an event."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

from leeroy_sandbox.github.deliveries import Deliveries, Delivery
from leeroy_sandbox.github.model import Account, AccountType, Hook, Repository
from leeroy_sandbox.github.render.hooks import EVENTS, hook_shape
from leeroy_sandbox.github.render.people import Json, organization, simple_user
from leeroy_sandbox.github.render.repositories import organization_of, webhook_repository
from leeroy_sandbox.github.state import Absent, Refused, State

#: No more hooks than this may want one event.
MOST_HOOKS = 20
ZEN = "Non-blocking is better than blocking."


class Hooks(State):
    """Hooks and what they are sent."""

    def __init__(self, root: Path, *, clock: Callable[[], float] = time) -> None:
        super().__init__(root, clock=clock)
        self.deliveries = Deliveries()

    def add_hook(
        self,
        target: str,
        url: str,
        secret: str | None = None,
        events: Sequence[str] = ("push",),
        content_type: str = "form",
        *,
        active: bool = True,
        insecure_ssl: str = "0",
    ) -> int:
        """A new hook of a repository (owner/name) or an organization; it is sent a ping."""
        with self.lock:
            owner = self._target(target)
            check_hook(url, events, content_type)
            self._check_others(owner, url, events)
            hook = Hook(
                id=self.next_id(),
                target=owner.id,
                target_type="repository" if isinstance(owner, Repository) else "organization",
                url=url,
                secret=secret or None,
                events=tuple(dict.fromkeys(events)),
                content_type=content_type,
                active=active,
                created=self.now(),
                updated=self.now(),
                insecure_ssl=insecure_ssl,
            )
            owner.hooks.append(hook)
            self.ping(target, hook.id)
            return hook.id

    def hooks_of(self, target: str) -> list[Hook]:
        """The hooks of a repository or an organization."""
        return self._target(target).hooks

    def hook(self, target: str, number: int) -> Hook:
        """One of them."""
        for hook in self.hooks_of(target):
            if hook.id == number:
                return hook
        raise Absent(f"hook {number}")

    def remove_hook(self, target: str, number: int) -> None:
        """Take a hook away."""
        with self.lock:
            self.hooks_of(target).remove(self.hook(target, number))

    def ping(self, target: str, number: int) -> None:
        """Send a hook its greeting."""
        with self.lock:
            owner = self._target(target)
            hook = self.hook(target, number)
            payload: Json = {"zen": ZEN, "hook_id": hook.id}
            payload["hook"] = hook_shape(self, target, hook)
            if isinstance(owner, Repository):
                payload["repository"] = webhook_repository(self, owner)
                payload |= organization_of(self, owner)
                payload["sender"] = simple_user(self, self.acting(owner))
            else:
                payload["organization"] = organization(self, owner)
                payload["sender"] = simple_user(self, owner)
            self.deliveries.send(
                hook,
                guid=self.deliveries.new_guid(),
                event="ping",
                payload=_json(payload),
                repository=owner.id if isinstance(owner, Repository) else None,
            )

    def emit(
        self,
        event: str,
        repo: Repository,
        sender: Account,
        content: Callable[[], Json],
        action: str | None = None,
    ) -> str | None:
        """Tell every hook that wants it of an event; its GUID, None when nobody wanted it."""
        wanting = [hook for hook in self._hooks_above(repo) if _wants(hook, event)]
        if not wanting:
            return None
        return self.send_event(event, repo, sender, content(), wanting, action)

    def send_event(
        self,
        event: str,
        repo: Repository,
        sender: Account,
        content: Json,
        hooks: Iterable[Hook],
        action: str | None = None,
    ) -> str:
        """Tell hooks of an event, all by one GUID."""
        payload: Json = {"action": action} if action else {}
        payload |= content
        payload["repository"] = payload.get("repository") or webhook_repository(self, repo)
        payload |= organization_of(self, repo)
        payload["sender"] = simple_user(self, sender)
        text = _json(payload)
        guid = self.deliveries.new_guid()
        for hook in hooks:
            self.deliveries.send(
                hook, guid=guid, event=event, payload=text, action=action, repository=repo.id
            )
        return guid

    def redeliver(self, guid: str, hook: int | None = None) -> int:
        """Send an event again, by the same GUID; how many hooks it goes to."""
        seen: dict[int, Delivery] = {
            d.hook.id: d for d in self.deliveries.log(hook) if d.guid == guid
        }
        for old in seen.values():
            self.deliveries.send(
                old.hook,
                guid=guid,
                event=old.event,
                payload=old.payload,
                action=old.action,
                repository=old.repository,
                redelivery=True,
            )
        return len(seen)

    def hold_deliveries(self) -> None:
        """Keep webhooks back until `release`."""
        self.deliveries.hold()

    def release(self, order: Callable[[list[Delivery]], Sequence[Delivery]] | None = None) -> None:
        """Send the webhooks held back, in another order if asked."""
        self.deliveries.release(order)

    def wait_delivered(self, timeout: float = 120.0) -> None:
        """Return when every webhook not held back was sent."""
        self.deliveries.wait(timeout)

    def _target(self, target: str) -> Repository | Account:
        if "/" in target:
            return self.repository(target)
        owner = self.account(target)
        if owner.type is not AccountType.ORGANIZATION:
            raise Absent(target)
        return owner

    def _hooks_above(self, repo: Repository) -> Iterable[Hook]:
        return (*repo.hooks, *self.account(repo.owner).hooks)

    def _check_others(self, owner: Repository | Account, url: str, events: Sequence[str]) -> None:
        place = "repository" if isinstance(owner, Repository) else "organization"
        if any(hook.url == url for hook in owner.hooks):
            raise refused_hook(f"Hook already exists on this {place}")
        for event in events:
            if sum(_wants(hook, event) for hook in owner.hooks) >= MOST_HOOKS:
                raise refused_hook(f'The "{event}" event cannot have more than {MOST_HOOKS} hooks')


def check_hook(url: str | None, events: Iterable[str], content_type: str) -> None:
    """Refuse what GitHub refuses of a hook."""
    if not url:
        raise refused_hook("url cannot be blank", field="url")
    # Unlike GitHub, a receiver on loopback is welcome: there are no others here.
    if urlsplit(url).scheme not in ("http", "https"):
        raise refused_hook("url is missing a scheme", field="url")
    unknown = [event for event in events if event not in EVENTS]
    if unknown:
        raise refused_hook(f"The hook's events are invalid: {', '.join(unknown)}")
    if content_type not in ("json", "form"):
        raise refused_hook("content_type must be json or form", field="content_type")


def refused_hook(message: str, **more: Any) -> Refused:
    """A 422 as hooks have it."""
    error = {"resource": "Hook", "code": "custom", "message": message, **more}
    return Refused("Validation Failed", [error])


def _wants(hook: Hook, event: str) -> bool:
    return hook.active and ("*" in hook.events or event in hook.events)


def _json(payload: Json) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
