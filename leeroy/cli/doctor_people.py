"""Whether those who are trusted by name are still the same people; part of ``leeroy doctor``."""

from collections.abc import Iterator
from functools import partial

from leeroy.cli.findings import Check, Finding, ok, wrong
from leeroy.config import Config
from leeroy.github import GitHub
from leeroy.store import Store


def people_checks(config: Config, github: GitHub, store: Store) -> Iterator[Check]:
    """One question for each repository that trusts people by name."""
    for repo in config.repo_names():
        yield Check(
            about=f"{repo} on GitHub",
            topic="trusted people",
            ask=partial(_people, config, github, store, repo),
            way_out="see what is said of the token",
        )


def _people(config: Config, github: GitHub, store: Store, repo: str) -> Iterator[Finding]:
    settings = config.for_repo(repo)
    names = {login.lower() for login in settings.trusted_users}
    for login, known in sorted(store.known_accounts(names).items()):
        now = github.user_id(repo, login)
        if known == now:
            yield ok(f"trusted_users: {login} is who it was when Leeroy first asked")
            continue
        yield wrong(
            f"trusted_users: {_changed(login, known, now)}",
            f"take it out; or, if that account is meant: leeroy trust forget {login}",
        )
    if not settings.whitelist_command:
        return
    for trust in store.kept_trust(repo):
        now = github.user_id(repo, trust.login)
        if trust.user_id == now:
            continue
        yield wrong(
            f"add to whitelist: {_changed(trust.login, trust.user_id, now)}",
            f"run: leeroy trust revoke {repo} {trust.login}; and whitelist who is meant anew",
        )


def _changed(login: str, known: int | None, now: int | None) -> str:
    """What became of a login.

    >>> _changed("ann", 5, 7)
    'ann belongs to another account now (7), and is not trusted; 5 is, under whatever name'
    >>> _changed("ann", None, 7)
    'ann belonged to nobody when Leeroy first asked, and is not trusted now that it is taken (7)'
    """
    if known is None:
        told = "belonged to nobody when Leeroy first asked, and is not trusted now that it is taken"
        return f"{login} {told} ({now})"
    if now is None:
        return f"{login} belongs to nobody now; account {known} is trusted, under whatever name"
    return (
        f"{login} belongs to another account now ({now}), and is not trusted; {known} is, under"
        " whatever name"
    )
