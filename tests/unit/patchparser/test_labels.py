"""Which labels a pull request earns and loses: actions/labeler's meaning, and ours."""

import pytest

from patchparser.faults import PolicyError
from patchparser.findings import Check, Finding, Mode, Verdict
from patchparser.labels import LabelChanges, decide_labels
from patchparser.patch import FileStatus, PatchedFile, PatchSet
from patchparser.policy import parse_policy
from patchparser.pull import Pull


def patch_of(*paths: str, lines: int = 1, is_complete: bool = True) -> PatchSet:
    files = tuple(
        PatchedFile(path=path, status=FileStatus.MODIFIED, additions=lines) for path in paths
    )
    return PatchSet(files=files, is_complete=is_complete)


def decide(policy, *paths, patch=None, findings=(), ours=(), action=None, on=(), **pull):
    settings = parse_policy(policy)
    return decide_labels(
        patch_of(*paths) if patch is None else patch,
        Pull(labels=frozenset(on), **pull),
        settings.labels,
        settings.make_kinds(),
        findings,
        our_labels=frozenset(ours),
        action=action,
    )


def files(form: str, *globs: str) -> dict:
    return {"changed-files": [{form: list(globs)}]}


ANY_ANY = "any-glob-to-any-file"
ANY_ALL = "any-glob-to-all-files"
ALL_ANY = "all-globs-to-any-file"
ALL_ALL = "all-globs-to-all-files"

