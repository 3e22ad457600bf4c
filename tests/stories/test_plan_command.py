"""`leeroy plan`: what would be done and why, and what is missing, without doing any of it."""

from click.testing import CliRunner

from leeroy.cli.main import group
from tests.stories.world import REPO


def test_the_plan_shows_effects_reasons_and_the_report_and_does_nothing(arrange):
    world = arrange(patchparser={"signoff": {"mode": "required"}, "tests": {"min_lines": 1}})
    world.github.hold_deliveries()
    number = world.open_pull(files={"src/widget.py": "def widget():\n    return 1\n"})
    world.github.calls.clear()
    settings = str(world.services.config.source)
    told = CliRunner().invoke(group, ["--config", settings, "plan", f"{REPO}#{number}"])
    assert told.exit_code == 0, told.output
    for line in (
        "because janky: no build of",
        "trigger ci/widgets for janky",
        "set janky pending",
        "set patchparser/signoff failure",
        "post the hygiene comment",
        "The sign-off is missing",
    ):
        assert line in told.output, told.output
    assert world.github.calls.writes() == []
    assert len(world.jenkins.calls) == 0
    world.github.release()
    world.settle()
