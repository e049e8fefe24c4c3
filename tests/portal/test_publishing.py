"""A month on its way to be final: what to look at, the announcement that pages repeat, the end."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from libs.clock import SteppedClock
from libs.settings import Settings
from services.api.app import build
from services.api.figures.gate import gate
from services.api.figures.views import MONTH_SCORES, PERIODS, SOURCES
from services.api.words.month_state import expected
from tests.api.conftest import BEARER, SIMULATION, client_of
from tests.api.world import NOW

DESK, MONTH = "/bureau/publication", "2026-10"
ACCOUNT_PAGE = f"/territoires/00101?compte=00101-bluesky&periode={MONTH}"


@pytest.fixture
async def months(figures):
    read = figures.read
    return [await read(MONTH_SCORES, network="", period=one) for one in (MONTH, "2026-09")]


def changed(line, **figures):
    return line.model_copy(update=figures)


async def test_what_moved_much_is_looked_at_and_no_more(figures, months):
    (first, second, third, *_), before = [
        [one for one in lines if one.score is not None and one.followers] for lines in months
    ]
    known = {one.account: one for one in before}
    was = known[first.account]
    moved = [
        changed(first, score=was.score + (20 if was.score < 50 else -20)),
        changed(second, score=known[second.account].score),
        changed(third, score=None, followers=int(known[third.account].followers * 0.69)),
    ]
    found = gate(moved, before, [])
    assert [one.line.account for one in found.scores] == [first.account]
    assert [one.line.account for one in found.followers] == [third.account]
    almost = changed(first, score=was.score, followers=int(was.followers * 0.71))
    assert gate([almost], before, []).followers == ()
    sources = await figures.read(SOURCES)
    assert "facebook" in gate(*months, sources).unread
    assert gate(months[0], [], []).scores == ()


async def test_a_network_that_lost_accounts_is_looked_at(months):
    now, before = months
    scored = [one for one in before if one.network == "bluesky" and one.score is not None]
    few = [one for one in now if one.network != "bluesky"] + scored[: int(len(scored) * 0.8)]
    short = [one.network for one in gate(few, before, []).coverage if one.short]
    assert short == ["bluesky"]
    assert not any(one.short for one in gate(before, before, []).coverage)


async def test_a_month_is_announced_on_pages_and_taken_back(portal, store):
    assert "48 heures" in (await portal.get(DESK)).text
    made = await portal.post(f"{DESK}/annonce", data={"periode": MONTH})
    assert (made.status_code, made.headers["location"]) == (303, f"{DESK}?periode={MONTH}#suite")
    notice = store.month_notices.of(MONTH)
    assert notice.due == NOW + timedelta(hours=48)
    assert "contestez ce qui est faux" in (await portal.get(ACCOUNT_PAGE)).text
    assert "--final" not in (await portal.get(DESK)).text
    assert (await portal.post(f"{DESK}/annonce", data={"periode": "2026-09"})).status_code == 409
    assert (await portal.post(f"{DESK}/annonce", data={"periode": "hier"})).status_code == 422
    await portal.post(f"{DESK}/retrait", data={"periode": MONTH})
    assert "contestez ce qui est faux" not in (await portal.get(ACCOUNT_PAGE)).text


async def test_the_command_comes_when_both_times_are_over(portal, store, places, figures):
    store.month_notices.announce(MONTH, "équipe")
    async with at(NOW + timedelta(days=20), places, figures, store) as client:
        text = (await client.get(DESK)).text
        assert f"score month {MONTH} --final" in text
        final = (await client.get(DESK, params={"periode": "2026-09"})).text
    assert "--revise" in final
    assert "annonce" not in final


def at(moment, places, figures, store):
    """The portal as its operator sees it at another moment."""
    settings = SIMULATION.model_copy(update={"allowed_hosts": ("portail.example",)})
    clock = SteppedClock(moment)
    app = build(settings, figures=figures, places=places, clock=clock, store=store).app
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://portail.example", headers=BEARER
    )


async def test_a_contested_figure_is_looked_at(portal, store):
    made = store.contests.contest("00101-bluesky", MONTH, "score", "secret")
    text = (await portal.get(DESK)).text
    assert "00101-bluesky" in text
    assert "secret" not in text
    store.contests.answer(made.id, "maintenu", "Le calcul est le bon.")


async def test_publishing_is_the_teams(places, figures, store):
    live = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(live, places, figures, store) as client:
        got = [await client.get(DESK), await client.post(f"{DESK}/annonce", data={})]
    assert [one.status_code for one in got] == [401, 401]


def test_an_announcement_is_said_until_it_is_due():
    due = NOW + timedelta(hours=1)
    assert "9\u00a0déc" in expected(MONTH, "provisional", NOW, due)
    late = NOW + timedelta(days=20)
    assert "contestez" in expected(MONTH, "provisional", late, late + timedelta(hours=1))
    assert "contestez" not in expected(MONTH, "provisional", late, late)
    assert "contestez" not in expected(MONTH, "final", NOW, due)


async def test_a_rehearsal_changes_nothing_and_says_what_is_not_ready(portal, store):
    text = (await portal.get(DESK, params={"repetition": "1", "periode": MONTH})).text
    assert text.count('<span class="tag bad">pas encore</span>') >= 3
    assert "à regarder</span> <strong>Points" in text
    assert "ne publiez pas" in text  # the hash of the recorded months is of no line
    assert "octobre 2026 : révision 1, définitif" in text.replace("\u00a0", " ")
    assert store.month_notices.of(MONTH) is None


async def copy(portal, name="La Gazette d’essai"):
    made = await portal.post(f"{DESK}/embargo", data={"periode": MONTH, "pour": name})
    return made, re.search(r"/embargo/([\w-]+)\"", made.text)


async def test_a_copy_under_embargo_is_marked_and_its_link_ends(
    portal, visitor, store, places, figures
):
    assert (await copy(portal))[0].status_code == 409
    store.month_notices.announce(MONTH, "équipe")
    made, link = await copy(portal)
    assert made.headers["cache-control"] == "no-store"
    path = f"/embargo/{link[1]}"
    (kept,) = store.embargoes.of_month(MONTH)
    assert kept.name == "La Gazette d’essai"
    assert kept.until == datetime(2026, 12, 8, 23, tzinfo=UTC)
    assert link[1] not in (await portal.get(DESK)).text
    shown = await visitor.get(path)
    assert "Sous embargo jusqu’au" in shown.text
    assert store.embargoes.of_month(MONTH)[0].opened_at == NOW
    given = await visitor.get(f"{path}/bluesky.csv")
    assert "sous-embargo_2026-12-09_scores_bluesky" in given.headers["content-disposition"]
    head, *lines = given.text.splitlines()
    assert head.endswith(",embargo,origine")
    assert all("2026-12-08T23:00:00" in line for line in lines)
    assert len(lines) > 10
    missing = [f"{path}/youtube.csv", "/embargo/x", "/embargo/x/bluesky.csv"]
    assert {(await visitor.get(one)).status_code for one in missing} == {404}
    async with at(NOW + timedelta(days=20), places, figures, store) as later:
        assert (await later.get(path)).status_code == 410
    await portal.post(f"{DESK}/embargo/{kept.id}/fin")
    assert (await visitor.get(path)).status_code == 404
    assert (await portal.post(f"{DESK}/embargo/nobody/fin")).status_code == 404
    _, link = await copy(portal, "Radio Essai")
    await portal.post(f"{DESK}/retrait", data={"periode": MONTH})
    assert (await visitor.get(f"/embargo/{link[1]}")).status_code == 404


async def test_a_month_taken_away_is_told_with_its_reason(portal, visitor, store, figures):
    why = "Les abonnés d’un réseau étaient faux."
    figures.changes.append(
        lambda row: (
            {"withdrawn": why, "withdrawn_at": NOW}
            if "withdrawn" in row and row["period"] == MONTH
            else {}
        )
    )
    kept = [one for one in await figures.read(PERIODS) if one.period != MONTH]
    figures.given["periods"] = kept
    refused = await visitor.get(f"/api/v1/months/{MONTH}/bluesky.csv")
    assert refused.status_code == 410
    assert why in refused.text
    feed = (await visitor.get("/api/v1/months.atom")).text
    assert "retiré" in feed
    assert why in feed
    assert feed.count("<entry>") == 4
    assert "retiré" in (await visitor.get("/donnees")).text
    figures.given["ranking"] = []
    for path in ("/donnees?", "/palmares?", "/comparer/00101?reseau=bluesky&"):
        shown = (await visitor.get(f"{path}periode={MONTH}")).text
        assert ("Ne citez plus" in shown, why in shown) == (True, True), path
    assert "Ne citez plus" not in (await visitor.get("/palmares?periode=2020-01")).text
    assert why in (await portal.get(DESK, params={"periode": MONTH})).text
    store.month_notices.announce(MONTH, "équipe")
    _, link = await copy(portal)
    for path in (f"/embargo/{link[1]}", f"/embargo/{link[1]}/bluesky.csv"):
        assert (await visitor.get(path)).status_code == 410
