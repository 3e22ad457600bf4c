"""patchparser's policy inside our settings: the only place that knows patchparser reads it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from leeroy.errors import Fault

if TYPE_CHECKING:
    from patchparser.policy import Policy


def read_policy(policy: Mapping[str, Any], *, path: str = "patchparser") -> "Policy":
    """The policy, typed; PolicyError when it has faults."""
    # Imported here: who checks nothing need not wait for it.
    from patchparser.policy import parse_policy

    return parse_policy(policy, path=path)


def policy_faults(policy: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with the policy that stands at this path."""
    from patchparser.faults import PolicyError

    try:
        read_policy(policy, path=path)
    except PolicyError as exc:
        for fault in exc.faults:
            yield Fault(path=fault.path, problem=fault.problem, hint=fault.hint)
