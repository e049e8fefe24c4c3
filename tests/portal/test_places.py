from typing import Any

import pytest

from services.api.figures.month_rows import MonthCell
from services.api.figures.rows import RankedLine
from services.api.words.standing import places
from services.api.words.standing.bands import banded, grouped, shortened
from tests.portal.test_sentences import plain, score

CELLS = [
    MonthCell(network="mastodon", category="petites-villes", stratum="7500-9999", accounts=212,
              territories=212),
    MonthCell(network="mastodon", category="petites-villes", stratum="2000-3499", accounts=40,
              territories=39),
    MonthCell(network="bluesky", category="petites-villes", stratum="7500-9999", accounts=9,
              territories=9),
    MonthCell(network="mastodon", category="metropoles", stratum=None, accounts=15, territories=15),
]  # fmt: skip
METROPOLE: dict[str, object] = {
    "category": "metropoles", "stratum": None, "stratum_rank": None, "stratum_ranked": None,
    "rank": 5, "ranked": 15, "high_rank": 5, "low_rank": 6,
}  # fmt: skip
TOURIST: dict[str, object] = {"stratum": "2000-3499", "stratum_ranked": 40, "stratum_rank": 12}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "entre la 33ᵉ et la 52ᵉ place sur 212 communes de 7 500 à"),
        (
            {"stratum_low_rank": 1, "stratum_high_rank": 1, "stratum_rank": 1},
            "à la 1ʳᵉ place sur 212 communes",
        ),
        (METROPOLE, "entre la 5ᵉ et la 6ᵉ place sur 15 métropoles notées"),
        (
            {**TOURIST, "stratum_high_rank": 9, "stratum_low_rank": 14},
            "sur 40 comptes de communes de 2 000 à 3 499 habitants notés",
        ),
        (
            {"stratum_rank": 120, "stratum_high_rank": 100, "stratum_low_rank": 140},
            "autour du milieu des 212 communes",
        ),
        (
            {"stratum_rank": 180, "stratum_high_rank": 160, "stratum_low_rank": 199},
            "dans la seconde moitié des 212 communes",
        ),
        ({**METROPOLE, "rank": 9, "high_rank": 7}, "autour du milieu des 15 métropoles"),
        ({**METROPOLE, "rank": 12, "high_rank": 10}, "dans la seconde moitié des 15 métropoles"),
        ({"stratum_rank": None, "rank": None}, "61,4 sur 100 ; moins de dix comptes"),
        ({"score": None, "reason": "posts_gap"}, "n’a pas de score."),
    ],
)
def test_one_sentence_says_where_it_stands(changes, said):
    told = score(**changes)
    sentence = plain(places.standing(told, "Essai", places.field(told, CELLS)))
    assert sentence.startswith("En octobre 2026, ")
    assert said in sentence


def test_what_cells_do_not_tell_is_counted_in_accounts():
    told = score(stratum_ranked=211)
    assert "comptes de communes" in places.field(told, CELLS).counted


def line(rank: int | None, points: str, low: str, high: str) -> RankedLine:
    fields: dict[str, Any] = dict.fromkeys(RankedLine.model_fields)
    known = {"rank": rank, "score": points, "low": low, "high": high}
    named = dict.fromkeys(
        ("account", "network", "handle", "address", "territory", "territory_name"), "a"
    )
    return RankedLine.model_validate(fields | named | known)


def test_a_band_is_whoever_cannot_be_told_from_its_first():
    lines = [
        line(1, "92.00", "89.50", "93"),
        line(2, "90.00", "89.50", "91"),
        line(3, "89.00", "84", "92.00"),
        line(4, "88.00", "85", "88.50"),
        line(5, "85.00", "84", "86"),
        line(None, "99.00", "98", "99"),
    ]
    ranks = [[one.rank for one in band] for band in banded(lines)]
    assert ranks == [[1, 2, 3], [4, 5], [None]]


def test_alone_is_who_has_one_place_alone():
    """Its own margin counts: over eleven places, it is alone at none."""
    wide = [line(1, "93.6", "74.7", "93.9"), line(2, "91.1", "73.3", "91.3")]
    assert [len(lines) for _, lines in grouped(wide)] == [2]
    apart = [line(1, "93", "92", "94"), line(2, "91", "91", "91.5"), line(3, "80", "70", "93.5")]
    assert next(said for said, _ in grouped(apart[:2])).startswith("Seul")
    assert next(said for said, _ in grouped(apart)) == "En tête"


def test_a_band_that_is_cut_says_how_many_are_here():
    said = shortened([("En tête, 3 comptes", [1, 2, 3]), ("Puis 2 comptes", [4, 5])], 4)
    assert said[0] == ("En tête, 3 comptes", [1, 2, 3])
    assert said[1][1] == [4]
    assert "dont voici" in said[1][0]


@pytest.mark.parametrize(("best", "worst", "said"), [(4, 4, "4"), (1, 11, "1 à 11")])
def test_places_are_a_span(best, worst, said):
    assert plain(places.span(best, worst)) == said
