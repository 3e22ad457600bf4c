"""Repositories of the sandbox GitHub: made, forked, pushed to, deleted. What they hold is in git."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field

from leeroy_sandbox.gitformat import NO_SHA, Changes, NewCommit
from leeroy_sandbox.github.accounts import Accounts
from leeroy_sandbox.github.model import Account, Hook, Repository
from leeroy_sandbox.github.render import payloads

FIRST_FILES: Changes = {"README.md": "# A project\n"}


class NotAFastForward(Exception):
    """The push would lose commits; `force=True` lets it."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One commit that somebody pushes."""

    message: str
    changes: Changes = field(default_factory=dict)
    #: (name, e-mail); whoever pushes when not said.
    author: tuple[str, str] | None = None
    committer: tuple[str, str] | None = None
    #: Shas or branch names; the commit before, or the branch's tip, when not said.
    parents: Sequence[str] | None = None


class Repositories(Accounts):
    """What is done to repositories, and what hooks are told of it."""

    def create_repo(
        self,
        full_name: str,
        files: Changes = FIRST_FILES,
        *,
        private: bool = False,
        default_branch: str = "main",
        message: str = "Begin",
    ) -> Repository:
        """A repository with one commit; its owner becomes an organization if nobody has the name."""
        owner, name = full_name.split("/")
        with self.lock:
            if owner.lower() not in self._accounts:
                self.create_org(owner)
            repo = self._new(self.account(owner), name, private=private, branch=default_branch)
            repo.git.run("symbolic-ref", "HEAD", f"refs/heads/{default_branch}")
            self._write(repo, default_branch, [Work(message=message, changes=files)], None, [])
            return repo

    def fork(self, full_name: str, login: str, *, name: str | None = None) -> str:
        """Copy a repository to somebody's account; its full name."""
        with self.lock:
            source = self.repository(full_name)
            owner = self.known(login)
            fork = self._new(
                owner,
                name or source.name,
                private=source.private,
                branch=source.default_branch,
                source=source,
            )
            for branch, sha in source.branches.items():
                fork.git.point(f"refs/heads/{branch}", sha)
            fork.branches.update(source.branches)
            return fork.full_name

    def push(
        self,
        repo: str,
        branch: str,
        files: Changes | None = None,
        *,
        message: str = "Change something",
        author: tuple[str, str] | None = None,
        committer: tuple[str, str] | None = None,
        parents: Sequence[str] | None = None,
        commit: str | None = None,
        force: bool = False,
        by: str | None = None,
    ) -> str:
        """Push one commit, or with `commit` a sha that is there already; the branch's new sha.

        A branch that is new starts at the default branch. `parents=[]` starts a new history.
        """
        if commit is not None:
            return self._push(repo, branch, [], commit, force, by)
        work = Work(
            message=message,
            changes=files or {},
            author=author,
            committer=committer,
            parents=parents,
        )
        return self._push(repo, branch, [work], None, force, by)

    def push_many(
        self,
        repo: str,
        branch: str,
        work: Sequence[Work],
        *,
        force: bool = False,
        by: str | None = None,
    ) -> list[str]:
        """Push several commits at once; their shas, oldest first."""
        with self.lock:
            before = len(self._written)
            self._push(repo, branch, work, None, force, by)
            return self._written[before:]

    def delete_branch(self, repo: str, branch: str, *, by: str | None = None) -> None:
        """Delete a branch."""
        with self.lock:
            found = self.repository(repo)
            before = found.branches.pop(branch)
            found.git.drop(f"refs/heads/{branch}")
            self._told_of_push(found, branch, before, NO_SHA, [], by)
            self._branch_moved(found, branch, before, None, self.acting(found, by))

    def push_tag(self, repo: str, tag: str, commit: str, *, by: str | None = None) -> None:
        """Push a tag."""
        with self.lock:
            found = self.repository(repo)
            before = found.tags.get(tag, NO_SHA)
            found.tags[tag] = commit
            found.git.point(f"refs/tags/{tag}", commit)
            sender = self.acting(found, by)
            self.emit(
                "push",
                found,
                sender,
                lambda: payloads.push(self, found, f"refs/tags/{tag}", before, commit, [], sender),
            )
            self.emit("create", found, sender, lambda: payloads.create(found, tag, "tag"))

    def test_hook(self, repo: Repository, hook: Hook) -> None:
        """Send a hook its repository's last push again, as the API's `tests` does."""
        if "push" not in hook.events and "*" not in hook.events:
            return
        after = repo.branches[repo.default_branch]
        parents = repo.git.commit(after).parents
        ref, before = f"refs/heads/{repo.default_branch}", parents[0] if parents else NO_SHA
        sender = self.acting(repo)
        content = payloads.push(self, repo, ref, before, after, [after], sender)
        self.send_event("push", repo, sender, content, [hook])

    def switch_issues(self, repo: str, on: bool) -> None:
        """Let a repository have issues, or not; its pull requests are the same."""
        with self.lock:
            self.repository(repo).has_issues = on

    def archive(self, repo: str, archived: bool = True) -> None:
        """Make a repository read-only."""
        with self.lock:
            self.repository(repo).archived = archived

    def delete_repo(self, full_name: str) -> None:
        """Delete a repository, a fork for example; pull requests from it stay where they are."""
        with self.lock:
            repo = self.repository(full_name)
            del self._repositories[repo.id]
            self._names = {n: i for n, i in self._names.items() if i != repo.id}
            shutil.rmtree(self.git_path(repo.full_name))

    def delete_fork(self, full_name: str) -> None:
        """Delete a fork: `head.repo` of its pull requests becomes null."""
        self.delete_repo(full_name)

    def _new(
        self,
        owner: Account,
        name: str,
        *,
        private: bool,
        branch: str,
        source: Repository | None = None,
    ) -> Repository:
        number = self.next_id()
        network = source.network if source else number
        full_name = f"{owner.login}/{name}"
        repo = Repository(
            id=number,
            owner=owner.login,
            name=name,
            private=private,
            git=self.open_git(full_name, network),
            created=self.now(),
            updated=self.now(),
            pushed=self.now(),
            default_branch=branch,
            parent=source.id if source else None,
            network=network,
        )
        self._repositories[number] = repo
        self._names[full_name.lower()] = number
        return repo

    def _push(
        self,
        name: str,
        branch: str,
        work: Sequence[Work],
        commit: str | None,
        force: bool,
        by: str | None,
    ) -> str:
        with self.lock:
            repo = self.repository(name)
            before = repo.branches.get(branch)
            start = before or repo.branches.get(repo.default_branch)
            if commit is None:
                self._check_forward(repo, before, work[0].parents, force)
                new = self._write(repo, branch, work, by, [start] if start else [])
            else:
                if before and not force and not repo.git.is_ancestor(before, commit):
                    raise NotAFastForward(branch)
                repo.git.point(f"refs/heads/{branch}", commit)
                repo.branches[branch] = commit
                new = []
            repo.pushed = repo.updated = self.now()
            after = repo.branches[branch]
            if after != before:
                self._told_of_push(repo, branch, before or NO_SHA, after, new, by)
                self._branch_moved(repo, branch, before, after, self.acting(repo, by))
            return after

    def _check_forward(
        self, repo: Repository, before: str | None, parents: Sequence[str] | None, force: bool
    ) -> None:
        if before is None or force or parents is None:
            return
        shas = [repo.branches.get(parent, parent) for parent in parents]
        if not any(repo.git.is_ancestor(before, sha) for sha in shas):
            raise NotAFastForward(before)

    def _write(
        self,
        repo: Repository,
        branch: str,
        work: Sequence[Work],
        by: str | None,
        start: list[str],
    ) -> list[str]:
        account = self.acting(repo, by)
        commits = []
        for number, one in enumerate(work):
            follows = [f":{number}"] if number else start
            given = follows if one.parents is None else one.parents
            author = self.person(account, one.author)
            commits.append(
                NewCommit(
                    message=one.message,
                    changes=one.changes,
                    author=author,
                    committer=self.person(account, one.committer or one.author),
                    parents=[repo.branches.get(parent, parent) for parent in given],
                    ref=f"refs/heads/{branch}",
                )
            )
        shas = repo.git.write(commits)
        repo.branches[branch] = shas[-1]
        self._written += shas
        return shas

    def _told_of_push(
        self,
        repo: Repository,
        branch: str,
        before: str,
        after: str,
        new: Sequence[str],
        by: str | None,
    ) -> None:
        sender = self.acting(repo, by)
        ref = f"refs/heads/{branch}"
        self.emit(
            "push",
            repo,
            sender,
            lambda: payloads.push(self, repo, ref, before, after, new, sender),
        )
        if before == NO_SHA:
            self.emit("create", repo, sender, lambda: payloads.create(repo, branch, "branch"))
        if after == NO_SHA:
            self.emit("delete", repo, sender, lambda: payloads.delete(branch, "branch"))

    def _branch_moved(
        self, repo: Repository, branch: str, before: str | None, after: str | None, by: Account
    ) -> None:
        """What else follows from a push; pull requests add theirs."""
