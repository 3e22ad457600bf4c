"""Every fault of the settings is told at once, with its path and the way out."""

import json
from typing import Any

import pytest

from leeroy.config import Config, parse_config
from leeroy.errors import ConfigError

SERVER = {"base_url": "https://jenkins.example.com", "username": "leeroy", "token": "t"}
BUILD = {"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}
BRANCH = {**BUILD, "branch": "master"}
MINIMAL: dict[str, Any] = {
    "jenkins": SERVER,
    "github_token": "g",
    "github_webhook_secret": "s",
    "builds": [BUILD],
}


def read(settings: object, **environ: str) -> Config:
    text = settings if isinstance(settings, str) else json.dumps(settings)

    def read_file(path: object) -> str:
        raise FileNotFoundError(2, "No such file or directory")

    return parse_config(text, environ=environ, read_file=read_file)


def faults_of(settings: object, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(settings, **environ)
    return [str(fault) for fault in caught.value.faults]


def changed(**keys: object) -> dict[str, object]:
    return {key: value for key, value in {**MINIMAL, **keys}.items() if value != "absent"}


def test_the_smallest_settings_have_no_fault() -> None:
    assert read(MINIMAL).knows("acme/widgets")


ONE_FAULT = [
    pytest.param(
        changed(build_commit="last"),
        "build_commit: unknown key (did you mean build_commits?)",
        id="misspelt key",
    ),
    pytest.param(
        changed(Trust="write"), "Trust: unknown key (did you mean trust?)", id="case of a key"
    ),
    pytest.param(
        changed(builds=[{**BUILD, "contxt": "ci"}]),
        "builds[0].contxt: unknown key (did you mean context?)",
        id="misspelt key on a build",
    ),
    pytest.param(
        changed(jenkins={**SERVER, "baseurl": "x"}),
        "jenkins.baseurl: unknown key (did you mean base_url?)",
        id="misspelt key of a server",
    ),
    pytest.param(
        changed(paths=["x"]), "paths: unknown key (it belongs on a build)", id="key on wrong level"
    ),
    pytest.param(
        changed(builds=[{**BUILD, "trust": "write"}]),
        "builds[0].trust: unknown key (it belongs at the top)",
        id="repository's key on a build",
    ),
    pytest.param(
        changed(zzz=1),
        "zzz: unknown key (docs/configuration.md has every key)",
        id="key like no other",
    ),
    pytest.param(
        changed(password="x", user="u", **{"pass": "p"}),
        "password: unknown key (did you mean pass?)",
        id="the field's name is not the key",
    ),
    pytest.param(
        changed(build_commits="lst"),
        'build_commits: must be "last", "new" or "all" (did you mean "last"?)',
        id="misspelt word",
    ),
    pytest.param(changed(mode=3), 'mode: must be "act" or "observe"', id="number for a word"),
    pytest.param(
        changed(drafts="true"),
        "drafts: must be true or false (write it without quotes)",
        id="quoted boolean",
    ),
    pytest.param(changed(drafts=1), "drafts: must be true or false", id="number for a boolean"),
    pytest.param(
        changed(drafts=None),
        "drafts: must be true or false (leave the key out to have the default)",
        id="null",
    ),
    pytest.param(
        changed(keep_days="30"),
        "keep_days: must be a whole number (write it without quotes)",
        id="quoted number",
    ),
    pytest.param(changed(keep_days=True), "keep_days: must be a whole number", id="true as one"),
    pytest.param(changed(keep_days=1.5), "keep_days: must be a whole number", id="fraction"),
    pytest.param(changed(keep_days=0), "keep_days: must be at least 1", id="too small"),
    pytest.param(changed(max_commits=251), "max_commits: must be at most 250", id="too large"),
    pytest.param(
        changed(trusted_users="octocat"),
        "trusted_users: must be a list (put it in [ ])",
        id="text for a list",
    ),
    pytest.param(changed(trusted_users=[3]), "trusted_users[0]: must be text", id="item's type"),
    pytest.param(
        changed(trusted_users=["@octocat"]),
        "trusted_users[0]: must be a login, without @, such as octocat",
        id="login with @",
    ),
    pytest.param(
        changed(trusted_orgs=["a/b/c"]),
        "trusted_orgs[0]: must be an organization, or org/team",
        id="no team",
    ),
    pytest.param(changed(builds={}), "builds: must be a list", id="object for a list"),
    pytest.param(changed(comments=[]), "comments: must be an object", id="list for an object"),
    pytest.param(changed(conflicts=3), "conflicts: must be an object", id="number for an object"),
    pytest.param(
        changed(builds=[{"jenkins_job_name": "x"}]),
        "builds[0].github_repo: is missing",
        id="build without repository",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "github_repo": "widgets"}]),
        "builds[0].github_repo: must be owner/name, or a glob such as owner/*",
        id="repository without owner",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "github_repo": "!acme/*"}]),
        "builds[0].github_repo: must not begin with !; leave repositories out with exclude",
        id="inverted repository",
    ),
    pytest.param(
        changed(branches=[BUILD]), "branches[0].branch: is missing", id="branch without branch"
    ),
    pytest.param(
        changed(sensitive_paths=["/Jenkinsfile"]),
        "sensitive_paths[0]: never matches: paths begin at the repository's root, without / or ./",
        id="absolute glob",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "paths": ["#x"]}]),
        "builds[0].paths[0]: never matches: a glob that begins with # is a comment",
        id="commented glob",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "paths": ["{1..100000}"]}]),
        "builds[0].paths[0]: must choose between at most 200",
        id="glob with too many choices",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "paths": ["a" * 501]}]),
        "builds[0].paths[0]: must have at most 500 characters",
        id="glob too long",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "branches": ["^release/.*$"]}]),
        "builds[0].branches[0]: looks like a regular expression; a glob is meant, such as "
        "release/*",
        id="regular expression for a glob",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "paths": ["[a-"]}]),
        "builds[0].paths[0]: has a [ that is never closed, or a / within it",
        id="half a class",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "paths": ["docs/"]}]),
        "builds[0].paths[0]: never matches: no path has an empty part, as before, behind or in //",
        id="glob of a folder",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "branches": [" "]}]),
        "builds[0].branches[0]: must not be empty",
        id="empty glob",
    ),
    pytest.param(
        changed(jenkins={**SERVER, "base_url": "ftp://x"}),
        "jenkins.base_url: must be a URL that begins with http:// or https://",
        id="scheme",
    ),
    pytest.param(
        changed(jenkins={**SERVER, "base_url": "https://me:pw@x"}),
        "jenkins.base_url: must not hold a user name or password; they have keys of their own",
        id="password in a URL",
    ),
    pytest.param(
        changed(public_url="https://x?y"),
        "public_url: must not have a query or a fragment",
        id="query",
    ),
    pytest.param(
        changed(public_url="https://x:port"),
        "public_url: must be a URL that begins with http:// or https://",
        id="port",
    ),
    pytest.param(
        changed(jenkins={**SERVER, "timeout": 0}),
        "jenkins.timeout: must be more than 0",
        id="timeout of 0",
    ),
    pytest.param(
        changed(github_timeout="15"),
        "github_timeout: must be a number (write it without quotes)",
        id="quoted timeout",
    ),
    pytest.param(
        changed(database_url="mysql://x/y"),
        "database_url: must begin with sqlite:/// or postgresql://",
        id="database",
    ),
    pytest.param(
        changed(database_url="sqlite://leeroy.db"),
        "database_url: a SQLite URL has three slashes before a relative path: sqlite:///x.db",
        id="slashes of SQLite",
    ),
    pytest.param(
        changed(trusted_proxies=["10.0.0"]),
        "trusted_proxies[0]: must be an IP address or a network such as 10.0.0.0/8",
        id="network",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "parameters": "gphrb"}]),
        'builds[0].parameters: must be "leeroy", "ghprb" or an object of name -> template',
        id="parameter set",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "parameters": {"SHA": "{git_sha}"}}]),
        "builds[0].parameters: SHA: {git_sha} cannot be filled in; did you mean {GIT_SHA1}?",
        id="word in a parameter",
    ),
    pytest.param(
        changed(branches=[{**BRANCH, "parameters": {"N": "{PR}"}}]),
        "branches[0].parameters: N: {PR} cannot be filled in; known: GIT_BASE_REPO, "
        "GIT_HEAD_REPO, GIT_SHA1, GITHUB_URL, BASE_BRANCH, LEEROY_BUILD_ID",
        id="word that pushes lack",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "jenkins_job_name": "{repos}-pr"}]),
        "builds[0].jenkins_job_name: {repos} cannot be filled in; did you mean {repo}?",
        id="word in a job's name",
    ),
    pytest.param(
        changed(github_webhook_secret=["a", ""]),
        "github_webhook_secret: an empty secret would let anybody sign",
        id="empty secret",
    ),
    pytest.param(
        changed(jenkins_servers={"a/b": SERVER}),
        "jenkins_servers.a/b: may have letters, digits, and _ . - only",
        id="name of a server",
    ),
    pytest.param(
        changed(jenkins_servers={"default": SERVER}),
        "jenkins_servers.default: is the name of the server under jenkins (give it another name)",
        id="two default servers",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "jenkins": "window"}], jenkins_servers={"windows": SERVER}),
        "builds[0].jenkins: is not one of jenkins_servers (did you mean windows?)",
        id="unknown server",
    ),
    pytest.param(
        changed(jenkins={**SERVER, "base_url": "https://j/jenkins/job/widgets"}),
        "jenkins.base_url: is a job's or view's address; Jenkins' own is what stands before that",
        id="job's address for Jenkins'",
    ),
    pytest.param(
        changed(jenkins={**SERVER, "token": "a\nb"}),
        "jenkins.token: must not hold a line end or another control character",
        id="line end in a token",
    ),
    pytest.param(
        changed(github_api_url="https://github.com"),
        "github_api_url: is GitHub's page for people; its API is https://api.github.com",
        id="page for API",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "github_repo": "acme/widgets.git"}]),
        "builds[0].github_repo: must be owner/name, without .git",
        id="address to clone",
    ),
    pytest.param(
        changed(builds=[{**BUILD, "jenkins_job_name": "https://j/job/widgets"}]),
        "builds[0].jenkins_job_name: must be a name, not an address: folders and job, as "
        "team/widgets",
        id="job's address for its name",
    ),
    pytest.param(" ", "line 1, column 2 of config.json: is not JSON (it is empty)", id="empty"),
    pytest.param(
        changed(jenkins="absent"),
        'jenkins: is missing (add "jenkins": {"base_url": "https://...", "username": "...", '
        '"token": "..."})',
        id="no server",
    ),
    pytest.param(
        changed(jenkins={"base_url": "http://j", "username": "leeroy"}),
        "jenkins.token: is missing (username needs its token)",
        id="user without token",
    ),
    pytest.param(
        changed(github_token="absent"),
        'github_token: is missing for acme/widgets (add "github_token": "${GITHUB_TOKEN}" and put '
        "the token into the environment)",
        id="no token",
    ),
    pytest.param(changed(user="u"), "pass: is missing (user needs its password)", id="no password"),
    pytest.param(
        changed(auth_header="X-User"),
        "trusted_proxies: is missing (without it anybody could send the header)",
        id="header from anybody",
    ),
    pytest.param(
        changed(branches=[{**BRANCH, "notify": {"email": ["a@b"]}}]),
        "branches[0].notify.email: needs smtp_url (add it at the top)",
        id="mail without a server",
    ),
    pytest.param(
        changed(repositories={"acme/x": {}, "Acme/X": {}}),
        "repositories.Acme/X: is the same repository as repositories.acme/x (join them)",
        id="repository twice",
    ),
    pytest.param(
        changed(repositories={"acme/*": {"patchparser": {"signof": {}}}}),
        "repositories.acme/*.patchparser.signof: unknown key (did you mean signoff?)",
        id="policy",
    ),
    pytest.param(
        '{"jenkins": {}, "jenkins": {"base_url": "http://j"}, "github_token": "g",'
        ' "allow_unsigned_webhooks": true}',
        "jenkins: stands twice in one object (only the last would count; keep one)",
        id="key twice",
    ),
    pytest.param("[]", "config.json: must be a JSON object: { ... }", id="no object"),
    pytest.param(
        '{"a": NaN}', "config.json: is not JSON: NaN is not a number of JSON", id="not a number"
    ),
    pytest.param(
        '{\n  "a": 1\n  "b": 2\n}',
        "line 3, column 3 of config.json: is not JSON (expecting ',' delimiter)",
        id="comma left out",
    ),
    pytest.param(
        '{\n  "a": 1, // one\n  "b": 2\n}',
        "line 2, column 11 of config.json: is not JSON (JSON has no comments)",
        id="comment",
    ),
]


