"""What only GitHub and Jenkins can tell about the settings."""

from collections.abc import Iterator

from leeroy.cli.findings import Check, Finding, Found, note, run_checks
from leeroy.cli.online_github import github_checks
from leeroy.cli.online_jenkins import jenkins_checks
from leeroy.cli.online_nsq import nsq_checks
from leeroy.config import Config
from leeroy.github import GitHub
from leeroy.jenkins import Jenkins


def ask_both(config: Config, github: GitHub, jenkins: Jenkins) -> list[Found]:
    """Ask GitHub about every repository the settings name, every Jenkins about its jobs, and NSQ."""
    return run_checks(
        [
            *github_checks(config, github),
            *jenkins_checks(config, jenkins),
            *nsq_checks(config),
            *(_glob_check(glob) for glob in config.repo_globs()),
        ]
    )


def _glob_check(glob: str) -> Check:
    def say() -> Iterator[Finding]:
        yield note(
            "which repositories it stands for is not asked",
            "name one of them under repositories to have it checked",
        )

    return Check(about=glob, topic="glob", ask=say)
