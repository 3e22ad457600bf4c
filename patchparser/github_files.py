"""GitHub's list of a pull request's files, as a patch set.

https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
"""

from patchparser.patch import PatchSet


def parse_github_files(
    items: object,
    *,
    changed_files: int | None = None,
    additions: int | None = None,
    deletions: int | None = None,
) -> PatchSet:
    """Read the items of all pages; the totals of the pull request object show what is missing."""
    raise NotImplementedError
