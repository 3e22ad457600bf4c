"""The queue against a model of it, in any order of events, as two processes use it.

The model keeps lists and says what a reader of the promises would expect; hypothesis looks for an
order of events in which the database says otherwise.
"""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete

from leeroy.database import write
from leeroy.hints import OtherHint
from leeroy.model import lane_of
from leeroy.queue import LeaseLost, Look, NewHint, Queue
from leeroy.queue.tables import hints, subjects
from tests.examples import examples

LEASE = 30.0
MAX_ATTEMPTS = 3
SAME_DELIVERY = 60

workers = st.sampled_from(["one", "two"])
names = st.sampled_from(["acme/widgets#1", "acme/widgets#2", "sweep"])
news = st.lists(
    st.fixed_dictionaries(
        {
            "subject": names,
            "delivery": st.sampled_from(["", "", "G1", "G2"]),
            "delay": st.sampled_from([0.0, 0.0, 5.0, 70.0]),
            "priority": st.sampled_from([-1, 0, 1]),
        }
    ),
    min_size=1,
    max_size=3,
)


@dataclass
class ModelHint:
    kind: str
    delivery: str
    due: float
    priority: int
    handled: float | None = None
    error: str | None = None


@dataclass
class ModelSubject:
    hints: list[ModelHint] = field(default_factory=list)
    #: When a look or a pause asked for the next one.
    look_at: float | None = None
    #: What a failed look waits with; it has seen these.
    paused: list[ModelHint] = field(default_factory=list)
    priority: int = 0
    #: Its place among those of its priority.
    turn: float = 0.0
    attempts: int = 0
    look: Look | None = None
    leased_until: float = 0.0

    @property
    def in_work(self) -> list[ModelHint]:
        return [hint for hint in self.hints if hint.handled is None]

    @property
    def due(self) -> float | None:
        seen = [id(hint) for hint in self.paused]
        dues = [hint.due for hint in self.in_work if id(hint) not in seen]
        dues += [] if self.look_at is None else [self.look_at]
        return min(dues, default=None)

    def visible(self, now: float) -> list[ModelHint]:
        return [hint for hint in self.in_work if hint.due <= now]

    def is_waiting(self, now: float) -> bool:
        is_free = self.look is None or self.leased_until <= now
        return is_free and self.due is not None and self.due <= now


