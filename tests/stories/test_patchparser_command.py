"""A contributor, a hook and a CI run ``patchparser``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from patchparser.cli import cli

SIGN_OFF = "Signed-off-by: Ann Dev <ann@example.org>"
DIFF = """\
diff --git a/src/app.py b/src/app.py
index 1111111..2222222 100644
--- a/src/app.py
+++ b/src/app.py
@@ -1 +1,2 @@
 import os
+print(os.name)
"""


def github_commit(message: str, **facts) -> dict:
    person = {"name": "Ann Dev", "email": "ann@example.org"}
    return {
        "sha": "a" * 40,
        "commit": {"message": message, "author": person, "committer": person},
        "author": {"login": "ann", "type": "User"},
        "parents": [{"sha": "b" * 40}],
        **facts,
    }


class Desk:
    """Somebody at a terminal, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: object) -> str:
        text = content if isinstance(content, str) else json.dumps(content)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str, **files: str) -> None:
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_dot_", "."), text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def branch(self) -> None:
        """Begin a branch in a new repository, as contributors do."""
        self.git("init", "-q", "-b", "main")
        self.commit("first")
        self.git("checkout", "-q", "-b", "feature/x")

    def patchparser(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, arguments, input=stdin)

    def report(self, *arguments: str, stdin: str | None = None) -> dict:
        result = self.patchparser("check", "--format", "json", *arguments, stdin=stdin)
        assert result.exit_code in (0, 1), result.output
        report: dict = json.loads(result.stdout)
        failing = any(finding["verdict"] == "fail" for finding in report["findings"])
        assert result.exit_code == int(failing)
        return report


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ann Dev")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.org")
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


# In a checkout


