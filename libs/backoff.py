"""How long to wait before the next try, however many tries have failed."""

import random
from datetime import timedelta
from typing import TypeVar

Length = TypeVar("Length", float, timedelta)

STEADY_SECONDS = 60.0
"""A run that lasted so long was well: what ends it is the first failure of a row."""

_DOUBLED_AT_MOST = 30


def backoff(tries: int, first: Length, longest: Length) -> Length:
    """Return `first` doubled at each try, `longest` at most."""
    return min(longest, first * 2 ** min(tries, _DOUBLED_AT_MOST))


def with_jitter(tries: int, first: float, longest: float) -> float:
    """Return the seconds to wait: `backoff` with full jitter."""
    return random.uniform(0, backoff(tries, first, longest))


def failed_again(failures: int, lasted: float) -> int:
    """Return how many runs in a row have failed, after one that lasted so many seconds."""
    return 1 if lasted >= STEADY_SECONDS else failures + 1
