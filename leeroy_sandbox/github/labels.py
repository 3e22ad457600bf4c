"""The labels of a repository in the sandbox GitHub; `Pulls` puts them on pull requests."""

import re

from leeroy_sandbox.github.hooks import Hooks
from leeroy_sandbox.github.model import Account, Label, Repository
from leeroy_sandbox.github.render import payloads
from leeroy_sandbox.github.render.people import Json
from leeroy_sandbox.github.state import Absent, Refused

#: The colour of labels that come into being by being put on something.
GREY = "ededed"
LONGEST_NAME = 50
LONGEST_DESCRIPTION = 100
COLOR = re.compile(r"[0-9a-fA-F]{6}")


class Labels(Hooks):
    """Which labels there are."""

    def create_label(
        self, repo: str, name: str, color: str | None = None, description: str | None = None
    ) -> Label:
        """Give the repository a label."""
        with self.lock:
            found = self.repository(repo)
            check_label(name, color, description)
            if name.lower() in found.labels:
                raise refused_label("already_exists", "name")
            label = self.repository_label(found, name, self.acting(found))
            label.color, label.description = color or label.color, description
            return label

    def change_label(
        self,
        repo: str,
        name: str,
        *,
        new_name: str | None = None,
        color: str | None = None,
        description: str | None = None,
    ) -> Label:
        """Change a label of the repository."""
        with self.lock:
            found = self.repository(repo)
            label = self.existing_label(found, name)
            check_label(new_name or label.name, color, description)
            changes: Json = {}
            if new_name and new_name != label.name:
                changes["name"] = {"from": label.name}
                del found.labels[label.name.lower()]
                for pull in found.pulls.values():
                    pull.labels = [new_name if n == label.name else n for n in pull.labels]
                label.name = new_name
                found.labels[new_name.lower()] = label
            if color and color != label.color:
                changes["color"] = {"from": label.color}
                label.color = color
            if description is not None and description != label.description:
                changes["description"] = {"from": label.description or ""}
                label.description = description
            self._told_of_label(found, label, "edited", {"changes": changes})
            return label

    def delete_label(self, repo: str, name: str) -> None:
        """Take a label from the repository and everything that had it."""
        with self.lock:
            found = self.repository(repo)
            label = self.existing_label(found, name)
            del found.labels[name.lower()]
            for pull in found.pulls.values():
                pull.labels = [n for n in pull.labels if n.lower() != name.lower()]
            self._told_of_label(found, label, "deleted", {})

    def existing_label(self, repo: Repository, name: str) -> Label:
        """A label of the repository, by name in any case."""
        if name.lower() not in repo.labels:
            raise Absent(name)
        return repo.labels[name.lower()]

    def repository_label(self, repo: Repository, name: str, by: Account) -> Label:
        """A label of the repository; made in grey when there is none of that name."""
        if name.lower() not in repo.labels:
            if not name.strip() or len(name) > LONGEST_NAME:
                raise refused_label("invalid", "name", value=name)
            label = Label(id=self.next_id(), name=name, color=GREY)
            repo.labels[name.lower()] = label
            self._told_of_label(repo, label, "created", {}, by)
        return repo.labels[name.lower()]

    def _told_of_label(
        self, repo: Repository, label: Label, action: str, more: Json, by: Account | None = None
    ) -> None:
        self.emit(
            "label",
            repo,
            by or self.acting(repo),
            lambda: payloads.label(self, repo, label) | more,
            action,
        )


def check_label(name: str, color: str | None, description: str | None) -> None:
    """Refuse what GitHub refuses of a label."""
    if len(name) > LONGEST_NAME:
        message = f"name is too long (maximum is {LONGEST_NAME} characters)"
        raise refused_label("custom", "name", message=message)
    if color is not None and not COLOR.fullmatch(color):
        raise refused_label("invalid", "color")
    if description and len(description) > LONGEST_DESCRIPTION:
        message = f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        raise refused_label("custom", "description", message=message)


def refused_label(code: str, field: str, **more: object) -> Refused:
    """A 422 as labels have it."""
    return Refused(
        "Validation Failed", [{**more, "resource": "Label", "code": code, "field": field}]
    )
