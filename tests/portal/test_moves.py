from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.figures.rows import Listed
from services.api.words.standing import moves
from tests.portal.test_sentences import plain, score

OLD: dict[str, object] = {"methodology": "2026-1", "previous_methodology": "2026-1"}


def months(now: tuple[str, str, str], before: tuple[str, str, str]) -> dict[str, object]:
    """Score, low and high of a month and of the one before."""
    names = ("score", "low", "high", "previous_score", "previous_low", "previous_high")
    return dict(zip(names, (*now, *before), strict=True))


APART = months(("61.40", "57.00", "66.00"), ("50.00", "48.00", "56.99"))
TOUCH = months(("61.40", "57.00", "66.00"), ("50.00", "48.00", "57.00"))
FALL = months(("61.40", "57.00", "66.00"), ("70.00", "66.01", "74.00"))


@pytest.mark.parametrize(
    ("changes", "said", "short"),
    [
        (APART, "en progrès : +11,4 points (entre +0,01 et +18,00)", "+11,4"),
        (TOUCH, "Stable : 61,4 après 50,0, les marges des deux mois", "stable"),
        (FALL, "en recul : −8,6 points", "−8,6"),
        ({**TOUCH, **OLD}, "en progrès : +11,4 points (entre +7,0 et +16,0)", "+11,4"),
        ({**OLD}, "Stable : 61,4 après 60,2, dans la marge du mois, règle de", "stable"),
        (
            months(("61.40", "61.40", "61.40"), ("61.38", "61.38", "61.38")),
            "Stable : 61,4 après 61,4",
            "stable",
        ),
    ],
)
def test_a_move_is_told_when_both_margins_are_apart(changes, said, short):
    told = score(**changes)
    assert said in plain(moves.trend(told))
    found = moves.move(told, told.methodology)
    assert found.short == short


def test_without_a_month_to_compare_nothing_moved():
    assert moves.trend(score(previous_score=None)) == moves.NO_MONTH
    assert moves.trend(score(previous_methodology="2025-1")) == moves.ANOTHER_VERSION


def test_a_list_says_why_no_move_is_known():
    line = Listed.model_construct(score=Decimal(50), previous_score=None)
    assert "avant" in moves.since(line, "2026-2")
    line = line.model_copy(update={"previous_score": 40, "previous_methodology": "2026-1"})
    assert moves.since(line, "2026-2") == "méthode changée"


points = st.decimals(0, 100, places=2)


@given(st.tuples(points, points, points), st.tuples(points, points, points))
def test_what_is_said_of_a_move_holds_what_it_says(now, before):
    low, value, high = sorted(now)
    past_low, past, past_high = sorted(before)
    told = score(
        score=value, low=low, high=high,
        previous_score=past, previous_low=past_low, previous_high=past_high,
    )  # fmt: skip
    found = moves.move(told, "2026-2")
    assert found.least <= found.points <= found.most
    if found.told:
        assert (found.least > 0) == (found.most > 0) == (found.points > 0)
        assert found.short.strip("+−0,")
    else:
        assert low <= past_high or abs(value - past) < moves.LEAST_SHOWN or past_low <= high
