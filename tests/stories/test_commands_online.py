"""Commands that ask GitHub and Jenkins, against both sandboxes: what they find, and mend."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from leeroy.cli.main import group
from leeroy_sandbox.jenkins import ORDINARY, Permission, String
from tests.stories.world import JENKINS_TOKEN, NOTIFICATION_SECRET, REPO, TOKEN, WEBHOOK_SECRET

SECRETS = (TOKEN, WEBHOOK_SECRET, JENKINS_TOKEN, NOTIFICATION_SECRET, "operators-password")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def leeroy(world, tmp_path: Path) -> Callable[..., Result]:
    """A command with the world's settings; ``changes`` go over them first."""
    path = tmp_path / "config.json"

    def run(*args: str, **changes: Any) -> Result:
        whole = {"public_url": world.url, **json.loads(path.read_text()), **changes}
        path.write_text(json.dumps(whole))
        told = CliRunner().invoke(group, ["--config", str(path), *args])
        assert not [secret for secret in SECRETS if secret in told.output]
        return told

    return run


def verdicts(told: Result) -> list[str]:
    """The lines that are not fine."""
    return [line.strip() for line in told.output.splitlines() if line.startswith("  wrong")]


def test_when_all_is_well_check_config_online_says_so_and_writes_nothing(world, leeroy):
    told = leeroy("check-config", "--online")
    assert (told.exit_code, verdicts(told)) == (0, [])
    assert "  ok     token: it works, it is leeroy-bot's" in told.output
    assert "  ok     credentials: they work, as leeroy" in told.output
    assert "  ok     job ci/widgets: it can be built and takes what Leeroy sends" in told.output
    assert all(call.method == "GET" for call in (*world.github.calls, *world.jenkins.calls))


def break_token(world):
    world.github.revoke_token(TOKEN)


def lose_scopes(world):
    world.github.revoke_token(TOKEN)
    world.github.add_token("leeroy-bot", ("read:org",), text=TOKEN)


def lose_permission(world):
    world.github.set_permission(REPO, "leeroy-bot", "read")


def remove_hooks(world):
    for hook in list(world.github.hooks_of(REPO)):
        world.github.remove_hook(REPO, hook.id)


def spoil_hook(world):
    (hook,) = world.github.hooks_of(REPO)
    hook.events, hook.content_type, hook.secret = ("push",), "form", None


def remove_job(world):
    world.jenkins.remove_job("ci/widgets")


def disable_job(world):
    world.jenkins.disable_job("ci/widgets")


def take_parameters(world):
    world.jenkins.remove_job("ci/widgets")
    world.jenkins.add_job("ci/widgets", parameters=[String("PR")])


def jenkins_down(world):
    world.jenkins.faults.add("*", "", status=503)


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        pytest.param(
            break_token,
            ["Bad credentials", "Bad credentials", "Bad credentials", "Bad credentials"],
            id="the token is revoked",
        ),
        pytest.param(lose_scopes, ["only the scopes read:org"], id="the token lacks scopes"),
        pytest.param(lose_permission, ["no write permission"], id="the user may only read"),
        pytest.param(remove_hooks, ["none leads to"], id="there is no webhook"),
        pytest.param(
            spoil_hook, ["lacks the events", "form, not json", "no secret"], id="a poor webhook"
        ),
        pytest.param(remove_job, ["Jenkins has none of this name"], id="the job is not there"),
        pytest.param(disable_job, ["disabled"], id="the job is disabled"),
        pytest.param(take_parameters, ["does not take GIT_SHA1"], id="the job takes no sha"),
        pytest.param(jenkins_down, ["credentials", "job ci/widgets"], id="Jenkins is down"),
    ],
)
def test_all_that_is_wrong_is_told_with_the_way_out(world, leeroy, spoil, wrong):
    spoil(world)
    told = leeroy("check-config", "--online")
    found = verdicts(told)
    assert told.exit_code == 1
    assert len(found) == len(wrong)
    assert all(word in line for word, line in zip(wrong, found, strict=True))
    lines = told.output.splitlines()
    after = [lines[i + 1] for i, line in enumerate(lines) if line.startswith("  wrong")]
    assert all(line.startswith("         -> ") for line in after)


def test_a_token_of_an_app_is_told_from_one_that_does_not_work(world, leeroy):
    token = world.github.add_token("leeroy-bot", kind="installation")
    told = leeroy("check-config", "--online", github_token=token)
    assert (told.exit_code, verdicts(told)) == (0, [])
    assert "GitHub does not say whose it is" in told.output


@pytest.mark.parametrize("kind", ["fine-grained", "installation"])
@pytest.mark.parametrize("may_write", [True, False])
def test_what_a_token_may_that_tells_no_scopes_is_tried_on_a_commit_nobody_has(
    world, leeroy, kind, may_write
):
    permissions = {
        **dict.fromkeys(("metadata", "contents", "pull_requests", "webhooks"), "read"),
        "statuses": "write" if may_write else "read",
    }
    token = world.github.add_token("leeroy-bot", kind=kind, permissions=permissions)
    told = leeroy("check-config", "--online", github_token=token)
    found = (
        "ok     statuses: the token may write" if may_write else "wrong  statuses: the token may"
    )
    assert f"  {found}" in told.output
    assert told.exit_code == (0 if may_write else 1)
    written = {call.path for call in world.github.calls if call.method != "GET"}
    assert written == {f"/repos/{REPO}/statuses/{'0' * 40}"}


def test_a_repository_that_was_renamed_is_told_with_both_names(world, leeroy):
    world.github.rename_repo(REPO, "gadgets")
    (line,) = verdicts(leeroy("check-config", "--online"))
    assert f"{REPO} is called acme/gadgets now" in line


def test_an_address_that_is_no_api_of_github_is_told(world, leeroy):
    told = leeroy("check-config", "--online", github_api_url=f"{world.url}/api/v3")
    assert "seems to be no API of GitHub" in told.output


def test_organizations_whose_members_the_token_does_not_see_are_told(world, leeroy):
    world.github.create_org("inside", ["leeroy-bot"])
    world.github.create_org("outside")
    told = leeroy("check-config", "--online", trusted_orgs=["inside", "outside"])
    assert "ok     trust: leeroy-bot is in inside" in told.output
    assert "note   trust: leeroy-bot is not in outside: only its public" in told.output


def test_faults_in_the_file_are_told_before_anybody_is_asked(world, leeroy):
    told = leeroy("check-config", "--online", buidls=[])
    assert told.exception.faults[0].path == "buidls"  # type: ignore[union-attr]
    assert not [*world.github.calls, *world.jenkins.calls]


def test_a_webhook_is_created_once_and_hears_what_happens(world, leeroy):
    remove_hooks(world)
    told = leeroy("hooks", "install", "--dry-run")
    assert (told.exit_code, world.github.hooks_of(REPO)) == (0, [])
    assert f"{REPO}: would create a webhook to {world.url}/notification/github" in told.output
    for _ in range(2):
        assert leeroy("hooks", "install").exit_code == 0
    (hook,) = world.github.hooks_of(REPO)
    assert (hook.secret, hook.content_type, hook.active) == (WEBHOOK_SECRET, "json", True)
    assert leeroy("check-config", "--online").exit_code == 0
    number = world.open_pull()
    world.settle()
    assert world.history(world.head(number))[0] == "pending"


def test_a_poor_webhook_is_mended_and_keeps_what_others_chose(world, leeroy):
    (hook,) = world.github.hooks_of(REPO)
    hook.events, hook.content_type, hook.secret = ("release",), "form", "another"
    assert leeroy("hooks", "list").exit_code == 1
    assert leeroy("hooks", "install", REPO).exit_code == 0
    (mended,) = world.github.hooks_of(REPO)
    assert (mended.id, mended.secret, mended.content_type) == (hook.id, WEBHOOK_SECRET, "json")
    assert {"release", "pull_request", "push"} <= set(mended.events)
    told = leeroy("hooks", "list")
    assert told.exit_code == 0
    assert f"ours   {hook.id}  {world.url}/notification/github" in told.output


def test_a_secret_that_the_settings_lack_is_not_taken_away(world, leeroy):
    told = leeroy("hooks", "install", github_webhook_secret=[], allow_unsigned_webhooks=True)
    assert told.exit_code == 1
    assert "a secret that the settings lack" in told.output
    assert world.github.hooks_of(REPO)[0].secret == WEBHOOK_SECRET


def test_one_repository_without_permission_does_not_stop_the_others(world, leeroy):
    other = "acme/gadgets"
    world.github.create_repo(other)
    builds = [
        {"github_repo": name, "jenkins_job_name": "ci/widgets", "context": "janky"}
        for name in (other, REPO)
    ]
    remove_hooks(world)
    told = leeroy("hooks", "install", builds=builds)
    assert told.exit_code == 1
    assert "admin:repo_hook" in told.output
    assert len(world.github.hooks_of(REPO)) == 1


def payload(number: int, action: str = "opened") -> str:
    return json.dumps({"action": action, "number": number, "repository": {"full_name": REPO}})


def test_a_payload_from_a_file_goes_the_way_of_a_delivery(world, leeroy, tmp_path):
    world.github.hold_deliveries()
    number = world.open_pull()
    file = tmp_path / "payload.json"
    file.write_text(payload(number))
    told = leeroy("receive", "pull_request", str(file), "--guid", "by-hand-1")
    assert (told.exit_code, told.stdout) == (0, "202 queued\ndelivery by-hand-1\n")
    world.until(lambda: world.history(world.head(number)))
    assert world.history(world.head(number))[0] == "pending"
    assert world.services.store.delivery("by-hand-1").event == "pull_request"


@pytest.mark.parametrize(
    ("event", "text", "code", "said"),
    [
        pytest.param("ping", "{}", 0, "200 pong", id="ping"),
        pytest.param(
            "gollum", payload(1), 0, "204 understood, and of no interest", id="no interest"
        ),
        pytest.param("pull_request", "{", 1, "400 ", id="broken JSON"),
        pytest.param("Pull Request", "{}", 1, "400 ", id="no event"),
    ],
)
def test_the_answer_is_printed_and_only_2xx_is_good(leeroy, tmp_path, event, text, code, said):
    file = tmp_path / "payload.json"
    file.write_text(text)
    told = leeroy("receive", event, str(file))
    assert told.exit_code == code
    assert told.stdout.startswith(said)


def test_a_job_that_checks_out_something_else_is_told_where_the_token_may_see_it(world, leeroy):
    world.jenkins.remove_job("ci/widgets")
    world.add_job("ci/widgets", git_url="https://github.test/acme/widgets.git", revision="*/main")
    assert leeroy("check-config", "--online").exit_code == 0  # nobody may see it
    world.jenkins.add_user(
        "leeroy", token=JENKINS_TOKEN, permissions=ORDINARY | {Permission.EXTENDED_READ}
    )
    told = leeroy("check-config", "--online")
    assert told.exit_code == 1
    (line,) = verdicts(told)
    assert "job ci/widgets: it checks out */main, whatever it is sent" in line
    assert "Branches to build: ${GIT_SHA1}" in told.output
    world.jenkins.jobs.get("ci/widgets").revision = "${GIT_SHA1}"
    assert leeroy("check-config", "--online").exit_code == 0


def test_where_nothing_carries_the_commit_it_is_said_that_only_the_revision_proves(world, leeroy):
    build = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
    told = leeroy(
        "check-config", "--online", builds=[{**build, "parameters": {"GIT_SHA1": "pr/{PR}"}}]
    )
    assert "only what the job checks out proves a build" in told.output