def test_a_contributor_learns_before_pushing_how_to_sign_off(desk):
    desk.branch()
    desk.write(".patchparser.json", {"signoff": {}})
    desk.commit("Read it", a="1\n")
    desk.commit(f"Write it\n\n{SIGN_OFF}", a="2\n")
    result = desk.patchparser("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "signoff: FAIL: 1 of 2 commits is not signed off."
    assert lines[1].endswith("Read it: The sign-off is missing.")
    assert "    git rebase HEAD~2 --signoff" in lines
    assert "    git push --force-with-lease origin feature/x" in lines


def test_doing_as_told_makes_it_good(desk):
    desk.branch()
    desk.write(".patchparser.json", {"signoff": {}})
    desk.commit("Read it", a="1\n")
    desk.commit("Write it", a="2\n")
    told = desk.patchparser("check").stdout.splitlines()
    (rebase,) = [line.strip() for line in told if line.startswith("    git rebase")]
    desk.git(*rebase.split()[1:])
    result = desk.patchparser("check")
    assert (result.exit_code, result.stdout) == (0, "signoff: ok: All 2 commits are signed off.\n")


def test_a_branch_with_nothing_on_it_is_clean(desk):
    desk.branch()
    report = desk.report()
    assert {finding["verdict"] for finding in report["findings"]} <= {"pass", "skipped"}
    assert report["kinds"] == {}


def test_the_policy_is_found_from_a_folder_inside(desk, monkeypatch):
    desk.branch()
    desk.write(".patchparser.json", {"size": {"tiny": 0}})
    desk.commit("Add", sub__a="1\n")
    monkeypatch.chdir(desk.folder / "sub")
    assert desk.report()["labels"]["add"] == ["tiny"]


def test_a_labeler_yml_of_the_project_is_read(desk):
    desk.branch()
    desk.write(".patchparser.json", {"labels_file": ".github/labeler.yml"})
    desk.write(
        ".github/labeler.yml",
        "docs:\n- changed-files:\n  - any-glob-to-any-file: docs/**\nci:\n- changed-file: x\n",
    )
    desk.commit("Explain", docs__a="1\n")
    result = desk.patchparser("check", "--format", "json")
    assert json.loads(result.stdout)["labels"]["add"] == ["docs"]
    assert "passed over: ci[0].changed-file: unknown key (did you mean changed-files?)" in (
        result.stderr
    )


def test_gitattributes_of_the_checkout_have_a_say(desk):
    desk.branch()
    desk.write(".gitattributes", "*.stub linguist-generated\n")
    desk.write("a.stub", "x\n")
    desk.commit("Generate")
    assert desk.report()["kinds"]["a.stub"] == "generated"


def test_a_pull_request_object_adds_what_the_checkout_cannot_know(desk):
    desk.branch()
    desk.commit("Fix", a="1\n")
    policy = desk.write("policy.json", {"labels": {"bug": [{"title": "^fix"}]}})
    pull = desk.write("pull.json", {"title": "fix: a"})
    assert desk.report("--policy", policy, "--pull", pull)["labels"]["add"] == ["bug"]


def test_what_users_see_and_nobody_documented_is_named_with_file_and_line(desk):
    desk.branch()
    desk.write(".patchparser.json", {"docs": {}})
    flag = 'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--fast")\n'
    desk.write("cli/run.py", flag)
    desk.commit("Add --fast")
    result = desk.patchparser("check")
    assert result.exit_code == 1
    assert "  cli/run.py:3: command-line flag --fast" in result.stdout.splitlines()
    desk.write("docs/run.md", "--fast\n")
    desk.commit("Explain --fast")
    assert desk.patchparser("check").exit_code == 0


# From files


def test_a_ci_checks_what_github_says(desk):
    report = desk.report(
        *("--diff", desk.write("p.diff", DIFF)),
        *("--commits", desk.write("c.json", [github_commit("Fix"), github_commit(SIGN_OFF)])),
        *("--pull", desk.write("pull.json", {"labels": [{"name": "size/L"}], "commits": 2})),
        *("--policy", desk.write("policy.json", {"signoff": {"label": "dco/no"}, "size": True})),
    )
    assert report == {
        "findings": [
            {
                "check": "signoff",
                "verdict": "fail",
                "mode": "required",
                "summary": "1 of 2 commits is not signed off.",
                "commits": [{"sha": "a" * 40, "problem": "The sign-off is missing."}],
                "paths": [],
                "places": [],
            }
        ],
        "labels": {"add": ["dco/no", "size/XS"], "remove": ["size/L"]},
        "kinds": {"src/app.py": "code"},
    }


def test_githubs_files_serve_instead_of_a_diff(desk):
    item = {
        "filename": "src/app.py",
        "status": "modified",
        "additions": 1,
        "deletions": 0,
        "changes": 1,
        "patch": "@@ -1 +1,2 @@\n import os\n+print(os.name)",
    }
    policy = desk.write("policy.json", {"size": True})
    report = desk.report("--files", desk.write("f.json", [item]), "--policy", policy)
    assert report["labels"]["add"] == ["size/XS"]


def test_a_diff_may_come_from_stdin(desk):
    policy = desk.write("policy.json", {"signoff": {}})
    report = desk.report("--diff", "-", "--policy", policy, stdin=DIFF)
    assert report["kinds"] == {"src/app.py": "code"}
    assert report["findings"][0]["summary"] == "Not checked: the commits were not given."


def test_a_whole_config_json_serves_as_policy(desk):
    config = {"jenkins": {}, "builds": [], "patchparser": {"signoff": {}}}
    report = desk.report(
        "--diff", desk.write("p.diff", DIFF), "--policy", desk.write("config.json", config)
    )
    assert [finding["check"] for finding in report["findings"]] == ["signoff"]


def test_an_event_serves_as_pull_request_and_says_its_action(desk):
    event = {"action": "opened", "pull_request": {"title": "x", "base": {"ref": "master"}}}
    report = desk.report(
        *("--diff", desk.write("p.diff", DIFF)),
        *("--pull", desk.write("event.json", event)),
        *("--policy", desk.write("policy.json", {"preset": "docker"})),
    )
    assert report["labels"]["add"] == ["status/0-triage"]


@pytest.mark.parametrize(
    ("ours", "removed"),
    [
        pytest.param([], ["area/docs", "old"], id="nobody says: all are ours"),
        pytest.param(["--our-label", "old"], ["old"], id="only those named"),
    ],
)
def test_sync_takes_off_what_no_longer_holds(desk, ours, removed):
    rule = [{"changed-files": [{"any-glob-to-any-file": "docs/**"}]}]
    policy = {"labels": {"area/docs": rule, "old": rule}, "sync": True}
    labels = [{"name": "area/docs"}, {"name": "old"}, {"name": "people's own"}]
    report = desk.report(
        *("--diff", desk.write("p.diff", DIFF)),
        *("--pull", desk.write("pull.json", {"labels": labels})),
        *("--policy", desk.write("policy.json", policy)),
        *ours,
    )
    assert report["labels"]["remove"] == removed


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", "signoff: FAIL: The commit is not signed off."),
        ("markdown", "Thank you for this pull request!"),
        ("github", "::error title=patchparser%3A Sign-off::"),
    ],
)
def test_every_format_is_printed(desk, form, start):
    result = desk.patchparser(
        *("check", "--format", form),
        *("--diff", desk.write("p.diff", DIFF)),
        *("--commits", desk.write("c.json", [github_commit("Fix")])),
        *("--policy", desk.write("policy.json", {"signoff": {}})),
    )
    assert result.exit_code == 1
    assert result.stdout.startswith(start)


