"""People who watch the demo push branches by git: each becomes a pull request."""

from leeroy.demo import cast
from leeroy.demo.stage import Stage


def welcome_pushes(stage: Stage) -> None:
    """Tell GitHub of what git brought to its repository since the last time.

    Git writes into the folder behind the sandbox's back, which then sends no webhook by itself.
    """
    github = stage.github
    with github.lock:
        repo = github.repository(cast.REPO)
        for ref, sha in repo.git.refs().items():
            branch = ref.removeprefix("refs/heads/")
            if branch == ref or repo.branches.get(branch) == sha:
                continue
            github.push(cast.REPO, branch, commit=sha, force=True, by=cast.GUEST)
            known = {pull.head_ref for pull in repo.pulls.values() if pull.state == "open"}
            if branch != repo.default_branch and branch not in known:
                title = repo.git.commit(sha).message.partition("\n")[0]
                github.open_pull(cast.REPO, branch, title=title, author=cast.GUEST)
