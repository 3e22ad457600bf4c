"""The parameters a Jenkins job is started with."""

from collections.abc import Mapping

from leeroy.config import MergeGroup
from leeroy.model import Build, PullRequest
from patchparser.pull import Identity

#: What finds a build of ours again in Jenkins; jobs that do not define it ignore it.
BUILD_ID = "LEEROY_BUILD_ID"

#: The parameter in which GHPRB's jobs are told what to check out.
SHA1 = "sha1"

#: Leeroy's own names, of which :data:`SHA_NAMES` carry the commit.
OUR_NAMES = frozenset(
    {
        "GIT_BASE_REPO", "GIT_HEAD_REPO", "GIT_SHA1", "GITHUB_URL", "PR", "BASE_BRANCH",
        "BASE_SHA", "HEAD_BRANCH", BUILD_ID,
    }
)  # fmt: skip

#: GHPRB's, which all are sent to jobs made for it.
GHPRB_NAMES = frozenset(
    {
        SHA1, "ghprbActualCommit", "ghprbActualCommitAuthor", "ghprbActualCommitAuthorEmail",
        "ghprbAuthorRepoGitUrl", "ghprbTriggerAuthor", "ghprbTriggerAuthorEmail",
        "ghprbTriggerAuthorLogin", "ghprbTriggerAuthorLoginMention", "ghprbPullId",
        "ghprbTargetBranch", "ghprbSourceBranch", "GIT_BRANCH", "ghprbPullAuthorEmail",
        "ghprbPullAuthorLogin", "ghprbPullAuthorLoginMention", "ghprbPullDescription",
        "ghprbPullTitle", "ghprbPullLink", "ghprbPullLongDescription", "ghprbCommentBody",
        "ghprbGhRepository", "ghprbCredentialsId",
    }
)  # fmt: skip

#: The names under which a commit is sent whatever the settings say.
SHA_NAMES = frozenset({"GIT_SHA1", "ghprbActualCommit", SHA1})
#: Those that say for which pull request and onto what a build is.
NUMBER_NAMES = frozenset({"PR", "ghprbPullId"})
BASE_NAMES = frozenset({"BASE_BRANCH", "ghprbTargetBranch"})

#: Those of GHPRB's that tell who wrote the commit.
GHPRB_AUTHOR = ("ghprbActualCommitAuthor", "ghprbActualCommitAuthorEmail")

#: Bytes of UTF-8 that what people wrote may take in a parameter.
FREE_TEXT = 1024


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


def ghprb_parameters(
    pull: PullRequest,
    *,
    sha: str,
    merge: str,
    commit_author: Identity | None,
    is_trusted: bool,
    triggered_by: str = "",
    comment: str = "",
) -> dict[str, str]:
    """The 23 names of the GitHub Pull Request Builder, for jobs made for it.

    ``sha1`` is a commit where GHPRB gave a ref, which may have moved before the job reads it:
    ``merge``, when that is known to be the merge of this head, else the head. Whatever the author
    may have written is empty unless ``is_trusted``: jobs are known to paste it into shell scripts.

    https://plugins.jenkins.io/ghprb/ (Environment Variables)
    """
    author = commit_author if commit_author and is_trusted else Identity(name="", email="")
    trigger = triggered_by or pull.author
    web = pull.url.removesuffix(f"/{pull.ref.repo}/pull/{pull.ref.number}")
    merged = ", no merge conflicts." if merge else "."
    written = {
        "ghprbActualCommitAuthor": author.name,
        "ghprbActualCommitAuthorEmail": author.email,
        "ghprbPullTitle": pull.title,
        "ghprbPullLongDescription": pull.body,
        "ghprbCommentBody": comment,
    }
    return {
        SHA1: merge or sha,
        "ghprbActualCommit": sha,
        "ghprbAuthorRepoGitUrl": f"{web}/{pull.head_repo or pull.ref.repo}.git",
        # Names and addresses would take a question to GitHub each, and are mostly empty there.
        "ghprbTriggerAuthor": "",
        "ghprbTriggerAuthorEmail": "",
        "ghprbTriggerAuthorLogin": trigger,
        "ghprbTriggerAuthorLoginMention": f"@{trigger}",
        "ghprbPullId": str(pull.ref.number),
        "ghprbTargetBranch": pull.base_ref,
        "ghprbSourceBranch": pull.head_ref,
        "GIT_BRANCH": pull.head_ref,
        "ghprbPullAuthorEmail": "",
        "ghprbPullAuthorLogin": pull.author,
        "ghprbPullAuthorLoginMention": f"@{pull.author}",
        "ghprbPullDescription": f"GitHub pull request #{pull.ref.number} of commit {sha}{merged}",
        "ghprbPullLink": pull.url,
        "ghprbGhRepository": pull.ref.repo,
        # Of GHPRB's own credentials in Jenkins, which Leeroy does not use.
        "ghprbCredentialsId": "",
        **{name: free_text(text) if is_trusted else "" for name, text in written.items()},
    }


def ghprb_push_parameters(build: Build, group: MergeGroup | None) -> dict[str, str]:
    """Those of GHPRB's names that a push has a value for, so that the same job builds it."""
    return {
        SHA1: build.sha,
        "ghprbActualCommit": build.sha,
        "ghprbTargetBranch": group.base if group else build.branch,
        "ghprbSourceBranch": build.branch,
        "GIT_BRANCH": build.branch,
        "ghprbGhRepository": build.repo,
        **({"ghprbPullId": str(group.number)} if group else {}),
    }


def free_text(text: str) -> str:
    r"""What somebody wrote, as GHPRB sent it: on one line, quotes escaped; and cut to 1 KiB.

    >>> print(free_text('say "hi"\r\nand go'))
    say \"hi\"\r\nand go
    >>> len(free_text("é" * 2000).encode())
    1024
    """
    escaped = text.replace("\n", "\\n").replace("\r", "\\r").replace('"', '\\"')
    cut = escaped.encode()[:FREE_TEXT].decode(errors="ignore")
    # Half an escape would escape whatever a script puts behind it.
    return cut if cut == escaped else cut.rstrip("\\")


def push_parameters(build: Build, group: MergeGroup | None, repo_url: str) -> dict[str, str]:
    """What of these a push has; for a merge group all of them, so that the same job takes it."""
    values = {
        "GIT_BASE_REPO": build.repo,
        "GIT_HEAD_REPO": build.repo,
        "GIT_SHA1": build.sha,
        "GITHUB_URL": f"{repo_url}/commit/{build.sha}",
        "BASE_BRANCH": build.branch,
        BUILD_ID: build.id,
    }
    if group is None:
        return values
    return {
        **values,
        "PR": str(group.number),
        "BASE_BRANCH": group.base,
        "BASE_SHA": group.base_sha,
        "HEAD_BRANCH": build.branch,
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
