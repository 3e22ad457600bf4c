"""The contexts that are ours: one list of them, and never two writers of one."""

import itertools
import json
from pathlib import Path
from typing import Any, get_args

import pytest

from leeroy.config import Config, own_contexts, parse_config
from leeroy.config.fields import IS_CONTEXT, Context, Model
from leeroy.config.models import Job, RepoSettings
from leeroy.errors import ConfigError

BUILD = {"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}
BRANCH = {**BUILD, "branch": "master"}
SIGN_OFF = {"signoff": {"mode": "required", "context": "Dco"}}


def read(**settings: Any) -> Config:
    whole = {
        "jenkins": {"base_url": "https://jenkins.example.com"},
        "github_token": "g",
        "github_webhook_secret": "s",
        **settings,
    }
    return parse_config(json.dumps(whole), environ={}, read_file=Path.read_text)


def faults_of(**settings: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(**settings)
    return [str(fault) for fault in caught.value.faults]


class TestTheList:
    def test_it_has_builds_branches_required_checks_and_conflicts_with_their_places(self) -> None:
        config = read(
            builds=[{"github_repo": "acme/*", "jenkins_job_name": "{repo}-pr"}],
            branches=[{**BRANCH, "context": "bin"}],
            conflicts=True,
            patchparser={
                "signoff": {"mode": "required"},
                "docs": {"mode": "advisory"},
                "tests": {"mode": "required", "context": "has-tests"},
            },
        )
        found = {own.name: ".".join(own.path) for own in config.own_contexts("acme/widgets")}
        assert found == {
            "widgets-pr": "context",
            "bin": "context",
            "patchparser/signoff": "patchparser.signoff.context",
            "has-tests": "patchparser.tests.context",
            "leeroy/mergeable": "conflicts.context",
        }

    def test_a_new_rules_context_is_in_it_by_its_settings_type(self) -> None:
        class Unfinished(Model):
            context: Context = "leeroy/finished"

        class More(RepoSettings):
            work_in_progress: Unfinished | None = None
            spelling: Context = ""

        settings = More(work_in_progress=Unfinished(), spelling="words")
        found = [(own.name, own.path) for own in own_contexts(settings, None)]
        assert found == [
            ("leeroy/finished", ("work_in_progress", "context")),
            ("words", ("spelling",)),
        ]

    def test_every_setting_called_context_is_of_the_type_that_puts_it_there(self) -> None:
        models = [RepoSettings]
        for model in models:
            for name, field in model.model_fields.items():
                if name.endswith("context"):
                    assert IS_CONTEXT in field.metadata, f"{model.__name__}.{name}"
                kinds = [field.annotation, *get_args(field.annotation)]
                models += [
                    kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Model)
                ]
        assert len(models) > 1

    @pytest.mark.parametrize(
        ("place", "path"),
        [
            ("", ""),
            ("acme/*", "repositories.acme/*."),
            ("acme/widgets", "repositories.acme/widgets."),
        ],
    )
    def test_a_place_is_the_nearest_that_has_the_key(self, place: str, path: str) -> None:
        policy = {"patchparser": {"signoff": {"mode": "required", "context": "widgets"}}}
        settings = {"repositories": {place: policy}} if place else policy
        assert faults_of(builds=[BUILD], **settings) == [
            (
                f'{path}patchparser.signoff.context: "widgets" in acme/widgets is the context of '
                "builds[0] too (give one of them another context)"
            )
        ]


class TestTwoWriters:
    @pytest.mark.parametrize(
        ("first", "second", "clash"),
        [
            ({}, {}, True),
            ({}, {"github_repo": "Acme/Widgets"}, True),
            ({}, {"jenkins_job_name": "WIDGETS"}, True),
            ({}, {"github_repo": "acme/*"}, True),
            ({}, {"github_repo": "acme/*", "exclude": ["acme/widgets"]}, False),
            ({}, {"context": "other"}, False),
            ({}, {"github_repo": "other/widgets"}, False),
            ({}, {"jenkins_job_name": ""}, False),
            ({"github_repo": "acme/*"}, {"github_repo": "acme/w*"}, True),
            ({"github_repo": "acme/*"}, {"github_repo": "*/widgets"}, True),
            ({"github_repo": "acme/w*"}, {"github_repo": "*/*s"}, True),
            ({"github_repo": "acme/*-a"}, {"github_repo": "ACME/b-*"}, True),
            ({"github_repo": "acme/*a*"}, {"github_repo": "acme/*b*"}, True),
            ({"github_repo": "acme/{a,b}"}, {"github_repo": "acme/[b-d]"}, True),
            ({"github_repo": "acme/{a,b}"}, {"github_repo": "acme/[c-d]"}, False),
            ({"github_repo": "acme/*-a"}, {"github_repo": "acme/*-b"}, False),
            (
                {"github_repo": "acme/*-a", "exclude": ["acme/b-*"]},
                {"github_repo": "acme/b-*"},
                False,
            ),
            ({"github_repo": "acme/*"}, {"github_repo": "other/*"}, False),
            ({"jenkins_job_name": "{repo}"}, {}, True),
            ({"context": "{owner}-ci"}, {"context": "acme-ci"}, True),
            (
                {"github_repo": "acme/w*", "context": "{owner}"},
                {"github_repo": "*/*s", "context": "acme"},
                True,
            ),
            ({"context": "{branch}-ci"}, {"context": "{repo}-ci"}, False),
        ],
    )
    def test_builds_in_one_repository_are_a_fault(
        self, first: dict[str, Any], second: dict[str, Any], clash: bool
    ) -> None:
        builds = [{**BUILD, **first}, {**BUILD, **second}]
        if not clash:
            assert read(builds=builds)
            return
        (fault,) = faults_of(builds=builds)
        assert fault.startswith("builds[1].context: ")
        assert " is the context of builds[0] too" in fault

    @pytest.mark.parametrize(
        ("first", "second", "meet"),
        [
            ({"branches": ["main"]}, {"branches": ["release/*"]}, None),
            ({"branches": ["main"]}, {"branches_ignore": ["main"]}, None),
            ({"branches": ["main", "dev"]}, {"branches_ignore": ["m*", "dev"]}, None),
            ({"branches": ["release/*"]}, {"branches_ignore": ["release/**"]}, None),
            ({"branches": ["!main"]}, {"branches": ["main"]}, None),
            ({"branches": ["1.*"]}, {"branches": ["2.*"]}, None),
            ({"branches": ["main"]}, {}, "main"),
            ({"branches": ["main", "dev"]}, {"branches": ["dev"]}, "dev"),
            ({"branches": ["release/*"]}, {"branches": ["*/1"]}, "release/1"),
            ({"branches": ["release/*"]}, {"branches": ["release/1.*", "main"]}, "release/1."),
            ({"branches": ["a?"]}, {"branches_ignore": ["ab", "a[c-z]"]}, "aa"),
            ({"branches_ignore": ["main"]}, {"branches_ignore": ["dev"]}, "x"),
        ],
    )
    def test_builds_may_share_a_context_where_no_base_branch_matches_both(
        self, first: dict[str, Any], second: dict[str, Any], meet: str | None
    ) -> None:
        builds = [
            {**BUILD, **first},
            {**BUILD, "jenkins_job_name": "b", "context": "widgets", **second},
        ]
        if meet is None:
            assert read(builds=builds)
            assert read(builds=builds[::-1])
            return
        for each in (builds, builds[::-1]):
            (fault,) = faults_of(builds=each)
            assert f"is the context of builds[0] too, for branch {meet} (" in fault

    def test_base_branches_of_a_glob_that_is_not_looked_into_are_a_fault(self) -> None:
        builds = [{**BUILD, "branches": ["!(main)"]}, {**BUILD, "branches": ["x/!(a)"]}]
        (fault,) = faults_of(builds=builds)
        assert "whether some branch is for both cannot be told" in fault

    def test_base_branches_that_cannot_be_told_apart_are_a_fault(self) -> None:
        letters = "abcdefghijklmnop"
        one = [
            "*" + "*".join(letters) + "*",
            *(f"*{a}*{b}?" for a, b in itertools.pairwise(letters)),
        ]
        other = [f"!{glob}" for glob in one]
        builds = [
            {**BUILD, "branches_ignore": other},
            {**BUILD, "branches_ignore": ["*" + "*".join(reversed(letters)) + "*", "**"]},
        ]
        (fault,) = faults_of(builds=builds)
        assert "whether some branch is for both cannot be told" in fault

    @pytest.mark.parametrize(
        ("branch", "meet"), [("master", "master"), ("m*", "master"), ("release/*", None)]
    )
    def test_branches_are_a_fault(self, branch: str, meet: str | None) -> None:
        settings = {"branches": [BRANCH, {**BRANCH, "branch": branch}]}
        if meet is None:
            assert read(**settings)
        else:
            assert faults_of(**settings) == [
                (
                    'branches[1].context: "widgets" in acme/widgets is the context of branches[0] '
                    f"too, for branch {meet} (give one of them another context)"
                )
            ]

    def test_a_branch_may_report_the_context_of_a_build_as_merge_queues_need(self) -> None:
        assert read(builds=[BUILD], branches=[{**BRANCH, "branch": "gh-readonly-queue/**"}])

    @pytest.mark.parametrize(
        ("settings", "fault"),
        [
            (
                {"builds": [{**BUILD, "context": "dco"}], "patchparser": SIGN_OFF},
                'patchparser.signoff.context: "Dco" in acme/widgets is the context of builds[0]',
            ),
            (
                {"branches": [{**BRANCH, "context": "dco"}], "patchparser": SIGN_OFF},
                'patchparser.signoff.context: "Dco" in acme/widgets is the context of branches[0]',
            ),
            (
                {"builds": [{**BUILD, "context": "Leeroy/mergeable"}], "conflicts": True},
                'conflicts.context: "leeroy/mergeable" in acme/widgets is the context of builds[0]',
            ),
            (
                {"builds": [BUILD], "patchparser": SIGN_OFF, "conflicts": {"context": "dco"}},
                (
                    'conflicts.context: "dco" in acme/widgets is the context of '
                    "patchparser.signoff.context"
                ),
            ),
            (
                {
                    "builds": [{**BUILD, "github_repo": "*/*s", "context": "dco"}],
                    "repositories": {"acme/w*": {"patchparser": SIGN_OFF}},
                },
                (
                    'repositories.acme/w*.patchparser.signoff.context: "Dco" in acme/ws is the context '
                    "of builds[0]"
                ),
            ),
        ],
        ids=["check, build", "check, branch", "conflicts, build", "conflicts, check", "globs"],
    )
    def test_what_judges_pull_requests_shares_with_nobody(
        self, settings: dict[str, Any], fault: str
    ) -> None:
        (found,) = faults_of(**settings)
        assert found.startswith(f"{fault} too")

    @pytest.mark.parametrize(
        "settings",
        [
            {"patchparser": {"signoff": {"mode": "advisory", "context": "widgets"}}},
            {"repositories": {"acme/other": {"conflicts": {"context": "widgets"}}}},
            {
                "conflicts": {"context": "widgets"},
                "repositories": {"acme/widgets": {"conflicts": False}},
            },
        ],
        ids=["check without a status", "of another repository", "switched off there"],
    )
    def test_what_says_nothing_there_is_no_writer(self, settings: dict[str, Any]) -> None:
        assert read(builds=[BUILD], **settings)


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"builds": [{**BUILD, "context": "ci \U0001f680"}]}, "builds[0].context"),
        ({"builds": [{**BUILD, "jenkins_job_name": "\U0001f680"}]}, "builds[0].jenkins_job_name"),
        ({"branches": [{**BRANCH, "context": "\U0001f680"}]}, "branches[0].context"),
        ({"conflicts": {"context": "\U0001f680"}}, "conflicts.context"),
        (
            {"patchparser": {"tests": {"mode": "required", "context": "\U0001f680"}}},
            "patchparser.tests.context",
        ),
        (
            {"repositories": {"acme/*": {"conflicts": {"context": "\U0001f680"}}}},
            "repositories.acme/*.conflicts.context",
        ),
    ],
)
def test_a_context_that_github_refuses_is_a_fault(settings: dict[str, Any], path: str) -> None:
    assert faults_of(**{"builds": [BUILD], **settings}) == [
        (
            f"{path}: has a character that GitHub refuses in a status' name (beyond U+FFFF) (such as "
            "an emoji; leave it out)"
        )
    ]


def test_a_name_too_long_for_a_status_is_a_fault_wherever_it_comes_from() -> None:
    policy = {"tests": {"mode": "required", "context": "y" * 256}}
    builds = [{**BUILD, "jenkins_job_name": "x" * 256}]
    assert [fault.split(":")[0] for fault in faults_of(builds=builds, patchparser=policy)] == [
        "builds[0].jenkins_job_name",
        "patchparser.tests.context",
    ]


def test_builds_have_their_contexts_from_jobs_where_they_say_none() -> None:
    (own,) = own_contexts(
        RepoSettings(), None, [Job(github_repo="a/b", jenkins_job_name="t/job/w")]
    )
    assert own.name == "t/w"
