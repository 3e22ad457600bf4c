"""The JSON Schema of patchparser's policy: its keys and words are read from patchparser.

What each key means and how it looks stands here, for editors; a key patchparser has and this page
has not fails when the schema is made, so that neither is forgotten.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_TEXTS: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MATCHES: Schema = {"type": "array", "items": {"$ref": "#/$defs/PolicyMatch"}, "minItems": 1}


def policy_schemas() -> Mapping[str, Schema]:
    """The definitions of a policy and of its parts, by name."""
    from patchparser.findings import Mode
    from patchparser.kinds import Kind
    from patchparser.label_rules import GlobForm, KindForm, TextSource
    from patchparser.label_syntax import CHANGED_FILES, LABELS_LIMIT, MATCH_KEYS, MAX_FILES
    from patchparser.policy import POLICY_KEYS, WhenFixed
    from patchparser.policy_parts import DOCS_KEYS, SIGN_OFF_KEYS, TESTS_KEYS
    from patchparser.presets import PRESETS
    from patchparser.signoff import Match
    from patchparser.surface import SurfaceKind

    kinds = _one_or_more(_words(Kind))
    check = {
        "mode": ("required fails a status, advisory only comments", _words(Mode)),
        "context": ("the context of the status", {**_TEXT, "maxLength": 255}),
        "label": ("on the pull request exactly while the check fails", _TEXT),
        "help_url": ("a page that explains the rule", {**_TEXT, "pattern": "^https?://"}),
        "skip_base_branches": ("globs of base branches that are not checked", _TEXTS),
        "match": ("what of a sign-off must agree with the commit", _words(Match)),
        "remediation": (
            "whether a later commit may sign off earlier ones",
            _object({"individual": _FLAG, "third_party": _FLAG}),
        ),
        "min_lines": ("smaller changes are not asked", _COUNT),
        "skip_labels": ("labels that let a pull request out", _TEXTS),
        "skip_phrases": ("words in title or body that do", _TEXTS),
        "skip_titles": ("what a title may begin with that does", _TEXTS),
        "skip_authors": ("logins that are not asked", _TEXTS),
        "when": ("globs of files whose changes users see", _TEXTS),
        "expect": ("globs of what counts as docs", _TEXTS),
        "library": ("whether others build on it; else by what the path shows", _FLAG),
        "look_for": ("what to look for in added lines", _one_or_more(_words(SurfaceKind))),
    }
    labels = {"type": "object", "additionalProperties": _MATCHES}
    policy = {
        "preset": ("a known project's policy, under yours", {"enum": list(PRESETS)}),
        "signoff": ("the check on sign-offs", _part(SIGN_OFF_KEYS, check)),
        "docs": ("the check on missing docs", _part(DOCS_KEYS, check)),
        "tests": ("the check on missing tests", _part(TESTS_KEYS, check)),
        "labels": (
            "label -> match objects, with the meaning of actions/labeler",
            {**labels, "properties": {LABELS_LIMIT: {}, MAX_FILES: {}}},
        ),
        "labels_file": ("a labeler.yml in the repository whose rules are added", _TEXT),
        "on_opened": (
            "label -> match objects, or true: the first that holds, once",
            {**labels, "additionalProperties": {"anyOf": [{"const": True}, _MATCHES]}},
        ),
        "size": (
            "true, or label -> least number of changed lines",
            {"anyOf": [_FLAG, {"type": "object", "additionalProperties": _COUNT}]},
        ),
        "kinds": ("kind -> globs", _object(dict.fromkeys(Kind, _TEXTS))),
        "dot": ("wildcards match names that begin with a dot", _FLAG),
        "sync": ("take off labels that no longer hold", _FLAG),
        "when_fixed": ("what becomes of the comment", _words(WhenFixed)),
    }
    globs = {"type": "array", "items": _object(dict.fromkeys(GlobForm, _TEXTS))}
    group = {"type": "array", "items": {"type": "object"}}
    match: dict[str, tuple[str, Schema]] = {
        CHANGED_FILES: ("globs of changed files", globs),
        **dict.fromkeys(TextSource, ("regular expressions that find something", _TEXTS)),
        **dict.fromkeys(KindForm, ("kinds of files", kinds)),
        "any": ("one of these holds", group),
        "all": ("all of these hold", group),
    }
    return {"Policy": _part(POLICY_KEYS, policy), "PolicyMatch": _part(MATCH_KEYS, match)}


def _part(keys: Iterable[str], known: Mapping[str, tuple[str, Schema]]) -> Schema:
    return _object({str(key): {"description": known[key][0], **known[key][1]} for key in keys})


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {str(key): shape for key, shape in properties.items()},
        "additionalProperties": False,
    }


def _words(enum: type[StrEnum]) -> Schema:
    return {"enum": [str(word) for word in enum]}


def _one_or_more(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "array", "items": shape}]}