# Match objects of one label, the changed files, facts of the pull request, and whether it is earned.
MATCHES = [
    # The four forms.
    pytest.param([files(ANY_ANY, "docs/**")], ["docs/a.md"], {}, True, id="any-any"),
    pytest.param([files(ANY_ANY, "docs/**")], ["src/a", "docs/a"], {}, True, id="any-any, one of two"),
    pytest.param([files(ANY_ANY, "docs/**")], ["src/a"], {}, False, id="any-any, none"),
    pytest.param([files(ANY_ANY, "a", "b")], ["b"], {}, True, id="any-any, second glob"),
    pytest.param([files(ANY_ALL, "docs/**")], ["docs/a", "docs/b"], {}, True, id="any-all"),
    pytest.param([files(ANY_ALL, "docs/**")], ["docs/a", "src/b"], {}, False, id="any-all, one out"),
    pytest.param([files(ANY_ALL, "a/*", "b/*")], ["a/x", "b/x"], {}, False,
                 id="any-all wants one and the same glob"),
    pytest.param([files(ANY_ALL, "{a,b}/*")], ["a/x", "b/x"], {}, True, id="any-all, braces"),
    pytest.param([files(ALL_ANY, "a/*", "*/x")], ["a/x", "b/y"], {}, True, id="all-any"),
    pytest.param([files(ALL_ANY, "a/*", "*/x")], ["a/y", "b/x"], {}, False,
                 id="all-any wants one and the same file"),
    pytest.param([files(ALL_ALL, "a/*", "*/x*")], ["a/x1", "a/x2"], {}, True, id="all-all"),
    pytest.param([files(ALL_ALL, "a/*", "*/x*")], ["a/x1", "a/y"], {}, False, id="all-all, one out"),
    # Globs.
    pytest.param([files(ANY_ANY, "*.md")], ["docs/a.md"], {}, False, id="* stays in its folder"),
    pytest.param([files(ANY_ANY, "**/*.md")], ["a.md"], {}, True, id="**/ matches no folder too"),
    pytest.param([files(ANY_ANY, "docs/*")], ["docs/.x"], {}, True, id="dotfiles match"),
    pytest.param([files(ANY_ANY, "**")], [".github/w.yml"], {}, True, id="dot folders match"),
    pytest.param([files(ANY_ANY, "DOCS/**")], ["docs/a"], {}, False, id="case counts"),
    pytest.param([files(ANY_ANY, "docs")], ["docs/a"], {}, False, id="a folder is no glob for it"),
    pytest.param([files(ANY_ANY, "!docs/**")], ["docs/a", "src/a"], {}, True,
                 id="a negation holds for one file outside"),
    pytest.param([files(ANY_ANY, "!docs/**")], ["docs/a"], {}, False, id="a negation, all inside"),
    pytest.param([files(ALL_ALL, "!docs/**")], ["docs/a", "src/a"], {}, False,
                 id="no file in docs, but there is one"),
    pytest.param([files(ALL_ALL, "!docs/**")], ["src/a"], {}, True, id="no file in docs"),
    pytest.param([files(ANY_ANY, "+(a|b).py")], ["b.py"], {}, True, id="extended glob"),
    pytest.param([files(ANY_ANY, "[ab].py")], ["c.py"], {}, False, id="class"),
    pytest.param([files(ANY_ANY, "# a")], ["# a"], {}, False, id="# is a comment"),
    # Several in one list: OR under any, AND under all.
    pytest.param([{"changed-files": [{ANY_ANY: "a"}, {ANY_ANY: "b"}]}], ["b"], {}, True,
                 id="bare entries are OR-ed"),
    pytest.param([{"changed-files": [{ANY_ANY: "a", ALL_ALL: "b"}]}], ["b"], {}, True,
                 id="keys of one entry are OR-ed"),
    pytest.param([{"all": [{"changed-files": [{ANY_ANY: "a"}, {ANY_ANY: "b"}]}]}], ["b"], {},
                 False, id="under all entries are AND-ed"),
    pytest.param([{"all": [{"changed-files": [{ANY_ANY: "a"}, {ANY_ANY: "b"}]}]}], ["a", "b"], {},
                 True, id="under all both hold"),
    # Branches.
    pytest.param([{"head-branch": "^feature"}], ["x"], {"head": "feature/x"}, True, id="head"),
    pytest.param([{"head-branch": "^feature"}], ["x"], {"head": "my-feature"}, False,
                 id="head, anchored"),
    pytest.param([{"head-branch": "feature"}], ["x"], {"head": "my-feature-x"}, True,
                 id="head, unanchored"),
    pytest.param([{"head-branch": ["^a", "^b"]}], ["x"], {"head": "b1"}, True, id="one of two"),
    pytest.param([{"all": [{"head-branch": ["a", "b"]}]}], ["x"], {"head": "b1"}, False,
                 id="under all, both patterns"),
    pytest.param([{"base-branch": "main"}], ["x"], {"base": "main"}, True, id="base"),
    pytest.param([{"base-branch": "main"}], ["x"], {"head": "main"}, False, id="base is not head"),
    pytest.param([{"head-branch": ".*"}], ["x"], {}, False, id="an unknown branch matches nothing"),
    pytest.param([{"head-branch": r"^feature\/\d+$"}], ["x"], {"head": "feature/12"}, True,
                 id="JavaScript escapes"),
    pytest.param([{"head-branch": "(?<kind>fix)-\\k<kind>"}], ["x"], {"head": "fix-fix"}, True,
                 id="JavaScript named group"),
    pytest.param([{"head-branch": r"^\d$"}], ["x"], {"head": "\u0663"}, False, id="ASCII digits"),
    pytest.param([{"head-branch": "[[]x"}], ["x"], {"head": "[x"}, True, id="bracket in a class"),
    # any, all and bare ones together.
    pytest.param([{"any": [files(ANY_ANY, "a"), {"head-branch": "^h"}]}], ["b"], {"head": "h"},
                 True, id="any is OR"),
    pytest.param([{"any": [{**files(ANY_ANY, "a"), "head-branch": "^h"}]}], ["b"], {"head": "h"},
                 True, id="keys of one object under any are OR-ed"),
    pytest.param([{"all": [files(ANY_ANY, "a"), {"head-branch": "^h"}]}], ["b"], {"head": "h"},
                 False, id="all is AND"),
    pytest.param([{"all": [files(ANY_ANY, "a"), {"head-branch": "^h"}]}], ["a"], {"head": "h"},
                 True, id="all, both"),
    pytest.param([files(ANY_ANY, "a"), {"head-branch": "^h"}], ["b"], {"head": "h"}, True,
                 id="bare objects are OR-ed"),
    pytest.param([{**files(ANY_ANY, "a"), "head-branch": "^h"}], ["b"], {"head": "h"}, True,
                 id="bare keys of one object are OR-ed"),
    pytest.param([{"any": [{"head-branch": "^h"}]}, {"all": [{"base-branch": "^m"}]}], ["x"],
                 {"head": "h", "base": "m"}, True, id="any AND all"),
    pytest.param([{"any": [{"head-branch": "^h"}]}, {"all": [{"base-branch": "^m"}]}], ["x"],
                 {"head": "h", "base": "n"}, False, id="any AND all, one fails"),
    pytest.param([{"any": [{"head-branch": "^h"}], "all": [{"base-branch": "^m"}]}], ["x"],
                 {"head": "h", "base": "n"}, False, id="any and all of one object are AND-ed"),
    pytest.param([{"any": [{"head-branch": "^a"}]}, {"any": [{"head-branch": "^b"}]}], ["x"],
                 {"head": "a"}, False, id="two any are AND-ed"),
    pytest.param([{"any": [{"head-branch": "^a"}]}, {"base-branch": "^m"}], ["x"],
                 {"head": "z", "base": "m"}, True, id="a bare one joins the first any"),
    pytest.param([{"all": [{"head-branch": "^a"}]}, {"base-branch": "^m"}], ["x"],
                 {"head": "z", "base": "m"}, False, id="a bare one does not join an all"),
    pytest.param([{"any": []}], ["x"], {}, False, id="an empty any never holds"),
    pytest.param([{"all": []}], ["x"], {}, False, id="an empty all never holds"),
    pytest.param([{"any": [{}]}], ["x"], {}, False, id="an any of nothing never holds"),
    # Without files.
    pytest.param([{"base-branch": "main"}], [], {"base": "main"}, False, id="no files, no label"),
    pytest.param([files(ANY_ALL, "**")], [], {}, False, id="no files match nothing"),
    pytest.param([{"title": "^fix"}], [], {"title": "fix it"}, True, id="a title needs no file"),
    pytest.param([{"title": "x"}, {"all": [files(ALL_ALL, "!docs/**")]}], [], {"title": "x"},
                 False, id="an all of files does not hold without one"),
    # Title.
    pytest.param([{"title": "^fix"}], ["x"], {"title": "fix: the parser"}, True, id="title"),
    pytest.param([{"title": "^fix"}], ["x"], {"title": "Fix: the parser"}, False,
                 id="title, case counts"),
    pytest.param([{"title": "(?i)^fix"}], ["x"], {"title": "Fix: it"}, True, id="title, no case"),
    pytest.param([{"title": ["^fix", "bug"]}], ["x"], {"title": "a bug"}, True, id="titles"),
    pytest.param([{"title": ".*"}], ["x"], {}, False, id="an unknown title matches nothing"),
    # Kinds.
    pytest.param([{"any-file-kind": "docs"}], ["docs/a.md", "a.py"], {}, True, id="any kind"),
    pytest.param([{"all-files-kind": "docs"}], ["docs/a.md", "a.py"], {}, False, id="all kinds"),
    pytest.param([{"all-files-kind": ["docs", "code"]}], ["docs/a.md", "a.py"], {}, True,
                 id="all of two kinds"),
    pytest.param([{"any-file-kind": "tests"}], ["a.py"], {}, False, id="no such kind"),
]  # fmt: skip


