"""Read what the rules of a pull request ask for, when they ask for it."""

from dataclasses import dataclass
from typing import assert_never

from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.rules.hygiene import report_on
from leeroy.deciding.rules.results import shown_console_lines
from leeroy.deciding.unknown import Need, What
from leeroy.model import CommentKind
from leeroy.worker.protocols import ReadsGitHub
from leeroy.worker.reading.details import ResultsReader
from leeroy.worker.reading.people import People


@dataclass(frozen=True, kw_only=True)
class NeedsReader:
    """Reads one fact at a time; what fails is that fact's, not the look's."""

    github: ReadsGitHub
    people: People
    results: ResultsReader

    def read(self, facts: PullFacts, decision: Decision, need: Need) -> object:
        """What a rule asked for."""
        pull, repo = facts.pull, facts.repo
        match need.what:
            case What.PATCH:
                return self.github.patch(pull)
            case What.COMMITS:
                return self.github.commits(pull)
            case What.MERGE:
                return self.github.merge_commit(pull)
            case What.LABELS_FILE:
                # Of the base branch: a pull request does not label itself by changing them.
                assert facts.policy is not None
                return self.github.file(repo, facts.policy.labels_file, pull.base_sha)
            case What.STATUSES:
                return self.github.statuses(repo, need.of)
            case What.PERMISSION if need.of:
                return self.people.permission(repo, need.of)
            case What.PERMISSION_NOW:
                return self.people.permission(repo, need.of, anew=True)
            case What.PERMISSION:
                return self.people.permission(repo, pull.author).can_write
            case What.LISTED:
                return self.people.is_trusted_author(pull, facts.settings)
            case What.COMMENT:
                kind, _, number = need.of.rpartition(":")
                return self.people.comment(pull.ref, CommentKind(kind), int(number))
            case What.DETAILS:
                # As the look has seen it end: only then it may have got its number.
                build = next(build for build in decision.builds if build.id == need.of)
                return self.results.detail(build, shown_console_lines(facts))
            case What.REPORT:
                return report_on(facts)
        assert_never(need.what)
