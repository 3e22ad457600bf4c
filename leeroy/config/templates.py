"""Words in braces that settings may hold: ``{repo}`` in a job's name, ``{PR}`` in a parameter."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Any

from leeroy.config.patterns import compiled

_WORD = re.compile(r"\{(\w+)\}")
#: Words a job's name and a context may hold.
JOB_WORDS = ("owner", "repo", "branch")
#: Words the template of a branch build's parameter may hold: Leeroy's own parameters.
BRANCH_WORDS = (
    "GIT_BASE_REPO",
    "GIT_HEAD_REPO",
    "GIT_SHA1",
    "GITHUB_URL",
    "BASE_BRANCH",
    "LEEROY_BUILD_ID",
)
#: Words the template of a pull request build's parameter may hold.
PARAMETER_WORDS = (*BRANCH_WORDS, "PR", "BASE_SHA", "HEAD_BRANCH")
# Jenkins' multibranch projects name the job of a branch by escaping just these:
# https://github.com/jenkinsci/branch-api-plugin (NameEncoder)
_ESCAPED = {ord(character): f"%{ord(character):02X}" for character in "#%/?[]\\"}


class ParameterSet(StrEnum):
    """The ready-made sets of parameters."""

    LEEROY = "leeroy"
    GHPRB = "ghprb"


def fill(template: str, words: Mapping[str, str]) -> str:
    """The template with the words it knows; the others stay, for somebody who knows more.

    >>> fill("{owner}/{repo}-{branch}", {"owner": "acme", "repo": "widgets"})
    'acme/widgets-{branch}'
    """
    return _WORD.sub(lambda match: words.get(match[1], match[0]), template)


def job_branch(branch: str) -> str:
    """A branch as one part of a job's name: a slash in it begins no folder.

    >>> job_branch("feature/x")
    'feature%2Fx'
    """
    return branch.translate(_ESCAPED)


def has_words(template: str) -> bool:
    """Something is to be filled in.

    >>> has_words("{repo}-pr"), has_words("widgets-pr")
    (True, False)
    """
    return _WORD.search(template) is not None


def words_in(template: str, filled: str) -> dict[str, str] | None:
    """What was filled in to make this text, compared without case; None: it was not made so.

    >>> words_in("ci/{repo}-pr", "ci/widgets-pr"), words_in("{repo}/{repo}", "a/b")
    ({'repo': 'widgets'}, None)
    """
    words = compiled(_pattern_of(template), ignores_case=True).words(filled)
    # A word that stands twice was read once: it must hold for both places.
    return words if words is not None and fill(template, words).lower() == filled.lower() else None


@lru_cache(maxsize=4096)
def _pattern_of(template: str) -> str:
    seen: set[str] = set()

    def group(word: str) -> str:
        if word in seen:
            return "[^/]+"
        seen.add(word)
        return rf"(?P<{word}>[^/]+)"

    parts = _WORD.split(template)  # text, word, text, word, ..., text
    return "".join(group(p) if i % 2 else re.escape(p) for i, p in enumerate(parts))


def check_job_template(text: Any) -> Any:
    """The text, if its words can be filled in."""
    if isinstance(text, str) and "://" in text:
        raise ValueError("must be a name, not an address: folders and job, as team/widgets")
    return _check_words(text, JOB_WORDS)


def parse_parameters(value: Any) -> ParameterSet | dict[str, str]:
    """A ready-made set by its name, or one's own: name -> template."""
    return _parse_parameters(value, PARAMETER_WORDS)


def parse_branch_parameters(value: Any) -> ParameterSet | dict[str, str]:
    """The same for pushes, which have no pull request to speak of."""
    return _parse_parameters(value, BRANCH_WORDS)


def _parse_parameters(value: Any, words: tuple[str, ...]) -> ParameterSet | dict[str, str]:
    if isinstance(value, str) and value in set(ParameterSet):
        return ParameterSet(value)
    if not isinstance(value, dict):
        # pydantic makes faults of ValueError only.
        raise ValueError('must be "leeroy", "ghprb" or an object of name -> template')  # noqa: TRY004
    for name, template in value.items():
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError(f"{name}: a parameter's name has letters, digits and _ only")
        if not isinstance(template, str):
            raise ValueError(f"{name}: must be text")  # noqa: TRY004
        try:
            _check_words(template, words)
        except ValueError as exc:
            raise ValueError(f"{name}: {exc}") from exc
    return dict(value)


def _check_words(text: Any, words: tuple[str, ...]) -> Any:
    known = {word.lower(): word for word in words}
    for word in _WORD.findall(text) if isinstance(text, str) else ():
        if word not in words:
            close = get_close_matches(word.lower(), known, n=1)
            hint = f"did you mean {{{known[close[0]]}}}?" if close else f"known: {', '.join(words)}"
            raise ValueError(f"{{{word}}} cannot be filled in; {hint}")
    return text
