"""One commit, several pull requests, a branch and a merge group, two workers, crashes in between.

Hypothesis looks for an order of steps after which GitHub shows something other than the verdict of
all words. Each transaction and each call is one step, and a look may be cut short between any two.
The rules' own part is left out: what each subject has to say just changes.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations, islice

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete, event

from leeroy.config import MergeGroup
from leeroy.database import write
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import SetStatus
from leeroy.deciding.facts import BranchFacts, Facts
from leeroy.deciding.plan import difference
from leeroy.deciding.words import Place, Subject, WordRank, verdict
from leeroy.model import BranchRef, PullRef, Status, StatusState
from leeroy.store import Store
from leeroy.store.tables import statuses, words
from tests.making import HEAD, REPO, a_pull, config, pull_facts

MAIN = BranchRef(REPO, "main")
GROUP = BranchRef(REPO, f"gh-readonly-queue/main/pr-1-{'b' * 40}")
SUBJECTS: list[Subject] = [PullRef(REPO, 1), PullRef(REPO, 2), PullRef(REPO, 3), MAIN, GROUP]
CONTEXTS = ["janky", "docs"]
#: Read once: it takes longer than a look here.
SETTINGS = config()
STATE_OF = {
    WordRank.FAILED: StatusState.FAILURE,
    WordRank.SUCCEEDED: StatusState.SUCCESS,
    WordRank.EXCUSED: StatusState.SUCCESS,
}


@pytest.fixture
def quick(engine: Engine) -> Engine:
    """A database that need not outlive a power cut: some thousand transactions are made here."""

    def hurry(connection, _record):
        connection.execute("PRAGMA synchronous = OFF")

    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", hurry)
        engine.dispose()
    return engine


#: What becomes of a call: GitHub takes it, refuses it, or nobody hears whether it did.
outcomes = st.sampled_from(["taken", "taken", "taken", "refused", "unheard", "lost"])


@dataclass
class Walk:
    """A look, from one step to the next."""

    subject: Subject
    steps: Generator[str, str, None]
    #: What it is about to write; None: nothing now.
    call: tuple[str, Status] | None = None


@dataclass
class World:
    """GitHub's register, and what everybody has to say."""

    store: Store
    shown: dict[str, Status] = field(default_factory=dict)
    #: Rank, and whether somebody vouches for it; nothing: the subject does not have the commit.
    says: dict[tuple[Subject, str], tuple[WordRank, bool]] = field(default_factory=dict)
    due: set[Subject] = field(default_factory=set)
    walks: dict[str, Walk] = field(default_factory=dict)
    changes: int = 0
    mishaps: int = 0
    calls: int = 0
    #: GitHub refuses things and sweeps compare; else nothing but the looks mends what went wrong.
    is_rough: bool = False

    def look(self, subject: Subject) -> Generator[str, str, None]:
        """As ``GitHubApplier`` writes statuses, one step at a time."""
        facts = self.facts(subject)
        decision = difference(facts, self.decide(subject))
        yield "read"
        changed = {(e.sha, e.status.context) for e in decision.effects if isinstance(e, SetStatus)}
        if not changed and not facts.marked and not decision.words:
            return
        begun = self.store.begin_writes(
            subject, decision.words, changed | facts.marked, decision.ends
        )
        self.due.update(other for other in SUBJECTS if str(other) in begun.others)
        yield "begun"
        writes = begun.writes
        while writes:
            written, refused = [], []
            for one in writes:
                self.walks_of(subject).call = one
                outcome = yield "call"
                self.walks_of(subject).call = None
                self.calls += 1
                if outcome in ("taken", "unheard"):
                    self.shown[one[1].context] = one[1]
                if outcome == "taken":
                    written.append(one)
                    continue
                self.mishaps += 1
                if outcome == "refused":
                    refused.append(one)
                else:
                    self.due.add(subject)
            yield "told"
            writes = ()
            if written or refused:
                writes = self.store.end_writes(subject, written, refused, decision.ends)
                yield "recorded"

    def walks_of(self, subject: Subject) -> Walk:
        return next(walk for walk in self.walks.values() if walk.subject == subject)

    def facts(self, subject: Subject) -> Facts:
        heard = self.store.heard(subject, [HEAD])
        known = {"words": heard.words, "written": heard.written, "marked": heard.marked}
        if isinstance(subject, PullRef):
            return pull_facts(SETTINGS, pull=a_pull(ref=subject), **known)
        return BranchFacts(
            ref=subject,
            settings=SETTINGS.for_repo(REPO),
            configured=(),
            head=HEAD,
            group=MergeGroup.parse(subject.branch),
            web_url="https://github.com",
            now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
            **known,
        )

    def decide(self, subject: Subject) -> Decision:
        decision = Decision(is_vouched=isinstance(subject, BranchRef))
        for context in CONTEXTS:
            place: Place = (HEAD, context)
            said = self.says.get((subject, context))
            if said is None:
                decision = decision.taking_back(place).ending(place, "Closed")
                continue
            rank, is_vouched = said
            status = Status(
                context=context,
                state=STATE_OF.get(rank, StatusState.PENDING),
                description=f"{rank.name} of {subject}"[-100:],
            )
            decision = decision.saying(HEAD, status, rank, is_vouched=is_vouched or None)
        return decision

    def step(self, worker: str, outcome: str) -> None:
        walk = self.walks[worker]
        try:
            walk.steps.send(outcome) if walk.call else next(walk.steps)
        except StopIteration:
            del self.walks[worker]

    def begin(self, worker: str, subject: Subject) -> None:
        self.due.discard(subject)
        walk = Walk(subject, self.look(subject))
        self.walks[worker] = walk
        self.step(worker, "")

    def dies(self, worker: str, has_landed: bool = False) -> None:
        """Its process is killed; what it was about to write may have reached GitHub."""
        walk = self.walks.pop(worker)
        if walk.call is not None and has_landed:
            self.shown[walk.call[1].context] = walk.call[1]
            self.calls += 1
        self.mishaps += 1
        self.due.add(walk.subject)

    def settle(self) -> None:
        """Everybody goes on, and nothing goes wrong any more."""
        for worker in list(self.walks):
            while worker in self.walks:
                self.step(worker, "taken")
        while self.due:
            self.begin("settling", min(self.due, key=str))
            while "settling" in self.walks:
                self.step("settling", "taken")


