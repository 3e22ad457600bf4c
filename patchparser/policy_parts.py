"""Reads the parts of a policy: each key to its typed setting, each slip to a fault."""

from collections.abc import Mapping

from patchparser.asking import DocsPolicy, TestsPolicy
from patchparser.faults import Reader
from patchparser.findings import Check, Mode
from patchparser.kinds import Kind
from patchparser.label_rules import LabelRule, LabelRules
from patchparser.label_syntax import LabelSyntax, check_label
from patchparser.labels import LabelPolicy
from patchparser.signoff import Match, SignOffPolicy
from patchparser.size import PROW_SIZES, SizeLabel
from patchparser.surface import OF_LIBRARIES, SurfaceKind

#: The commit status' context of each check, unless the policy says another.
CONTEXTS: Mapping[Check, str] = {check: f"patchparser/{check}" for check in Check}

#: What every check may say.
CHECK_KEYS = ("mode", "context", "label", "help_url", "skip_base_branches")
SIGN_OFF_KEYS = (*CHECK_KEYS, "match", "remediation")
TESTS_KEYS = (
    *CHECK_KEYS,
    "min_lines",
    "skip_labels",
    "skip_phrases",
    "skip_titles",
    "skip_authors",
)
DOCS_KEYS = (*TESTS_KEYS, "when", "expect", "look_for", "library")


def read_sign_off(policy: Reader) -> SignOffPolicy | None:
    """Read the sign-off check; None when it is off."""
    part = policy.at(Check.SIGN_OFF)
    if part.value is None or not part.is_object(SIGN_OFF_KEYS):
        return None
    remediation = part.at("remediation")
    if part.has("remediation"):
        remediation.is_object(("individual", "third_party"))
    settings = SignOffPolicy(
        mode=part.optional_choice("mode", Mode.REQUIRED),
        match=part.optional_choice("match", Match.IDENTITY),
        individual_remediation=remediation.optional("individual", Reader.flag, False),
        third_party_remediation=remediation.optional("third_party", Reader.flag, False),
        skip_base_branches=part.optional("skip_base_branches", Reader.globs, ()),
    )
    return None if settings.mode is Mode.OFF else settings


def read_docs(policy: Reader) -> DocsPolicy | None:
    """Read the docs check; None when it is off."""
    part = policy.at(Check.DOCS)
    if part.value is None or not part.is_object(DOCS_KEYS):
        return None
    default = DocsPolicy()
    look_for = part.optional("look_for", _surface_kinds, default.look_for)
    # Who names functions or classes wants to hear of them.
    named = True if part.has("look_for") and not OF_LIBRARIES.isdisjoint(look_for) else None
    settings = DocsPolicy(
        library=part.at("library").flag() if part.has("library") else named,
        mode=part.optional_choice("mode", default.mode),
        when=part.optional("when", Reader.globs, default.when),
        expect=part.optional("expect", Reader.globs, default.expect),
        look_for=look_for,
        min_lines=part.optional("min_lines", Reader.count, default.min_lines),
        skip_labels=part.optional("skip_labels", Reader.texts, default.skip_labels),
        skip_phrases=part.optional("skip_phrases", Reader.texts, default.skip_phrases),
        skip_titles=part.optional("skip_titles", Reader.texts, default.skip_titles),
        base_branches=part.optional("skip_base_branches", Reader.globs, default.base_branches),
        authors=part.optional("skip_authors", Reader.texts, default.authors),
    )
    return None if settings.mode is Mode.OFF else settings


def read_tests(policy: Reader) -> TestsPolicy | None:
    """Read the tests check; None when it is off."""
    part = policy.at(Check.TESTS)
    if part.value is None or not part.is_object(TESTS_KEYS):
        return None
    default = TestsPolicy()
    settings = TestsPolicy(
        mode=part.optional_choice("mode", default.mode),
        min_lines=part.optional("min_lines", Reader.count, default.min_lines),
        skip_labels=part.optional("skip_labels", Reader.texts, default.skip_labels),
        skip_phrases=part.optional("skip_phrases", Reader.texts, default.skip_phrases),
        skip_titles=part.optional("skip_titles", Reader.texts, default.skip_titles),
        base_branches=part.optional("skip_base_branches", Reader.globs, default.base_branches),
        authors=part.optional("skip_authors", Reader.texts, default.authors),
    )
    return None if settings.mode is Mode.OFF else settings


def read_contexts(policy: Reader) -> dict[Check, str]:
    """Read each check's context; GitHub keeps one status a context, whatever its case."""
    contexts = {
        check: policy.at(check).optional("context", Reader.text, CONTEXTS[check]) for check in Check
    }
    seen: dict[str, Check] = {}
    for check, context in contexts.items():
        if other := seen.get(context.casefold()):
            problem = f'"{context}" is the context of {other} too, and one would hide the other'
            policy.at(check).at("context").fault(problem)
        seen.setdefault(context.casefold(), check)
    return contexts


def read_help_urls(policy: Reader) -> dict[Check, str]:
    """Read the pages that explain the checks."""
    urls = {}
    for check in Check:
        if policy.at(check).has("help_url"):
            page = policy.at(check).at("help_url")
            url = page.text()
            if url and (not url.startswith(("https://", "http://")) or set(url) & set(" <>\n")):
                page.fault("must be a URL that begins with https://")
            urls[check] = url
    return urls


def read_kinds(policy: Reader) -> dict[Kind, tuple[str, ...]]:
    """Read the globs that say what kind a file is."""
    kinds = policy.at("kinds")
    if kinds.value is None or not kinds.is_object(tuple(Kind)):
        return {}
    return {Kind(key): globs.globs() for key, globs in kinds.items() if key in list(Kind)}


def read_labels(policy: Reader, *, checks_on: frozenset[Check], dot: bool) -> LabelPolicy:
    """Read everything that labels: rules, sizes, a check's verdict, the opening."""
    return LabelPolicy(
        rules=policy.optional("labels", LabelSyntax().read_rules, LabelRules()),
        on_opened=policy.optional("on_opened", _rules_at_opening, ()),
        sizes=policy.optional("size", _sizes, ()),
        failing=tuple(
            (check, policy.at(check).optional("label", _label, ""))
            for check in Check
            if check in checks_on and policy.at(check).has("label")
        ),
        sync=policy.optional("sync", Reader.flag, False),
        dot=dot,
    )


def _rules_at_opening(reader: Reader) -> tuple[LabelRule, ...]:
    rules = []
    for label, value in reader.items():
        check_label(value, label)
        # true: the label of every pull request that no rule above took.
        matches = () if value.value is True else tuple(LabelSyntax().read_matches(value))
        rules.append(LabelRule(label=label, matches=matches))
    return tuple(rules)


def _sizes(reader: Reader) -> tuple[SizeLabel, ...]:
    if isinstance(reader.value, bool):
        return PROW_SIZES if reader.value else ()
    sizes: dict[int, SizeLabel] = {}
    for label, least in reader.items():
        check_label(least, label)
        size = SizeLabel(label=label, least=least.count())
        if size.least in sizes:
            least.fault(f'"{sizes[size.least].label}" begins at {size.least} lines too')
        sizes.setdefault(size.least, size)
    return tuple(sorted(sizes.values(), key=lambda size: size.least))


def _surface_kinds(reader: Reader) -> tuple[SurfaceKind, ...]:
    given = reader.one_or_more() if reader.value != [] else ()
    return tuple(each.choice(SurfaceKind, SurfaceKind.FLAG) for each in given)


def _label(reader: Reader) -> str:
    label = reader.text()
    check_label(reader, label)
    return label