@pytest.mark.parametrize(("matches", "paths", "facts", "earned"), MATCHES)
def test_a_label_is_earned_as_labeler_would_have_it(matches, paths, facts, earned):
    changes = decide({"labels": {"x": matches}}, *paths, **facts)
    assert changes.add == (("x",) if earned else ())


def test_the_matrix_is_as_large_as_promised():
    assert len(MATCHES) >= 60


def test_dot_off_passes_over_dotfiles():
    policy = {"labels": {"x": [files(ANY_ANY, "**")]}, "dot": False}
    assert decide(policy, ".github/w.yml").add == ()


def test_the_old_name_of_a_rename_does_not_count():
    moved = PatchedFile(path="src/a", previous_path="docs/a", status=FileStatus.RENAMED)
    policy = {"labels": {"x": [files(ANY_ANY, "docs/**")]}}
    assert decide(policy, patch=PatchSet(files=(moved,))).add == ()


DOCS = {"labels": {"docs": [files(ANY_ANY, "docs/**")]}}
SYNC = {**DOCS, "sync": True}

PRESENT = [
    pytest.param(DOCS, ["docs/a"], ["docs"], [], ((), ()), id="already on"),
    pytest.param(DOCS, ["docs/a"], ["DOCS"], [], ((), ()), id="already on, in other case"),
    pytest.param(DOCS, ["src/a"], ["docs"], ["docs"], ((), ()), id="without sync it stays"),
    pytest.param(SYNC, ["src/a"], ["docs"], ["docs"], ((), ("docs",)), id="sync takes ours off"),
    pytest.param(SYNC, ["src/a"], ["Docs"], ["docs"], ((), ("Docs",)), id="as the pull names it"),
    pytest.param(SYNC, ["src/a"], ["docs"], [], ((), ()), id="sync leaves people's"),
    pytest.param(SYNC, ["src/a"], ["bug"], ["bug"], ((), ()), id="sync leaves what no rule names"),
    pytest.param(SYNC, ["docs/a"], ["docs"], ["docs"], ((), ()), id="sync keeps what holds"),
    pytest.param(SYNC, ["src/a"], [], ["docs"], ((), ()), id="nothing to take off"),
    pytest.param(SYNC, [], ["docs"], ["docs"], ((), ()), id="no files, nothing decided"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "paths", "on", "ours", "expected"), PRESENT)
