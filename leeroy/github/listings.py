"""Whole lists, asked for again and again: unchanged, they cost no quota."""

from typing import Any

from leeroy import shapes
from leeroy.github import answers
from leeroy.github.calls import Call
from leeroy.github.transport import Transport
from leeroy.model import Comment, OddEntry, PullRef

_HEADS = "refs/heads/"
#: Pages of statuses that are looked through for who wrote one.
STATUS_PAGES = 3


class Listings:
    """Lists what a sweep compares with what is known."""

    _transport: Transport

    def repositories(self, repo: str) -> tuple[str | OddEntry, ...]:
        """The full names of the repositories that the token of ``repo`` can see, but for archived.

        ``repo`` may be a glob of the settings. An app's installation token has no such list (403).
        """
        # https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user
        call = Call(
            method="GET",
            path="/user/repos",
            query={"per_page": 100},
            repo=repo,
            doing=f"list the repositories for {repo}",
        )
        return tuple(
            name
            for page in self._transport.pages(call)
            for name in page.entries(
                lambda said: (
                    None if shapes.flag(said.get("archived")) else shapes.text(said["full_name"])
                )
            )
            if name is not None
        )

    def full_name(self, repo: str) -> str:
        """What the repository is called now: GitHub leads on from a name it had before."""
        # https://docs.github.com/en/rest/repos/repos#get-a-repository
        call = Call(
            method="GET",
            path="/repos/{repo}",
            values={"repo": repo},
            repo=repo,
            doing=f"read {repo}",
        )
        return self._transport.send(call).read(lambda said: shapes.text(said["full_name"]))

    def heads_below(self, repo: str, prefix: str) -> dict[str, str | None]:
        """The branches whose names begin so, and the sha each points to; none is no error.

        None where GitHub does not say which sha that is.
        """
        # https://docs.github.com/en/rest/git/refs#list-matching-references
        call = Call(
            method="GET",
            path="/repos/{repo}/git/matching-refs/{path}",
            # A name of ours cannot end with a slash; without it a few more are listed.
            values={"repo": repo, "path": f"heads/{prefix}".rstrip("/")},
            query={"per_page": 100},
            repo=repo,
            doing=f"list the branches of {repo} that begin with {prefix!r}",
        )
        found = (
            head
            for page in self._transport.pages(call)
            for head in page.read(
                lambda said: [
                    (shapes.text(one["ref"]).removeprefix(_HEADS), _sha_of(one.get("object")))
                    for one in shapes.entries(said)
                ]
            )
        )
        return {branch: sha for branch, sha in found if branch.startswith(prefix)}

    def review_comments(self, pull: PullRef) -> tuple[Comment | OddEntry, ...]:
        """The comments on the diff of a pull request."""
        # https://docs.github.com/en/rest/pulls/comments#list-review-comments-on-a-pull-request
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls/{number}/comments",
            values={"repo": pull.repo, "number": pull.number},
            query={"per_page": 100},
            repo=pull.repo,
            doing=f"list the review comments of {pull}",
        )
        return tuple(
            comment
            for page in self._transport.pages(call)
            for comment in page.entries(lambda said: answers.parse_review_comment(pull, said))
        )

    def reviews(self, pull: PullRef) -> tuple[Comment | OddEntry, ...]:
        """The words of the reviews of a pull request; a draft of one was not said yet."""
        # https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls/{number}/reviews",
            values={"repo": pull.repo, "number": pull.number},
            query={"per_page": 100},
            repo=pull.repo,
            doing=f"list the reviews of {pull}",
        )
        return tuple(
            comment
            for page in self._transport.pages(call)
            for comment in page.entries(
                lambda said: (
                    answers.parse_review(pull, said) if answers.is_submitted(said) else None
                )
            )
            if comment is not None
        )

    def status_writers(self, repo: str, sha: str) -> dict[str, str]:
        """Who wrote the latest status of each context, by the context in lower case: a login."""
        # https://docs.github.com/en/rest/commits/statuses#list-commit-statuses-for-a-reference
        call = Call(
            method="GET",
            path="/repos/{repo}/commits/{ref}/statuses",
            values={"repo": repo, "ref": sha},
            query={"per_page": 100},
            repo=repo,
            doing=f"list the statuses of {repo}@{sha[:7]}",
        )
        writers: dict[str, str] = {}
        # The newest stand first, so few pages tell of all that counts.
        for page in self._transport.pages(call, most=STATUS_PAGES):
            for context, login in page.read(
                lambda said: [
                    (shapes.text(one["context"]), answers.login_of(one))
                    for one in shapes.entries(said)
                ]
            ):
                writers.setdefault(context.lower(), login)
        return writers


def _sha_of(points_to: Any) -> str | None:
    sha = points_to.get("sha") if isinstance(points_to, dict) else None
    return sha if isinstance(sha, str) and sha else None