class Machine(RuleBasedStateMachine):
    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.world = fresh_world(self.engine)

    @initialize(is_rough=st.booleans())
    def is_rough(self, is_rough):
        self.world.is_rough = is_rough

    @rule(
        subject=st.sampled_from(SUBJECTS),
        context=st.sampled_from(CONTEXTS),
        said=st.none() | st.tuples(st.sampled_from(WordRank), st.booleans()),
        is_seen=st.booleans(),
    )
    def says(self, subject, context, said, is_seen):
        if said is None:
            self.world.says.pop((subject, context), None)
        else:
            self.world.says[subject, context] = said
        self.world.changes += 1
        self.world.due.add(subject)
        if is_seen:
            self._begin(subject)

    @rule(data=st.data())
    @precondition(lambda self: self.world.due and len(self.world.walks) < 2)
    def begins(self, data):
        self._begin(data.draw(st.sampled_from(sorted(self.world.due, key=str))))

    def _begin(self, subject):
        walks = self.world.walks
        free = [worker for worker in ("one", "two") if worker not in walks]
        if free and all(walk.subject != subject for walk in walks.values()):
            self.world.begin(free[0], subject)

    @rule(data=st.data(), outcome=outcomes, steps=st.integers(1, 4))
    @precondition(lambda self: self.world.walks)
    def goes_on(self, data, outcome, steps):
        if outcome == "refused" and not self.world.is_rough:
            outcome = "taken"
        worker = data.draw(st.sampled_from(sorted(self.world.walks)))
        for _ in range(steps):
            if worker in self.world.walks:
                self.world.step(worker, outcome)

    @rule(data=st.data(), has_landed=st.booleans(), luck=st.integers(0, 3))
    @precondition(lambda self: self.world.walks)
    def dies(self, data, has_landed, luck):
        if luck:
            return
        self.world.dies(data.draw(st.sampled_from(sorted(self.world.walks))), has_landed)

    @rule()
    @precondition(lambda self: self.world.is_rough)
    def the_sweep_compares(self):
        shown = {HEAD: dict(self.world.shown)}
        others = self.world.store.doubt(REPO, shown)
        self.world.due.update(other for other in SUBJECTS if str(other) in others)
        self.world.mishaps += len(others)

    @rule(subject=st.sampled_from(SUBJECTS), luck=st.integers(0, 3))
    def is_given_up(self, subject, luck):
        if luck or any(walk.subject == subject for walk in self.world.walks.values()):
            return
        others = self.world.store.drop_marks(subject)
        self.world.mishaps += 1
        # Somebody tells it of later: a delivery, or the sweep.
        self.world.due.update(other for other in SUBJECTS if str(other) in others)
        self.world.due.add(subject)

    @invariant()
    def one_look_at_a_time_writes_a_context(self):
        assert_one_writes(self.world)

    def teardown(self) -> None:
        world = self.world
        world.settle()
        if world.is_rough:
            # What GitHub refused is tried again when a sweep has compared.
            others = world.store.doubt(REPO, {HEAD: dict(world.shown)})
            world.due.update(other for other in SUBJECTS if str(other) in others)
            world.mishaps += len(others)
            world.settle()
        assert_whole(world)
        assert world.calls <= world.changes + 2 * world.mishaps


