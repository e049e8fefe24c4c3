"""Rank tests and false discoveries, against every arrangement and against what is published."""

from itertools import combinations
from random import Random

import pytest

from services.api.performance.ranks import discoveries, ranked, shift, surprise


def exact(values: list[float], group: set[int]) -> float:
    """The share of all groups of that size whose rank sum is as far from the middle."""
    ranks, size = ranked(values).ranks, len(group)
    middle = size * (len(values) + 1) / 2
    off = abs(sum(ranks[place] for place in group) - middle)
    sums = [sum(some) for some in combinations(ranks, size)]
    return sum(abs(one - middle) >= off - 1e-9 for one in sums) / len(sums)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("levels", [8, 1000])
def test_the_surprise_is_that_of_all_arrangements(seed, levels):
    draw = Random(seed)
    values = [float(draw.randrange(levels)) for _ in range(16)]
    group = set(range(8))
    assert surprise(ranked(values), group) == pytest.approx(exact(values, group), abs=0.05)


def test_equals_share_their_ranks():
    assert list(ranked([5, 1, 5, 2]).ranks) == [3.5, 1, 3.5, 2]


@pytest.mark.parametrize("values", [[1.0] * 40, list(range(40))])
def test_nothing_surprises_where_nothing_differs(values):
    alternate = set(range(0, 40, 2))
    assert surprise(ranked(values), alternate) > 0.7
    assert surprise(ranked(values), set()) == 1.0


def test_a_shift_is_found_with_its_interval_whatever_one_value_does():
    draw = Random(1)
    others = [draw.gauss(0, 1) for _ in range(80)]
    group = [draw.gauss(1, 1) for _ in range(60)]
    group[0] = 1e6
    found = shift(group, others)
    assert found.low < 1 < found.high
    assert 0.7 < found.estimate < 1.3


def test_chance_is_told_in_few_cases_where_nothing_is_to_be_found():
    draw = Random(7)
    weights = {"a": 2.0, "b": 1.0, "c": 0.3}
    told = sum(
        any(limit >= 0 for limit in discoveries(
            {name: [draw.random() for _ in range(5)] for name in weights}, 0.1, weights
        ).values())
        for _ in range(3000)
    )  # fmt: skip
    assert 0.07 < told / 3000 < 0.12


def test_inside_a_family_what_suffices_counts_how_few_families_were_chosen():
    families = {"a": [0.001, 0.02, 0.9], "b": [0.5, 0.6], "c": [0.7]}
    even = dict.fromkeys(families, 1.0)
    assert discoveries(families, 0.05, even) == {"a": 0.001}
    assert discoveries({**families, "b": [0.001], "c": [0.002]}, 0.05, even)["a"] == 0.02


def test_nothing_asked_is_nothing_found():
    assert discoveries({}, 0.05, {}) == {}
    assert discoveries({"a": []}, 0.05, {"a": 1.0}) == {}
