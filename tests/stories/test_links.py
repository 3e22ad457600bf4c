"""Where statuses lead: to Jenkins, and where there is no build to our own page about the why."""

from tests.stories.test_trust_and_commands import open_fork_pull
from tests.stories.world import REPO


def links(world, number):
    """The link of each newest status of the head, by context."""
    shown = world.github.statuses(REPO, world.head(number)).latest
    return {context: status.target_url for context, status in shown.items()}


def test_a_status_without_a_build_leads_to_our_page_and_one_with_a_build_to_jenkins(arrange):
    world = arrange(
        public_url="https://leeroy.test/", patchparser={"signoff": {"mode": "required"}}
    )
    number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
    ours = f"https://leeroy.test/pulls/{REPO}/{number}"
    assert links(world, number)["janky"] == ours
    writes = len(world.github.calls.writes())
    world.look_again(number)
    world.settle()
    assert len(world.github.calls.writes()) == writes
    other = world.open_pull("other")
    world.settle()
    assert links(world, other)["janky"].endswith("/job/ci/job/widgets/")


def test_without_an_address_of_ours_there_is_no_link(arrange):
    world = arrange()
    number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
    assert not links(world, number)["janky"]
