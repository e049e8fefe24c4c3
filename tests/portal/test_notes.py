"""Notes on curves: written by agents, read by their territory alone unless they say otherwise."""

from datetime import date, timedelta

import pytest

from contracts.panels.ma_collectivite import FOLLOWERS, RHYTHM, SCORE_HISTORY
from libs.charts import picture as charts
from libs.charts.marks import Mark
from tests.api.conftest import enter_as
from tests.api.test_teams import TOWN
from tests.portal.test_pages import text_of

ACCOUNT = f"{TOWN}-bluesky"
PAGE = f"/equipe/{TOWN}/reperes"
SHOWN = f"/territoires/{TOWN}?compte={ACCOUNT}&vue=detaillee"
PICTURE = f"/graphiques/followers/{ACCOUNT}.svg"
NOTE = {"compte": ACCOUNT, "jour": "2026-11-02", "texte": "campagne  piscine"}
WORDS = "campagne piscine"


async def written(visitor, store, **typed):
    await enter_as(visitor, "communication")
    answer = await visitor.post(PAGE, data=NOTE | typed)
    assert answer.status_code == 303, answer.text
    (note,) = store.notes.of_territory(TOWN)
    return note


async def test_a_note_is_the_territorys_alone(visitor, store):
    note = await written(visitor, store)
    assert (note.words, note.day, note.public) == (WORDS, date(2026, 11, 2), False)
    mine = await visitor.get(SHOWN)
    assert WORDS in text_of(mine.text)
    assert mine.headers["cache-control"] == "private, no-cache"
    assert f"reperes={TOWN}" in mine.text
    own = await visitor.get(PICTURE, params={"reperes": TOWN})
    assert ">1</text>" in own.text
    assert own.headers["cache-control"] == "no-store"
    assert ">1</text>" not in (await visitor.get(PICTURE)).text
    for who in (None, "directrice"):
        visitor.cookies.clear()
        if who:
            await enter_as(visitor, who)
        assert WORDS not in text_of((await visitor.get(SHOWN)).text), who
        stolen = await visitor.get(PICTURE, params={"reperes": TOWN})
        assert ">1</text>" not in stolen.text, who
        if who:
            assert (await visitor.get(PAGE)).status_code == 403
            assert (await visitor.post(f"{PAGE}/{note.id}/effacer")).status_code == 403
    assert store.notes.of_territory(TOWN) == [note]


async def test_a_public_note_is_everybodys(visitor, store):
    await written(visitor, store, public="oui")
    visitor.cookies.clear()
    page = (await visitor.get(SHOWN)).text
    assert WORDS in text_of(page)
    assert "/reperes?compte" not in page
    drawn = await visitor.get(PICTURE)
    assert ">1</text>" in drawn.text
    assert drawn.headers["cache-control"].startswith("public")


async def test_a_note_is_changed_erased_and_in_the_journal(visitor, store):
    note = await written(visitor, store)
    changed = {"jour": "2026-11-03", "texte": "piscine rouverte", "public": "oui"}
    assert (await visitor.post(f"{PAGE}/{note.id}", data=changed)).status_code == 303
    (now,) = store.notes.of_territory(TOWN)
    assert (now.id, now.words, now.public) == (note.id, "piscine rouverte", True)
    assert (await visitor.post(f"{PAGE}/{note.id}/effacer")).status_code == 303
    assert store.notes.of_territory(TOWN) == []
    assert (await visitor.post(f"{PAGE}/{note.id}", data=changed)).status_code == 404
    acts = {act.what for act in store.journal.acts(TOWN)}
    assert acts == {"notes.write", "notes.change", "notes.erase"}


async def test_a_note_of_another_territory_is_none_of_mine(visitor, store):
    other = store.notes.write("00104", ACCOUNT, date(2026, 11, 2), "x", public=False, by="b")
    await enter_as(visitor, "communication")
    changed = {"jour": "2026-11-03", "texte": "y"}
    assert (await visitor.post(f"{PAGE}/{other}", data=changed)).status_code == 404
    assert (await visitor.post(f"{PAGE}/{other}/effacer")).status_code == 404
    assert store.notes.of_territory("00104")[0].words == "x"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"compte": "00104-bluesky"}, 404),
        ({"texte": " \u00a0 "}, 422),
        ({"texte": "x" * 121}, 422),
        ({"jour": "1999-01-01"}, 422),
        ({"jour": "2030-01-01"}, 422),
        ({"jour": "hier"}, 422),
    ],
)
async def test_what_is_no_note_is_refused(visitor, store, typed, status):
    await enter_as(visitor, "communication")
    assert (await visitor.post(PAGE, data=NOTE | typed)).status_code == status
    assert store.notes.of_territory(TOWN) == []


async def test_what_is_written_is_no_html(visitor, store):
    await written(visitor, store, texte="<script>x</script>", public="oui")
    for page in (SHOWN, PAGE):
        assert "<script>x" not in (await visitor.get(page)).text


def test_an_erased_account_keeps_no_note(store):
    for account in (ACCOUNT, f"{TOWN}-mastodon"):
        store.notes.write(TOWN, account, date(2026, 11, 2), "x", public=True, by="b")
    store.notes.forget_account(ACCOUNT)
    assert [one.account for one in store.notes.of_territory(TOWN)] == [f"{TOWN}-mastodon"]


class Day:
    """A day of a curve."""

    def __init__(self, day: date, value: int) -> None:
        self.day = self.published_at = day
        self.followers = self.posts = value


DAYS = [Day(date(2026, 11, 1) + timedelta(days=day), 100 + day) for day in range(20)]


@pytest.mark.parametrize("panel", [FOLLOWERS, RHYTHM])
@pytest.mark.parametrize("narrow", [True, False])
def test_days_are_marked_where_the_curve_is_and_it_keeps_its_bounds(panel, narrow):
    marks = [Mark(date(2026, 11, 5), "7"), Mark(date(2026, 6, 1), "8")]
    plain = charts.svg(panel, DAYS, simulation=False, narrow=narrow)
    drawn = charts.svg(panel, DAYS, simulation=False, narrow=narrow, marks=marks)
    assert (">7</text>" in drawn, ">8</text>" in drawn) == (True, False)
    assert "juin" not in drawn
    assert plain == charts.svg(panel, DAYS, simulation=False, narrow=narrow, marks=marks[1:])


def test_a_curve_of_months_bears_no_day():
    class Month:
        period, score, low, high = "2026-10", 50.0, 45.0, 55.0

    marks = [Mark(date(2026, 10, 5), "7")]
    drawn = charts.svg(SCORE_HISTORY, [Month()], simulation=False, marks=marks)
    assert ">7</text>" not in drawn
