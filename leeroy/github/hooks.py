"""Webhooks: the part of the client that lets GitHub find Leeroy."""

from collections.abc import Collection

from leeroy import shapes
from leeroy.github import answers
from leeroy.github.calls import Call
from leeroy.github.transport import Transport
from leeroy.model import Hook


class Hooks:
    """Lists, creates and mends a repository's webhooks."""

    _transport: Transport

    def hooks(self, repo: str) -> tuple[Hook, ...]:
        """The webhooks of the repository; those of its organization are not among them."""
        # https://docs.github.com/en/rest/repos/webhooks#list-repository-webhooks
        call = Call(
            method="GET",
            path="/repos/{repo}/hooks",
            values={"repo": repo},
            query={"per_page": 100},
            repo=repo,
            doing=f"list the webhooks of {repo}",
        )
        return tuple(
            hook
            for page in self._transport.pages(call)
            for hook in page.read(
                lambda said: [answers.parse_hook(entry) for entry in shapes.entries(said)]
            )
        )

    def create_hook(self, repo: str, url: str, *, secret: str, events: Collection[str]) -> Hook:
        """Have deliveries of these events sent to a URL, as JSON."""
        # https://docs.github.com/en/rest/repos/webhooks#create-a-repository-webhook
        call = Call(
            method="POST",
            path="/repos/{repo}/hooks",
            values={"repo": repo},
            body={"name": "web", **_settings(url, secret, events)},
            repo=repo,
            doing=f"create a webhook of {repo}",
            is_repeatable=False,
        )
        return self._transport.send(call).read(answers.parse_hook)

    def update_hook(
        self, repo: str, hook_id: int, url: str, *, secret: str, events: Collection[str]
    ) -> Hook:
        """Make a webhook what :meth:`create_hook` would have made."""
        # https://docs.github.com/en/rest/repos/webhooks#update-a-repository-webhook
        call = Call(
            method="PATCH",
            path="/repos/{repo}/hooks/{id}",
            values={"repo": repo, "id": hook_id},
            body=_settings(url, secret, events),
            repo=repo,
            doing=f"update webhook {hook_id} of {repo}",
        )
        return self._transport.send(call).read(answers.parse_hook)


def _settings(url: str, secret: str, events: Collection[str]) -> dict[str, object]:
    # All of them, always: GitHub takes the secret away when it is not repeated.
    config = {"url": url, "content_type": "json", "insecure_ssl": "0"}
    if secret:
        config["secret"] = secret
    return {"active": True, "events": sorted(events), "config": config}
