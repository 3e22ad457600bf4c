"""The list of a pull request's files, with the counts that GitHub leaves out of long answers.

https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
"""

from collections.abc import Mapping
from typing import Any

from leeroy import shapes
from leeroy.errors import NotThereYet
from leeroy.github.calls import Call
from leeroy.github.transport import Transport
from leeroy.model import PullRequest
from patchparser.github_files import parse_github_files
from patchparser.patch import PatchSet

#: Pages are asked for again in these sizes, each a part of the one before.
PAGE_SIZES = (100, 10, 1)

#: More calls than this are not spent on counts; the patch set then says it is not complete.
MOST_ASKED_AGAIN = 30

#: GitHub lists no more than 3,000 files.
MOST_PAGES = 30

_Files = list[dict[str, Any]]


def read_files(transport: Transport, pull: PullRequest) -> PatchSet:
    """All files, or the first 3,000.

    Raises:
        NotThereYet: GitHub shows the files of an earlier head.

    Once the patches in one answer reach about 20,000 lines, GitHub gives the files after them no
    patch and the counts 0, 0, 0. The pull request's own totals show it; a smaller page, which
    begins later, has the right numbers.
    """
    pages = transport.pages_at_once(_call(pull, size=PAGE_SIZES[0]), MOST_PAGES)
    files = [entry for page in pages for entry in page.read(parse_files)]
    if any(_is_of_another_head(pull, entry) for entry in files):
        raise NotThereYet(f"list the files of {pull.ref}: GitHub shows those of another head")
    budget = MOST_ASKED_AGAIN
    for size in PAGE_SIZES[1:]:
        for number in _doubtful_pages(pull, files, size):
            if budget == 0:
                break
            budget -= 1
            answer = transport.send(_call(pull, size=size, page=number))
            again = answer.read(parse_files)
            first = (number - 1) * size
            # The list may be another one since: a push came in between.
            if _names(again) == _names(files[first : first + size]):
                files[first : first + size] = again
    return pages[0].make_sense(lambda: _patch_set(pull, files))


def _patch_set(pull: PullRequest, files: _Files) -> PatchSet:
    return parse_github_files(
        files,
        changed_files=pull.changed_files,
        additions=pull.additions,
        deletions=pull.deletions,
    )


def _call(pull: PullRequest, *, size: int, page: int = 1) -> Call:
    return Call(
        method="GET",
        path="/repos/{repo}/pulls/{number}/files",
        values={"repo": pull.ref.repo, "number": pull.ref.number},
        query={"per_page": size} if page == 1 else {"per_page": size, "page": page},
        repo=pull.ref.repo,
        doing=f"list the files of {pull.ref}",
    )


def _doubtful_pages(pull: PullRequest, files: _Files, size: int) -> list[int]:
    """The pages, of that size, with files whose counts may have been left out."""
    if len(files) != pull.changed_files:
        return []  # cut at 3,000, or pushed to meanwhile: no total to compare with
    additions = sum(entry["additions"] for entry in files)
    deletions = sum(entry["deletions"] for entry in files)
    if (additions, deletions) == (pull.additions, pull.deletions):
        return []
    return sorted({at // size + 1 for at, entry in enumerate(files) if _is_doubtful(entry)})


def _is_doubtful(entry: Mapping[str, Any]) -> bool:
    # Binary files and plain renames look the same; they are few, and asked for once more.
    return entry["changes"] == 0 and not entry.get("patch")


def parse_files(said: Any) -> _Files:
    """GitHub's entries for files, with names and counts that are what they should be."""
    return [_checked(dict(shapes.fields(entry))) for entry in shapes.entries(said)]


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    shapes.text(entry["filename"])
    for key in ("additions", "deletions", "changes"):
        shapes.number(entry[key])
    return entry


def _is_of_another_head(pull: PullRequest, entry: Mapping[str, Any]) -> bool:
    """The list lags behind the pull request: each entry's address names the commit it is of.

    What was removed is shown as it was before.
    """
    if entry.get("status") == "removed":
        return False
    _, found, ref = str(entry.get("contents_url", "")).rpartition("?ref=")
    return bool(found) and len(ref) == len(pull.head_sha) and ref != pull.head_sha


def _names(files: _Files) -> list[str]:
    return [entry["filename"] for entry in files]
