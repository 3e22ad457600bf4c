"""What patchparser finds missing -> labels, one comment edited in place, a status per check."""

from leeroy import messages
from leeroy.decision import Decision, PullFacts
from leeroy.effects import (
    AddLabels,
    DeleteComment,
    Effect,
    RemoveLabel,
    SetStatus,
    WriteComment,
)
from leeroy.facts import PullRequest, Status, StatusState
from patchparser.check import run_checks
from patchparser.faults import PolicyError
from patchparser.findings import Finding, Mode, Verdict
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
    if facts.policy is None:
        return decision
    policy, decision = _with_label_file(facts, facts.policy, decision)
    report = report_on(facts, policy)
    if report is None:
        return decision
    for finding in report.failing:
        decision = decision.doing(because=f"{finding.check}: {finding.summary}")
    return decision.doing(
        *_statuses(facts, policy, report), *_labels(facts, report), *_comment(facts, policy, report)
    )


def report_on(facts: PullFacts, policy: Policy) -> Report | None:
    """patchparser's report; None when there is nothing to check in this look."""
    if facts.patch is None or not facts.pull.is_open:
        return None
    return run_checks(
        facts.patch,
        as_patchparser_sees(facts.pull),
        facts.commits,
        policy,
        policy.make_kinds(),
        our_labels=facts.our_labels,
        action="opened" if facts.is_just_opened else None,
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


def _with_label_file(
    facts: PullFacts, policy: Policy, decision: Decision
) -> tuple[Policy, Decision]:
    """The policy with the rules of the repository's labeler.yml, where it names one."""
    if facts.labels_file is None:
        return policy, decision
    try:
        return policy.with_label_rules(parse_labeler_yaml(facts.labels_file).rules), decision
    except PolicyError as exc:
        reason = f"labels: {policy.labels_file} has faults: {exc}"
        return policy, decision.doing(because=reason)


def _statuses(facts: PullFacts, policy: Policy, report: Report) -> list[Effect]:
    pull = facts.pull
    wanted = [
        facts.linked(_status(policy, finding))
        for finding in report.findings
        if finding.mode is Mode.REQUIRED
    ]
    return [
        SetStatus(repo=pull.ref.repo, sha=pull.head_sha, status=status)
        for status in wanted
        if facts.written.get((pull.head_sha, status.context.lower())) != status
    ]


def _status(policy: Policy, finding: Finding) -> Status:
    return Status(
        context=policy.contexts[finding.check],
        state=STATE_OF_VERDICT[finding.verdict],
        description=messages.shorten(finding.summary),
        target_url=policy.help_urls.get(finding.check, ""),
    )


def _labels(facts: PullFacts, report: Report) -> list[Effect]:
    ref = facts.pull.ref
    effects: list[Effect] = []
    if report.labels.add:
        effects.append(AddLabels(pull=ref, labels=tuple(report.labels.add)))
    effects += [RemoveLabel(pull=ref, label=label) for label in report.labels.remove]
    return effects


def _comment(facts: PullFacts, policy: Policy, report: Report) -> list[Effect]:
    ref, known = facts.pull.ref, facts.comments.get(TOPIC)
    if report.is_clean and known is None:
        return []
    if report.is_clean and policy.when_fixed is WhenFixed.DELETE and known is not None:
        return [DeleteComment(pull=ref, topic=TOPIC, comment_id=known.comment_id)]
    body = all_good_comment() if report.is_clean else report.to_markdown()
    if known is not None and known.body == body:
        return []
    comment_id = known.comment_id if known is not None else None
    return [WriteComment(pull=ref, topic=TOPIC, body=body, comment_id=comment_id)]
