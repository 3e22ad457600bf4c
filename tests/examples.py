"""How many examples of a property are tried: a few by `make test`, many by `.ci/run`."""

import os

#: LEEROY_TEST_EXAMPLES says how many times as many, and has them chosen anew each time.
TIMES = int(os.environ.get("LEEROY_TEST_EXAMPLES", "1"))


def examples(few: int) -> int:
    """So many here and now."""
    return few * TIMES
