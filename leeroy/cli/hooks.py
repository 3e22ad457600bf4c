"""``leeroy hooks``: the webhooks by which GitHub finds Leeroy."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.config import Config, load_config
from leeroy.errors import ConfigError, Fault, LeeroyError
from leeroy.github import GitHub
from leeroy.model import Hook

#: What Leeroy listens to.
#: https://docs.github.com/en/webhooks/webhook-events-and-payloads
EVENTS = frozenset(
    {
        "pull_request",
        "issue_comment",
        "pull_request_review",
        "pull_request_review_comment",
        "push",
    }
)
#: GitHub's word for a hook of every event.
EVERY_EVENT = "*"
#: Where deliveries arrive, below ``public_url``.
PATH = "/notification/github"

MAY_NOT = (
    "the token needs the scope admin:repo_hook (or Webhooks: read and write), and its user admin "
    "permission on the repository"
)


def hook_address(config: Config) -> str | None:
    """Where GitHub should send deliveries; None while ``public_url`` is not set."""
    return f"{config.public_url.rstrip('/')}{PATH}" if config.public_url else None


def ours_among(hooks: Iterable[Hook], address: str | None) -> tuple[Hook, ...]:
    """The webhooks that lead to us; without an address, those that look as if they did."""
    if address is None:
        return tuple(hook for hook in hooks if hook.url.rstrip("/").endswith(PATH))
    return tuple(hook for hook in hooks if hook.url.rstrip("/").lower() == address.lower())


def hook_faults(hook: Hook, *, has_secret: bool) -> Iterator[str]:
    """What keeps Leeroy from hearing all it needs by this webhook."""
    lacking = EVENTS - hook.events
    if lacking and EVERY_EVENT not in hook.events:
        yield f"it lacks the events {', '.join(sorted(lacking))}"
    if not hook.is_active:
        yield "it is switched off"
    if hook.content_type != "json":
        yield f"its content type is {hook.content_type}, not json"
    if has_secret and not hook.has_secret:
        yield "it has no secret"
    if hook.has_secret and not has_secret:
        yield "it has a secret that the settings lack"


def wanted_events(hook: Hook) -> frozenset[str]:
    """The events it should have: ours beside those somebody else chose."""
    return hook.events if EVERY_EVENT in hook.events else hook.events | EVENTS


def secret_for(config: Config, repo: str) -> str:
    """What signs the repository's deliveries: the first secret, which is the newer of two."""
    secrets = config.for_repo(repo).github_webhook_secret
    return secrets[0].get_secret_value() if secrets else ""


@click.group("hooks")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file.")
@click.pass_context
def command(ctx: click.Context, config: Path | None) -> None:
    """Install the webhooks on GitHub, or list them."""
    ctx.obj = config or ctx.obj


@command.command("install")
@config_option
@click.argument("repos", nargs=-1, metavar="[REPO]...")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def install(config: Path, repos: tuple[str, ...], dry_run: bool) -> None:
    """Create the webhook of each repository, or mend it; every repository of the settings else.

    It may be run again at any time. GitHub does not tell which secret a webhook has, so an
    existing one is always given ours again.
    """
    settings, redact = _settings(config)
    address = hook_address(settings)
    if address is None:
        hint = "add the address at which GitHub reaches Leeroy, such as https://leeroy.example.com"
        raise ConfigError([Fault(path="public_url", problem="is missing", hint=hint)])
    with _github(settings) as github:
        all_well = True
        for repo in _chosen(settings, repos):
            try:
                said, is_well = _install(
                    github, repo, address, secret=secret_for(settings, repo), dry_run=dry_run
                )
            except LeeroyError as exc:
                said, is_well = f"{exc}\n  -> {MAY_NOT}", False
            click.echo(redact.redact(f"{repo}: {said}"))
            all_well = all_well and is_well
    raise click.exceptions.Exit(0 if all_well else FOUND_WRONG)


@command.command("list")
@config_option
@click.argument("repos", nargs=-1, metavar="[REPO]...")
def show(config: Path, repos: tuple[str, ...]) -> None:
    """Show the webhooks of each repository, and what is wrong with ours."""
    settings, redact = _settings(config)
    address = hook_address(settings)
    with _github(settings) as github:
        all_well = True
        for repo in _chosen(settings, repos):
            click.echo(repo)
            try:
                hooks = github.hooks(repo)
            except LeeroyError as exc:
                click.echo(redact.redact(f"  {exc}\n  -> {MAY_NOT}"))
                all_well = False
                continue
            ours = ours_among(hooks, address)
            for hook in hooks:
                mark = "ours " if hook in ours else "other"
                faults = hook_faults(hook, has_secret=bool(secret_for(settings, repo)))
                state = "; ".join(faults) if hook in ours else ""
                all_well = all_well and not state
                told = f"  {mark}  {hook.id}  {hook.url}  {', '.join(sorted(hook.events))}"
                click.echo(redact.redact(f"{told}  {state or 'ok'}" if hook in ours else told))
            if not ours:
                click.echo(f"  none leads to {address or PATH}: leeroy hooks install {repo}")
                all_well = False
    raise click.exceptions.Exit(0 if all_well else FOUND_WRONG)


def _install(
    github: GitHub, repo: str, address: str, *, secret: str, dry_run: bool
) -> tuple[str, bool]:
    """Make one repository's webhook what it should be; what was done, and whether it is well."""
    ours = ours_among(github.hooks(repo), address)
    if not ours:
        if dry_run:
            return f"would create a webhook to {address}", True
        made = github.create_hook(repo, address, secret=secret, events=EVENTS)
        return f"created webhook {made.id} to {address}", True
    # GitHub refuses a second one of the same URL; spelled otherwise, it is only told of twice.
    hook = ours[0]
    if hook.has_secret and not secret:
        # Whatever is written to a webhook without its secret takes the secret away.
        why = "it has a secret that the settings lack, so it is left as it is"
        return f"webhook {hook.id}: {why}\n  -> put the secret into github_webhook_secret", False
    faults = list(hook_faults(hook, has_secret=bool(secret)))
    why = "; ".join(faults) or "it is as it should be, and is given our secret again"
    if dry_run:
        return f"would update webhook {hook.id}: {why}", True
    github.update_hook(repo, hook.id, address, secret=secret, events=wanted_events(hook))
    return f"updated webhook {hook.id}: {why}", True


def _settings(path: Path) -> tuple[Config, logs.Redactor]:
    settings = load_config(path, os.environ)
    logs.configure(secrets=settings.secrets())
    return settings, logs.Redactor(settings.secrets())


def _github(settings: Config) -> GitHub:
    from leeroy.services import make_services

    return make_services(settings, shares_limits=False).github


def _chosen(settings: Config, named: Sequence[str]) -> tuple[str, ...]:
    """The repositories named, or all that the settings call by name."""
    for repo in named:
        if not settings.knows(repo):
            raise click.UsageError(f"the settings say nothing of {repo}")
    if named:
        return tuple(named)
    for glob in settings.repo_globs():
        click.echo(f"{glob}: name the repositories it stands for", err=True)
    return settings.repo_names()
