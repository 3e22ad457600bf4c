"""Wrong passwords, counted by address: who guesses waits longer and longer.

A pause is an answer of its own (429), never a thread that sleeps: there are few of those. What was
wrong once and comes again is no guess: browsers and scripts repeat what they know, and on a public
dashboard it may be meant for a proxy in front.
"""

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

#: People mistype.
FREE = 5
#: Seconds of the longest pause; the first is one, and each doubles the last.
LONGEST_PAUSE = 60.0
#: Seconds after which an address begins anew.
FORGET_SECONDS = 3600.0
#: Addresses that are remembered: those that guessed last.
MOST_ADDRESSES = 10_000
#: Wrong passwords of an address that are known again.
MOST_REPEATED = 16


@dataclass(kw_only=True)
class _Guesser:
    wrong: int = 0
    last: float = 0.0
    pause_until: float = 0.0
    #: Keyed digests, the newest last.
    seen: list[bytes] = field(default_factory=list)


class Guesses:
    """Who guessed how often; of one process, and in no more memory than said above."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._guessers: OrderedDict[str, _Guesser] = OrderedDict()

    def pause(self, address: str) -> float:
        """Seconds for which nothing from this address is tried; 0: it may."""
        with self._lock:
            guesser = self._guesser(address)
            return max(0.0, guesser.pause_until - self._clock()) if guesser else 0.0

    def add(self, address: str, guess: str) -> int:
        """It was wrong; how many were by now."""
        digest = hmac.digest(self._key, guess.encode(), "sha256")
        with self._lock:
            guesser = self._guesser(address) or _Guesser()
            self._guessers[_network(address)] = guesser
            self._guessers.move_to_end(_network(address))
            if len(self._guessers) > MOST_ADDRESSES:
                self._guessers.popitem(last=False)
            if digest not in guesser.seen:
                guesser.seen = [*guesser.seen, digest][-MOST_REPEATED:]
                guesser.wrong += 1
                guesser.last = self._clock()
                more = guesser.wrong - FREE
                if more > 0:
                    guesser.pause_until = guesser.last + min(
                        2.0 ** min(more - 1, 10), LONGEST_PAUSE
                    )
            return guesser.wrong

    def forget(self, address: str) -> None:
        """Somebody there knows the password."""
        with self._lock:
            self._guessers.pop(_network(address), None)

    def __len__(self) -> int:
        return len(self._guessers)

    def _guesser(self, address: str) -> _Guesser | None:
        found = self._guessers.get(_network(address))
        if found is not None and found.last < self._clock() - FORGET_SECONDS:
            del self._guessers[_network(address)]
            return None
        return found


def _network(address: str) -> str:
    """Whose address it is: one person has 2**64 of the new kind.

    >>> _network("10.1.2.3"), _network("2001:db8::1"), _network("::ffff:10.1.2.3"), _network("")
    ('10.1.2.3', '2001:db8::/64', '10.1.2.3', '')
    """
    try:
        peer = ip_address(address)
    except ValueError:
        return ""
    if isinstance(peer, IPv6Address):
        if peer.ipv4_mapped is not None:
            return str(peer.ipv4_mapped)
        return str(ip_network((peer, 64), strict=False))
    return str(peer)
