"""What the sandbox GitHub says is what GitHub's own description of its API says."""

import base64
import json
from collections.abc import Iterator

import pytest
import requests

from leeroy_sandbox.github import GitHub
from tests.contract.openapi import Contract, all_operations, validated

#: Of GitHub Apps' own webhook, and of their check runs: Leeroy reports by statuses.
NOT_SERVED = {
    "apps/list-webhook-deliveries",
    "apps/redeliver-webhook-delivery",
    "checks/create",
    "checks/update",
    "checks/list-for-ref",
    "issues/update",
}
REPO = "/repos/acme/widgets"


class Api:
    """A caller that names no host."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            }
        )

    def __call__(self, method: str, path: str, **more) -> requests.Response:
        return self.session.request(
            method, self.url + path, timeout=10, allow_redirects=False, **more
        )


@pytest.fixture
def watched(tmp_path) -> Iterator[tuple[GitHub, Api, Contract]]:
    github = GitHub(tmp_path)
    github.create_repo("acme/widgets", {"README.md": "Widgets\n", "src/a.py": "a = 1\n"})
    github.set_permission("acme/widgets", "leeroy", "admin")
    github.set_member("acme", "leeroy")
    github.create_team("acme", "builders", ["mona"])
    token = github.add_token("leeroy")
    with validated(github) as contract, github.serve() as url:
        api = Api(url, token)
        try:
            yield github, api, contract
        finally:
            api.session.close()


def test_every_call_leeroy_makes_is_answered_as_described(watched):
    github, api, contract = watched
    hook = api(
        "POST",
        f"{REPO}/hooks",
        json={
            "name": "web",
            "active": True,
            "events": ["push", "pull_request"],
            "config": {"url": "http://127.0.0.1:9/", "content_type": "json", "secret": "s"},
        },
    ).json()["id"]
    github.fork("acme/widgets", "alice")
    head = github.push("alice/widgets", "feature", {"src/a.py": "a = 2\n"}, by="alice")
    number = github.open_pull("acme/widgets", "alice:feature", author="alice")
    github.delete_fork("alice/widgets")
    label = api("POST", f"{REPO}/labels", json={"name": "kind/bug", "color": "ff0000"})
    assert label.status_code == 201
    comment = api(
        "POST", f"{REPO}/issues/{number}/comments", json={"body": "Please sign off"}
    ).json()["id"]
    github.wait_delivered()
    delivery = api("GET", f"{REPO}/hooks/{hook}/deliveries").json()[0]["id"]
    calls = [
        ("GET", "/user", {}),
        ("GET", "/meta", {}),
        ("GET", "/rate_limit", {}),
        ("GET", "/orgs/acme/members/mona", {}),
        ("GET", "/orgs/acme/memberships/mona", {}),
        ("GET", "/orgs/acme/teams/builders/memberships/mona", {}),
        ("GET", REPO, {}),
        ("GET", f"{REPO}/collaborators/alice", {}),
        ("GET", f"{REPO}/collaborators/alice/permission", {}),
        ("GET", f"{REPO}/commits/{head}/pulls", {}),
        ("GET", f"{REPO}/commits/{head}", {}),
        ("POST", f"{REPO}/statuses/{head}", {"state": "pending", "context": "unit"}),
        ("GET", f"{REPO}/commits/{head}/status", {}),
        ("GET", f"{REPO}/commits/{head}/statuses", {}),
        ("GET", f"{REPO}/compare/main...{head}", {}),
        ("GET", f"{REPO}/pulls", {}),
        ("GET", f"{REPO}/pulls/{number}", {}),
        ("GET", f"{REPO}/pulls/{number}", {}),
        ("GET", f"{REPO}/pulls/{number}/files", {}),
        ("GET", f"{REPO}/pulls/{number}/commits", {}),
        ("GET", f"{REPO}/issues/{number}", {}),
        ("GET", f"{REPO}/issues/{number}/comments", {}),
        ("GET", f"{REPO}/issues/comments/{comment}", {}),
        ("PATCH", f"{REPO}/issues/comments/{comment}", {"body": "All good"}),
        ("POST", f"{REPO}/issues/comments/{comment}/reactions", {"content": "+1"}),
        ("DELETE", f"{REPO}/issues/comments/{comment}", {}),
        ("POST", f"{REPO}/issues/{number}/labels", {"labels": ["kind/bug", "new"]}),
        ("GET", f"{REPO}/issues/{number}/labels", {}),
        ("DELETE", f"{REPO}/issues/{number}/labels/kind%2Fbug", {}),
        ("PUT", f"{REPO}/issues/{number}/labels", {"labels": ["kind/bug"]}),
        ("DELETE", f"{REPO}/issues/{number}/labels", {}),
        ("GET", f"{REPO}/labels", {}),
        ("GET", f"{REPO}/labels/new", {}),
        ("PATCH", f"{REPO}/labels/new", {"color": "00ff00"}),
        ("DELETE", f"{REPO}/labels/new", {}),
        ("GET", f"{REPO}/hooks", {}),
        ("GET", f"{REPO}/hooks/{hook}", {}),
        ("PATCH", f"{REPO}/hooks/{hook}", {"active": True}),
        ("GET", f"{REPO}/hooks/{hook}/config", {}),
        ("PATCH", f"{REPO}/hooks/{hook}/config", {"content_type": "json"}),
        ("POST", f"{REPO}/hooks/{hook}/pings", {}),
        ("POST", f"{REPO}/hooks/{hook}/tests", {}),
        ("GET", f"{REPO}/hooks/{hook}/deliveries/{delivery}", {}),
        ("POST", f"{REPO}/hooks/{hook}/deliveries/{delivery}/attempts", {}),
        ("DELETE", f"{REPO}/hooks/{hook}", {}),
    ]
    for method, path, body in calls:
        answer = api(method, path, **({"json": body} if body else {}))
        assert answer.status_code < 300 or path.endswith("collaborators/alice"), (path, answer.text)
    ask_as_an_app(github, api)
    contract.check()
    assert all_operations() - contract.described == NOT_SERVED


def ask_as_an_app(github: GitHub, api: Api) -> None:
    app = github.create_app("leeroy-app", "acme")
    installed = github.install_app(app.slug, "acme")
    claims = {"iss": app.id, "iat": github.now() - 60, "exp": github.now() + 300}
    parts = [{"alg": "RS256"}, claims]
    said = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    # Whoever has no key checks no signature.
    api.session.headers["Authorization"] = f"Bearer {said}.c2lnbmVk"
    tokens = f"/app/installations/{installed.id}/access_tokens"
    for method, path in (("GET", "/app"), ("GET", f"{REPO}/installation"), ("POST", tokens)):
        assert api(method, path).status_code < 300, path


def test_a_wrong_request_is_a_fault(tmp_path):
    github = GitHub(tmp_path)
    github.create_repo("acme/widgets")
    with validated(github) as contract, github.serve() as url:
        api = Api(url, github.add_token("mona"))
        api("GET", "/repos/acme/widgets/no-such-thing")
        sha = github.repository("acme/widgets").branches["main"]
        api("POST", f"/repos/acme/widgets/statuses/{sha}", json={"state": "pending", "context": 3})
        api.session.close()
        contract.check()
        assert len(contract.faults) == 2
        contract.faults.clear()


def test_every_webhook_has_the_described_payload(watched):
    github, _, contract = watched
    github.add_hook("acme/widgets", "http://127.0.0.1:9/", "s", ["*"], "json")
    github.add_hook("acme", "http://127.0.0.1:9/", None, ["*"])
    github.fork("acme/widgets", "alice")
    github.push("alice/widgets", "feature", {"src/a.py": "a = 2\n"}, by="alice")
    github.push("acme/widgets", "next", {"src/b.py": "b = 1\n"})
    number = github.open_pull("acme/widgets", "alice:feature", author="alice", body=None)
    where = ("acme/widgets", number)
    github.push("alice/widgets", "feature", {"src/a.py": "a = 3\n"}, by="alice")
    github.edit_pull(*where, title="Better", body="Why", base="next")
    github.label(*where, "kind/bug")
    github.change_label("acme/widgets", "kind/bug", color="ff0000")
    github.unlabel(*where, "kind/bug")
    github.delete_label("acme/widgets", "kind/bug")
    github.draft(*where)
    github.draft(*where, False)
    github.lock_pull(*where)
    github.lock_pull(*where, False)
    comment = github.comment(*where, "alice", "Please look")
    github.edit_comment("acme/widgets", comment, "Please look again")
    github.delete_comment("acme/widgets", comment)
    review = github.review(*where, "mona", "changes_requested", "Not yet")
    github.edit_review(*where, review, "Almost")
    github.dismiss_review(*where, review)
    github.review_comment(*where, "mona", "Here")
    github.post_status("acme/widgets", github.pull(*where).head_sha, "success", "unit")
    github.close_pull(*where)
    github.reopen_pull(*where)
    github.delete_fork("alice/widgets")
    github.merge_pull(*where)
    github.push_tag("acme/widgets", "v1", github.repository("acme/widgets").branches["next"])
    github.delete_branch("acme/widgets", "next")
    github.wait_delivered(30)
    contract.check_deliveries(github.deliveries.log())
    told = {name.removeprefix("webhook ") for name in contract.operations}
    assert told >= {
        "ping", "push", "create", "delete", "status",
        "label-created", "label-edited", "label-deleted",
        "issue-comment-created", "issue-comment-edited", "issue-comment-deleted",
        "pull-request-review-submitted", "pull-request-review-edited",
        "pull-request-review-dismissed", "pull-request-review-comment-created",
        *(
            f"pull-request-{action}"
            for action in (
                "opened", "synchronize", "edited", "labeled", "unlabeled", "closed", "reopened",
                "converted-to-draft", "ready-for-review", "locked", "unlocked",
            )
        ),
    }  # fmt: skip
