"""What can only be told of whole settings: names that lead nowhere, what one repository lacks, and
builds that would overwrite each other's status."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from leeroy.config.fields import example_of, is_glob
from leeroy.config.models import DEFAULT_SERVER, Branch
from leeroy.config.nsq import nsq_faults
from leeroy.config.policy import policy_faults
from leeroy.config.resolved import Config, filled
from leeroy.config.validate import Origins, path_of
from leeroy.errors import Fault
from patchparser.globs import matches

#: The variable that may hold the webhook secret in place of the file.
SECRET_VARIABLE = "LEEROY_WEBHOOK_SECRET"


def inconsistencies(config: Config, origins: Origins) -> Iterator[Fault]:
    """Every fault of settings whose values are right one by one."""
    yield from _servers(config, origins)
    yield from _tokens(config)
    yield from _webhook_secrets(config)
    yield from _pairs(config, origins)
    yield from _repeated_repositories(config, origins)
    yield from _repeated_builds(config, origins)
    yield from _repeated_branches(config, origins)
    yield from _policies(config, origins)
    yield from nsq_faults(config.nsq, allows_unsigned=config.allow_unsigned_webhooks)


def _servers(config: Config, origins: Origins) -> Iterator[Fault]:
    used = [
        (f"{kind}", index, job.jenkins)
        for kind, jobs in (("builds", config.builds), ("branches", config.branches))
        for index, job in enumerate(jobs)
    ]
    # Who only hands deliveries on, or only checks patches, has nothing to build.
    builds = bool(used) or not (config.nsq or config.repositories)
    if (
        config.jenkins is None
        and builds
        and (not config.jenkins_servers or any(name == DEFAULT_SERVER for _, _, name in used))
    ):
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
    for kind, index, name in used:
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
    candidates = _candidates(config)
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
    candidates = _candidates(config)
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


def _repeated_builds(config: Config, origins: Origins) -> Iterator[Fault]:
    """Builds that report one context in one repository: GitHub would show the last one only."""
    told: set[tuple[int, int]] = set()
    for repo, shown in _candidates(config).items():
        seen: dict[str, int] = {}
        for index, build in enumerate(config.builds):
            if not build.jenkins_job_name or not build.is_for(repo):
                continue
            context = filled(build, repo).context
            first = seen.setdefault(context.casefold(), index)
            if first == index or (first, index) in told:
                continue
            told.add((first, index))
            other = path_of(("builds", first), origins)
            yield Fault(
                path=path_of(("builds", index, "context"), origins),
                problem=f'"{context}" in {shown} is the context of {other} too',
                hint="give one of them another context",
            )


def _repeated_branches(config: Config, origins: Origins) -> Iterator[Fault]:
    candidates = _candidates(config)
    for index, branch in enumerate(config.branches):
        for first, other in enumerate(config.branches[:index]):
            if _same_branch(branch, other, candidates):
                yield Fault(
                    path=path_of(("branches", index, "context"), origins),
                    problem=f"is the context of {path_of(('branches', first), origins)} too",
                    hint="give one of them another context",
                )
                break


def _same_branch(one: Branch, other: Branch, candidates: Mapping[str, str]) -> bool:
    meet = one.branch == other.branch or any(
        not is_glob(a.branch) and matches(b.branch, a.branch)
        for a, b in ((one, other), (other, one))
    )
    return (
        meet
        and bool(one.jenkins_job_name and other.jenkins_job_name)
        and any(
            one.is_for(repo)
            and other.is_for(repo)
            and filled(one, repo).context.casefold() == filled(other, repo).context.casefold()
            for repo in candidates
        )
    )


def _policies(config: Config, origins: Origins) -> Iterator[Fault]:
    if config.patchparser is not None:
        yield from policy_faults(config.patchparser, "patchparser")
    for glob, settings in config.repositories.items():
        if settings.patchparser is not None:
            path = path_of(("repositories", glob, "patchparser"), origins)
            yield from policy_faults(settings.patchparser, path)


def _candidates(config: Config) -> Mapping[str, str]:
    """Repositories to try the settings on, and how to call each: a glob stands by an example."""
    candidates: dict[str, str] = {name: name for name in config.repo_names()}
    for glob in config.repo_globs():
        example = example_of(glob)
        if example is not None:
            candidates.setdefault(example, glob)
    return candidates


def _for(repos: list[str]) -> str:
    if not repos:
        return ""
    more = f" and {len(repos) - 3} more" if len(repos) > 3 else ""
    return f" for {', '.join(repos[:3])}{more}"