def test_only_differences_are_asked_for(policy, paths, on, ours, expected):
    changes = decide(policy, *paths, on=on, ours=ours)
    assert (changes.add, changes.remove) == expected


def test_a_cut_list_of_files_takes_no_label_off():
    patch = patch_of("src/a", is_complete=False)
    assert decide(SYNC, patch=patch, on=["docs"], ours=["docs"]) == LabelChanges()


LIMITS = {
    "a": [files(ANY_ANY, "a")],
    "b": [files(ANY_ANY, "b"), {"head-branch": "^h"}],
    "h": [{"head-branch": "^h"}],
}


@pytest.mark.parametrize(
    ("limits", "paths", "on", "added"),
    [
        pytest.param({"changed-files-labels-limit": 2}, "ab", [], ("a", "b", "h"), id="within"),
        pytest.param({"changed-files-labels-limit": 1}, "ab", [], ("h",), id="above: none of them"),
        pytest.param(
            {"changed-files-labels-limit": 1}, "ab", ["a"], ("b", "h"), id="new ones only"
        ),
        pytest.param({"changed-files-labels-limit": 0}, "a", [], ("h",), id="zero"),
        pytest.param({"changed-files-labels-limit": "2"}, "ab", [], ("a", "b", "h"), id="text"),
        pytest.param({"max-files-changed": 2}, "ab", [], ("a", "b", "h"), id="few files"),
        pytest.param({"max-files-changed": 1}, "ab", [], ("h",), id="many files"),
    ],
)
def test_labelers_limits_hold(limits, paths, on, added):
    assert decide({"labels": {**limits, **LIMITS}}, *paths, head="h1", on=on).add == added


def test_above_max_files_changed_nothing_is_taken_off_either():
    policy = {"labels": {"max-files-changed": 1, "x": [files(ANY_ANY, "x")]}, "sync": True}
    assert decide(policy, "a", "b", on=["x"], ours=["x"]).remove == ()


# Size

SIZES = [
    (0, "size/XS"), (9, "size/XS"), (10, "size/S"), (29, "size/S"), (30, "size/M"),
    (99, "size/M"), (100, "size/L"), (499, "size/L"), (500, "size/XL"), (999, "size/XL"),
    (1000, "size/XXL"), (10**6, "size/XXL"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "label"), SIZES, ids=[str(lines) for lines, _ in SIZES])
def test_size_true_means_prows_thresholds(lines, label):
    assert decide({"size": True}, patch=patch_of("a.py", lines=lines)).add == (label,)


