import re
from typing import Any

import pytest

from services.api.figures.rows import Listed
from services.api.words.standing.first_half import in_first_half
from tests.api.world import month
from tests.portal.test_pages import text_of

MONTH = "2026-10"


def of(network: str, rank: str, ranked: str, *, first: bool) -> dict[str, Any]:
    """An account of one half or the other."""
    return next(
        row
        for row in month(MONTH)
        if row["network"] == network
        and row[rank] is not None
        and in_first_half(row[rank], row[ranked]) is first
        and (first or not in_first_half(row["stratum_high_rank"], row[ranked]))
    )


@pytest.mark.parametrize(
    ("rank", "ranked", "first"), [(1, 27, True), (14, 27, True), (15, 27, False), (13, 26, True)]
)
def test_the_one_in_the_middle_is_of_the_first_half(rank, ranked, *, first):
    assert in_first_half(rank, ranked) is first
    assert not in_first_half(14, 26)


async def test_the_palmares_stops_at_the_first_half(portal, figures):
    page = (await portal.get("/palmares?reseau=bluesky")).text
    ranks = [int(rank) for rank in re.findall(r'class="n rank"><data value="(\d+)"', page)]
    ranked = [row["rank"] for row in month(MONTH) if row["network"] == "bluesky"]
    known = [rank for rank in ranked if rank is not None]
    assert max(ranks) == (len(known) + 1) // 2 < max(known)
    file = await portal.get(f"/api/v1/rankings.csv?network=bluesky&period={MONTH}")
    assert len(file.text.splitlines()) > len(ranks) + 1


async def test_a_filter_that_only_the_second_half_meets_says_where_it_is(portal, figures):
    low = of("bluesky", "rank", "ranked", first=False)
    figures.given["ranking"] = [dict.fromkeys(Listed.model_fields) | low]
    words = text_of((await portal.get("/palmares?reseau=bluesky&departement=002")).text)
    assert "Aucun compte de la première moitié" in words
    assert low["territory_name"] not in words


async def test_places_are_told_in_the_first_half_alone(portal, figures):
    for first in (True, False):
        row = of("bluesky", "stratum_rank", "stratum_ranked", first=first)
        page = (await portal.get(f"/territoires/{row['territory']}?reseau=bluesky")).text
        assert ("ᵉ\u00a0place sur" in page) is first
        assert ("dans la seconde moitié" in page) is not first
        assert ("sont dans <a href=" in page) is not first


async def test_who_is_near_in_the_second_half_is_not_named(portal, figures):
    low = of("bluesky", "stratum_rank", "stratum_ranked", first=False)
    last = max(
        (row for row in month(MONTH) if row["network"] == "bluesky"),
        key=lambda row: row["stratum_rank"] or 0,
    )
    page = (await portal.get(f"/territoires/{low['territory']}?reseau=bluesky")).text
    picture = (await portal.get(f"/graphiques/peers/{low['account']}.svg?periode={MONTH}")).text
    assert "Qui regarder" in page
    for shown in (page, picture):
        assert last["territory_name"] not in shown or last == low
