"""Why a pull request is not asked for docs or tests: what its people and its policy said."""

from collections.abc import Sequence

from patchparser import messages
from patchparser.findings import Check
from patchparser.globs import matches
from patchparser.pull import Pull


def why_not_asked(
    pull: Pull,
    *,
    check: Check,
    labels: Sequence[str],
    phrases: Sequence[str],
    titles: Sequence[str],
    base_branches: Sequence[str],
    authors: Sequence[str],
) -> str | None:
    """One sentence, or None where nothing exempts the pull request.

    >>> why_not_asked(Pull(title="Fix a typo [trivial]"), check=Check.TESTS, labels=(),
    ...               phrases=("[trivial]",), titles=(), base_branches=(), authors=())
    'Not checked: the pull request says that it needs no tests.'
    """
    # GitHub takes labels and logins that differ in case only for the same.
    on_it = {label.casefold() for label in pull.labels}
    if label := next((label for label in labels if label.casefold() in on_it), None):
        return messages.has_label(label)
    if pull.author and pull.author.casefold() in {author.casefold() for author in authors}:
        return messages.author_is_not_asked(check)
    if pull.base and any(matches(glob, pull.base) for glob in base_branches):
        return messages.base_is_not_asked(check)
    title = pull.title.casefold().lstrip()
    if any(title.startswith(begin.casefold()) for begin in titles if begin.strip()):
        return messages.title_is_not_asked(check)
    said = f"{pull.title}\n{_without_comments(pull.body)}".casefold()
    if any(phrase.casefold() in said for phrase in phrases if phrase.strip()):
        return messages.says_it_needs_none(check)
    return None


def _without_comments(body: str) -> str:
    """A template's hints to authors are HTML comments: they are not what the author says."""
    shown, rest = "", body
    while True:
        before, begin, rest = rest.partition("<!--")
        shown += before
        if not begin:
            return shown
        rest = rest.partition("-->")[2]
