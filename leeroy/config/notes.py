"""What good settings mean that their author may not have meant: worth knowing, and no fault."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from leeroy.config.choices import Mode
from leeroy.config.docker import with_path_rules
from leeroy.config.models import DEFAULT_SERVER, Server
from leeroy.config.resolved import Config
from leeroy.errors import Fault

#: Whoever wants in tries these first; and taking them out of logs takes words out of sentences.
COMMON = frozenset(
    [
        "admin",
        "administrator",
        "changeme",
        "ci",
        "default",
        "deploy",
        "docker",
        "github",
        "hook",
        "jenkins",
        "leeroy",
        "letmein",
        "operator",
        "pass",
        "passw0rd",
        "password",
        "qwerty",
        "root",
        "secret",
        "test",
        "token",
        "webhook",
        "webhook-secret",
    ]
)
#: Fewer characters are guessed in days by who may try as often as he likes.
SHORTEST_SECRET = 12
#: What other programs read their proxy from; Leeroy goes by its settings alone.
PROXY_VARIABLES = ("https_proxy", "http_proxy", "all_proxy")


@dataclass(frozen=True, kw_only=True)
class Note(Fault):
    """One thing that is worth knowing, told as a fault is."""


def notes(config: Config, environ: Mapping[str, str]) -> Iterator[Note]:
    """All of them, in the order of the file."""
    yield from _nothing_to_do(config)
    yield from _observing(config)
    yield from _unsigned(config)
    yield from _weak_secrets(config)
    yield from _proxies(config, environ)
    yield from _api(config)
    yield from _path_rules(config)
    yield from _carriers(config)


def _carriers(config: Config) -> Iterator[Note]:
    """GIT_SHA1 is sent whatever the settings say, unless they give it another meaning."""
    for kind, jobs in (("builds", config.builds), ("branches", config.branches)):
        for index, job in enumerate(jobs):
            own = job.parameters
            if isinstance(own, str) or "GIT_SHA1" not in own or "{GIT_SHA1}" in own.values():
                continue
            yield Note(
                path=f"{kind}[{index}].parameters",
                problem="none of them carries the commit, so only what the job checks out proves"
                " a build",
                hint='send "{GIT_SHA1}" alone in one of them',
            )


def _nothing_to_do(config: Config) -> Iterator[Note]:
    if not (config.builds or config.branches or config.repositories):
        yield Note(path="builds", problem="no repository is named: Leeroy looks after none")


def _observing(config: Config) -> Iterator[Note]:
    if config.mode is Mode.OBSERVE:
        acting = [glob for glob, place in config.repositories.items() if place.mode is Mode.ACT]
        acts = any("mode" in config.repositories[glob].model_fields_set for glob in acting)
        where = ", but for what repositories say otherwise" if acts else ""
        yield Note(path="mode", problem=f"observes: nothing is written anywhere{where}")


def _unsigned(config: Config) -> Iterator[Note]:
    for path, server in _servers(config):
        if not server.notification_secret.get_secret_value():
            yield Note(
                path=f"{path}.notification_secret",
                problem="is not set: anybody who reaches Leeroy can post notifications, each of "
                "which has Jenkins and GitHub asked what is so; what they say is not believed",
                hint="set one, and let the jobs' endpoints send it: ?secret=..., or as password",
            )


def _weak_secrets(config: Config) -> Iterator[Note]:
    found: list[tuple[str, SecretStr]] = [
        ("github_webhook_secret", secret) for secret in config.github_webhook_secret
    ]
    found.append(("pass", config.password))
    for path, server in _servers(config):
        found.append((f"{path}.notification_secret", server.notification_secret))
    for glob, place in config.repositories.items():
        for secret in place.github_webhook_secret:
            found.append((f"repositories.{glob}.github_webhook_secret", secret))
    for path, secret in found:
        text = secret.get_secret_value()
        if not text:
            continue
        hint = "a random one: openssl rand -hex 20"
        if text.lower().strip("0123456789!.") in COMMON or len(set(text)) < 4:
            problem = "is a common one: it is guessed first, and logs lose that word"
            yield Note(path=path, problem=problem, hint=hint)
        elif len(text) < SHORTEST_SECRET:
            problem = f"has fewer than {SHORTEST_SECRET} characters: it can be guessed"
            yield Note(path=path, problem=problem, hint=hint)


def _proxies(config: Config, environ: Mapping[str, str]) -> Iterator[Note]:
    names = [name for name in environ if name.lower() in PROXY_VARIABLES and environ[name]]
    direct = [f"{path}.proxy" for path, server in _servers(config) if server.proxy is None]
    if config.github_proxy is None:
        direct.insert(0, "github_proxy")
    if names and direct:
        yield Note(
            path=direct[0],
            problem=f"is not set, and {names[0]} of the environment is not used",
            hint=f"say here what to go through: {', '.join(direct)}",
        )


def _api(config: Config) -> Iterator[Note]:
    url = config.github_api_url
    host = url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    # GitHub's own, and those of companies that GitHub hosts: https://api.SUBDOMAIN.ghe.com
    if host.startswith("api.") or url.endswith("/api/v3"):
        return
    yield Note(
        path="github_api_url",
        problem="does not end in /api/v3, as GitHub Enterprise's API does",
        hint="https://HOST/api/v3; check-config --online asks whether it is GitHub's",
    )


def _path_rules(config: Config) -> Iterator[Note]:
    for index, build in enumerate(config.builds):
        whole = with_path_rules(build)
        if whole is not build:
            yield Note(
                path=f"builds[{index}].paths",
                problem=f'is not said: with the context "{build.context}" it is built, as by '
                f"docker/leeroy, only when one of {', '.join(whole.paths)} changes",
                hint='"paths": [] builds it always',
            )


def _servers(config: Config) -> Iterator[tuple[str, Server]]:
    for name, server in config.servers.items():
        yield ("jenkins" if name == DEFAULT_SERVER else f"jenkins_servers.{name}"), server
