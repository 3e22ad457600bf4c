"""What the sandbox GitHub holds: accounts, repositories, pull requests, hooks. State, no behaviour.

Accounts are named by login everywhere, repositories by their id, so that both may change hands.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from leeroy_sandbox.git import Bare


class AccountType(StrEnum):
    """GitHub's words for what an account is."""

    USER = "User"
    BOT = "Bot"
    ORGANIZATION = "Organization"


class Role(StrEnum):
    """What a person may do in a repository, least first."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Whether this role includes another.

        >>> Role.MAINTAIN.covers(Role.WRITE), Role.TRIAGE.covers(Role.WRITE)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(needed)


class TokenKind(StrEnum):
    """Kinds of token, which GitHub refuses in different words."""

    CLASSIC = "classic"
    FINE_GRAINED = "fine-grained"
    INSTALLATION = "installation"


@dataclass(kw_only=True)
class Account:
    """A person, a bot or an organization."""

    id: int
    login: str
    type: AccountType
    name: str
    #: How commits are tied to people.
    email: str
    created: int
    #: Of an organization: login -> (role, state); role is admin or member.
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Logins whose membership everybody sees.
    public_members: set[str] = field(default_factory=set)
    hooks: list["Hook"] = field(default_factory=list)
    teams: dict[str, "Team"] = field(default_factory=dict)


@dataclass(kw_only=True)
class Team:
    """A team of an organization; members of child teams count."""

    slug: str
    parent: str | None
    #: login -> (role, state).
    members: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a caller shows."""

    text: str
    login: str
    kind: TokenKind
    #: Of a classic token.
    scopes: frozenset[str] = frozenset()
    #: Of the other kinds: "statuses" -> "write".
    permissions: dict[str, str] = field(default_factory=dict)
    #: Whose it is; None: of one that is installed everywhere.
    installation: int | None = None
    #: Second from which on it is worth nothing.
    expires: int | None = None


@dataclass(frozen=True, kw_only=True)
class App:
    """A GitHub App, which acts as the account `slug[bot]`."""

    id: int
    slug: str
    #: The id of the account it belongs to.
    owner: int
    created: int
    #: Modulus and exponent of the key whose other half it signs with; None: nobody checks.
    key: tuple[int, int] | None
    permissions: dict[str, str]

    @property
    def client_id(self) -> str:
        """The newer name of its id."""
        return f"Iv23li{self.id:014}"


@dataclass(kw_only=True)
class Installation:
    """An app, let into an account."""

    id: int
    app: int
    #: The account's id.
    account: int
    #: Ids; None: all the account has.
    repositories: frozenset[int] | None
    created: int
    suspended: int | None = None

    @property
    def selection(self) -> str:
        """GitHub's word for whether it is all of them."""
        return "all" if self.repositories is None else "selected"

    def covers(self, account: int, repository: int | None) -> bool:
        """Whether it holds for an account, or for a repository of it."""
        chosen = self.repositories is None or repository is None or repository in self.repositories
        return self.account == account and chosen


@dataclass(kw_only=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Status:
    """One commit status as it was posted; none is ever changed."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created: int


@dataclass(kw_only=True)
class Comment:
    """A comment on a pull request's conversation or, with a path, on its diff."""

    id: int
    number: int
    login: str
    body: str
    created: int
    updated: int
    #: (login, content) -> reaction id.
    reactions: dict[tuple[str, str], int] = field(default_factory=dict)
    #: Of review comments only; where it stands now moves along with the head.
    path: str | None = None
    #: None once a push changed or removed the line.
    line: int | None = None
    sha: str | None = None
    original_line: int | None = None
    original_sha: str | None = None
    review: int | None = None


@dataclass(kw_only=True)
class Review:
    """A review; its state in lower case, as webhooks have it."""

    id: int
    number: int
    login: str
    state: str
    body: str | None
    sha: str
    submitted: int


@dataclass(kw_only=True)
class Pull:
    """A pull request."""

    id: int
    number: int
    title: str
    body: str | None
    author: str
    #: None once the fork is deleted.
    head_repo: int | None
    #: None too, when the account is gone; the ref and sha stay.
    head_owner: str
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    created: int
    updated: int
    association: str
    state: str = "open"
    draft: bool = False
    locked: bool = False
    closed: int | None = None
    merged: int | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    #: Where `refs/pull/N/merge` points: the last test merge that worked.
    merge_ref: str | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    review_comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    #: How often it was read since its base or head moved: (base tip, head) -> reads.
    merge_reads: dict[tuple[str, str], int] = field(default_factory=dict)
    #: (base tip, head) -> the test merge commit, None for a conflict.
    merges: dict[tuple[str, str], str | None] = field(default_factory=dict)


@dataclass(kw_only=True)
class Hook:
    """A webhook of a repository or an organization."""

    id: int
    #: The repository's id, or the organization's.
    target: int
    target_type: str
    url: str
    secret: str | None
    events: tuple[str, ...]
    content_type: str
    active: bool
    created: int
    updated: int
    insecure_ssl: str = "0"
    last_code: int | None = None
    last_status: str = "unused"


@dataclass(kw_only=True)
class Repository:
    """A repository; what it contains is in git."""

    id: int
    owner: str
    name: str
    private: bool
    git: Bare
    created: int
    updated: int
    pushed: int
    default_branch: str = "main"
    description: str | None = None
    archived: bool = False
    has_issues: bool = True
    #: The repository it was forked from.
    parent: int | None = None
    #: Where the fork network keeps its objects.
    network: int = 0
    #: What was given by name; owners and members of organizations have theirs anyway.
    roles: dict[str, Role] = field(default_factory=dict)
    #: Branch -> sha, as in git.
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    next_number: int = 1
    #: By lower-case name.
    labels: dict[str, Label] = field(default_factory=dict)
    #: By sha, oldest first.
    statuses: dict[str, list[Status]] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"
