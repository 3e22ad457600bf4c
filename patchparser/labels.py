"""Which labels to put on a pull request, and which to take off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from patchparser.faults import Fault
from patchparser.findings import Check, Finding, Verdict
from patchparser.js_regex import TooSlow
from patchparser.kinds import Kinds
from patchparser.label_rules import LabelRule, LabelRules, Subject
from patchparser.patch import PatchSet
from patchparser.pull import Pull
from patchparser.size import SizeLabel, changed_lines, size_label

#: GitHub keeps no more labels on an issue or pull request.
MAX_LABELS = 100


@dataclass(frozen=True, kw_only=True)
class LabelPolicy:
    """What is labelled. Nothing is, unless something here says so."""

    rules: LabelRules = field(default_factory=LabelRules)
    #: Put on when the pull request is opened: the first that holds, and never again.
    on_opened: tuple[LabelRule, ...] = ()
    sizes: tuple[SizeLabel, ...] = ()
    #: On the pull request exactly while the check fails.
    failing: tuple[tuple[Check, str], ...] = ()
    #: Take a rule's label off again when it no longer holds and we put it on.
    sync: bool = False
    #: Whether wildcards match names that begin with a dot.
    dot: bool = True


@dataclass(frozen=True, kw_only=True)
class LabelChanges:
    """The labels to put on and to take off, each in the order it was decided."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    #: Rules that could not be decided; their labels are left as they are.
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """A label that should be on, or should not."""

    label: str
    wanted: bool


def decide_labels(
    patch: PatchSet,
    pull: Pull,
    policy: LabelPolicy,
    kinds: Kinds,
    findings: Sequence[Finding],
    *,
    our_labels: frozenset[str] = frozenset(),
    action: str | None = None,
) -> LabelChanges:
    """Compare the labels that should be on with those that are.

    ``our_labels`` are those on the pull request that we put on. A label that says a check's verdict
    or the size states what is so now, and is kept true whoever put it on.
    """
    subject = Subject(
        files={file.path: kinds.kind_of(file.path) for file in patch},
        head=pull.head,
        base=pull.base,
        title=pull.title,
        dot=policy.dot,
    )
    faults: list[Fault] = []
    wishes = [
        *_by_rules(policy.rules, subject, patch, pull, faults),
        *_by_verdicts(policy.failing, findings),
        *(_at_opening(policy.on_opened, subject, faults) if action == "opened" else ()),
    ]
    if policy.sizes:
        wishes += _by_size(policy.sizes, patch, kinds)
    removable = our_labels if policy.sync else frozenset()
    stated = [label for _, label in policy.failing] + [size.label for size in policy.sizes]
    changes = _differences(wishes, pull.labels, removable=_folded((*removable, *stated)))
    return replace(changes, faults=tuple(faults))


def _by_rules(
    rules: LabelRules, subject: Subject, patch: PatchSet, pull: Pull, faults: list[Fault]
) -> Iterator[_Wish]:
    too_many_files = rules.max_files_changed is not None and len(patch) > rules.max_files_changed
    considered = [
        rule
        for rule in rules.rules
        # labeler passes over a pull request that changes no file.
        if (subject.files or rule.reads_title()) and not (too_many_files and rule.reads_files())
    ]
    verdicts = {rule.label: _holds(rule, subject, faults) for rule in considered}
    considered = [rule for rule in considered if verdicts[rule.label] is not None]
    held = {label for label, holds in verdicts.items() if holds}
    on_already = _folded(pull.labels)
    new_from_files = {
        rule.label
        for rule in considered
        if rule.reads_files() and rule.label in held and rule.label.casefold() not in on_already
    }
    limit = rules.changed_files_labels_limit
    dropped = new_from_files if limit is not None and len(new_from_files) > limit else set()
    for rule in considered:
        if rule.label in held:
            if rule.label not in dropped:
                yield _Wish(label=rule.label, wanted=True)
        elif patch.is_complete or not rule.reads_files():
            # The file that would hold the label may be among those nobody saw.
            yield _Wish(label=rule.label, wanted=False)


#: After so many patterns that did not end, no more are tried.
MAX_SLOW = 3


def _holds(rule: LabelRule, subject: Subject, faults: list[Fault]) -> bool | None:
    """Whether a rule holds; None where a pattern of it did not end in its time."""
    if len(faults) >= MAX_SLOW and rule.count_patterns():
        return None
    try:
        return rule.holds(subject)
    except TooSlow as exc:
        faults.append(Fault(path=f"labels.{rule.label}", problem=f"the pattern {exc}"))
        return None


def _by_verdicts(
    failing: Iterable[tuple[Check, str]], findings: Sequence[Finding]
) -> Iterator[_Wish]:
    verdicts: Mapping[Check, Verdict] = {finding.check: finding.verdict for finding in findings}
    for check, label in failing:
        verdict = verdicts.get(check, Verdict.SKIPPED)
        if verdict is not Verdict.SKIPPED:
            yield _Wish(label=label, wanted=verdict is Verdict.FAIL)


def _at_opening(
    rules: Iterable[LabelRule], subject: Subject, faults: list[Fault]
) -> Iterator[_Wish]:
    first = next((rule for rule in rules if _holds(rule, subject, faults)), None)
    if first is not None:
        yield _Wish(label=first.label, wanted=True)


def _by_size(sizes: tuple[SizeLabel, ...], patch: PatchSet, kinds: Kinds) -> Iterator[_Wish]:
    chosen = size_label(changed_lines(patch, kinds), sizes)
    largest = max(size.least for size in sizes)
    if not patch.is_complete and (chosen is None or chosen.least < largest):
        return  # at least this big, perhaps bigger: better the old label than a wrong one
    for size in sizes:
        yield _Wish(label=size.label, wanted=size == chosen)


def _differences(
    wishes: Sequence[_Wish], on_pull: frozenset[str], *, removable: frozenset[str]
) -> LabelChanges:
    """Keep only what changes something; GitHub compares labels without case."""
    on_by_fold = {label.casefold(): label for label in sorted(on_pull)}
    wanted = {wish.label.casefold(): wish.label for wish in wishes if wish.wanted}
    unwanted = {wish.label.casefold() for wish in wishes if not wish.wanted} - wanted.keys()
    remove = [label for fold, label in on_by_fold.items() if fold in unwanted and fold in removable]
    add = [label for fold, label in wanted.items() if fold not in on_by_fold]
    room = max(0, MAX_LABELS - len(on_pull) + len(remove))
    return LabelChanges(add=tuple(add[:room]), remove=tuple(remove))


def _folded(labels: Iterable[str]) -> frozenset[str]:
    return frozenset(label.casefold() for label in labels)
