"""The ``patchparser`` command, for a contributor's terminal, for hooks and for any CI.

Exit codes: 0 nothing is missing, 1 something is (``--fail-on`` says whether advice counts), 2 the
input is wrong. What only one way of running needs is imported there: a hook that takes long gets
switched off, and so does one that stops people for advice.
"""

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from patchparser.report import Report

#: report.Format's words, known here so that --help needs nothing of the library.
FORMATS = ("text", "json", "markdown", "github", "rdjsonl")

FILE = click.Path(path_type=str, allow_dash=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leeroy", prog_name="patchparser")
def cli() -> None:
    """Say what a pull request is missing: a sign-off, docs, tests."""


@cli.command()
@click.argument("range", required=False, default="")
@click.option("--diff", type=FILE, help="A unified diff instead of a checkout; - reads stdin.")
@click.option("--files", type=FILE, help="GitHub's pulls/N/files array instead of a diff.")
@click.option("--commits", type=FILE, help="GitHub's pulls/N/commits array.")
@click.option("--pull", type=FILE, help="GitHub's pull request object, or an event that has one.")
@click.option("--policy", type=FILE, help="The policy, or a config.json with one.")
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--action", default=None, help="The event's action; opened adds its labels.")
@click.option("--our-label", multiple=True, help="A label we put on, which sync may take off.")
@click.option(
    "--fail-on",
    type=click.Choice(("any", "required")),
    help="What makes the exit code 1; by default anything, with --message what is required.",
)
@click.option("--message", type=FILE, help="Only check a commit message, as a commit-msg hook.")
@click.pass_context
def check(
    context: click.Context,
    /,
    message: str | None,
    format: str,
    fail_on: str | None,
    **given: Any,
) -> None:
    """Check the commits of RANGE (BASE..HEAD; by default all that origin does not have).

    In a git checkout nothing else is needed. Elsewhere give --diff or --files.
    """
    _refuse_contradictions(message, given)
    report = _check_message(message, given) if message is not None else _check_pull(given)
    from patchparser.report import Format

    click.echo(report.to(Format(format), color=True))  # click takes colour away from a pipe
    only_required = (fail_on or ("any" if message is None else "required")) == "required"
    context.exit(int(report.has_required if only_required else not report.is_clean))


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--policy", type=FILE, help="The policy, or a config.json with one.")
def explain(paths: tuple[str, ...], policy: str | None) -> None:
    """Say which kind and labels a PATH gets, and which rule says so."""
    from patchparser import inputs
    from patchparser.attributes import Attributes
    from patchparser.label_rules import Subject
    from patchparser.quoting import plain, plain_start

    checkout = inputs.find_checkout()
    settings = inputs.read_policy_file(policy, checkout)
    names = [inputs.path_in_checkout(path, checkout) for path in paths]
    kinds = settings.make_kinds(checkout.read_attributes(names) if checkout else Attributes())
    for path in names:
        kind, rule = kinds.explain(path)
        click.echo(f"{plain_start(path)}: {kind} ({plain(rule)})")
        subject = Subject(files={path: kind}, dot=settings.dot)
        for label_rule in settings.labels.rules.rules:
            # Of a path alone no branch and no title is known, so no pattern is tried.
            if label_rule.holds(subject):
                reason = plain(label_rule.reason(subject))
                click.echo(f"{plain_start(path)}: label {plain(label_rule.label)} ({reason})")


def main() -> None:
    """Run the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A name that the terminal's encoding lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="patchparser")


def _refuse_contradictions(message: str | None, given: dict[str, Any]) -> None:
    files = [name for name in ("diff", "files") if given[name]]
    if len(files) == 2:
        raise click.UsageError("--diff and --files say the same thing; give one of them")
    if given["range"] and files:
        raise click.UsageError(f"a RANGE is read from the checkout, but --{files[0]} is given too")
    if message is not None and (given["range"] or files or given["commits"] or given["pull"]):
        raise click.UsageError("--message checks one message and takes only --policy and --format")
    inputs = [given[name] for name in ("diff", "files", "commits", "pull", "policy")]
    if [*inputs, message].count("-") > 1:
        raise click.UsageError("stdin can be read once: give - to one option only")


def _check_pull(given: dict[str, Any]) -> "Report":
    from patchparser import inputs
    from patchparser.check import run_checks
    from patchparser.hunks import PatchError

    checkout = inputs.find_checkout()
    policy = inputs.read_policy_file(given["policy"], checkout)
    asked = inputs.read_pull_file(given["pull"]) if given["pull"] else inputs.Asked()
    commits = inputs.read_commits_file(given["commits"]) if given["commits"] else None
    pull = asked.pull
    if given["diff"] or given["files"]:
        patch = inputs.read_patch_file(given["diff"], given["files"], asked.totals)
        kinds = policy.make_kinds()
    else:
        branch = inputs.read_branch(checkout, given["range"])
        patch = branch.patch
        kinds = policy.make_kinds(branch.attributes)
        commits = branch.commits if commits is None else commits
        pull = pull if given["pull"] else branch.pull
    # The command cannot know who put a label on: whoever asks for sync means all of them.
    our_labels = frozenset(given["our_label"]) or pull.labels
    action = given["action"] or asked.action
    try:
        return run_checks(patch, pull, commits, policy, kinds, our_labels=our_labels, action=action)
    except PatchError as exc:  # the lines of a file are only read when a check asks for them
        raise inputs.WrongInput(f"{given['diff'] or given['files']}: {exc}") from exc


def _check_message(file: str, given: dict[str, Any]) -> "Report":
    from patchparser import inputs
    from patchparser.check import check_message

    checkout = inputs.find_checkout()
    policy = inputs.read_policy_file(given["policy"], checkout)
    return check_message(
        inputs.read_message_file(file),
        policy,
        people=checkout.identities() if checkout else None,
        is_merge=checkout.is_merging() if checkout else False,
        file=file,
    )
