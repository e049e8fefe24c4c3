"""Whether a series is flat is computed, with its uncertainty; a picture holds what was sampled."""

from math import sin
from random import Random

import pytest

from tests.endurance.picture import picture, size_of
from tests.endurance.samples import Sample, series, write
from tests.endurance.trend import halves, trend

HOURS = 2
SAMPLES = HOURS * 360


def points(slope: float, noise: float = 0.0, wave: float = 0.0):
    """Two hours from 200 MB: `slope` in MB an hour, noise and a wave of twenty minutes in MB."""
    chance = Random(1)
    return [
        (
            10.0 * n,
            200.0 + slope * n / 360 + chance.gauss(0, noise) + wave * sin(n / 19),
        )
        for n in range(SAMPLES)
    ]


@pytest.mark.parametrize(
    ("series_of", "verdict"),
    [
        (points(0.0), "flat"),
        (points(0.0, noise=3.0), "flat"),
        (points(0.0, noise=1.0, wave=2.0), "flat"),
        (points(3.0, noise=1.0), "flat"),  # less than what is allowed
        (points(12.0), "rises"),
        (points(12.0, noise=3.0), "rises"),
        (points(-12.0, noise=3.0), "flat"),
        (points(0.0, noise=40.0), "not shown"),
    ],
)
def test_what_rises_is_told_from_what_only_moves(series_of, verdict):
    assert trend(halves(series_of)[1]).verdict(6.0) == verdict


def test_the_slope_is_within_its_uncertainty_nineteen_times_of_twenty():
    """Also where each sample is much like the one before."""
    chance, within = Random(1), 0
    for _ in range(100):
        drift, series_of = 0.0, list[tuple[float, float]]()
        for n in range(200):
            drift = 0.7 * drift + chance.gauss(0, 2)
            series_of.append((10.0 * n, 200.0 + n / 20 + drift))
        found = trend(series_of)
        within += abs(found.rise - 199 / 20) < found.error
    assert 90 <= within <= 99


def test_too_few_points_have_no_trend():
    with pytest.raises(ValueError, match="7 points"):
        trend(points(0.0)[:7])


def test_samples_are_kept_a_line_a_value(tmp_path):
    found = [Sample(10.0 * n, {"api": 100.0 + n}, {"api": 20.0}) for n in range(3)]
    assert series(found, "memory") == {"api": [(0.0, 100.0), (10.0, 101.0), (20.0, 102.0)]}
    write(found, tmp_path / "samples.csv")
    lines = (tmp_path / "samples.csv").read_text().splitlines()
    assert lines[:3] == ["seconds,kind,name,value", "0,memory,api,100.0", "0,handles,api,20.0"]
    assert len(lines) == 1 + 2 * 3


@pytest.mark.proof
def test_one_picture_shows_them_all():
    found = [
        Sample(600.0 * n, {"api": 100.0, "kafka": 300.0 + n}, {"api": 20.0}, {}, {"scorer": 0.0})
        for n in range(12)
    ]
    drawn = picture(found)
    width, height = size_of(drawn)
    assert drawn.count("<svg ") == 4
    assert width > 400
    assert height > 3 * 190
    assert "01:00" in drawn