def test_there_is_exactly_one_size_label_whoever_put_the_other_on():
    patch = patch_of("a.py", lines=50)
    changes = decide({"size": True}, patch=patch, on=["size/XS", "size/XL", "bug"])
    assert changes == LabelChanges(add=("size/M",), remove=("size/XL", "size/XS"))


def test_generated_and_vendored_lines_do_not_count():
    policy = {"size": True, "kinds": {"generated": ["gen/**"], "vendored": "third/**"}}
    patch = PatchSet(files=(*patch_of("gen/a.py", "third/b.py", lines=900), *patch_of("c.py")))
    assert decide(policy, patch=patch).add == ("size/XS",)


def test_below_the_least_threshold_there_is_no_size_label():
    changes = decide({"size": {"big": 100}}, "a.py", on=["big"])
    assert changes == LabelChanges(remove=("big",))


@pytest.mark.parametrize(
    ("lines", "added"),
    [
        pytest.param(50, (), id="it may be bigger, so the label is left"),
        pytest.param(5000, ("size/XXL",), id="already the largest"),
    ],
)
def test_a_cut_list_of_files_does_not_shrink_the_size(lines, added):
    patch = patch_of("a.py", lines=lines, is_complete=False)
    assert decide({"size": True}, patch=patch).add == added


# Verdicts

SIGN_OFF = {"signoff": {"label": "dco/no"}}


def finding(verdict: Verdict) -> tuple[Finding]:
    return (Finding(check=Check.SIGN_OFF, verdict=verdict, mode=Mode.REQUIRED, summary=""),)


@pytest.mark.parametrize(
    ("verdict", "on", "expected"),
    [
        pytest.param(Verdict.FAIL, [], LabelChanges(add=("dco/no",)), id="fail"),
        pytest.param(Verdict.FAIL, ["dco/no"], LabelChanges(), id="fail, already on"),
        pytest.param(Verdict.PASS, ["dco/no"], LabelChanges(remove=("dco/no",)), id="fixed"),
        pytest.param(Verdict.PASS, [], LabelChanges(), id="pass"),
        pytest.param(Verdict.SKIPPED, ["dco/no"], LabelChanges(), id="not looked at"),
    ],
)
def test_a_checks_label_stands_exactly_while_it_fails(verdict, on, expected):
    assert decide(SIGN_OFF, "a", findings=finding(verdict), on=on) == expected


def test_a_label_that_one_part_wants_is_not_taken_off_by_another():
    policy = {**SIGN_OFF, "labels": {"dco/no": [files(ANY_ANY, "a")]}}
    changes = decide(policy, "a", findings=finding(Verdict.PASS), on=["dco/no"])
    assert changes == LabelChanges()


# At opening

DOCKER = [
    pytest.param("Proposal: plugins", ["a.go"], "status/1-design-review", id="proposal"),
    pytest.param("A proposal", ["docs/a.md"], "status/1-design-review", id="proposal of docs"),
    pytest.param("Fix", ["docs/a.md", "man/x.1.md"], "status/3-docs-review", id="docs and man"),
    pytest.param("Fix", ["docsfoo/x", "contrib/mkimage.sh"], "status/3-docs-review", id="prefixes"),
    pytest.param("Fix", ["experimental/x/y.md"], "status/3-docs-review", id="experimental"),
    pytest.param("Fix", ["man/generate.sh"], "status/0-triage", id="man, but no page"),
    pytest.param("Fix", ["docs/a.md", "a.go"], "status/0-triage", id="docs and code"),
    pytest.param("Fix", ["a.go"], "status/0-triage", id="code"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "paths", "label"), DOCKER)
def test_dockers_preset_puts_one_status_label_on_at_opening(title, paths, label):
    facts = {"title": title, "base": "master"}
    assert decide({"preset": "docker"}, *paths, action="opened", **facts).add == (label,)
    assert decide({"preset": "docker"}, *paths, action="synchronize", **facts).add == ()


def test_dockers_preset_leaves_pull_requests_against_release_alone():
    facts = {"title": "Fix", "base": "release"}
    assert decide({"preset": "docker"}, "a.go", action="opened", **facts).add == ()


def test_a_label_put_on_at_opening_is_never_taken_off():
    on = ["status/0-triage"]
    assert decide({"preset": "docker"}, "a.go", title="Fix", base="master", on=on).remove == ()


