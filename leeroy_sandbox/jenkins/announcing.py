"""Tell a build's endpoints of each phase, in the order they are configured."""

import threading
from collections.abc import Callable

from leeroy_sandbox.jenkins.builds import Build
from leeroy_sandbox.jenkins.outbox import Message, Outbox
from leeroy_sandbox.jenkins.payload import Phase, address, content_type, render, wants


class Announcer:
    """The notification plugin: returns when every endpoint has been told, or has failed."""

    def __init__(
        self,
        *,
        lock: threading.Condition,
        clock: Callable[[], float],
        outbox: Outbox,
        root_url: Callable[[], str | None],
        version: str,
    ) -> None:
        self._lock = lock
        self._clock = clock
        self._outbox = outbox
        self._root_url = root_url
        self._version = version

    def __call__(self, build: Build, phase: Phase) -> None:
        """Say that the build has come to this phase."""
        for endpoint in build.job.endpoints:
            with self._lock:
                root_url = self._root_url()
                url = address(endpoint, build, root_url)
                if build.gone or url is None or not wants(endpoint, build, phase, self._version):
                    continue
                if phase in (Phase.STARTED, Phase.COMPLETED):
                    shown = endpoint.credentials
                    where = f"credentials id '{shown}'" if shown else f"url '{url}'"
                    build.say(f"Notifying endpoint with {where}")
                message = Message(
                    url=url,
                    job=build.job.full_name,
                    number=build.number,
                    phase=phase,
                    body=render(
                        endpoint,
                        build,
                        phase,
                        now=int(self._clock() * 1000),
                        root_url=root_url,
                        version=self._version,
                    ),
                    content_type=content_type(endpoint, self._version),
                    timeout=endpoint.timeout / 1000 or None,
                    retries=endpoint.retries,
                )
            self._outbox.send(message)
