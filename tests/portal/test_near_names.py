import pytest

from libs.matching.territories import near
from tests.portal.test_pages import text_of


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Essay sur Onde", "Essai-sur-Onde"),
        ("marseile", "Marseille"),
        ("clermon ferand", "Clermont-Ferrand"),
    ],
)
def test_a_slip_finds_the_name_that_was_meant(places, typed, meant):
    assert near(places, typed)[0].nom == meant


@pytest.mark.parametrize("typed", ["", "z", "zzzz", "…"])
def test_nothing_is_near_what_is_no_name(places, typed):
    assert near(places, typed) == []


async def test_a_handle_opens_the_very_account(portal):
    answer = await portal.get("/recherche", params={"q": "@Essai-sur-Onde.example"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/territoires/00101?compte=00101-")


async def test_a_result_says_why_it_is_there(portal):
    page = await portal.get("/recherche", params={"q": "62300"})
    assert "code INSEE 62300" in page.text
    assert "code postal 62300" in page.text
    label = await portal.get("/recherche", params={"q": "Lens (Pas-de-Calais)"})
    assert (label.status_code, label.headers["location"]) == (303, "/territoires/62498")


async def test_a_search_without_result_is_no_dead_end(portal):
    page = (await portal.get("/recherche", params={"q": "essay sur onde"})).text
    assert 'id="q" name="q" type="search" required value="essay sur onde"' in page
    assert "Vouliez-vous dire" in page
    assert '<a href="/territoires/00101"><strong>' in page
    words = text_of((await portal.get("/recherche?q=zzzz")).text)
    assert "Vouliez-vous dire" not in words
    assert "Parcourir le palmarès" in words
