"""What every Jenkins says of its credentials and of the jobs the settings name."""

from collections.abc import Iterator, Sequence
from functools import partial

from leeroy.cli.findings import Check, Finding, note, ok, wrong
from leeroy.cli.outline import BRANCH_WORD, JobUse, job_uses
from leeroy.config import DEFAULT_SERVER, Config, IfJobMissing, ParameterSet
from leeroy.deciding.parameters import BUILD_ID
from leeroy.errors import NotFound, Permanent, RightsRefused
from leeroy.jenkins import Jenkins
from leeroy.jenkins.job_config import parse_specifiers, uses_any
from leeroy.model import JobInfo, JobKind

SHA = "GIT_SHA1"
#: Where GHPRB's names hold the sha.
GHPRB_SHA = ("ghprbActualCommit", "sha1")

_CREDENTIALS = "username is the user's id, token one of his API tokens (Jenkins: user, Security)"
_ADD = "in the job's configuration, This project is parameterized: add the string parameter"


def jenkins_checks(config: Config, jenkins: Jenkins) -> Iterator[Check]:
    """The questions to each server: who we are there, and about each job."""
    uses: dict[str, dict[str, list[JobUse]]] = {name: {} for name in config.servers}
    for repo in config.repo_names():
        for use in job_uses(config, repo):
            uses[use.server].setdefault(use.job, []).append(use)
    for server, jobs in uses.items():
        about = f"Jenkins {server}"
        yield Check(
            about=about,
            topic="credentials",
            ask=partial(_credentials, config, jenkins, server),
            way_out=_CREDENTIALS,
        )
        for job, users in jobs.items():
            yield Check(
                about=about,
                topic=f"job {job}",
                ask=partial(_job, jenkins, server, users),
                way_out="see what is said of the credentials, and give Leeroy's user Job/Read",
            )
        yield Check(
            about=about,
            topic="notifications",
            ask=partial(_notifications, config, server),
        )


def _credentials(config: Config, jenkins: Jenkins, server: str) -> Iterator[Finding]:
    if not config.server(server).username:
        jenkins.queue_length(server)
        yield note(
            "credentials: none are set, and Jenkins answers",
            "unless anybody may build there, set username and token",
        )
        return
    yield ok(f"credentials: they work, as {jenkins.whoami(server)}")


def _job(jenkins: Jenkins, server: str, users: Sequence[JobUse]) -> Iterator[Finding]:
    job = users[0].job
    if BRANCH_WORD in job:
        yield note(f"job {job}: its name depends on the branch, so it is not asked about")
        return
    try:
        info = jenkins.job(server, job)
    except NotFound as exc:
        settings = users[0].settings
        if settings.if_job_missing is IfJobMissing.SKIP:
            yield note(f"job {job}: Jenkins has none, and if_job_missing is skip")
            return
        yield wrong(
            f"job {job}: Jenkins has none of this name, or hides it ({exc})",
            "mend jenkins_job_name (folders are part of it: team/widgets), make the job, "
            "or give Leeroy's user Job/Read on it",
        )
        return
    yield from job_findings(info, users, _specifiers(jenkins, server, info))


def _specifiers(jenkins: Jenkins, server: str, info: JobInfo) -> tuple[str, ...] | None:
    """What the job checks out; None: it checks nothing out by itself, or we may not see it."""
    if info.kind is not JobKind.JOB:
        return None
    try:
        return parse_specifiers(jenkins.job_config(server, info.name))
    except (RightsRefused, Permanent, ValueError):
        return None


def job_findings(
    info: JobInfo, users: Sequence[JobUse], specifiers: tuple[str, ...] | None = None
) -> Iterator[Finding]:
    """What is wrong with a job for those who use it; that all is well, if nothing is."""
    found = [
        *_name_findings(info, users),
        *_kind_findings(info, users),
        *_parameter_findings(info, users),
        *_specifier_findings(info, users, specifiers),
        *_endpoint_findings(info),
    ]
    if not found:
        yield ok(f"job {info.name}: it can be built and takes what Leeroy sends")
    yield from found


def _name_findings(info: JobInfo, users: Sequence[JobUse]) -> Iterator[Finding]:
    name = users[0].job
    if info.name != name and info.name.lower() == name.lower():
        yield note(
            f"job {name}: Jenkins writes it {info.name}, and finds it all the same",
            f"write {info.name} in jenkins_job_name, as its pages and notifications do",
        )