def test_without_a_policy_everything_is_advice_and_nothing_is_labelled(desk):
    report = desk.report(
        *("--diff", desk.write("p.diff", DIFF)),
        *("--commits", desk.write("c.json", [github_commit("Fix")])),
    )
    modes = {finding["check"]: finding["mode"] for finding in report["findings"]}
    assert modes == {"signoff": "advisory", "docs": "advisory", "tests": "advisory"}
    assert report["labels"] == {"add": [], "remove": []}


# Hooks


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(f"Fix\n\n{SIGN_OFF}\n", 0, id="signed off"),
        pytest.param("Fix\n", 1, id="not signed off"),
        pytest.param(f"Fix\n\n# {SIGN_OFF}\n", 1, id="only in a comment"),
    ],
)
def test_the_commit_msg_hook_refuses_what_is_not_signed_off(desk, message, code):
    desk.branch()
    desk.write(".patchparser.json", {"signoff": {}})
    result = desk.patchparser("check", "--message", desk.write("MSG", message))
    assert result.exit_code == code
    assert ("git commit --signoff --edit --file MSG" in result.stdout) is bool(code)


def test_the_commit_msg_hook_lets_a_merge_pass(desk):
    desk.branch()
    desk.write(".patchparser.json", {"signoff": {}})
    desk.commit("ours")
    desk.git("checkout", "-q", "main")
    desk.commit("theirs", b="1\n")
    desk.git("merge", "-q", "--no-commit", "feature/x")
    result = desk.patchparser("check", "--message", desk.write("MSG", "Merge\n"))
    assert result.exit_code == 0
    assert result.stdout == "signoff: ok: Merges and bots' commits need no sign-off.\n"


def test_the_hooks_name_commands_that_exist():
    import yaml

    hooks = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
    for hook in hooks:
        program, *arguments = hook["entry"].split()
        assert program == "patchparser"
        assert CliRunner().invoke(cli, [*arguments[:1], "--help"]).exit_code == 0


# Explaining


def test_explain_says_kind_and_labels_and_why(desk):
    rule = [{"changed-files": [{"any-glob-to-any-file": ["docs/**", "man/**"]}]}]
    policy = {"labels": {"area/docs": rule}, "kinds": {"docs": ["man/**"]}}
    path = desk.write("policy.json", policy)
    result = desk.patchparser("explain", "--policy", path, "man/x.1", "./main.py")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("man/x.1: docs (")
    assert lines[1] == "man/x.1: label area/docs (any-glob-to-any-file: docs/**, man/**)"
    assert lines[2].startswith("main.py: code (")
    assert len(lines) == 3


def test_explain_names_a_path_as_the_checkout_does(desk, monkeypatch):
    desk.branch()
    desk.write("docs/a.md", "x")
    monkeypatch.chdir(desk.folder / "docs")
    assert desk.patchparser("explain", "a.md").stdout.startswith("docs/a.md: docs (")


# Wrong input

