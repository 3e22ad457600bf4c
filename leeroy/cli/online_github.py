"""What GitHub says of the repositories in the settings: token, rights, webhook."""

from collections.abc import Callable, Iterator
from functools import partial

from leeroy.cli.findings import Check, Finding, note, ok, wrong
from leeroy.cli.hooks import MAY_NOT, PATH, hook_address, hook_faults, ours_among
from leeroy.config import Config, GitHubEvents, Mode
from leeroy.errors import CommitNotFound, NotFound, Permanent
from leeroy.github import GitHub
from leeroy.model import Status, StatusState

#: Any of these lets a classic token write statuses; the last on public repositories only.
#: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
STATUS_SCOPES = frozenset({"repo", "repo:status", "public_repo"})

_TOKEN = "put a token that works into github_token: https://github.com/settings/tokens"
_MEMBERS = "the token needs read:org; a fine-grained one or an app needs Members: read"
#: Git's name for no commit at all.
NOBODYS_SHA = "0" * 40
_READ = (
    "see whether its name is right; the token's user needs to see it, and a fine-grained token or "
    "an app needs Pull requests: read"
)


def github_checks(config: Config, github: GitHub) -> Iterator[Check]:
    """The questions about each repository."""
    for repo in config.repo_names():
        about = f"{repo} on GitHub"
        asked: tuple[tuple[str, Callable[..., Iterator[Finding]], str], ...] = (
            ("token", _token, _TOKEN),
            ("read", _read, _READ),
            ("statuses", _statuses, "see what is said of the token"),
            ("trust", _trust, "see what is said of the token"),
            ("webhook", _webhook, "see what is said of the token"),
        )
        for topic, ask, way_out in asked:
            yield Check(
                about=about,
                topic=topic,
                ask=partial(ask, config, github, repo),
                way_out=way_out,
            )


def _token(config: Config, github: GitHub, repo: str) -> Iterator[Finding]:
    try:
        login = github.whoami(repo)
    except NotFound as exc:
        # Every API of GitHub has this page, whatever the token.
        yield wrong(
            f"token: {exc}",
            f"{config.github_api_url} seems to be no API of GitHub: see github_api_url "
            "(https://api.github.com, or https://HOST/api/v3)",
        )
        return
    if not login:
        # An app's installation token is nobody's, and GitHub refuses to say so; but it reads.
        next(github.open_pulls(repo), None)
        yield ok("token: it works; GitHub does not say whose it is, as with those of apps")
        return
    expected = config.for_repo(repo).github_user
    if expected and expected.lower() != login.lower():
        yield wrong(f"token: it is {login}'s, and github_user says {expected}", "mend github_user")
    else:
        yield ok(f"token: it works, it is {login}'s")


def _read(_config: Config, github: GitHub, repo: str) -> Iterator[Finding]:
    next(github.open_pulls(repo), None)
    yield ok("read: its pull requests can be read")
    # GitHub leads on from the old name, so all the above works; its deliveries bear the new one.
    name = github.full_name(repo)
    if name.lower() != repo.lower():
        yield wrong(
            f"name: {repo} is called {name} now, and its deliveries bear that name",
            f"write {name} in the settings, wherever {repo} stands",
        )


def _statuses(config: Config, github: GitHub, repo: str) -> Iterator[Finding]:
    if config.for_repo(repo).mode is Mode.OBSERVE:
        yield ok("statuses: mode is observe, nothing is written")
        return
    try:
        scopes = github.token_scopes(repo)
        login = github.whoami(repo)
    except Permanent:
        if not _can_read(github, repo):
            raise
        scopes, login = None, ""
    if login:
        yield from _role(github, repo, login)
    if scopes is None:
        yield _tried(github, repo)
    elif scopes & STATUS_SCOPES:
        yield ok("statuses: the token's scopes allow them")
    else:
        yield wrong(
            f"statuses: the token has only the scopes {', '.join(sorted(scopes))}",
            "add the scope repo, or repo:status for public repositories",
        )


def _tried(github: GitHub, repo: str) -> Finding:
    """What GitHub says to a status of a commit that nobody has: nothing is written by that.

    It looks at rights first, and at the commit then.
    """
    status = Status(context="leeroy/check-config", state=StatusState.PENDING, description="")
    try:
        github.set_status(repo, NOBODYS_SHA, status)
    except CommitNotFound:
        return ok("statuses: the token may write them")
    except Permanent as exc:
        return wrong(
            f"statuses: the token may not write them ({exc})",
            "give it Commit statuses: read and write, or, to a classic token, the scope repo",
        )
    return note("statuses: GitHub took one for a commit that is not there, which tells nothing")


def _trust(config: Config, github: GitHub, repo: str) -> Iterator[Finding]:
    """Whether the token sees who is in the organizations that are trusted."""
    trusted = config.for_repo(repo).trusted_orgs
    login = github.whoami(repo) if trusted else ""
    for name in trusted:
        org, _, team = name.partition("/")
        try:
            if team:
                github.is_team_member(repo, org, team, login or org)
            is_inside = bool(login) and github.is_org_member(repo, org, login)
        except Permanent as exc:
            yield wrong(f"trust: who is in {name} cannot be read ({exc})", _MEMBERS)
            continue
        if is_inside:
            yield ok(f"trust: {login} is in {org}, and sees its private members")
        elif login:
            told = f"trust: {login} is not in {org}: only its public members are trusted"
            yield note(told, f"invite {login} to {org}, or let members make themselves public")
        else:
            yield note(f"trust: whether the token sees {org}'s private members is not told")


def _role(github: GitHub, repo: str, login: str) -> Iterator[Finding]:
    try:
        can_write = github.permission(repo, login).can_write
    except Permanent:
        # GitHub tells permissions only to those who may push.
        can_write = False
    if not can_write:
        yield wrong(
            f"statuses: {login} has no write permission",
            f"give {login} the role Write at https://github.com/{repo}/settings/access",
        )


def _webhook(config: Config, github: GitHub, repo: str) -> Iterator[Finding]:
    if config.github_events is GitHubEvents.POLL:
        yield ok('webhook: none is needed, github_events is "poll"')
        return
    address = hook_address(config)
    try:
        hooks = github.hooks(repo)
    except Permanent as exc:
        if not isinstance(exc, NotFound) and not _can_read(github, repo):
            raise
        yield note(
            "webhook: the token may not look at webhooks",
            f"look at https://github.com/{repo}/settings/hooks yourself, or: {MAY_NOT}",
        )
        return
    ours = ours_among(hooks, address)
    install = f"run: leeroy hooks install {repo}"
    if not ours:
        yield wrong(
            f"webhook: none leads to {address or f'an address that ends in {PATH}'}",
            f"{install} (a webhook of the organization would do as well, and is not seen here)",
        )
    for hook in ours:
        has_secret = bool(config.for_repo(repo).github_webhook_secret)
        faults = list(hook_faults(hook, has_secret=has_secret))
        for fault in faults:
            yield wrong(f"webhook {hook.id}: {fault}", install)
        if not faults:
            yield ok(f"webhook {hook.id}: events, content type and secret are set")
    if ours and address is None:
        yield note(
            f"webhook: whether {ours[0].url} is this Leeroy cannot be told", "set public_url"
        )


def _can_read(github: GitHub, repo: str) -> bool:
    try:
        next(github.open_pulls(repo), None)
    except Permanent:
        return False
    return True
