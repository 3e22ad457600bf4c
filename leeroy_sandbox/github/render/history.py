"""Commits and the files they change, as GitHub shows them."""

from urllib.parse import quote

from leeroy_sandbox.gitformat import EMPTY_TREE, ChangedFile, Commit, Person
from leeroy_sandbox.github.model import Repository
from leeroy_sandbox.github.render.people import Json, node_id, simple_user, stamp
from leeroy_sandbox.github.render.repositories import api_url, html_url
from leeroy_sandbox.github.state import State

STATUS_OF = {
    "A": "added",
    "D": "removed",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}
#: A patch longer than this is left out of a list of files.
LONGEST_PATCH = 500_000
#: After this many lines of patches in one answer GitHub was seen to leave out the counts too.
PATCH_LINES = 20_000


def git_user(person: Person) -> Json:
    """A commit's author or committer by git."""
    return {"name": person.name, "email": person.email, "date": stamp(person.when)}


def linked_user(state: State, person: Person) -> Json | None:
    """The account whose e-mail address it is; null for nobody's."""
    account = state.account_of(person.email)
    return simple_user(state, account) if account else None


def commit(state: State, repo: Repository, shown: Commit) -> Json:
    """A commit as lists show it."""
    url = f"{api_url(state, repo)}/commits/{shown.sha}"
    page = f"{html_url(state, repo)}/commit"
    git_url = f"{api_url(state, repo)}/git"
    return {
        "sha": shown.sha,
        "node_id": node_id("C", shown.sha),
        "commit": {
            "author": git_user(shown.author),
            "committer": git_user(shown.committer),
            "message": shown.message,
            "tree": {"sha": shown.tree, "url": f"{git_url}/trees/{shown.tree}"},
            "url": f"{git_url}/commits/{shown.sha}",
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "url": url,
        "html_url": f"{page}/{shown.sha}",
        "comments_url": f"{url}/comments",
        "author": linked_user(state, shown.author),
        "committer": linked_user(state, shown.committer),
        "parents": [
            {
                "sha": sha,
                "url": f"{api_url(state, repo)}/commits/{sha}",
                "html_url": f"{page}/{sha}",
            }
            for sha in shown.parents
        ],
    }


def full_commit(state: State, repo: Repository, shown: Commit, page: slice) -> Json:
    """A commit by itself, with the files of one page."""
    base = shown.parents[0] if shown.parents else EMPTY_TREE
    changed = repo.git.files(base, shown.sha)
    added = sum(f.added or 0 for f in changed)
    removed = sum(f.removed or 0 for f in changed)
    return commit(state, repo, shown) | {
        "stats": {"total": added + removed, "additions": added, "deletions": removed},
        "files": files(state, repo, base, shown.sha, page),
    }


def push_commit(state: State, repo: Repository, shown: Commit, names: Json, new: bool) -> Json:
    """A commit as a push carries it."""
    return {
        "id": shown.sha,
        "tree_id": shown.tree,
        "distinct": new,
        "message": shown.message,
        "timestamp": stamp(shown.committer.when),
        "url": f"{html_url(state, repo)}/commit/{shown.sha}",
        "author": _pusher(state, shown.author),
        "committer": _pusher(state, shown.committer),
        **names,
    }


def _pusher(state: State, person: Person) -> Json:
    account = state.account_of(person.email)
    named = {"username": account.login} if account else {}
    return {"name": person.name, "email": person.email, **named}


def files(
    state: State,
    repo: Repository,
    base: str,
    head: str,
    page: slice,
    *,
    lose_counts: bool = False,
) -> list[Json]:
    """One page of what differs; patches only where GitHub has them.

    With `lose_counts` files after 20,000 lines of patches have counts of zero, as was reported of
    GitHub in November 2026: a smaller page then gives the right ones.
    """
    patches = repo.git.patches(base, head)[page]
    shown = []
    lines = 0
    for changed, patch in zip(repo.git.files(base, head)[page], patches, strict=True):
        entry = _file(state, repo, changed, head)
        if lose_counts and lines >= PATCH_LINES:
            entry |= {"additions": 0, "deletions": 0, "changes": 0}
        elif patch is not None and len(patch) <= LONGEST_PATCH:
            entry["patch"] = patch
            lines += patch.count("\n") + 1
        shown.append(entry)
    return shown


def _file(state: State, repo: Repository, changed: ChangedFile, head: str) -> Json:
    path = printable(changed.path)
    where = quote(path)
    entry: Json = {
        "sha": changed.blob,
        "filename": path,
        "status": STATUS_OF[changed.letter],
        "additions": changed.added or 0,
        "deletions": changed.removed or 0,
        "changes": (changed.added or 0) + (changed.removed or 0),
        "blob_url": f"{html_url(state, repo)}/blob/{head}/{where}",
        "raw_url": f"{html_url(state, repo)}/raw/{head}/{where}",
        "contents_url": f"{api_url(state, repo)}/contents/{where}?ref={head}",
    }
    if changed.previous is not None:
        entry["previous_filename"] = printable(changed.previous)
    return entry


def printable(path: str) -> str:
    """A path that may stand in JSON: bytes that are no UTF-8 become the replacement character."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
