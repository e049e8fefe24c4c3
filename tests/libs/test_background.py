"""Waits before the next try: doubled, bounded, whatever the number of tries."""

from datetime import timedelta

import pytest

from libs.background import STEADY_SECONDS, backoff, failed_again, with_jitter


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 2), (5, 32), (6, 60), (2_000, 60)])
def test_waits_double_up_to_the_longest(tries, seconds):
    """A float has no room for 2**1024: the wait itself ended what was tried for a day."""
    assert backoff(tries, 1.0, 60.0) == seconds
    assert backoff(tries, timedelta(seconds=1), timedelta(minutes=1)).total_seconds() == seconds
    assert 0 <= with_jitter(tries, 1.0, 60.0) <= seconds


@pytest.mark.parametrize(("lasted", "failures"), [(1.0, 8), (STEADY_SECONDS, 1)])
def test_a_run_that_lasted_begins_the_count_again(lasted, failures):
    assert failed_again(7, lasted) == failures
