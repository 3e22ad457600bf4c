"""The parameters a Jenkins job is started with."""

from collections.abc import Mapping

from leeroy.facts import Build, PullRequest

#: What finds a build of ours again in Jenkins; jobs that do not define it ignore it.
BUILD_ID = "LEEROY_BUILD_ID"


def pull_parameters(pull: PullRequest, build: Build) -> dict[str, str]:
    """docker/leeroy's six with their meaning, and what they lacked.

    A deleted fork is named as the base repository: its commit is still there, as
    ``refs/pull/N/head``.
    """
    return {
        "GIT_BASE_REPO": pull.ref.repo,
        "GIT_HEAD_REPO": pull.head_repo or pull.ref.repo,
        "GIT_SHA1": build.sha,
        "GITHUB_URL": pull.url,
        "PR": str(pull.ref.number),
        "BASE_BRANCH": pull.base_ref,
        "BASE_SHA": pull.base_sha,
        "HEAD_BRANCH": pull.head_ref,
        BUILD_ID: build.id,
    }


def fill_in(templates: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Each template with ``{NAME}`` replaced by that parameter's value, in one pass.

    What is filled in is never read as a template again, so a branch named ``{PR}`` stays that.

    >>> fill_in({"rev": "{GIT_SHA1}", "where": "pr-{PR}"}, {"GIT_SHA1": "abc", "PR": "7"})
    {'rev': 'abc', 'where': 'pr-7'}
    """
    return {name: _fill(template, values) for name, template in templates.items()}


def _fill(template: str, values: Mapping[str, str]) -> str:
    parts = template.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        known = closed and name in values
        filled.append(values[name] + rest if known else "{" + part)
    return "".join(filled)
