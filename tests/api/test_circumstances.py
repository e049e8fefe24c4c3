"""Staff and months out of the norm: said by agents, read beside the score, praised nowhere."""

import pytest

from services.api.figures.views import PROGRESSIONS
from services.api.words.circumstances import CAUSES, staff
from tests.api.conftest import enter_as
from tests.api.test_teams import TOWN
from tests.portal.test_barometer import risen
from tests.portal.test_pages import text_of

PAGE = f"/equipe/{TOWN}/contexte"
SHOWN = f"/territoires/{TOWN}?reseau=bluesky"
MONTH = {"periode": "2026-10", "cause": "flood"}


@pytest.mark.parametrize(
    ("posts", "said"), [(0.5, "0,5"), (1, "1"), (2, "2"), (0.25, "0,25"), (10, "10"), (0, "0")]
)
def test_posts_are_written_as_french_does(posts, said):
    assert staff(posts).split("\u00a0")[0] == said
    assert staff(posts).endswith("équivalents temps plein") == (posts >= 2)


async def test_what_agents_say_stands_beside_the_score(visitor, store):
    before = text_of((await visitor.get(SHOWN)).text)
    assert "Ce qui aide" in before
    assert (await visitor.post(f"{PAGE}/mois", data=MONTH)).status_code == 401
    await enter_as(visitor, "communication")
    assert (await visitor.post(f"{PAGE}/moyens", data={"etp": "0,5"})).status_code == 303
    assert (await visitor.post(f"{PAGE}/mois", data=MONTH)).status_code == 303
    assert store.circumstances.of(TOWN).staff == 0.5
    after = text_of((await visitor.get(SHOWN)).text)
    assert (staff(0.5).replace("\u00a0", " ") in after, CAUSES["flood"] in after) == (True, True)
    assert "Ce qui aide" not in after
    report = text_of((await visitor.get(f"/rapports/mensuel/{TOWN}?reseau=bluesky")).text)
    assert CAUSES["flood"] in report
    assert "hors norme" not in text_of((await visitor.get(f"{SHOWN}&periode=2026-09")).text)
    await visitor.post(f"{PAGE}/mois", data=MONTH | {"cause": "none"})
    await visitor.post(f"{PAGE}/moyens", data={"etp": " "})
    assert text_of((await visitor.get(SHOWN)).text).count("Ce qui aide") == 1
    assert store.circumstances.of(TOWN).staff is None


async def test_who_had_an_unusual_month_is_neither_risen_nor_named(portal, figures, store):
    figures.given[PROGRESSIONS.name] = [risen(1), risen(2, territory="00104")]
    store.circumstances.unusual("00101", "2026-10", "contest")
    page = (await portal.get("/palmares/progression")).text
    assert ("Essai 8" in page, "Essai 7" in page) == (False, True)
    ranked = (await portal.get("/palmares?reseau=bluesky")).text
    assert ranked.count('<span class="tag">mois hors norme') <= 1


@pytest.mark.parametrize("etp", ["-1", "100", "nan", "inf", "deux"])
async def test_what_is_no_number_of_posts_is_refused(visitor, store, etp):
    await enter_as(visitor, "communication")
    assert (await visitor.post(f"{PAGE}/moyens", data={"etp": etp})).status_code == 422
    assert store.circumstances.of(TOWN).staff is None


async def test_a_month_that_is_not_published_is_none(visitor):
    await enter_as(visitor, "communication")
    unknown = await visitor.post(f"{PAGE}/mois", data=MONTH | {"periode": "2020-01"})
    assert unknown.status_code == 404
