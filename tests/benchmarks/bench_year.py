"""A year of 45,000 accounts, about 200 million observations, written to a real broker.

The whole invented France has fewer accounts than that: years of Frances of other seeds follow until
as many observations are written, all of them in one broker, every one of them kept. It takes some
twenty minutes and 9 GB of disk; where the disk has less to spare, 20 million are written and the
rest is extrapolated, and said so.
"""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count

from simulation.country.world import SEED
from tests.benchmarks.figures import Figure
from tests.benchmarks.years import write_years

YEAR = 200_000_000
SHORT = 20_000_000
SPARE = 25e9
"""Bytes that the disk must have free for the whole year, which weighs 9 GB."""


def measure() -> Iterator[Figure]:
    """Yield the minutes that a year of 45,000 accounts takes, and what it weighs."""
    whole = shutil.disk_usage(tempfile.gettempdir()).free >= SPARE
    seeds = (SEED if rank == 0 else f"{SEED}-{rank}" for rank in count())
    writing = write_years(seeds, YEAR if whole else SHORT)
    told = f"{writing.events:,} events written by {writing.workers} processes"
    told += "" if whole else f", extrapolated to {YEAR:,}"
    minutes = writing.seconds / 60 * YEAR / writing.events
    yield Figure("simulation", "year_of_45000_accounts_written", minutes, "min", told)
    gigabytes = writing.stored / 1e9 * YEAR / writing.events
    yield Figure("simulation", "year_of_45000_accounts_stored", gigabytes, "GB", told)
    held = f"{writing.workers} processes together"
    yield Figure("simulation", "year_of_45000_accounts_held", writing.held / 1e6, "MB", held)
