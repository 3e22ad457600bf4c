"""What changed on Jenkins' wire, and with which release.

The changelog is at https://www.jenkins.io/changelog/; `Feature` names only what a client can see.
"""

from enum import Enum


def parse_version(text: str) -> tuple[int, ...]:
    """The numbers of a version, to be compared.

    >>> parse_version("2.568.2") > parse_version("2.61")
    True
    """
    return tuple(int(part) for part in text.split("."))


class Feature(Enum):
    """A visible change; its value is the first release that has it."""

    #: Crumbs are SHA-256 and hold only within the web session they were given to.
    SESSION_CRUMBS = (2, 190)
    #: `queue/cancelItem` says what came of it; before, it always redirected.
    CANCEL_STATUS = (2, 211)
    #: A trigger that met an equal queue item is answered 303.
    MERGE_IS_303 = (2, 308)
    #: `inProgress` in a build's JSON.
    IN_PROGRESS = (2, 369)
    #: `GET queue/item/N/` exists, so following that 303 works.
    QUEUE_ITEM_PAGE = (2, 469)
    #: `buildWithParameters` without parameters is a 400 whose page shows the reason.
    PLAIN_REFUSALS = (2, 524)
    #: Every answer has `Content-Security-Policy-Report-Only`; some release of the 2.54x.
    CONTENT_POLICY = (2, 541)
    #: Branch jobs of a disabled project are not buildable.
    DISABLED_PARENTS = (2, 547)

    def within(self, version: str) -> bool:
        """Whether a Jenkins of this version has it."""
        return parse_version(version) >= self.value
