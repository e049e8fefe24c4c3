"""The electoral question: answered for a territory by its agents, and said wherever it counts."""

import pytest

from services.api.words.elections import calendar
from tests.api.attacks.test_sign_in import Place
from tests.api.conftest import SIMULATION, enter_as
from tests.api.test_teams import TOWN, administrator, colleague
from tests.portal.test_pages import text_of

PAGE = f"/equipe/{TOWN}/elections"
PERIOD = calendar()[0].slug
ADVISED = "Trois fois par semaine"


@pytest.fixture
async def place(places, figures):
    made = Place(SIMULATION, places, figures)
    yield made
    await made.close()


async def said_of(client) -> tuple[str, str]:
    """The page of the territory, and the page of its month."""
    shown = await client.get(f"/territoires/{TOWN}?vue=detaillee&reseau=bluesky")
    month = await client.get(f"/rapports/mensuel/{TOWN}?reseau=bluesky")
    return text_of(shown.text), text_of(month.text)


async def test_an_answer_is_the_territory_s_and_said_to_all_but_by_whom(place):
    anne, luc, visitor = await administrator(place), await colleague(place), place.browser()
    for page in await said_of(visitor):
        assert "à vérifier pour" in page
        assert ADVISED not in page
    form = {"reponse": "outside", "periode": PERIOD}
    assert (await luc.post(PAGE, data=form)).status_code == 403
    assert place.store.elections.of(TOWN, PERIOD) is None
    assert (await anne.post(PAGE, data=form)).headers["location"] == f"{PAGE}#reponse"
    kept = place.store.elections.of(TOWN, PERIOD)
    assert (kept.answer, place.store.elections.of("00104", PERIOD)) == ("outside", None)
    territory, month = await said_of(visitor)
    assert ("collectivité est hors période" in territory, ADVISED in territory) == (True, True)
    assert "hors période, répond" in month
    assert kept.answered_by in text_of((await anne.get(PAGE)).text)
    assert kept.answered_by not in territory
    await anne.post(PAGE, data=form | {"reponse": "concerned"})
    territory, month = await said_of(visitor)
    assert ("collectivité est concernée" in territory, ADVISED in territory) == (True, False)
    assert "elections.answer" in [one.what for one in place.store.journal.acts(TOWN)]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"reponse": "perhaps", "periode": PERIOD}, 422),
        ({"periode": PERIOD}, 422),
        ({"reponse": "outside", "periode": "legislatives-2022"}, 409),
    ],
)
async def test_what_is_no_answer_to_the_open_period_changes_nothing(visitor, store, form, status):
    await enter_as(visitor, "communication")
    assert (await visitor.post(PAGE, data=form)).status_code == status
    assert store.elections.of(TOWN, PERIOD) is None


async def test_who_reads_sees_the_answer_and_no_form(visitor):
    await enter_as(visitor, "directrice")
    words = (await visitor.get("/equipe/00104/elections")).text
    assert "Personne n’a encore répondu" in words
    assert 'name="reponse"' not in words


def test_periods_have_names_of_their_own():
    slugs = [one.slug for one in calendar()]
    assert len(set(slugs)) == len(slugs)
    assert all(one.opens <= one.closes and len(one.slug) <= 40 for one in calendar())