@pytest.mark.parametrize(("settings", "fault"), ONE_FAULT)
def test_a_fault_names_its_place_and_the_way_out(settings: object, fault: str) -> None:
    assert faults_of(settings) == [fault]


def test_faults_of_every_kind_are_told_at_once() -> None:
    settings = changed(
        jenkins="absent",
        github_token="${TOKEN}",
        github_webhook_secret="absent",
        modes="act",
        builds=[
            {**BUILD, "retries": 99, "context": "ci"},
            {"jenkins_job_name": "x"},
            {**BUILD, "jenkins_job_name": "other", "context": "CI", "jenkins": "windows"},
        ],
    )
    assert [fault.split(" (")[0] for fault in faults_of(settings)] == [
        "github_token: the environment has no TOKEN",
        "builds[0].retries: must be at most 10",
        "builds[1].github_repo: is missing",
        "modes: unknown key",
        "jenkins: is missing",
        "builds[2].jenkins: is not one of jenkins_servers",
        "github_webhook_secret: is missing for acme/widgets: anybody could send webhooks",
        'builds[2].context: "CI" in acme/widgets is the context of builds[0] too',
    ]


def test_what_only_follows_from_a_fault_is_not_told_as_well() -> None:
    assert faults_of(changed(jenkins={"base_url": "nowhere", "tokn": "x"})) == [
        "jenkins.base_url: must be a URL that begins with http:// or https://",
        "jenkins.tokn: unknown key (did you mean token?)",
    ]
