"""Whole lists, asked for again and again: unchanged, they cost no quota."""

from leeroy.github import answers
from leeroy.github.calls import Call
from leeroy.github.transport import Transport
from leeroy.model import Comment, PullRef

_HEADS = "refs/heads/"


class Listings:
    """Lists what a sweep compares with what is known."""

    _transport: Transport

    def repositories(self, repo: str) -> tuple[str, ...]:
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
            for name in page.read(
                lambda said: [str(one["full_name"]) for one in said if not one.get("archived")]
            )
        )

    def heads_below(self, repo: str, prefix: str) -> dict[str, str]:
        """The branches whose names begin so, and the sha each points to; none is no error."""
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
            (str(one["ref"]).removeprefix(_HEADS), str(one["object"]["sha"]))
            for page in self._transport.pages(call)
            for one in page.read(lambda said: [one for one in said if one["object"]["sha"]])
        )
        return {branch: sha for branch, sha in found if branch.startswith(prefix)}

    def review_comments(self, pull: PullRef) -> tuple[Comment, ...]:
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
            for comment in page.read(
                lambda said: [answers.parse_review_comment(pull, one) for one in said]
            )
        )

    def reviews(self, pull: PullRef) -> tuple[Comment, ...]:
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
            for comment in page.read(
                lambda said: [
                    answers.parse_review(pull, one) for one in said if one.get("submitted_at")
                ]
            )
        )
