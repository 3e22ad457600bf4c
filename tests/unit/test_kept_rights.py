"""For how long it counts what GitHub said of a person's rights."""

from types import SimpleNamespace

import pytest

from leeroy.errors import NotFound, Transient
from leeroy.model import Permission
from leeroy.worker.reading.people import KEPT_SECONDS, REFUSED_SECONDS, People
from tests.making import REPO


class World:
    """GitHub as far as rights go, and a clock."""

    def __init__(self) -> None:
        self.rights: Permission | Exception = Permission.READ
        self.asked = 0
        self.now = 100.0
        self.people = People(
            github=SimpleNamespace(permission=self._permission),
            store=None,
            login_for=lambda _: "leeroy-bot",
            clock=lambda: self.now,
        )

    def _permission(self, _repo: str, _login: str) -> Permission:
        self.asked += 1
        if isinstance(self.rights, Exception):
            raise self.rights
        return self.rights

    def ask(self, **how: bool) -> Permission:
        return self.people.permission(REPO, "Mary", **how)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("rights", "seconds"), [(Permission.WRITE, KEPT_SECONDS), (Permission.READ, REFUSED_SECONDS)]
)
def test_a_right_is_kept_for_minutes_and_a_refusal_for_seconds(world, rights, seconds):
    world.rights = rights
    world.ask()
    world.rights = Permission.ADMIN
    world.now += seconds - 0.1
    assert world.ask() is rights
    world.now += 0.2
    assert world.ask() is Permission.ADMIN
    assert world.asked == 2


def test_who_is_not_known_has_none_and_is_asked_for_again_soon(world):
    world.rights = NotFound("no such user")
    assert world.ask() is Permission.NONE
    world.rights = Permission.WRITE
    world.now += REFUSED_SECONDS
    assert world.ask() is Permission.WRITE


def test_asked_anew_it_is_never_taken_from_memory_and_is_remembered(world):
    world.rights = Permission.WRITE
    world.ask()
    world.rights = Permission.READ
    assert world.ask(anew=True) is Permission.READ
    assert world.ask() is Permission.READ
    assert world.asked == 2


def test_what_github_did_not_say_is_not_remembered(world):
    world.rights = Transient("away")
    with pytest.raises(Transient):
        world.ask(anew=True)
    world.rights = Permission.WRITE
    assert world.ask() is Permission.WRITE
