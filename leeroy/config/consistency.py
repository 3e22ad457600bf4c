"""What can only be told of whole settings: names that lead nowhere, what one repository lacks, and
builds that would overwrite each other's status."""

from collections.abc import Iterator
from difflib import get_close_matches

from leeroy.config.clashes import clashes, examples
from leeroy.config.contexts import OwnContext, own_contexts
from leeroy.config.fields import LONGEST_CONTEXT
from leeroy.config.models import DEFAULT_SERVER, RepoSettings
from leeroy.config.nsq import nsq_faults
from leeroy.config.policy import policy_faults
from leeroy.config.resolved import Config
from leeroy.config.validate import Origins, path_of
from leeroy.errors import Fault

#: Settings that say nothing by themselves.
_NOTHING = RepoSettings()
#: The variable that may hold the webhook secret in place of the file.
SECRET_VARIABLE = "LEEROY_WEBHOOK_SECRET"


def inconsistencies(config: Config, origins: Origins) -> Iterator[Fault]:
    """Every fault of settings whose values are right one by one."""
    yield from _servers(config, origins)
    yield from _tokens(config)
    yield from _webhook_secrets(config)
    yield from _pairs(config, origins)
    yield from _repeated_repositories(config, origins)
    yield from _policies(config, origins)
    yield from nsq_faults(config.nsq, allows_unsigned=config.allow_unsigned_webhooks)
    yield from _contexts(config, origins)
    yield from clashes(config, origins)


def _servers(config: Config, origins: Origins) -> Iterator[Fault]:
    named = [
        (kind, index, job.jenkins)
        for kind, jobs in (("builds", config.builds), ("branches", config.branches))
        for index, job in enumerate(jobs)
    ]
    used = {j.jenkins for j in (*config.builds, *config.branches) if j.jenkins_job_name}
    if config.jenkins is None and DEFAULT_SERVER in used:
        yield Fault(
            path="jenkins",
            problem="is missing",
            hint='add "jenkins": {"base_url": "https://...", "username": "...", "token": "..."}',
        )
    if config.jenkins is not None and DEFAULT_SERVER in config.jenkins_servers:
        yield Fault(
            path=f"jenkins_servers.{DEFAULT_SERVER}",
            problem="is the name of the server under jenkins",
            hint="give it another name",
        )
    for kind, index, name in named:
        if name not in config.servers and name != DEFAULT_SERVER:
            close = get_close_matches(name, config.jenkins_servers, n=1)
            hint = f"did you mean {close[0]}?" if close else "add it there"
            path = path_of((kind, index, "jenkins"), origins)
            yield Fault(path=path, problem="is not one of jenkins_servers", hint=hint)
    for path, server in (
        ("jenkins", config.jenkins),
        *((f"jenkins_servers.{name}", server) for name, server in config.jenkins_servers.items()),
    ):
        if server is not None and server.username and not server.token.get_secret_value():
            yield Fault(path=f"{path}.token", problem="is missing", hint="username needs its token")
        if server is not None and server.token.get_secret_value() and not server.username:
            yield Fault(path=f"{path}.username", problem="is missing", hint="whose token is it?")


def _tokens(config: Config) -> Iterator[Fault]:
    if config.github_token.get_secret_value():
        return
    candidates = examples(config)
    without = [
        shown
        for repo, shown in candidates.items()
        if not config.for_repo(repo).github_token.get_secret_value()
    ]
    if without or (not candidates and not (config.nsq and config.nsq.publish)):
        hint = 'add "github_token": "${GITHUB_TOKEN}" and put the token into the environment'
        yield Fault(path="github_token", problem=f"is missing{_for(without)}", hint=hint)


def _webhook_secrets(config: Config) -> Iterator[Fault]:
    if config.allow_unsigned_webhooks or config.github_webhook_secret:
        return
    if config.nsq and config.nsq.consume:
        return  # deliveries come by the queue, whose secret proves them; others are refused
    candidates = examples(config)
    without = [
        shown
        for repo, shown in candidates.items()
        if not config.for_repo(repo).github_webhook_secret
    ]
    if without or not candidates:
        yield Fault(
            path="github_webhook_secret",
            problem=f"is missing{_for(without)}: anybody could send webhooks",
            hint=f"set {SECRET_VARIABLE} in the environment, or this key, to a random text, and "
            'give GitHub\'s webhook the same one; or "allow_unsigned_webhooks": true',
        )


def _pairs(config: Config, origins: Origins) -> Iterator[Fault]:
    if config.user and not config.password.get_secret_value():
        yield Fault(path="pass", problem="is missing", hint="user needs its password")
    if config.password.get_secret_value() and not config.user:
        yield Fault(path="user", problem="is missing", hint="whose password is pass?")
    if config.auth_header and not config.trusted_proxies:
        hint = "without it anybody could send the header"
        yield Fault(path="trusted_proxies", problem="is missing", hint=hint)
    for index, branch in enumerate(config.branches):
        if branch.notify and branch.notify.email and config.smtp_url is None:
            path = path_of(("branches", index, "notify", "email"), origins)
            yield Fault(path=path, problem="needs smtp_url", hint="add it at the top")


def _repeated_repositories(config: Config, origins: Origins) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for glob in config.repositories:
        path = path_of(("repositories", glob), origins)
        first = seen.setdefault(glob.lower(), path)
        if first != path:
            yield Fault(path=path, problem=f"is the same repository as {first}", hint="join them")


def _contexts(config: Config, origins: Origins) -> Iterator[Fault]:
    """Names that GitHub would refuse each time we speak under them."""
    jobs = [
        (kind, index, "context" if job.context else "jenkins_job_name")
        for kind, jobs in (("builds", config.builds), ("branches", config.branches))
        for index, job in enumerate(jobs)
    ]
    named = zip(jobs, own_contexts(_NOTHING, None, (*config.builds, *config.branches)), strict=True)
    found: list[tuple[tuple[str | int, ...], OwnContext]] = list(named)
    found += [(own.path, own) for own in own_contexts(config, config.policy_at(""))]
    for glob, place in config.repositories.items():
        for own in own_contexts(place, config.policy_at(glob)):
            found.append((("repositories", glob, *own.path), own))
    for loc, own in found:
        if len(own.name) > LONGEST_CONTEXT:
            problem = f"must have at most {LONGEST_CONTEXT} characters: it is a status' name"
            yield Fault(path=path_of(loc, origins), problem=problem)
        elif any(ord(letter) > 0xFFFF for letter in own.name):
            problem = "has a character that GitHub refuses in a status' name (beyond U+FFFF)"
            hint = "such as an emoji; leave it out"
            yield Fault(path=path_of(loc, origins), problem=problem, hint=hint)


def _policies(config: Config, origins: Origins) -> Iterator[Fault]:
    if config.patchparser is not None:
        yield from policy_faults(config.patchparser, "patchparser")
    for glob, settings in config.repositories.items():
        if settings.patchparser is not None:
            path = path_of(("repositories", glob, "patchparser"), origins)
            yield from policy_faults(settings.patchparser, path)


def _for(repos: list[str]) -> str:
    if not repos:
        return ""
    more = f" and {len(repos) - 3} more" if len(repos) > 3 else ""
    return f" for {', '.join(repos[:3])}{more}"
