"""The settings, typed: what config.json may say, key by key.

Levels: :class:`Settings` is the file's top; :class:`RepoSettings` are the keys that may stand at
the top or under ``repositories``; :class:`Build` repeats the few of them a build may have too.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    SecretStr,
    StringConstraints,
)

from leeroy.config.choices import (
    Approval,
    BuildCommits,
    Dashboard,
    GitHubEvents,
    IfJobMissing,
    Mode,
    Trust,
    UnstableAs,
)
from leeroy.config.fields import (
    LONGEST_CONTEXT,
    ApiUrl,
    CaFile,
    Context,
    DatabaseUrl,
    Flag,
    Glob,
    JenkinsUrl,
    Login,
    Mail,
    MailUrl,
    MessageUrl,
    Model,
    Network,
    Organization,
    ProxyUrl,
    RepoGlob,
    Seconds,
    Secrets,
    ServerName,
    Shown,
    Text,
    Texts,
    Token,
    WebUrl,
    Whole,
    is_repo,
    or_off,
)
from leeroy.config.nsq import Nsq
from leeroy.config.patterns import compiled
from leeroy.config.templates import (
    ParameterSet,
    check_job_template,
    parse_branch_parameters,
    parse_parameters,
)
from patchparser.globs import matches

if TYPE_CHECKING:
    from patchparser.patch import PatchSet

#: The name of the server under ``jenkins``; those of ``jenkins_servers`` have their own.
DEFAULT_SERVER = "default"


# docker/leeroy took every other word for "last"; an empty one stands in real files.
Commits = Annotated[BuildCommits, BeforeValidator(lambda word: "last" if word == "" else word)]


_READY_OR_OWN = ParameterSet | dict[str, str]
Parameters = Annotated[
    _READY_OR_OWN,
    PlainValidator(parse_parameters, json_schema_input_type=_READY_OR_OWN),
    PlainSerializer(lambda parameters: parameters),
]
BranchParameters = Annotated[
    _READY_OR_OWN,
    PlainValidator(parse_branch_parameters, json_schema_input_type=_READY_OR_OWN),
    PlainSerializer(lambda parameters: parameters),
]


class Server(Model):
    """One Jenkins."""

    base_url: JenkinsUrl
    """Where Jenkins is, such as https://jenkins.example.com or https://example.com/jenkins."""
    username: str = ""
    """The Jenkins user Leeroy works as; needs Job/Read, Job/Build and Job/Cancel."""
    token: Token = SecretStr("")
    """That user's API token."""
    notification_secret: SecretStr = SecretStr("")
    """What notifications must carry, as `?secret=` or as Basic password; empty: nothing."""
    ca_file: CaFile = None
    """Certificates (PEM) to trust for this server, relative to the config file."""
    verify: Flag = True
    """Check the server's certificate."""
    proxy: ProxyUrl | None = None
    """The HTTP proxy to reach it through."""
    timeout: Seconds = 10
    """Seconds to wait for a connection, and for an answer."""
    max_queued: Annotated[Whole, Field(ge=1)] | None = None
    """Trigger nothing more while Leeroy has this many builds in its queue."""


class Comments(Model):
    """The result comment."""

    results: Flag = False
    """Keep one comment with the results of all builds on each pull request."""
    console_lines: Annotated[Whole, Field(ge=0, le=200)] = 0
    """Show this many last console lines of a failed build in it."""
    console_on_public: Flag = False
    """Show console lines on public repositories too."""


class Conflicts(Model):
    """The status for pull requests that cannot be merged."""

    context: Context = "leeroy/mergeable"
    """The context of the status."""
    comment: Flag = False
    """Say it in a comment too."""


class Notify(Model):
    """Who hears that a branch broke, and that it was mended."""

    slack: MessageUrl | None = None
    """The incoming-webhook URL of Slack, or of what understands the same."""
    webhook: MessageUrl | None = None
    """A URL that is sent the news as JSON."""
    email: tuple[Mail, ...] = ()
    """Addresses that are sent a mail; needs `smtp_url`."""