def _endpoint_findings(info: JobInfo) -> Iterator[Finding]:
    if info.kind is JobKind.JOB and not info.has_endpoints:
        yield note(
            f"job {info.name}: it sends no notifications, so results come half a minute late",
            "give it an endpoint, as is said of notifications below",
        )


def _kind_findings(info: JobInfo, users: Sequence[JobUse]) -> Iterator[Finding]:
    name = f"job {info.name}"
    is_pipeline = users[0].settings.is_pipeline
    if info.kind is JobKind.FOLDER:
        yield wrong(f"{name}: it is a folder", "name a job in it, as FOLDER/JOB")
    elif info.kind is JobKind.MULTIBRANCH and not is_pipeline:
        yield wrong(f"{name}: it is a multibranch project", 'add "is_pipeline": true')
    elif info.kind is JobKind.JOB and is_pipeline:
        yield wrong(f"{name}: it is no multibranch project", "take is_pipeline away")
    elif info.kind is JobKind.JOB and not info.is_buildable:
        yield wrong(f"{name}: it is disabled", "enable it in Jenkins")


def _parameter_findings(info: JobInfo, users: Sequence[JobUse]) -> Iterator[Finding]:
    # The jobs of a multibranch project check out by themselves.
    if info.kind is not JobKind.JOB:
        return
    name = f"job {info.name}"
    told: set[str] = set()
    for use in users:
        carriers = _sha_carriers(use)
        if not carriers and SHA not in told:
            told.add(SHA)
            yield note(
                f"{name}: nothing that {use.settings.context} sends carries the commit, so only "
                "what the job checks out proves a build",
                f"send {{{SHA}}} alone in a parameter, and check that out",
            )
        elif carriers and info.parameters.isdisjoint(carriers) and carriers[0] not in told:
            told.add(carriers[0])
            yield wrong(
                f"{name}: it does not take {carriers[0]}, so it would build something else",
                f"{_ADD} {carriers[0]}, and check out ${{{carriers[0]}}}; a pipeline whose "
                "Jenkinsfile declares it takes it after its first build",
            )
        own = use.settings.parameters
        for parameter in own if isinstance(own, dict) else ():
            if parameter not in info.parameters and parameter not in told:
                told.add(parameter)
                yield wrong(
                    f"{name}: the settings send {parameter}, which it does not define: "
                    "Jenkins drops it",
                    f"{_ADD} {parameter}",
                )
    if BUILD_ID not in info.parameters:
        yield note(
            f"{name}: it does not take {BUILD_ID}, by which Leeroy finds its builds for sure after "
            "a crash or when two are asked for with equal parameters",
            f"{_ADD} {BUILD_ID}",
        )


def _specifier_findings(
    info: JobInfo, users: Sequence[JobUse], specifiers: tuple[str, ...] | None
) -> Iterator[Finding]:
    """The mistake everybody makes once: the parameter is there, and main is built all the same."""
    if specifiers is None:
        return
    told: set[str] = set()
    for use in users:
        carriers = _sha_carriers(use)
        if carriers and not uses_any(specifiers, carriers) and carriers[0] not in told:
            told.add(carriers[0])
            yield wrong(
                f"job {info.name}: it checks out {', '.join(specifiers)}, whatever it is sent",
                f"in the job's configuration, Branches to build: ${{{carriers[0]}}}",
            )


def _sha_carriers(use: JobUse) -> tuple[str, ...]:
    """The parameters of which one must be taken, for the build to be of the commit asked for."""
    parameters = use.settings.parameters
    if parameters is ParameterSet.GHPRB:
        return (*GHPRB_SHA, SHA)
    if isinstance(parameters, dict):
        own = [name for name, template in parameters.items() if template == f"{{{SHA}}}"]
        return (SHA, *own) if SHA not in parameters or SHA in own else tuple(own)
    return (SHA,)


def _notifications(config: Config, server: str) -> Iterator[Finding]:
    """Jenkins does not tell its jobs' endpoints, so this says what they should be."""
    root = config.public_url.rstrip("/") if config.public_url else "LEEROY"
    path = "" if server == DEFAULT_SERVER else f"/{server}"
    secret = config.server(server).notification_secret.get_secret_value()
    query = "?secret=THE_NOTIFICATION_SECRET" if secret else ""
    yield note(
        "notifications: Jenkins does not tell where it sends them",
        "see that each job's Job Notifications have an endpoint with format JSON, protocol HTTP, "
        f"event All and the URL {root}/notification/jenkins{path}{query}",
    )
