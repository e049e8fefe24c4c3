"""The analysis on invented worlds that did not serve to tune it: it finds what is there, alone.

The figures of both seeds are in docs/performance.md; `python -m tests.api.performance.judged`
prints them.
"""

import pytest

from simulation.country.world import World
from tests.api.performance.judged import TERRITORIES, judge

# A minute each on a quiet core: the analysis of each account of a world.
pytestmark = [pytest.mark.proof, pytest.mark.timeout(400)]


def test_what_was_laid_on_accounts_is_found_and_little_else():
    found = judge(World("held-out-1", TERRITORIES))
    assert found.planted > 500
    assert found.recall >= 0.80
    assert found.precision >= 0.90


def test_where_nothing_was_laid_few_accounts_are_told_any():
    found = judge(World("held-out-2", TERRITORIES, effects=False))
    assert found.asked > 500
    assert (found.planted, found.misled <= 0.05) == (0, True)