class RepoSettings(Model):
    """What holds for one repository: at the top for all, under `repositories` for some."""

    github_token: Annotated[Token, Shown("required")] = SecretStr("")
    """A token that may read the repository, write statuses, and, where used, labels and comments."""
    github_user: Annotated[str, Shown("asked of GitHub once")] = ""
    """The token's login; GitHub is asked once when it is not given."""
    github_webhook_secret: Annotated[Secrets, Shown("required")] = ()
    """The secret of the webhook, or a list of them while one replaces the other. The environment's
    LEEROY_WEBHOOK_SECRET is one more at the top."""
    build_commits: Commits = BuildCommits.LAST
    """Which commits of a pull request are built: "last", "new" (those without this context's
    status) or "all". Of untrusted authors only the approved one."""
    max_commits: Annotated[Whole, Field(ge=1, le=250)] = 20
    """With "new" and "all", build at most this many commits, the newest."""
    trust: Trust = Trust.WRITE
    """Whose heads are built at once: "write" is those in the repository itself and those of authors
    with write permission; "everyone" is everyone: any stranger's code runs on your machines."""
    trusted_users: tuple[Login, ...] = ()
    """Logins to trust as if they had write permission, bots too: `renovate[bot]`. Whose they are is
    asked once: who has such a login later is not trusted, and `leeroy doctor` says so."""
    trusted_orgs: tuple[Organization, ...] = ()
    """Organizations, or teams as `org/team`, whose members to trust the same."""
    approval: Approval = Approval.SHA
    """What `/ok-to-test` covers: "sha" is the head it was said of; "pull" is later pushes too."""
    sensitive_paths: tuple[Glob, ...] = ("Jenkinsfile",)
    """Changes to these, by an author without write permission, always wait for approval."""
    whitelist_command: Flag = False
    """Let administrators of the repository trust an author for good by `add to whitelist`."""
    drafts: Flag = True
    """Build drafts."""
    patchparser: Annotated[dict[str, Any] | None, or_off(dict[str, Any])] = None
    """The policy of the checks on sign-off, docs, tests and labels (docs/patchparser.md); absent:
    no check, no label, no comment."""
    conflicts: Annotated[Conflicts | None, or_off(Conflicts)] = None
    """Report pull requests that cannot be merged, and do not build them."""
    comments: Comments = Comments()
    """The comment with the results of all builds."""
    mode: Mode = Mode.ACT
    """"observe": plans are recorded and shown, nothing is written anywhere."""
    adopt_replays: Flag = False
    """Report builds replayed in Jenkins with an edited script too."""


class Job(Model):
    """What builds and branches have in common: a job, where it is, and what its result means."""

    github_repo: RepoGlob
    """The repository, `owner/name`, or a glob such as `acme/*`."""
    exclude: tuple[RepoGlob, ...] = ()
    """Repositories, or globs, that the glob in `github_repo` leaves out."""
    jenkins_job_name: Annotated[
        str, BeforeValidator(check_job_template), Shown("nothing is built")
    ] = ""
    """The job's full name with its folders, `team/widgets-pr`; `{owner}`, `{repo}` and `{branch}`
    are filled in. Without one nothing is built."""
    context: Annotated[
        str,
        BeforeValidator(check_job_template),
        StringConstraints(max_length=LONGEST_CONTEXT),
        Shown("the job's name"),
    ] = ""
    """The name of the status on GitHub; one build a context and repository."""
    jenkins: ServerName = DEFAULT_SERVER
    """Which of `jenkins_servers`; without it the one under `jenkins`."""
    parameters: Parameters = ParameterSet.LEEROY
    """The job's parameters: "leeroy" (GIT_SHA1, PR, ...), "ghprb" (the names of the GitHub Pull
    Request Builder), or an object of name -> template, sent beside Leeroy's own."""
    is_pipeline: Flag = False
    """The job is a multibranch project: its own branch jobs are what is built."""
    paths: tuple[Glob, ...] = ()
    """Build only if a changed file matches one of these globs."""
    paths_ignore: tuple[Glob, ...] = ()
    """Files to disregard: when every changed file matches, nothing is built."""
    unstable_as: UnstableAs = UnstableAs.FAILURE
    """The state of the status when Jenkins says UNSTABLE."""
    retries: Annotated[Whole, Field(ge=0, le=10)] = 0
    """Build again this many times after a failure, before reporting it."""
    max_builds: Annotated[Whole, Field(ge=1)] | None = None
    """At most this many builds of it at the same time, over all pull requests."""
    if_job_missing: IfJobMissing = IfJobMissing.ERROR
    """When Jenkins has no such job: "error" is a status that says so, "skip" is nothing."""

    def is_for(self, repo: str) -> bool:
        """It is built for this repository."""
        return is_repo(self.github_repo, repo) and not any(is_repo(x, repo) for x in self.exclude)

    def has_context(self, name: str) -> bool:
        """It reports under this name, for some branch where ``{branch}`` is not filled in yet.

        >>> job = Build(github_repo="acme/widgets", jenkins_job_name="j", context="ci/{branch}")
        >>> job.has_context("CI/main"), job.has_context("ci/"), job.has_context("other/main")
        (True, False, False)
        """
        pattern = "(?s:.+)".join(re.escape(part) for part in self.context.split("{branch}"))
        return compiled(pattern, ignores_case=True).matches(name)

    @property
    def is_filtered(self) -> bool:
        """What was changed decides whether it is built."""
        return bool(self.paths or self.paths_ignore)

    def is_affected_by(self, patch: "PatchSet | None") -> bool:
        """Some changed file, by its new or its old name, is one this job is about.

        A list that is not known, that GitHub cut short or that is empty may hide such a file.
        """
        if patch is None or not patch.is_complete or not patch.files:
            return True
        names = {file.path for file in patch} | {
            file.previous_path for file in patch if file.previous_path
        }
        return any(
            (not self.paths or any(matches(glob, name) for glob in self.paths))
            and not any(matches(glob, name) for glob in self.paths_ignore)
            for name in names
        )


class Build(Job):
    """What is built for each pull request."""

    custom: Flag = False
    """Build only on request: `/test CONTEXT` or `/build/custom`."""
    on_command: Flag = False
    """The same as `custom`, in plainer words."""
    handle_issues: Flag = False
    """Accepted for docker/leeroy's sake, and without effect: there too it was switched off."""
    branches: tuple[Glob, ...] = ()
    """Only pull requests whose base branch matches one of these globs."""
    branches_ignore: tuple[Glob, ...] = ()
    """Not pull requests whose base branch matches one of these globs."""
    labels: tuple[Text, ...] = ()
    """Only pull requests with one of these labels."""
    skip_labels: tuple[Text, ...] = ()
    """Not pull requests with one of these labels."""
    authors_ignore: tuple[Login, ...] = ()
    """Not pull requests of these authors."""
    optional: Flag = False
    """Not needed for merging: `/skip CONTEXT` may turn it to success."""
    skip_success: Flag = False
    """Report success, not pending, when a draft, label, author or [skip ci] keeps it from being
    built; never for authors without write permission."""
    cancel_superseded: Flag = True
    """On a push or when the pull request closes, cancel what waits in Jenkins' queue."""
    abort: Flag = True
    """On a push or when the pull request closes, abort running builds too."""
    build_commits: Commits = BuildCommits.LAST
    """As for the repository, for this build only."""
    max_commits: Annotated[Whole, Field(ge=1, le=250)] = 20
    """As for the repository, for this build only."""
    drafts: Flag = True
    """As for the repository, for this build only."""
    adopt_replays: Flag = False
    """As for the repository, for this build only."""

    @property
    def is_on_command(self) -> bool:
        """Built only when somebody asks for it."""
        return self.custom or self.on_command

    def is_for_base(self, branch: str) -> bool:
        """It is built for pull requests into this branch."""
        if self.branches and not any(matches(glob, branch) for glob in self.branches):
            return False
        return not any(matches(glob, branch) for glob in self.branches_ignore)

    @property
    def is_for_older_commits(self) -> bool:
        """More than the head is built; a multibranch project's jobs build the newest commit."""
        return not self.is_pipeline and self.build_commits is not BuildCommits.LAST