# GitHub's limit


def test_no_more_labels_are_asked_for_than_github_keeps():
    labels = {f"l{number}": [files(ANY_ANY, "a")] for number in range(120)}
    on = [f"own{number}" for number in range(30)]
    assert len(decide({"labels": labels}, "a", on=on).add) == 70


def test_what_is_taken_off_makes_room():
    on = [f"own{number}" for number in range(99)] + ["size/S"]
    changes = decide({"size": True}, "a.py", on=on)
    assert changes == LabelChanges(add=("size/XS",), remove=("size/S",))


# Slips

SLIPS = [
    pytest.param([{"changed-file": []}],
                 "labels.x[0].changed-file: unknown key (did you mean changed-files?)", id="key"),
    pytest.param([{"changed-files": [{"any-glob-to-all-file": "a"}]}],
                 "labels.x[0].changed-files[0].any-glob-to-all-file: unknown key"
                 " (did you mean any-glob-to-all-files?)", id="form"),
    pytest.param([{"changed-files": {ANY_ANY: "a"}}],
                 "labels.x[0].changed-files: must be a list (put it into [ ])", id="no list"),
    pytest.param([{"changed-files": "docs/**"}],
                 "labels.x[0].changed-files: must be a list, but is text", id="glob alone"),
    pytest.param({"title": "x"},
                 "labels.x: must be a list of match objects (put it into [ ])", id="object"),
    pytest.param("docs/**", "labels.x: must be a list of match objects", id="text"),
    pytest.param([], "labels.x: must not be empty (such a label would never be put on)",
                 id="nothing"),
    pytest.param([{"head-branch": "("}],
                 "labels.x[0].head-branch: is no regular expression:"
                 " missing ) at position 1", id="pattern"),
    pytest.param([{"any": {"title": "x"}}],
                 "labels.x[0].any: must be a list, but is an object", id="any"),
    pytest.param([{"all": [{"head": "x"}]}],
                 "labels.x[0].all[0].head: unknown key (did you mean head-branch?)", id="in all"),
    pytest.param([{"any-file-kind": "doc"}],
                 'labels.x[0].any-file-kind: must be one of "code", "docs", "tests", "vendored",'
                 ' "generated", "build", "other", but is "doc"', id="kind"),
    pytest.param([{"title": ""}], "labels.x[0].title: must not be empty", id="empty"),
    pytest.param([{"title": 3}], "labels.x[0].title: must be text, but is a number", id="number"),
]  # fmt: skip


@pytest.mark.parametrize(("matches", "fault"), SLIPS)
def test_a_slip_is_told_with_its_place_and_the_way_out(matches, fault):
    with pytest.raises(PolicyError) as caught:
        parse_policy({"labels": {"x": matches}})
    assert [str(each) for each in caught.value.faults] == [fault]


def test_a_pattern_that_does_not_end_costs_its_own_label_only():
    slow = {"all": [{"title": "^(a|aa)+$"}]}
    labels = {f"slow/{number}": [slow] for number in range(9)}
    policy = parse_policy(
        {"labels": {**labels, "docs": [{"changed-files": [{ANY_ANY: "docs/**"}]}]}, "sync": True}
    )
    pull = Pull(title="a" * 200 + "!", labels=frozenset({"slow/1"}))
    file = PatchedFile(path="docs/a.md", status=FileStatus.MODIFIED)
    changes = decide_labels(
        PatchSet(files=(file,)),
        pull,
        policy.labels,
        policy.make_kinds(),
        (),
        our_labels=pull.labels,
    )
    assert (changes.add, changes.remove) == (("docs",), ())
    assert [str(fault) for fault in changes.faults] == [
        f"labels.slow/{number}: the pattern ^(a|aa)+$ takes too long" for number in range(3)
    ]


def test_more_patterns_than_a_look_can_wait_for_are_refused():
    labels = {f"l{number}": [{"title": ["a", "b", "c"]}] for number in range(34)}
    with pytest.raises(PolicyError, match="has 102 patterns of branches and titles, more than 100"):
        parse_policy({"labels": labels})