def fresh_world(engine: Engine) -> World:
    with write(engine) as connection:
        connection.execute(delete(words))
        connection.execute(delete(statuses))
    return World(Store(engine))


def assert_one_writes(world: World) -> None:
    contexts = [walk.call[1].context for walk in world.walks.values() if walk.call is not None]
    assert len(contexts) == len(set(contexts))


def assert_whole(world: World) -> None:
    """GitHub shows the verdict of all words, and nobody is about to write."""
    heard = world.store.heard(SUBJECTS[0], [HEAD])
    for context in CONTEXTS:
        said = heard.words.get((HEAD, context), ())
        assert {word.subject for word in said} == {
            subject for subject, of in world.says if of == context
        }
        stands = world.shown.get(context)
        if said:
            assert stands == verdict(said, is_said=stands is not None)
        elif stands is not None and not world.is_rough:
            assert stands.state is not StatusState.PENDING
        assert heard.written.get((HEAD, context)) == stands
    assert not heard.marked


def every_interleaving(one: int, two: int) -> Iterator[str]:
    """Each way in which two looks of so many steps may go."""
    for places in combinations(range(one + two), one):
        yield "".join("1" if place in places else "2" for place in range(one + two))


@pytest.mark.parametrize("is_killed", [False, True], ids=["nobody dies", "the first dies"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("SUCCEEDED SUCCEEDED", "FAILED FAILED", id="both fail"),
        pytest.param("FAILED SUCCEEDED", "SUCCEEDED FAILED", id="one fails, one is mended"),
        pytest.param("SUCCEEDED FAILED", "- SUCCEEDED", id="one leaves, one is mended"),
        pytest.param("UNDER_WAY HELD", "- -", id="both leave"),
    ],
)
def test_two_looks_may_meet_in_any_way(quick, before, after, is_killed):
    """Five steps a look: read, begin, call, be told, record; whoever is killed looks again."""
    # PostgreSQL takes ten times as long: one order in thirty.
    one_in = 1 if quick.dialect.name == "sqlite" else 30
    for order in islice(every_interleaving(4 if is_killed else 5, 5), 0, None, one_in):
        for death in [step for step, who in enumerate(order) if who == "1"] if is_killed else [-1]:
            world = fresh_world(quick)
            say(world, before)
            world.settle()
            calls = world.calls
            say(world, after)
            walks = {"1": PullRef(REPO, 1), "2": PullRef(REPO, 2)}
            for step, who in enumerate(order):
                if death == step and who in world.walks:
                    world.dies(who)
                elif who in walks:
                    world.begin(who, walks.pop(who))  # it has read
                elif who in world.walks:
                    world.step(who, "taken")
                assert_one_writes(world)
            world.settle()
            assert_whole(world)
            assert world.calls - calls <= 2 + is_killed, order


def say(world, words_):
    for number, name in enumerate(words_.split(), 1):
        subject = PullRef(REPO, number)
        world.says.pop((subject, "janky"), None)
        if name != "-":
            world.says[subject, "janky"] = (WordRank[name], True)
        world.due.add(subject)


def test_in_any_order_github_shows_the_verdict_of_all_words(quick):
    if quick.dialect.name != "sqlite":
        settings_ = settings(max_examples=10, stateful_step_count=30)
    else:
        settings_ = settings(max_examples=200, stateful_step_count=40)
    machine = type("Bound", (Machine,), {"engine": quick})
    run_state_machine_as_test(
        machine,
        settings=settings(
            settings_,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
