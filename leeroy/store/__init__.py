"""What must be remembered: deliveries, builds, statuses, comments, and what each look decided.

The truth about what Leeroy did; there is no second ledger. Every method is one short transaction.
"""

from leeroy.store.builds import BuildStore, KeptStatus
from leeroy.store.deliveries import DeliveryStore, KeptDelivery
from leeroy.store.people import KeptTrust
from leeroy.store.pulls import KeptLook, KeptPull, PullStore
from leeroy.store.store import Store
from leeroy.store.words import Begun, Heard, WordStore

__all__ = [
    "Begun",
    "BuildStore",
    "DeliveryStore",
    "Heard",
    "KeptDelivery",
    "KeptLook",
    "KeptPull",
    "KeptStatus",
    "KeptTrust",
    "PullStore",
    "Store",
    "WordStore",
]
