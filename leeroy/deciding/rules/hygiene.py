"""What patchparser finds missing -> labels, one comment edited in place, a status per check."""

from leeroy.deciding import messages
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.unknown import Unknown, is_unread, or_none
from leeroy.model import PullRequest, Status, StatusState
from patchparser.check import run_checks
from patchparser.faults import PolicyError
from patchparser.findings import Check, Finding, Mode, Verdict
from patchparser.labeler_yaml import parse_labeler_yaml
from patchparser.messages import all_good_comment
from patchparser.policy import Policy, WhenFixed
from patchparser.pull import Pull
from patchparser.report import Report

TOPIC = "hygiene"

#: A check that did not run asks for nothing: its summary says why.
STATE_OF_VERDICT = {
    Verdict.PASS: StatusState.SUCCESS,
    Verdict.SKIPPED: StatusState.SUCCESS,
    Verdict.FAIL: StatusState.FAILURE,
}


def check_hygiene(facts: PullFacts, decision: Decision) -> Decision:
    """Say once, kindly and exactly, what the pull request is missing; and take it back."""
    policy = facts.policy
    if policy is None or not facts.pull.is_open:
        return decision
    needed = (facts.patch, facts.commits, *([facts.labels_file] if policy.labels_file else []))
    decision = decision.asking(*needed)
    if any(is_unread(fact) for fact in needed):
        return decision
    if isinstance(facts.patch, Unknown):
        return _say_unknown(facts, policy, decision, facts.patch)
    decision = decision.asking(facts.report)
    if is_unread(facts.report):
        return decision
    if isinstance(facts.report, Unknown):
        return _say_unknown(facts, policy, decision, facts.report)
    report, fault = facts.report
    if fault:
        decision = decision.doing(because=fault)
    for finding in report.failing:
        decision = decision.doing(because=f"{finding.check}: {finding.summary}")
    commits = facts.commits
    is_whole = not isinstance(commits, Unknown)
    for finding in report.findings:
        if finding.mode is Mode.REQUIRED:
            is_judged = is_whole or finding.check is not Check.SIGN_OFF
            if not is_judged and facts.is_blip:
                continue
            status = _status(policy, finding) if is_judged else _unjudged(facts, policy)
            decision = decision.saying(facts.pull.head_sha, status)
    if isinstance(commits, Unknown):
        # Half a report would take back what the whole one said.
        return decision
    decision = decision.commenting(TOPIC, _comment(policy, report), is_edit=report.is_clean)
    if policy.labels_file and isinstance(facts.labels_file, Unknown):
        return decision.doing(because=f"labels: left as they are: {facts.labels_file.why}")
    return decision.labelling(add=report.labels.add, remove=report.labels.remove)


def report_on(facts: PullFacts) -> tuple[Report, str]:
    """patchparser's report, and what is wrong with the labels file."""
    assert facts.policy is not None
    assert not isinstance(facts.patch, Unknown)
    policy, fault = _with_label_file(facts, facts.policy)
    report = run_checks(
        facts.patch,
        as_patchparser_sees(facts.pull),
        or_none(facts.commits),
        policy,
        policy.make_kinds(),
        our_labels=facts.our_labels,
        action="opened" if facts.is_just_opened else None,
    )
    return report, fault


def _say_unknown(
    facts: PullFacts, policy: Policy, decision: Decision, unknown: Unknown
) -> Decision:
    """Nothing can be judged: the required checks wait, and say for what."""
    if facts.is_blip:
        return decision
    for check, context in policy.contexts.items():
        status = Status(
            context=context,
            state=StatusState.PENDING,
            description=messages.shorten(messages.not_shown("changed files", unknown.briefly)),
        )
        if _is_required(policy, check):
            decision = decision.saying(facts.pull.head_sha, status)
    return decision


def _is_required(policy: Policy, check: Check) -> bool:
    part = {Check.SIGN_OFF: policy.sign_off, Check.DOCS: policy.docs, Check.TESTS: policy.tests}
    settings = part[check]
    return settings is not None and settings.mode is Mode.REQUIRED


def _unjudged(facts: PullFacts, policy: Policy) -> Status:
    assert isinstance(facts.commits, Unknown)
    return Status(
        context=policy.contexts[Check.SIGN_OFF],
        state=StatusState.PENDING,
        description=messages.shorten(messages.not_shown("commits", facts.commits.briefly)),
    )


def as_patchparser_sees(pull: PullRequest) -> Pull:
    """The pull request in patchparser's words."""
    return Pull(
        title=pull.title,
        body=pull.body,
        labels=pull.labels,
        author=pull.author,
        author_is_bot=pull.author_is_bot,
        head=pull.head_ref,
        base=pull.base_ref,
        is_draft=pull.is_draft,
        commit_count=pull.commit_count,
    )


def _with_label_file(facts: PullFacts, policy: Policy) -> tuple[Policy, str]:
    """The policy with the rules of the repository's labeler.yml, and what is wrong with it."""
    file = or_none(facts.labels_file)
    if file is None:
        return policy, ""
    try:
        return policy.with_label_rules(parse_labeler_yaml(file).rules), ""
    except PolicyError as exc:
        return policy, f"labels: {policy.labels_file} has faults: {exc}"


def _status(policy: Policy, finding: Finding) -> Status:
    return Status(
        context=policy.contexts[finding.check],
        state=STATE_OF_VERDICT[finding.verdict],
        description=messages.shorten(finding.summary),
        target_url=policy.help_urls.get(finding.check, ""),
    )


def _comment(policy: Policy, report: Report) -> str | None:
    if not report.is_clean:
        return report.to_markdown()
    return None if policy.when_fixed is WhenFixed.DELETE else all_good_comment()
