"""What happens in the demo, scene by scene: a new one is a function, a line in SCENES, and what
must stand in the end, in ``expectations.py``."""

from collections.abc import Callable

from leeroy.demo import cast
from leeroy.demo.expectations import (
    AT_THE_END,
    PRICES_FAIL,
    RETURNS,
    ROUNDER,
    SIZES_WAIT,
    WEIGHT_LACKS,
    differences,
)
from leeroy.demo.narrator import Narrator
from leeroy.demo.stage import Stage, TookTooLong

ALICE = "Signed-off-by: Alice <alice@example.com>"
BOB = "Signed-off-by: Bob <bob@example.com>"
CAROL = "Signed-off-by: Carol <carol@example.com>"
DAVE = "Signed-off-by: Dave <dave@example.com>"

HALF_UP = '''

def rounded(weight):
    """A weight in whole grams, half a gram up."""
    return int(weight + 0.5)
'''
TEST_HALF_UP = """import unittest

from widgets import rounded


class Rounded(unittest.TestCase):
    def test_half_a_gram_goes_up(self):
        self.assertEqual([rounded(2.4), rounded(2.5)], [2, 3])
"""
BAGS = '''

def bags(widgets, size):
    """How many full bags of this size the widgets make."""
    return {formula}
'''
TEST_BAGS = """import unittest

from widgets import bags


class Bags(unittest.TestCase):
    def test_a_bag_that_is_not_full_stays_here(self):
        self.assertEqual(bags(25, size=12), 2)
"""
BAGS_DOCS = "# Bags\n\nOnly full bags are sent.\n"
#: The docs of bob's first push take for ever; nobody has to wait for them.
SLOW_DOCS = cast.BUILD_DOCS.replace("mkdir -p site", "mkdir -p site\nsleep 600")
WEIGHT = cast.PROGRAM.replace(
    "    order = parser",
    '    parser.add_argument("--weight", type=float, help="of one widget, in grams")\n'
    "    order = parser",
).replace(
    "    print(boxes(order.widgets, order.size))\n",
    "    print(boxes(order.widgets, order.size))\n"
    "    if order.weight is not None:\n"
    "        total = order.widgets * order.weight\n"
    '        print(f"{total:.0f} g")\n'
    "    return 0\n",
)
TEST_WEIGHT = """import io
import unittest
from contextlib import redirect_stdout

from order import main


class Weight(unittest.TestCase):
    def test_the_weight_is_of_all_widgets(self):
        with redirect_stdout(io.StringIO()) as printed:
            main(["25", "--weight", "2.5"])
        self.assertEqual(printed.getvalue(), "3\\n62 g\\n")
"""
SIZES = "# Sizes\n\nA box holds twelve.\n"
TEST_SIZES = """import unittest

from widgets import boxes


class Sizes(unittest.TestCase):
    def test_a_dozen_is_one_box(self):
        self.assertEqual(boxes(12, size=12), 1)
"""
PRICES = "12.50 25.00\n"
TEST_PRICES = """import os
import unittest
from pathlib import Path


class Prices(unittest.TestCase):
    def test_nothing_is_for_free(self):
        prices = Path(os.environ["SHARED"], "prices.txt").read_text().split()
        self.assertTrue(all(float(price) > 0 for price in prices))
"""
PRICES_DOCS = "# Prices\n\nNothing is for free.\n"
RETURNS_DOCS = "# Returns\n\nSend widgets back in the box they came in.\n"
WEIGHT_DOCS = cast.USAGE + "`--weight` is the weight of one widget in grams.\n"


def a_pull_request_that_is_good(stage: Stage, narrator: Narrator) -> None:
    """Alice's change is tested; the docs job has nothing to do."""
    narrator.scene("alice opens a pull request: code and a test, no docs")
    files = {"widgets.py": cast.WIDGETS + HALF_UP, "tests/test_rounded.py": TEST_HALF_UP}
    title = "Round weights half up"
    stage.open_pull("alice", "round", title, files, f"{title}\n\n{ALICE}")
    stage.settle()


def a_test_that_fails(stage: Stage, narrator: Narrator) -> None:
    """Bob's change breaks a test; his next push mends it, and the build of the first is stopped."""
    narrator.scene("bob opens a pull request whose test fails, and whose docs take for ever")
    files = {
        "widgets.py": cast.WIDGETS + BAGS.format(formula="widgets // size + 1"),
        "tests/test_bags.py": TEST_BAGS,
        "docs/bags.md": BAGS_DOCS,
        "docs/build.sh": SLOW_DOCS,
    }
    title = "Pack widgets into bags"
    number = stage.open_pull("bob", "bags", title, files, f"{title}\n\n{BOB}")
    head = stage.heads[number][0]
    stage.patience.until(
        "the tests to end, and the docs to begin",
        lambda: _is_over(stage, head, cast.TEST) and _runs(stage, cast.DOCS_JOB),
    )
    narrator.scene("bob mends it and pushes, while the docs of his first push are still built")
    mended = {
        "widgets.py": cast.WIDGETS + BAGS.format(formula="widgets // size"),
        "docs/build.sh": cast.BUILD_DOCS,
    }
    stage.push(number, mended, f"Count full bags only\n\n{BOB}")
    stage.settle()


