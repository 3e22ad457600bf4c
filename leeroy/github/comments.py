"""Comments and reactions: the part of the client that speaks with people."""

from datetime import UTC, datetime

from leeroy.errors import Transient
from leeroy.github import answers
from leeroy.github.calls import Call
from leeroy.github.gate import Spend
from leeroy.github.refusals import Unsure
from leeroy.github.transport import Transport
from leeroy.model import Comment, CommentKind, OddEntry, PullRef, Reaction

#: Longer ones are refused; GitHub counts differently from place to place, so stay well below.
LONGEST_COMMENT = 65_000


class Comments:
    """Reads, writes and answers comments."""

    _transport: Transport

    def comment(self, repo: str, comment_id: int) -> Comment:
        """A comment on a conversation as it reads now."""
        # https://docs.github.com/en/rest/issues/comments#get-an-issue-comment
        call = Call(
            method="GET",
            path="/repos/{repo}/issues/comments/{id}",
            values={"repo": repo, "id": comment_id},
            repo=repo,
            doing=f"read comment {comment_id} of {repo}",
        )
        return self._transport.send(call).read(lambda said: answers.parse_comment(repo, said))

    def review_comment(self, pull: PullRef, comment_id: int) -> Comment:
        """A comment on the diff of a pull request as it reads now."""
        # https://docs.github.com/en/rest/pulls/comments#get-a-review-comment-for-a-pull-request
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls/comments/{id}",
            values={"repo": pull.repo, "id": comment_id},
            repo=pull.repo,
            doing=f"read review comment {comment_id} of {pull.repo}",
        )
        return self._transport.send(call).read(
            lambda said: answers.parse_review_comment(pull, said)
        )

    def review(self, pull: PullRef, review_id: int) -> Comment:
        """The words of a review as they read now."""
        # https://docs.github.com/en/rest/pulls/reviews#get-a-review-for-a-pull-request
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls/{number}/reviews/{id}",
            values={"repo": pull.repo, "number": pull.number, "id": review_id},
            repo=pull.repo,
            doing=f"read review {review_id} of {pull}",
        )
        return self._transport.send(call).read(lambda said: answers.parse_review(pull, said))

    def comments_since(self, repo: str, since: datetime) -> tuple[Comment | OddEntry, ...]:
        """Comments on all conversations posted or edited since then, the oldest change first."""
        # https://docs.github.com/en/rest/issues/comments#list-issue-comments-for-a-repository
        call = Call(
            method="GET",
            path="/repos/{repo}/issues/comments",
            values={"repo": repo},
            query={
                "since": _iso(since),
                "sort": "updated",
                "direction": "asc",
                "per_page": 100,
            },
            repo=repo,
            doing=f"list the comments of {repo}",
        )
        return self._listed(repo, call)

    def comments_on(self, pull: PullRef) -> tuple[Comment | OddEntry, ...]:
        """All comments on one conversation, the oldest first."""
        return self._listed(pull.repo, _conversation(pull))

    def find_comments(
        self, pull: PullRef, marker: str, *, author: str, since: datetime | None = None
    ) -> tuple[Comment, ...]:
        """Our comments with a hidden marker, the oldest first; a stranger's do not count.

        Where GitHub does not say who we are, ``author`` is empty: we are an app then, and no
        person is one.
        """
        found = []
        for comment in self._listed(pull.repo, _conversation(pull, since)):
            if isinstance(comment, OddEntry):
                raise Transient(comment.error)  # it may be the one that is asked for
            if marker in comment.body and _is_by(comment, author):
                found.append(comment)
        return tuple(found)

    def post_comment(self, pull: PullRef, body: str, *, marker: str, author: str) -> Comment:
        """Post a comment that carries the marker.

        When GitHub's answer is lost, our comments are looked through for the marker: it is never
        posted twice by this call. Before a second call, ask :meth:`find_comments`.
        """
        # https://docs.github.com/en/rest/issues/comments#create-an-issue-comment
        call = Call(
            method="POST",
            path="/repos/{repo}/issues/{number}/comments",
            values={"repo": pull.repo, "number": pull.number},
            body={"body": body[:LONGEST_COMMENT]},
            repo=pull.repo,
            doing=f"comment on {pull}",
            spend=Spend.CONTENT,
            is_repeatable=False,
        )
        try:
            answer = self._transport.send(call)
        except Unsure:
            if found := self.find_comments(pull, marker, author=author):
                return found[-1]
            raise
        return answer.read(lambda said: answers.parse_comment(pull.repo, said))

    def edit_comment(self, repo: str, comment_id: int, body: str) -> None:
        """Replace the text of a comment; nobody is notified."""
        # https://docs.github.com/en/rest/issues/comments#update-an-issue-comment
        call = Call(
            method="PATCH",
            path="/repos/{repo}/issues/comments/{id}",
            values={"repo": repo, "id": comment_id},
            body={"body": body[:LONGEST_COMMENT]},
            repo=repo,
            doing=f"edit comment {comment_id} of {repo}",
            spend=Spend.CONTENT,
        )
        self._transport.send(call)

    def delete_comment(self, repo: str, comment_id: int) -> None:
        """Delete a comment; done as well when it is gone."""
        # https://docs.github.com/en/rest/issues/comments#delete-an-issue-comment
        call = Call(
            method="DELETE",
            path="/repos/{repo}/issues/comments/{id}",
            values={"repo": repo, "id": comment_id},
            repo=repo,
            doing=f"delete comment {comment_id} of {repo}",
            spend=Spend.CONTENT,
        )
        self._transport.send_unless_gone(call)

    def react(self, kind: CommentKind, repo: str, comment_id: int, reaction: Reaction) -> None:
        """Put a reaction on a comment; GitHub keeps one of a kind, however often it is sent."""
        # https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment
        # https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-a-pull-request-review-comment
        where = "issues" if kind is CommentKind.COMMENT else "pulls"
        call = Call(
            method="POST",
            path=f"/repos/{{repo}}/{where}/comments/{{id}}/reactions",
            values={"repo": repo, "id": comment_id},
            body={"content": str(reaction)},
            repo=repo,
            doing=f"react to {kind} {comment_id} of {repo}",
            spend=Spend.CONTENT,
        )
        self._transport.send(call)

    def _listed(self, repo: str, call: Call) -> tuple[Comment | OddEntry, ...]:
        return tuple(
            comment
            for page in self._transport.pages(call)
            for comment in page.entries(lambda said: answers.parse_comment(repo, said))
        )


def _conversation(pull: PullRef, since: datetime | None = None) -> Call:
    # https://docs.github.com/en/rest/issues/comments#list-issue-comments
    query: dict[str, str | int] = {"per_page": 100}
    if since is not None:
        query["since"] = _iso(since)
    return Call(
        method="GET",
        path="/repos/{repo}/issues/{number}/comments",
        values={"repo": pull.repo, "number": pull.number},
        query=query,
        repo=pull.repo,
        doing=f"list the comments of {pull}",
    )


def _is_by(comment: Comment, author: str) -> bool:
    return comment.author.lower() == author.lower() if author else comment.author_is_bot


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
