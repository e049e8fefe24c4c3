"""Advice: a lever and a reason, from what is lost and what the account can move."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts.networks import NETWORKS
from contracts.scores import REASONS
from services.api.figures.rows import BaremeKnots, MonthScore, Peer
from services.api.words.advice.choosing import advise
from services.api.words.advice.effects import effect, worth
from services.api.words.advice.levers import LEVERS
from services.api.words.advice.pairs import PAIRS
from services.api.words.advice.situation import Situation
from services.api.words.lessons import lessons
from services.api.words.unread import unread
from tests.portal.contradictions import numbers, of_advice
from tests.portal.test_pages import text_of
from tests.portal.test_sentences import kpi, plain, score
from tests.portal.test_unread import account, outcomes

QUIET, ELECTORAL = date(2026, 3, 17), date(2026, 11, 24)
BILLION = 10**9


def share(slug: str, points: float, value: float, median: float, weight: int = 1):
    return kpi(slug, points, weight * (100 - points) / 14, median).model_copy(
        update={
            "value": value,
            "weight": weight,
            "unit": "count" if slug == "followers" else "ratio",
        }
    )


ENGAGEMENT = share("engagement", 40, 0.02, 0.03, 5)
REACH = share("reach", 40, 0.1, 0.2, 4)
RHYTHM = share("frequency", 40, 0.4, 0.5, 3)
FOLLOWERS = share("followers", 40, 800, 1600, 2)
ALL = (ENGAGEMENT, REACH, RHYTHM, FOLLOWERS)


def knots(slug: str, *pairs: tuple[float, int]) -> BaremeKnots:
    return BaremeKnots(
        methodology="2026-2", reference="2026-08", origin="simulation", network="mastodon",
        scope="category", cell="petites-villes", kpi=slug, accounts=60,
        knots=[round(value * BILLION) for value, _ in pairs], worths=[worth for _, worth in pairs],
    )  # fmt: skip


KNOTS = (
    knots("engagement", (0, 0), (0.01, 25), (0.02, 50), (0.04, 75), (0.06, 100)),
    knots("reach", (0, 0), (0.1, 25), (0.2, 50), (0.4, 75), (0.6, 100)),
    knots("frequency", (0, 0), (0.25, 25), (0.5, 50), (0.75, 75), (1.0, 100)),
    knots("followers", (0, 0), (800, 25), (1600, 50), (3000, 75), (9000, 100)),
)


def situation(*kpis, day: date = QUIET, **changes: object) -> Situation:
    given = {"knots": KNOTS, "history": ()} | {
        name: changes.pop(name)
        for name in ("knots", "history", "members", "others", "peers")
        if name in changes
    }
    return Situation(score=score(**changes), kpis=kpis or ALL, day=day, **given)


def weeks(of: Situation) -> list[str]:
    """The levers of eight weeks."""
    return [advise(replace(of, day=of.day + timedelta(days=7 * n))).lever for n in range(8)]


def test_there_are_pairs_enough_and_each_has_its_lever_and_lesson():
    assert len({(one.lever, one.reason) for one in PAIRS}) == len(PAIRS) >= 25
    assert {one.lever for one in PAIRS} | {"avant"} == set(LEVERS)
    assert {one.lesson for one in LEVERS.values()} <= set(lessons())
    assert all(one.act[0].islower() and one.act[-1] != "." for one in LEVERS.values())


@pytest.mark.parametrize("network", [*(one.slug for one in NETWORKS if one.scored), "another"])
def test_every_loss_of_every_network_has_something_to_do(network):
    for one in ((ENGAGEMENT,), (REACH, FOLLOWERS), (RHYTHM,)):
        assert advise(situation(*one, network=network)).act


def test_advice_is_of_the_two_largest_losses_in_turn():
    groups = {advise(situation(day=QUIET + timedelta(days=7 * n))).group for n in range(8)}
    assert groups == {"reactions", "audience"}
    assert len(set(weeks(situation()))) >= 3


def test_neighbours_are_not_told_the_same_thing_the_same_week():
    assert len({advise(situation(account=str(n))).lever for n in range(20)}) >= 3


def test_rhythm_is_left_in_an_electoral_period_and_that_is_said():
    alone = situation(RHYTHM, share("reach", 60, 0.1, 0.2, 4), day=ELECTORAL)
    assert advise(alone).group == "audience"
    assert advise(situation(RHYTHM, day=ELECTORAL)).act == ""
    praised = share("engagement", 60, 0.04, 0.03, 5)
    low = share("frequency", 10, 0.1, 0.5, 3)
    told = advise(situation(praised, low, FOLLOWERS, day=ELECTORAL))
    assert told.group == "audience"
    assert "électorale" in told.instead
    assert list(of_advice(situation(praised, low, FOLLOWERS, day=ELECTORAL), "")) == []


def test_rhythm_is_advised_where_the_territory_answers_that_it_is_outside():
    asked = situation(RHYTHM, day=ELECTORAL, history=months(10, 10, 10, 10, 10, 10, 40), posts=40)
    assert advise(asked).lever == "avant"
    outside = replace(asked, outside=True)
    assert (advise(outside).group, outside.electoral) == ("rhythm", False)
    assert outside.usual.last == "2026-09"
    few = replace(outside, score=score(score=None, reason="few_posts", posts=2))
    assert advise(few).lesson.slug != "reserve-electorale"


def test_what_is_praised_is_not_corrected():
    praised = share("engagement", 60, 0.04, 0.03, 5)
    assert set(weeks(situation(praised))) == set() or "" in weeks(situation(praised))
    assert advise(situation(praised, RHYTHM)).group == "rhythm"


def test_nothing_is_urgent_where_all_is_well_and_there_is_something_to_read():
    well = [one.model_copy(update={"points": 80.0}) for one in ALL]
    told = [advise(situation(*well, day=QUIET + timedelta(days=7 * n))) for n in range(8)]
    assert {one.act for one in told} == {""}
    assert len({one.lesson.slug for one in told}) >= 5


def months(*posts: int) -> list[MonthScore]:
    row = score()
    return [
        MonthScore.model_validate(
            row.model_dump() | {"period": f"2026-{11 - len(posts) + n:02}", "posts": count}
        )
        for n, count in enumerate(posts)
    ]


def test_a_rhythm_that_rose_in_an_electoral_period_comes_before_points():
    risen = situation(day=ELECTORAL, history=months(10, 10, 10, 10, 10, 10, 40), posts=40)
    told = advise(risen)
    assert (told.lever, told.lesson.slug) == ("avant", "reserve-electorale")
    assert [round(one) for one in numbers(told.why)] == [9, 2]
    assert "L. 52-1" in told.instead
    assert advise(replace(risen, day=QUIET)).lever != "avant"


@pytest.mark.parametrize(
    ("group", "gained"),
    # Of 14: 16 reactions to 19, 800 followers to 840, 1/7 a day more.
    [("reactions", 5 * 4.69), ("audience", 6 * 1.25), ("rhythm", 3 * 14.29)],
)  # fmt: skip
def test_an_effect_is_computed_on_the_barème(group, gained):
    told = effect(situation(), group)
    assert float(told.score) == pytest.approx(61.40 + gained / 14, abs=0.02)
    assert told.within
    assert not effect(situation(high=Decimal("61.41")), group).within
    assert f"{float(told.score):.1f}".replace(".", ",") in told.said


def test_an_effect_tells_the_place_where_those_ahead_are_known():
    def ahead(*scores: str) -> list[Peer]:
        return [Peer.model_construct(score=Decimal(one)) for one in scores]

    def said(*scores: str, **changes: object) -> str:
        return plain(effect(situation(peers=ahead(*scores), **changes), "reactions").said)

    assert "à la 40ᵉ place :" in said("70.00", "62.00", "60.00")
    assert "à la 39ᵉ place ou mieux" in said("62.10", "62.00", "61.40")
    assert "place" not in said("70.00")
    assert "place" not in said("62.00", stratum_rank=200, stratum_low_rank=205)


def test_no_effect_without_its_barème_nor_where_nothing_would_move():
    assert effect(situation(knots=()), "reactions") is None
    full = share("engagement", 70, 0.09, 0.03, 5)
    assert effect(situation(full), "reactions") is None
    assert worth(0.07, [(0, 0), (BILLION // 100, 100)]) == 100


@pytest.mark.parametrize("reason", [one for one in REASONS if one != "few_posts"])
@pytest.mark.parametrize("network", ["instagram", "facebook", "youtube", "mastodon"])
def test_an_account_without_score_has_something_to_read(reason, network):
    told = advise(situation(score=None, reason=reason, network=network))
    assert told.lesson is not None
    assert told.effect is None


def test_few_posts_are_not_made_more_in_an_electoral_period():
    few = situation(score=None, reason="few_posts", posts=2)
    assert "2 publications" in plain(advise(few).why)
    reserved = advise(replace(few, day=ELECTORAL))
    assert reserved.lesson.slug == "reserve-electorale"
    assert reserved.act != advise(few).act


def test_an_account_that_instagram_does_not_give_may_be_a_personal_one():
    assert (
        "professionnel"
        in unread(
            account("bluesky").model_copy(update={"network": "instagram"}), outcomes("gone")
        ).to_do
    )
    assert "professionnel" not in unread(account("bluesky"), outcomes("gone")).to_do


@pytest.mark.parametrize("code", ["00101", "00103", "00105", "00106"])
@pytest.mark.parametrize("view", ["simple", "detaillee"])
async def test_every_account_has_something_to_do_or_to_read(portal, code, view):
    page = (await portal.get(f"/territoires/{code}?vue={view}")).text
    card = page.partition('class="card todo"')[2].partition("</section>")[0]
    assert "/apprendre/" in card
    assert len(text_of(card).split()) > 10