WRONG = [
    pytest.param(["--diff", "none"], "none: No such file or directory", id="no such file"),
    pytest.param(["--diff", "."], ".: Is a directory", id="a folder"),
    pytest.param(["--diff", "html"], "html: ", id="a diff that is none"),
    pytest.param(["--files", "html"], "html: no JSON: Expecting value at line 1, column 1",
                 id="files that are no JSON"),
    pytest.param(["--files", "refused.json"], "refused.json: ", id="GitHub's refusal"),
    pytest.param(["--diff", "p.diff", "--commits", "refused.json"],
                 'refused.json: the commits must be the list that pulls/N/commits answers'
                 ' (it says "Not Found")', id="commits refused"),
    pytest.param(["--diff", "p.diff", "--pull", "list.json"],
                 "list.json: pull request: must be an object", id="a pull that is none"),
    pytest.param(["--diff", "p.diff", "--policy", "bad.json"],
                 "bad.json cannot be used:\n  signof: unknown key (did you mean signoff?)\n"
                 '  dot: must be true or false, but is text', id="policy"),
    pytest.param(["--diff", "p.diff", "--policy", "config.json"],
                 "config.json cannot be used:\n  patchparser: this config.json has no policy",
                 id="a config without policy"),
    pytest.param(["--diff", "p.diff", "--policy", "latin.json"],
                 "latin.json: no UTF-8 at byte 2", id="no UTF-8"),
    pytest.param(["--diff", "p.diff", "--files", "f"],
                 "--diff and --files say the same thing; give one of them", id="two patches"),
    pytest.param(["main..x", "--diff", "p.diff"],
                 "a RANGE is read from the checkout, but --diff is given too", id="range and diff"),
    pytest.param(["--diff", "-", "--commits", "-"],
                 "stdin can be read once: give - to one option only", id="stdin twice"),
    pytest.param(["--message", "x", "--diff", "p.diff"],
                 "--message checks one message", id="message and diff"),
    pytest.param([], "is no git checkout; run this in one, or give --diff or --files",
                 id="no checkout"),
    pytest.param(["--format", "xml"], "'xml' is not one of", id="format"),
    pytest.param(["--dif", "x"], "No such option", id="option"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_input_ends_with_2_and_names_the_place(desk, arguments, said):
    desk.write("p.diff", DIFF)
    desk.write("html", "<html><body>Sign in</body></html>\n")
    desk.write("refused.json", {"message": "Not Found", "status": "404"})
    desk.write("list.json", [])
    desk.write("bad.json", {"signof": {}, "dot": "yes"})
    desk.write("config.json", {"jenkins": {}, "builds": []})
    (desk.folder / "latin.json").write_bytes(b'{"\xe9": 1}')
    result = desk.patchparser("check", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_unknown_range_ends_with_2(desk):
    desk.branch()
    result = desk.patchparser("check", "nosuch..HEAD")
    assert result.exit_code == 2
    assert "git knows no commit 'nosuch'" in result.stderr


# As a hook


def test_advice_stops_neither_a_commit_nor_a_push(desk):
    desk.branch()
    desk.commit("Fix", a="1\n")
    message = desk.write("message", "Fix the parser\n")
    hook = desk.patchparser("check", "--message", message)
    assert (hook.exit_code, "signoff: advice" in hook.stdout) == (0, True)
    assert desk.patchparser("check", "--message", message, "--fail-on", "any").exit_code == 1
    push = desk.patchparser("check", "--fail-on", "required")
    assert (push.exit_code, "signoff: advice" in push.stdout) == (0, True)
    assert desk.patchparser("check").exit_code == 1
    desk.write(".patchparser.json", {"signoff": {"mode": "required"}})
    assert desk.patchparser("check", "--message", message).exit_code == 1
    assert desk.patchparser("check", "--fail-on", "required").exit_code == 1


# The process itself


def test_the_module_runs_and_its_start_is_lean(desk):
    """Start-up is most of a hook's time: nothing of the service, of YAML or of a web client."""
    script = (
        "import sys\nfrom patchparser.cli import cli\n"
        "try:\n cli(['check', '--diff', 'p.diff', '--policy', 'policy.json'])\n"
        "finally:\n heavy = {'yaml', 'pydantic', 'rich', 'requests', 'flask', 'leeroy'}\n"
        " print(sorted(heavy & set(sys.modules)))"
    )
    desk.write("p.diff", DIFF)
    desk.write("policy.json", {"signoff": {}, "size": True})
    project = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(project)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_output_survives_a_terminal_that_lacks_a_letter(desk):
    desk.branch()
    desk.write(".patchparser.json", {"signoff": {}})
    desk.commit("Grüße ✓", a="1\n")
    project = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "patchparser", "check"],
        cwd=desk.folder,
        capture_output=True,
        encoding="latin-1",
        check=False,
        env={**os.environ, "PYTHONPATH": str(project), "PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 1, done.stderr
    assert r"Grüße \u2713" in done.stdout