def something_is_missing(stage: Stage, narrator: Narrator) -> list[str]:
    """Carol's change has no sign-off, no test and no docs; her next push has all of them."""
    narrator.scene("carol opens a pull request without sign-off, tests and docs")
    title = "Say what an order weighs"
    number = stage.open_pull("carol", "weight", title, {"order.py": WEIGHT}, title)
    stage.settle()
    differing = list(differences(WEIGHT_LACKS, stage.standing()))
    narrator.comment(number)
    narrator.scene("carol does as the comment says, and pushes by force")
    whole = {
        "order.py": WEIGHT,
        "tests/test_weight.py": TEST_WEIGHT,
        "docs/usage.md": WEIGHT_DOCS,
    }
    stage.push(number, whole, f"{title}\n\n{CAROL}", parents=("main",))
    stage.settle()
    narrator.comment(number)
    return differing


def a_build_that_fails_for_no_fault_of_the_change(stage: Stage, narrator: Narrator) -> list[str]:
    """What bob's test reads is away for a moment; /retest builds what failed, and no more."""
    narrator.scene("bob opens a pull request, while the disk that all builds share is away")
    title = "Test that nothing is for free"
    files = {"tests/test_prices.py": TEST_PRICES, "docs/prices.md": PRICES_DOCS}
    number = stage.open_pull("bob", "prices", title, files, f"{title}\n\n{BOB}")
    stage.settle()
    differing = list(differences(PRICES_FAIL, stage.standing()))
    narrator.scene("the disk is back, and alice comments /retest")
    disk = cast.shared_disk(stage.folder)
    disk.mkdir()
    (disk / "prices.txt").write_text(PRICES)
    stage.github.comment(cast.REPO, number, "alice", "It was the disk.\n\n/retest")
    stage.settle()
    return differing


def a_page_and_no_code(stage: Stage, narrator: Narrator) -> None:
    """The tests' status is there without a build, so branch protection may require it."""
    narrator.scene("carol opens a pull request with a page and no code: nothing to test")
    title = "Say how to send widgets back"
    files = {"docs/returns.md": RETURNS_DOCS}
    stage.open_pull("carol", "returns", title, files, f"{title}\n\n{CAROL}")
    stage.settle()


def pushes_to_main(stage: Stage, narrator: Narrator) -> None:
    """Each push is given to people as a binary, and its docs as pages where they changed."""
    narrator.scene(f"alice merges #{ROUNDER}, which is code: main's binaries are built")
    stage.merge(ROUNDER, "alice")
    stage.settle()
    narrator.scene(f"alice merges #{RETURNS}, which is a page: main's docs are built too")
    stage.merge(RETURNS, "alice")
    stage.settle()


def a_build_once_more(stage: Stage, narrator: Narrator) -> None:
    """Somebody asks for a build again by HTTP, as with docker/leeroy."""
    body = {"number": 1, "repo": cast.REPO, "context": cast.TEST}
    narrator.scene(f"an operator asks for {cast.TEST} of #1 once more")
    narrator.shell(narrator.curl("/build/retry", body, stage.keys.password))
    status = stage.ask("/build/retry", body)
    narrator.tell("Leeroy", f"answered {status}")
    stage.settle()


def a_stranger_waits(stage: Stage, narrator: Narrator) -> list[str]:
    """Nobody knows dave: nothing of his runs before a maintainer has looked."""
    narrator.scene(f"{cast.STRANGER}, whom nobody knows, opens a pull request from a fork")
    title = "Explain sizes"
    files = {"docs/sizes.md": SIZES, "tests/test_sizes.py": TEST_SIZES}
    number = stage.open_pull(
        cast.STRANGER, "sizes", title, files, f"{title}\n\n{DAVE}", is_fork=True
    )
    stage.settle()
    differing = list(differences(SIZES_WAIT, stage.standing()))
    narrator.scene("alice has looked at it, and comments /ok-to-test")
    stage.github.comment(cast.REPO, number, "alice", "Looks harmless.\n\n/ok-to-test")
    stage.settle()
    return differing


Scene = Callable[[Stage, Narrator], list[str] | None]

SCENES: tuple[Scene, ...] = (
    a_pull_request_that_is_good,
    a_test_that_fails,
    something_is_missing,
    a_stranger_waits,
    a_build_that_fails_for_no_fault_of_the_change,
    a_page_and_no_code,
    a_build_once_more,
    pushes_to_main,
)


def perform(stage: Stage, narrator: Narrator) -> tuple[str, ...]:
    """Play every scene; what came out otherwise than expected, line by line."""
    found: list[str] = []
    try:
        for scene in SCENES:
            found += scene(stage, narrator) or []
    except TookTooLong as exc:
        found.append(str(exc))
    narrator.catch_up()
    found += differences(AT_THE_END, stage.standing())
    return tuple(dict.fromkeys(found))


def _is_over(stage: Stage, sha: str, context: str) -> bool:
    return stage.statuses(sha).get(context, "pending") != "pending"


def _runs(stage: Stage, job: str) -> bool:
    return any(build.building for build in stage.jenkins.builds(job))