class Branch(Job):
    """What is built for each push to a branch."""

    parameters: BranchParameters = ParameterSet.LEEROY
    """As for builds; templates may hold only what a push has."""
    branch: Glob
    """The branch, or a glob such as `release/*`."""
    coalesce: Flag = False
    """When pushes come faster than builds, build only the newest that waits."""
    notify: Notify | None = None
    """Who hears that the branch broke, and that it was mended."""


class Settings(RepoSettings):
    """The whole file."""

    schema_url: str = Field(default="", alias="$schema", exclude=True)
    """Where an editor finds the schema (`leeroy config-schema` prints it)."""
    include: Texts = ()
    """More files, or globs of them, relative to this one; they may have `builds`, `branches` and
    `repositories`."""
    jenkins: Annotated[Server | None, Shown("required where something is built")] = None
    """The Jenkins that builds without `jenkins` of their own use."""
    jenkins_servers: dict[ServerName, Server] = Field(default={})
    """Further Jenkins servers by name."""
    github_api_url: ApiUrl = "https://api.github.com"
    """GitHub's API; on GitHub Enterprise https://HOST/api/v3."""
    github_ca_file: CaFile = None
    """Certificates (PEM) to trust for GitHub, relative to the config file."""
    github_verify: Flag = True
    """Check GitHub's certificate."""
    github_proxy: ProxyUrl | None = None
    """The HTTP proxy to reach GitHub through."""
    github_timeout: Seconds = 15
    """Seconds to wait for a connection, and for an answer."""
    github_events: GitHubEvents = GitHubEvents.WEBHOOK
    """"poll" asks GitHub what is new, for a Leeroy that GitHub cannot reach."""
    poll_seconds: Annotated[Seconds, Field(ge=1)] = 60
    """With "poll", seconds between two questions."""
    allow_unsigned_webhooks: Flag = False
    """Start without any webhook secret: anybody who reaches Leeroy can make it look."""
    public_url: WebUrl | None = None
    """Where people and Jenkins reach Leeroy; used in links and by `leeroy hooks install`."""
    builds: tuple[Build, ...] = ()
    """What is built for pull requests."""
    branches: tuple[Branch, ...] = ()
    """What is built for pushes."""
    repositories: dict[RepoGlob, RepoSettings] = Field(default={})
    """`owner/name`, or a glob of them -> settings that hold there instead of the top's."""
    sweep_minutes: Annotated[Whole, Field(ge=0, le=1440)] = 10
    """Minutes between two sweeps, which find what webhooks missed; 0: none."""
    sweep_max_builds: Annotated[Whole, Field(ge=0)] = 20
    """At most this many builds a sweep."""
    user: str = ""
    """The operator's name, for `/build/*` and the dashboard's buttons."""
    password: SecretStr = Field(default=SecretStr(""), alias="pass")
    """The operator's password; without both `/build/*` answers 403."""
    dashboard: Dashboard = Dashboard.PRIVATE
    """"public": anybody may look; without payloads, without buttons."""
    auth_header: Text | None = None
    """The header in which a proxy in front says who is signed in; needs `trusted_proxies`."""
    trusted_proxies: tuple[Network, ...] = ()
    """Addresses, or networks, whose `auth_header` is believed."""
    database_url: DatabaseUrl = Field(
        default=SecretStr("sqlite:///leeroy.db"),
        json_schema_extra={"default": "sqlite:///leeroy.db"},
    )
    """SQLAlchemy's URL; relative SQLite files are relative to the config file. PostgreSQL for more
    than one machine."""
    keep_days: Annotated[Whole, Field(ge=1)] = 30
    """Days to keep the payloads of deliveries."""
    keep_history_days: Annotated[Whole, Field(ge=1)] = 365
    """Days to keep builds and the audit."""
    nsq: Annotated[Nsq | None, or_off(Nsq)] = None
    """Hand deliveries on to other programs by NSQ, or take them from there (docs/nsq.md)."""
    smtp_url: MailUrl | None = None
    """The mail server for `notify`: smtp://USER:PASSWORD@HOST:PORT."""
    mail_from: Mail = "leeroy@localhost"
    """The sender of mails."""
