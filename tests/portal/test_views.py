"""How much a territory's page shows: little at first, all where the reader chose so, kept."""

import re

import pytest

from tests.portal.test_golden_pages import visible
from tests.portal.test_pages import ESSAI, text_of

ALL = "vue=detaillee"
MOST_WORDS = 450
"""Words of a first screen and a half: what is read in a minute and skimmed in ten seconds."""


@pytest.fixture
def visitor(portal):
    """A first visit."""
    portal.cookies.clear()
    return portal


async def test_a_first_visit_is_simple(visitor):
    page = (await visitor.get(ESSAI)).text
    assert 'value="simple" aria-pressed="true"' in page
    assert "<figure" not in page
    assert 'class="cards"' not in page
    opened = re.sub("(?s)<details.*?</details>", "", page)
    assert len(visible(opened).split()) < MOST_WORDS
    words = text_of(page)
    for there in ("cette semaine", "leçon", "Ce qui aide", "Bluesky", "Mastodon", "Facebook"):
        assert there in words


async def test_each_account_has_its_sentence(visitor):
    page = (await visitor.get(ESSAI)).text
    told = re.search(r'<ul class="accounts">(.*?)</ul>', page, re.DOTALL)
    assert told is not None
    tiles = page.partition('class="tiles"')[2].partition("</nav>")[0]
    assert told[1].count("<li>") == tiles.count("<li>")


async def test_a_choice_is_kept_until_the_next(visitor):
    given = {"code": "00101", "compte": "00101-mastodon", "vue": "detaillee"}
    answer = await visitor.post("/vue", data=given)
    assert answer.headers["location"] == f"{ESSAI}?compte=00101-mastodon"
    page = await visitor.get(ESSAI)
    assert "<figure" in page.text
    assert page.headers["cache-control"].startswith("private")
    assert "Cookie" in page.headers["vary"]
    await visitor.post("/vue", data=given | {"vue": "simple"})
    assert "<figure" not in (await visitor.get(ESSAI)).text


async def test_an_address_says_how_much_and_its_links_keep_it(visitor):
    page = (await visitor.get(f"{ESSAI}?{ALL}")).text
    assert "<figure" in page
    tiles = page.partition('class="tiles"')[2].partition("</nav>")[0]
    assert tiles.count(ALL) == tiles.count("<li>")
    visitor.cookies.set("vue", "detaillee")
    assert "<figure" not in (await visitor.get(f"{ESSAI}?vue=simple")).text


async def test_the_simple_view_asks_less_of_the_engine(visitor, figures):
    await visitor.get(ESSAI)
    simple = set(figures.asked)
    figures.asked.clear()
    await visitor.get(f"{ESSAI}?{ALL}")
    assert simple < set(figures.asked)


@pytest.mark.parametrize("given", [{"vue": "autre"}, {"code": "99999"}, {"code": ""}])
async def test_what_is_no_choice_is_refused(visitor, given):
    answer = await visitor.post("/vue", data={"vue": "simple", "code": "00101"} | given)
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("code", ["00103", "00105", "000000001"])
async def test_who_has_no_score_has_a_sentence_too(visitor, code):
    page = (await visitor.get(f"/territoires/{code}")).text
    assert 'class="accounts"' in page
    assert "None" not in text_of(page)
