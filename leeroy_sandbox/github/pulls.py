"""Pull requests of the sandbox GitHub: opened, pushed to, edited, merged, closed."""

from leeroy_sandbox.github.model import Account, Pull, Repository
from leeroy_sandbox.github.render import payloads, pulls
from leeroy_sandbox.github.render.people import Json
from leeroy_sandbox.github.repositories import Repositories
from leeroy_sandbox.github.state import Absent, Refused

#: At these GitHub has not yet looked whether it merges.
NOT_YET_LOOKED = frozenset({"opened", "reopened", "synchronize"})


class Pulls(Repositories):
    """What is done to pull requests, and what hooks are told of it."""

    def open_pull(
        self,
        repo: str,
        head: str,
        base: str | None = None,
        *,
        title: str = "A change",
        body: str | None = None,
        author: str | None = None,
        draft: bool = False,
    ) -> int:
        """Open a pull request from `branch` or `owner:branch` (a fork); its number."""
        with self.lock:
            found = self.repository(repo)
            source, branch = self._head(found, head)
            base = base or found.default_branch
            sha = source.branches[branch]
            label = f"{source.owner}:{branch}"
            for other in found.pulls.values():
                same = (other.head_repo, other.head_ref, other.base_ref)
                if other.state == "open" and same == (source.id, branch, base):
                    raise _refused(f"A pull request already exists for {label}.")
            if found.git.is_ancestor(sha, found.branches[base]):
                raise _refused(f"No commits between {base} and {label}")
            who = self.acting(source, author)
            pull = self.add_pull(found, source, branch, base, who, title, body)
            pull.draft = draft
            found.git.point(f"refs/pull/{pull.number}/head", sha)
            self._told(found, pull, "opened", who)
            return pull.number

    def announce(
        self, repo: str, number: int, action: str = "opened", *, by: str | None = None
    ) -> str | None:
        """Tell the hooks of a pull request as it is; the GUID, None when nobody wanted it."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            return self._told(found, pull, action, self.known(by or pull.author))

    def close_pull(self, repo: str, number: int, *, by: str | None = None) -> None:
        """Close without merging."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            self._close(found, pull, self.acting(found, by))

    def reopen_pull(self, repo: str, number: int, *, by: str | None = None) -> None:
        """Open again what was closed."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            pull.state, pull.closed = "open", None
            pull.base_sha = found.branches[pull.base_ref]
            self._told(found, pull, "reopened", self.acting(found, by))

    def merge_pull(
        self, repo: str, number: int, *, squash: bool = False, by: str | None = None
    ) -> str:
        """Merge into the base branch; the sha it has then."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            sender = self.acting(found, by)
            tip = found.branches[pull.base_ref]
            message = f"Merge pull request #{number} from {pull.head_owner}/{pull.head_ref}"
            sha = found.git.merge(tip, pull.head_sha, message, self.person(sender))
            if sha is None:
                raise Refused("Pull Request is not mergeable")
            if squash:
                tree = found.git.commit(sha).tree
                sha = found.git.write_tree_commit(tree, [tip], pull.title, self.person(sender))
            found.branches[pull.base_ref] = sha
            found.git.point(f"refs/heads/{pull.base_ref}", sha)
            pull.merged, pull.merged_by, pull.merge_sha = self.now(), sender.login, sha
            self._close(found, pull, sender)
            self._told_of_push(found, pull.base_ref, tip, sha, [sha], by)
            return sha

    def edit_pull(
        self,
        repo: str,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        base: str | None = None,
        by: str | None = None,
    ) -> None:
        """Change title, body or base branch; hooks are told what it was before."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            changes: Json = {}
            if title is not None and title != pull.title:
                changes["title"] = {"from": pull.title}
                pull.title = title
            if body is not None and body != pull.body:
                changes["body"] = {"from": pull.body or ""}
                pull.body = body
            if base is not None and base != pull.base_ref:
                changes["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
                pull.base_ref, pull.base_sha = base, found.branches[base]
            if changes:
                sender = self.known(by or pull.author)
                self._told(found, pull, "edited", sender, {"changes": changes})

    def draft(self, repo: str, number: int, draft: bool = True, *, by: str | None = None) -> None:
        """Make it a draft, or ready for review."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            pull.draft = draft
            action = "converted_to_draft" if draft else "ready_for_review"
            self._told(found, pull, action, self.known(by or pull.author))

    def lock_pull(
        self, repo: str, number: int, locked: bool = True, *, by: str | None = None
    ) -> None:
        """Lock the conversation: comments are refused from then on."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            pull.locked = locked
            self._told(found, pull, "locked" if locked else "unlocked", self.acting(found, by))

    def label(self, repo: str, number: int, *names: str, by: str | None = None) -> None:
        """Put labels on it; those the repository does not have come into being, in grey."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            sender = self.acting(found, by)
            for name in names:
                if name.lower() in (on.lower() for on in pull.labels):
                    continue
                label = self.repository_label(found, name, sender)
                pull.labels.append(label.name)
                shown = {"label": pulls.label(self, found, label)}
                self._told(found, pull, "labeled", sender, shown)

    def unlabel(self, repo: str, number: int, *names: str, by: str | None = None) -> None:
        """Take labels off; Absent when one is not on it."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            sender = self.acting(found, by)
            for name in names:
                on = next((n for n in pull.labels if n.lower() == name.lower()), None)
                if on is None:
                    raise Absent("Label does not exist")
                pull.labels.remove(on)
                known = found.labels.get(on.lower())
                shown = {"label": pulls.label(self, found, known)} if known else {}
                self._told(found, pull, "unlabeled", sender, shown)

    def labels(self, repo: str, number: int) -> list[str]:
        """The names of the labels on it."""
        return list(self.pull(repo, number).labels)

    def mergeable(self, repo: Repository, pull: Pull, *, read: bool) -> bool | None:
        """Whether it merges; None until it was read (`read=True`) once more than it takes.

        Nobody is ever told that it was worked out, nor that a push to the base undid it.
        """
        tip = repo.branches.get(pull.base_ref)
        if pull.state != "open" or tip is None:
            return None
        key = (tip, pull.head_sha)
        reads = pull.merge_reads.get(key, 0)
        if reads < self.reads_before_mergeable:
            pull.merge_reads[key] = reads + read
            return None
        if key not in pull.merges:
            if not read:
                return None
            pull.merges[key] = self._test_merge(repo, pull, tip)
        pull.merge_sha = pull.merges[key]
        if pull.merge_sha and pull.merge_ref != pull.merge_sha:
            self._point_merge(repo, pull, pull.merge_sha)
        return pull.merge_sha is not None

    def _test_merge(self, repo: Repository, pull: Pull, tip: str) -> str | None:
        message = f"Merge {pull.head_sha} into {tip}"
        who = self.person(self.account(pull.author))
        sha = repo.git.merge(tip, pull.head_sha, message, who)
        if sha:
            self._point_merge(repo, pull, sha)
        return sha

    def _point_merge(self, repo: Repository, pull: Pull, sha: str) -> None:
        repo.git.point(f"refs/pull/{pull.number}/merge", sha)
        pull.merge_ref = sha

    def _drop_merge(self, repo: Repository, pull: Pull) -> None:
        if pull.merge_ref:
            repo.git.drop(f"refs/pull/{pull.number}/merge")
            pull.merge_ref = None

    def _branch_moved(
        self, repo: Repository, branch: str, before: str | None, after: str | None, by: Account
    ) -> None:
        for base in self.repositories():
            for pull in list(base.pulls.values()):
                if pull.state != "open":
                    continue
                is_head = (pull.head_repo, pull.head_ref) == (repo.id, branch)
                is_base = base.id == repo.id and pull.base_ref == branch
                if after is None and (is_head or is_base):
                    self._close(base, pull, by)
                elif is_head and after is not None:
                    self._synchronize(base, pull, after, by)

    def _synchronize(self, repo: Repository, pull: Pull, after: str, by: Account) -> None:
        before, pull.head_sha = pull.head_sha, after
        pull.base_sha = repo.branches[pull.base_ref]
        repo.git.point(f"refs/pull/{pull.number}/head", after)
        self._told(repo, pull, "synchronize", by, {"before": before, "after": after})

    def _close(self, repo: Repository, pull: Pull, by: Account) -> None:
        pull.state, pull.closed = "closed", self.now()
        self._drop_merge(repo, pull)
        self._told(repo, pull, "closed", by)

    def _told(
        self,
        repo: Repository,
        pull: Pull,
        action: str,
        sender: Account,
        more: Json | None = None,
    ) -> str | None:
        pull.updated = self.now()
        if action in NOT_YET_LOOKED:
            mergeable, pull.merge_sha = None, None
        else:
            mergeable = self.mergeable(repo, pull, read=False)
        return self.emit(
            "pull_request",
            repo,
            sender,
            lambda: payloads.pull_request(self, repo, pull, mergeable, more or {}),
            action,
        )

    def _head(self, repo: Repository, head: str) -> tuple[Repository, str]:
        owner, colon, branch = head.partition(":")
        if not colon:
            return repo, head
        if owner.lower() == repo.owner.lower():
            return repo, branch
        for other in self.repositories():
            if other.network == repo.network and other.owner.lower() == owner.lower():
                return other, branch
        raise Absent(f"{owner} has no fork of {repo.full_name}")

    def add_pull(
        self,
        repo: Repository,
        source: Repository,
        branch: str,
        base: str,
        who: Account,
        title: str,
        body: str | None,
    ) -> Pull:
        """Put a pull request in the tables."""
        number, repo.next_number = repo.next_number, repo.next_number + 1
        pull = repo.pulls[number] = Pull(
            id=self.next_id(),
            number=number,
            title=title,
            body=body,
            author=who.login,
            head_repo=source.id,
            head_owner=source.owner,
            head_ref=branch,
            head_sha=source.branches[branch],
            base_ref=base,
            base_sha=repo.branches[base],
            created=self.now(),
            updated=self.now(),
            association=self.association(repo, who.login, of_pull=True),
        )
        return pull


def _refused(message: str) -> Refused:
    error = {"resource": "PullRequest", "code": "custom"}
    return Refused("Validation Failed", [{**error, "message": message}])
