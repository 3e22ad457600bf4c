"""What docker/leeroy's config.json means without saying it, so that such a file works unchanged.

https://github.com/docker/leeroy
"""

from collections.abc import Mapping
from types import MappingProxyType

from leeroy.config.models import Build

#: docker/leeroy started the builds of these contexts, ``custom`` or not, when a changed file's name
#: began with one of a few words; it had no ``paths``. Here they are as globs.
PATH_RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "doc": ("docs*", "docs*/**"),
        "vendor": ("vendor*", "vendor*/**", "hack/vendor.sh", "hack/.vendor-helper.sh"),
    }
)


def with_path_rules(build: Build) -> Build:
    """The build with the rules its context had in docker/leeroy; ``paths`` of its own are kept.

    >>> build = Build(github_repo="docker/docker", jenkins_job_name="Docs", context="doc")
    >>> with_path_rules(build).paths
    ('docs*', 'docs*/**')
    """
    rules = PATH_RULES.get(build.context)
    if rules is None or "paths" in build.model_fields_set:
        return build
    # "custom" kept such a build out of the usual ones only; its paths brought it in again.
    # Whoever wants it on request alone says so with our own word, on_command.
    return build.model_copy(update={"paths": rules, "custom": False})


def full_name_of(job: str) -> str:
    """A job's full name, from the form docker/leeroy needed for jobs in folders: ``a/job/b``.

    >>> full_name_of("team/job/widgets"), full_name_of("/job/team/job/widgets/")
    ('team/widgets', 'team/widgets')
    >>> full_name_of("team/widgets")
    'team/widgets'

    A job called ``job`` in a folder of that name is one too; its path begins with a slash.

    >>> full_name_of("job/job"), full_name_of("/job/job"), full_name_of("job/job/job/job")
    ('job/job', 'job', 'job/job')
    """
    if job == "job/job":
        return job
    parts = [part for part in job.split("/") if part]
    if len(parts) % 2 == 0 and parts[0::2] == ["job"] * (len(parts) // 2):
        return "/".join(parts[1::2])
    if len(parts) > 2 and len(parts) % 2 and parts[1::2] == ["job"] * (len(parts) // 2):
        return "/".join(parts[0::2])
    return "/".join(parts)
