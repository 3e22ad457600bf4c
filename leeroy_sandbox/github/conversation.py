"""What is said in the sandbox GitHub: comments, reviews and reactions."""

from difflib import SequenceMatcher

from leeroy_sandbox.git import Bare
from leeroy_sandbox.github.model import Account, Comment, Pull, Repository, Review
from leeroy_sandbox.github.quick import QuickPulls
from leeroy_sandbox.github.render import payloads
from leeroy_sandbox.github.render.people import Json
from leeroy_sandbox.github.state import Absent, Refused

#: In bytes, whatever the message says.
LONGEST_BODY = 262_144
REACTIONS = frozenset({"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"})


class Conversation(QuickPulls):
    """What people say, and what hooks are told of it."""

    def comment(self, repo: str, number: int, login: str, body: str) -> int:
        """Comment on the conversation; the comment's id."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            check_body(body)
            sender = self.known(login)
            comment = self._new_comment(pull, sender, body)
            pull.comments.append(comment)
            self._told_of_comment(found, pull, comment, "created", sender)
            return comment.id

    def edit_comment(self, repo: str, number: int, body: str, *, by: str | None = None) -> None:
        """Change a comment, of either kind, by its id; hooks are told what it said."""
        with self.lock:
            found = self.repository(repo)
            pull, comment = self._any_comment(found, number)
            check_body(body)
            changes = {"changes": {"body": {"from": comment.body}}}
            comment.body, comment.updated = body, self.now()
            sender = self.known(by or comment.login)
            self._told_of_comment(found, pull, comment, "edited", sender, changes)

    def delete_comment(self, repo: str, number: int, *, by: str | None = None) -> None:
        """Delete a comment, of either kind, by its id."""
        with self.lock:
            found = self.repository(repo)
            pull, comment = self._any_comment(found, number)
            place = pull.comments if comment.path is None else pull.review_comments
            place.remove(comment)
            sender = self.known(by or comment.login)
            self._told_of_comment(found, pull, comment, "deleted", sender)

    def comments(self, repo: str, number: int) -> list[Comment]:
        """The conversation, oldest first."""
        return list(self.pull(repo, number).comments)

    def review_comment(
        self,
        repo: str,
        number: int,
        login: str,
        body: str,
        *,
        path: str = "README.md",
        line: int = 1,
        review: int | None = None,
    ) -> int:
        """Comment on the diff; the comment's id."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            sender = self.known(login)
            comment = self._new_comment(pull, sender, body)
            comment.path, comment.line, comment.sha = path, line, pull.head_sha
            comment.original_line, comment.original_sha = line, pull.head_sha
            comment.review = review
            pull.review_comments.append(comment)
            self._told_of_comment(found, pull, comment, "created", sender)
            return comment.id

    def review(
        self,
        repo: str,
        number: int,
        login: str,
        state: str = "approved",
        body: str | None = None,
        *,
        commit: str | None = None,
    ) -> int:
        """Review: approved, changes_requested or commented; the review's id."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            sender = self.known(login)
            review = Review(
                id=self.next_id(),
                number=number,
                login=sender.login,
                state=state,
                body=body,
                sha=commit or pull.head_sha,
                submitted=self.now(),
            )
            pull.reviews.append(review)
            self._told_of_review(found, pull, review, "submitted", sender)
            return review.id

    def edit_review(self, repo: str, number: int, review: int, body: str) -> None:
        """Change what a review says."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            shown = self._review(pull, review)
            changes = {"changes": {"body": {"from": shown.body or ""}}}
            shown.body = body
            sender = self.account(shown.login)
            self._told_of_review(found, pull, shown, "edited", sender, changes)

    def dismiss_review(self, repo: str, number: int, review: int, *, by: str | None = None) -> None:
        """Say that a review no longer counts."""
        with self.lock:
            found, pull = self.repository(repo), self.pull(repo, number)
            shown = self._review(pull, review)
            shown.state = "dismissed"
            self._told_of_review(found, pull, shown, "dismissed", self.acting(found, by))

    def react(
        self, repo: str, comment: int, login: str, content: str, *, review: bool = False
    ) -> tuple[int, bool]:
        """React to a comment: the reaction's id, and whether it is new."""
        with self.lock:
            if content not in REACTIONS:
                error = {"resource": "Reaction", "code": "custom", "field": "content"}
                raise Refused("Validation Failed", [{**error, "message": "content is invalid"}])
            _, shown = self.find_comment(self.repository(repo), comment, review=review)
            key = (self.known(login).login, content)
            new = key not in shown.reactions
            if new:
                shown.reactions[key] = self.next_id()
            return shown.reactions[key], new

    def _synchronize(self, repo: Repository, pull: Pull, after: str, by: Account) -> None:
        for comment in pull.review_comments:
            _move_along(repo.git, comment, after)
        super()._synchronize(repo, pull, after, by)

    def _new_comment(self, pull: Pull, sender: Account, body: str) -> Comment:
        pull.updated = self.now()
        return Comment(
            id=self.next_id(),
            number=pull.number,
            login=sender.login,
            body=body,
            created=self.now(),
            updated=self.now(),
        )

    def _any_comment(self, repo: Repository, number: int) -> tuple[Pull, Comment]:
        try:
            return self.find_comment(repo, number, review=False)
        except Absent:
            return self.find_comment(repo, number, review=True)

    def _review(self, pull: Pull, number: int) -> Review:
        for review in pull.reviews:
            if review.id == number:
                return review
        raise Absent(f"review {number}")

    def _told_of_comment(
        self,
        repo: Repository,
        pull: Pull,
        comment: Comment,
        action: str,
        sender: Account,
        more: Json | None = None,
    ) -> None:
        on_diff = comment.path is not None
        event = "pull_request_review_comment" if on_diff else "issue_comment"
        shape = payloads.review_comment if on_diff else payloads.issue_comment
        self.emit(
            event,
            repo,
            sender,
            lambda: shape(self, repo, pull, comment) | (more or {}),
            action,
        )

    def _told_of_review(
        self,
        repo: Repository,
        pull: Pull,
        review: Review,
        action: str,
        sender: Account,
        more: Json | None = None,
    ) -> None:
        self.emit(
            "pull_request_review",
            repo,
            sender,
            lambda: payloads.review(self, repo, pull, review) | (more or {}),
            action,
        )


def _move_along(git: Bare, comment: Comment, after: str) -> None:
    """Let a comment on the diff stand at its line in the new head, where that is still there."""
    if comment.line is None or comment.path is None or comment.sha is None:
        return
    old, new = (git.content(sha, comment.path) or b"" for sha in (comment.sha, after))
    blocks = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for block in blocks.get_matching_blocks():
        if block.a < comment.line <= block.a + block.size:
            comment.line += block.b - block.a
            comment.sha = after
            return
    comment.line = None


def check_body(body: str) -> None:
    """Refuse what GitHub refuses of a comment."""
    said = ""
    if not body.strip():
        said = "Body cannot be blank"
    elif len(body.encode()) > LONGEST_BODY:
        said = "Body is too long (maximum is 65536 characters)"
    if said:
        error = {"resource": "IssueComment", "code": "unprocessable", "field": "data"}
        raise Refused("Validation Failed", [{**error, "message": said}])
