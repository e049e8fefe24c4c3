"""What is proposed while somebody types: little, soon, of what is measured first, and bounded."""

import pytest

from services.api.pages.suggesting import SUGGESTIONS_SHOWN

ADDRESS = "/recherche/propositions"


@pytest.mark.parametrize(
    "typed", ["essai", "Ess", "mairie de lens", "len", "saint", "001", "zz zz"]
)
async def test_what_is_proposed_is_little_and_leads_to_territories(portal, places, typed):
    answer = await portal.get(ADDRESS, params={"q": typed})
    found = answer.json()
    assert len(found) <= SUGGESTIONS_SHOWN
    assert len(answer.content) < 2_048
    for name, told, address in found:
        assert name
        assert told
        assert address.removeprefix("/territoires/") in places
    assert found or typed == "zz zz"


async def test_typing_asks_nothing_of_the_engine(portal, figures):
    await portal.get(ADDRESS, params={"q": "essai"})
    assert list(figures.asked) == []


async def test_what_is_measured_here_comes_first(portal, places):
    found = (await portal.get(ADDRESS, params={"q": "ess"})).json()
    origins = [places[address.rpartition("/")[2]].origin for _, _, address in found]
    assert origins == sorted(origins, key=lambda one: one != "simulation")
    assert set(origins) >= {"simulation"}


@pytest.mark.parametrize("typed", ["", "e", "es", "  es  "])
async def test_two_signs_propose_nothing(portal, typed):
    assert (await portal.get(ADDRESS, params={"q": typed})).json() == []


async def test_it_is_bounded_for_each_address(portal):
    assert (await portal.get(ADDRESS, params={"q": "x" * 61})).status_code == 422
    answers = {(await portal.get(ADDRESS, params={"q": "ess"})).status_code for _ in range(601)}
    assert answers == {200, 429}
