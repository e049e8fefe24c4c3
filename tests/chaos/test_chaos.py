"""A short run of the bench of faults, of one seed; the long one is `make chaos`."""

import pytest

from tests.chaos.bench import run


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.engine
@pytest.mark.timeout(600)
def test_under_faults_nothing_is_lost_told_twice_or_missed(tmp_path):
    report = run(tmp_path, seed=20261124, seconds=45)
    assert report.wrong == {}, report.counted
    assert report.counted["posts written"] > 1_000
    assert report.counted["mentions said"] > 20
    assert report.counted["faults"] >= 3
