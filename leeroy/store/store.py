"""All of what is remembered, behind one name."""

from sqlalchemy import Engine

from leeroy.store.branches import BranchStore
from leeroy.store.builds import BuildStore
from leeroy.store.deliveries import DeliveryStore
from leeroy.store.outbox import OutboxStore
from leeroy.store.people import PeopleStore
from leeroy.store.pulls import PullStore
from leeroy.store.repositories import RepositoryStore
from leeroy.store.retention import RetentionStore
from leeroy.store.sweeps import SweepStore
from leeroy.store.turns import TurnStore
from leeroy.store.words import WordStore


class Store(
    BuildStore,
    WordStore,
    BranchStore,
    DeliveryStore,
    PullStore,
    RepositoryStore,
    PeopleStore,
    TurnStore,
    SweepStore,
    RetentionStore,
    OutboxStore,
):
    """What must be remembered; see the parts it is made of."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine
