"""What the page of a territory lets one take away, and what it says where terms forbid."""

import re

import httpx
import pytest

from contracts.networks import BY_SLUG, NETWORKS
from tests.portal.test_pages import ESSAI, text_of

SECTION = re.compile(r'<section aria-labelledby="emporter">.*?</section>', re.DOTALL)


async def section(portal: httpx.AsyncClient, network: str) -> str:
    found = SECTION.search((await portal.get(f"{ESSAI}?reseau={network}")).text)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("network", ["bluesky", "facebook", "youtube"])
async def test_every_file_offered_is_there(portal, network):
    links = re.findall(r'href="(/api/[^"]+)"', await section(portal, network))
    assert len(links) >= 3
    for link in links:
        answer = await portal.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].startswith(
            "text/csv" if ".csv" in link else "application/json"
        )


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS])
async def test_raw_counters_are_offered_only_where_they_may_leave(portal, monkeypatch, network):
    policy = BY_SLUG | {"bluesky": BY_SLUG[network]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)
    shown = await section(portal, "bluesky")
    leaves = BY_SLUG[network].redistribution == "counters"
    assert ("/observations.csv" in shown) is leaves
    assert ("redistribu" in text_of(shown).replace("rediffusé", "")) is not leaves
    assert "CSV pour Excel" in text_of(shown)


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS])
async def test_a_list_of_accounts_shows_no_counter_that_may_not_leave_in_bulk(
    portal, monkeypatch, network
):
    policy = BY_SLUG | {"bluesky": BY_SLUG[network]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)
    words = text_of((await portal.get("/palmares?reseau=bluesky")).text)
    leaves = BY_SLUG[network].redistribution == "counters"
    assert ("Portée" in words, "Abonnés" in words) == (leaves, leaves)
    assert ("redistribu" in words) is not leaves
    assert ("Publications par jour" in words) is leaves


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS])
async def test_a_comparison_lists_accounts_whatever_the_terms_of_their_network(
    portal, monkeypatch, network
):
    policy = BY_SLUG | {"bluesky": BY_SLUG[network]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)
    page = (await portal.get(f"/comparer/{ESSAI.rpartition('/')[2]}?reseau=bluesky")).text
    leaves = BY_SLUG[network].redistribution == "counters"
    assert page.count('data-label="Score"') > 10
    assert ("Par indicateur" in text_of(page)) is leaves
    assert ("redistribu" in text_of(page)) is not leaves


async def test_a_territory_without_accounts_has_nothing_to_take_away(portal):
    assert SECTION.search((await portal.get("/territoires/62498")).text) is None