class QueueMachine(RuleBasedStateMachine):
    def __init__(self, engine: Engine) -> None:
        super().__init__()
        with write(engine) as connection:
            connection.execute(delete(hints))
            connection.execute(delete(subjects))
        self.now = 1_000_000.0
        self.queues = {
            name: Queue(
                engine,
                name=name,
                lease_seconds=LEASE,
                max_attempts=MAX_ATTEMPTS,
                clock=lambda _connection: self.now,
            )
            for name in ("one", "two")
        }
        self.model: dict[str, ModelSubject] = {}
        #: Looks begun and not ended, also those whose lease was lost since.
        self.looks: list[tuple[Look, list[ModelHint]]] = []
        self.count = 0

    # What may happen

    @rule(worker=workers, news=news)
    def put(self, worker, news):
        self.count += 1
        new = [
            NewHint(hint=OtherHint(kind=f"{self.count}.{index}"), **one)
            for index, one in enumerate(news)
        ]
        # Subjects are held in one order, and take their turns in it.
        order = sorted(range(len(new)), key=lambda index: new[index].subject)
        expected = {index: self.put_in_model(new[index]) for index in order}
        assert self.queues[worker].put_all(new) == [expected[i] for i in range(len(new))]

    def put_in_model(self, new: NewHint) -> bool:
        subject = self.model.setdefault(new.subject, ModelSubject())
        for hint in subject.hints:
            is_recent = hint.handled is None or hint.handled > self.now - SAME_DELIVERY
            if new.delivery and hint.delivery == new.delivery and is_recent:
                return False
        self.line_up_in_model(new.subject, self.now + new.delay)
        was_idle = subject.due is None
        subject.priority = new.priority if was_idle else min(subject.priority, new.priority)
        subject.attempts = 0
        subject.hints.append(
            ModelHint(new.hint.kind, new.delivery, self.now + new.delay, new.priority)
        )
        return True

    @rule(worker=workers)
    def take(self, worker):
        look = self.queues[worker].take()
        best = self.best_in_model()
        while best is not None and self.model[best].attempts >= MAX_ATTEMPTS:
            seen = self.model[best].visible(self.now)
            self.give_up_in_model(best, seen, "every look at it was cut short")
            best = self.best_in_model()
        assert (look and look.subject) == best
        if look is None or best is None:
            return
        subject = self.model[best]
        subject.attempts += 1
        seen = subject.visible(self.now)
        assert [kept.hint.kind for kept in look.hints] == [hint.kind for hint in seen]
        assert look.attempts == subject.attempts
        subject.look, subject.leased_until = look, self.now + LEASE
        self.looks.append((look, seen))

    def best_in_model(self) -> str | None:
        waiting = [
            (subject.priority, subject.turn, subject.due, name)
            for name, subject in self.model.items()
            if subject.is_waiting(self.now)
        ]
        return min(waiting)[3] if waiting else None

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), worker=workers, again_in=st.sampled_from([None, None, 0.0, 20.0]))
    def done(self, data, worker, again_in):
        look, seen, subject = self.pick(data)
        if self.is_refused(look, lambda: self.queues[worker].done(look, again_in=again_in)):
            return
        for hint in seen:
            hint.handled, hint.error = self.now, None
        subject.look_at = None if again_in is None else self.now + again_in
        self.end_in_model(subject, attempts=0)

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), worker=workers, retry_after=st.sampled_from([None, None, 0.0, 40.0]))
    def again(self, data, worker, retry_after):
        look, seen, subject = self.pick(data)

        def end() -> None:
            queue = self.queues[worker]
            is_due = queue.again(look, error="Jenkins is away", retry_after=retry_after)
            assert is_due == (subject.attempts < MAX_ATTEMPTS)

        if self.is_refused(look, end):
            return
        if subject.attempts >= MAX_ATTEMPTS:
            self.give_up_in_model(look.subject, seen, "Jenkins is away")
            return
        for hint in seen:
            hint.error = "Jenkins is away"
        pause = 2.0 ** (max(1, subject.attempts) - 1) if retry_after is None else retry_after
        subject.look_at = self.now + pause
        self.end_in_model(subject, attempts=subject.attempts, paused=seen)

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), worker=workers)
    def release(self, data, worker):
        look, _, subject = self.pick(data)
        if self.is_refused(look, lambda: self.queues[worker].release(look)):
            return
        attempts = max(0, subject.attempts - 1)
        self.end_in_model(subject, attempts=attempts, paused=subject.paused)

    @precondition(lambda self: self.looks)
    @rule(data=st.data(), worker=workers)
    def extend(self, data, worker):
        look, _, subject = self.pick(data)
        if not self.is_refused(look, lambda: self.queues[worker].extend(look)):
            subject.leased_until = self.now + LEASE

    @rule(worker=workers, name=names)
    def retry(self, worker, name):
        subject = self.model.setdefault(name, ModelSubject())
        failed = [hint for hint in subject.hints if hint.error is not None]
        assert self.queues[worker].retry(name) == len(failed)
        if failed:
            self.line_up_in_model(name, self.now)
            was_idle = subject.due is None
            subject.priority = 0 if was_idle else min(subject.priority, 0)
            subject.attempts = 0
            subject.paused = []
            for hint in failed:
                hint.handled, hint.error, hint.due = None, None, self.now

    @rule(worker=workers, older_than=st.sampled_from([0.0, 50.0]))
    def purge(self, worker, older_than):
        old = self.now - older_than
        count = 0
        for subject in self.model.values():
            kept = [hint for hint in subject.hints if hint.handled is None or hint.handled >= old]
            count += len(subject.hints) - len(kept)
            subject.hints = kept
        assert self.queues[worker].purge(older_than) == count

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.0, 29.0, 31.0, 61.0]))
    def time_passes(self, seconds):
        self.now += seconds

    # What is always so

    @invariant()
    def the_queue_waits_with_what_the_model_waits_with(self):
        waiting = [subject.due for subject in self.model.values() if subject.is_waiting(self.now)]
        queue = self.queues["one"]
        assert queue.depth() == len(waiting)
        assert queue.oldest_due_age() == self.now - min(waiting, default=self.now)

    @invariant()
    def no_hint_is_lost_or_marked_by_the_wrong_look(self):
        expected = [
            (hint.kind, hint.handled, hint.error)
            for subject in self.model.values()
            for hint in subject.hints
        ]
        found = self.queues["two"].recent_hints(1000)
        assert Counter((kept.hint.kind, kept.handled, kept.error) for kept in found) == Counter(
            expected
        )

    def teardown(self):
        """Whatever happened: time and one good worker bring the queue to rest, all handled."""
        queue = self.queues["one"]
        for _ in range(50):
            self.now += 1000.0
            while look := queue.take():
                queue.done(look)
        assert queue.depth() == 0
        assert all(hint.handled is not None for hint in queue.recent_hints(1000))

    # How the model does it

    def pick(self, data) -> tuple[Look, list[ModelHint], ModelSubject]:
        look, seen = data.draw(st.sampled_from(self.looks))
        return look, seen, self.model[look.subject]

    def is_refused(self, look: Look, end) -> bool:
        if self.model[look.subject].look is look:
            end()
            return False
        try:
            end()
        except LeaseLost:
            self.looks = [item for item in self.looks if item[0] is not look]
            return True
        raise AssertionError("a look that lost its lease was obeyed")

    def line_up_in_model(self, name: str, due: float) -> None:
        """Behind all of its repository that is due by then, where it was not to be due itself."""
        subject = self.model[name]
        before = [
            other.turn + 1
            for other_name, other in self.model.items()
            if other_name != name
            and lane_of(other_name) == lane_of(name)
            and other.due is not None
            and other.due <= due
        ]
        turn = max(due, *before) if before else due
        if subject.due is None or (subject.due > due and subject.turn > turn):
            subject.turn = turn

    def give_up_in_model(self, name: str, seen: list[ModelHint], error: str) -> None:
        subject = self.model[name]
        if not seen:
            seen = [ModelHint(kind="again", delivery="", due=self.now, priority=0)]
            subject.hints += seen
        for hint in seen:
            hint.handled, hint.error = self.now, error
        subject.look_at = None
        self.end_in_model(subject, attempts=0)

    def end_in_model(self, subject: ModelSubject, *, attempts: int, paused=()) -> None:
        self.looks = [item for item in self.looks if item[0] is not subject.look]
        subject.look = None
        subject.turn = max(subject.turn, self.now)
        subject.attempts = attempts
        subject.paused = list(paused)
        priorities = [hint.priority for hint in subject.in_work]
        subject.priority = min(priorities, default=subject.priority)


def test_no_order_of_events_loses_a_hint_or_gives_a_subject_to_two_workers(engine):
    run_state_machine_as_test(
        lambda: QueueMachine(engine),
        settings=settings(
            max_examples=examples(10),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
