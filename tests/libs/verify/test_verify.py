"""The independent reading of the methodology on months small enough to be worked by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.accounts import AccountObserved, AccountRegistered, Ownership
from contracts.event import observation_id
from contracts.posts import PostObserved
from libs import verify
from libs.verify import BILLION, MILLION, Cell, Month, Place
from libs.verify.bareme import knots, points, quantiles
from tests.events import account_observed, account_registered, event

START = datetime(2026, 9, 30, 22, tzinfo=UTC)
"""October 2026 in Paris begins at 22 h UTC (summer) and ends at 23 h UTC (winter)."""
END = datetime(2026, 10, 31, 23, tzinfo=UTC)
TOWN = Place(population=10_000, category="petites-villes", stratum="10000-14999", ranked=True)
KNOTS: dict[str, verify.Knots] = {
    "engagement": ((0, 0), (20 * MILLION, 50), (50 * MILLION, 95), (80 * MILLION, 100)),
    "reach": ((0, 0), (BILLION, 100)),
    "frequency": ((0, 0), (BILLION, 100)),
    "followers": ((0, 0), (4_000 * BILLION, 100)),
    "follow_ratio": ((0, 0), (10 * BILLION, 100)),
}
RULES = verify.rules_of("2026-2")
BAREME = {("bluesky", "*"): Cell(accounts=10, knots=KNOTS)}


def account(name: str = "a", **fields: Any) -> AccountRegistered:
    owners = (Ownership(territory="00101", home=True),)
    return account_registered(name, START, **{"owners": owners, **fields})


def seen(at: datetime, followers: int | None = 1_000, **fields: Any) -> AccountObserved:
    counters = {"followers": followers, "following": 200, "posts": 9, "absent": {}}
    return account_observed(fields.pop("account", "a"), at, **counters | fields)


def read(number: int, likes: int | None = 20, days: float = 7, **fields: Any) -> PostObserved:
    published = START + timedelta(days=number)
    at = published + timedelta(days=days)
    known = {
        "event_id": observation_id(f"p{number}", at), "post": f"p{number}", "account": "a",
        "network": "bluesky", "native_id": f"p{number}", "published_at": published, "slot": at,
        "observed_at": at, "likes": likes, **dict.fromkeys(("comments", "shares", "quotes"), 0),
    }  # fmt: skip
    return event(PostObserved, **known | fields)


BOTH_ENDS = [seen(START), seen(END)]
FOUR = [read(number) for number in range(1, 5)]


def verdict(
    posts: Sequence[PostObserved] = FOUR,
    observed: Sequence[AccountObserved] = BOTH_ENDS,
    of: AccountRegistered | None = None,
    places: dict[str, Place] | None = None,
) -> verify.Verdict:
    events = verify.Observed([of or account()], observed, posts, places or {"00101": TOWN})
    return verify.verdicts(RULES, "2026-10", events, BAREME)["a"]


def test_october_has_an_hour_more():
    month = Month.of("2026-10")
    assert (month.start, month.end) == (int(START.timestamp()), int(END.timestamp()))
    assert month.days == 31
    assert month.end - month.start == 31 * 86_400 + 3_600


def test_a_score_worked_by_hand():
    """Engagement 2 % → 50; reach 0.1 → 10; 4/31 a day → 12.90…; 1,000 → 25; 1,000/200 = 5 → 50.

    (5×50 + 4×10 + 3×12.903226 + 2×25 + 50) / 15 = 428.709678 / 15 = 28.58.
    """
    found = verdict()
    assert found.reason is None
    assert found.values == {
        "engagement": 20 * MILLION,
        "reach": 100 * MILLION,
        "frequency": 129_032_258,
        "followers": 1_000 * BILLION,
        "follow_ratio": 5 * BILLION,
    }
    assert found.points["frequency"] == 12_903_226
    assert (found.score, found.low, found.high) == (2858, 2858, 2858)
    assert found.rank is None, "fewer than ten ranked: a list without ranks"
    assert found.ranked == 1


def test_a_version_is_read_by_the_kpis_that_it_weighs():
    """The same without the ratio: 378.709678 / 14 = 27.05."""
    older = replace(RULES, weights={k: w for k, w in RULES.weights.items() if k != "follow_ratio"})
    events = verify.Observed([account()], BOTH_ENDS, FOUR, {"00101": TOWN})
    found = verify.verdicts(older, "2026-10", events, BAREME)["a"]
    assert "follow_ratio" not in found.points
    assert found.score == 2705


def test_the_interval_is_that_of_the_mean_engagement():
    """Rates 1, 2, 3, 2 %: s² = 0.6667 %², SE = 0.40825 %, 1.96 SE = 0.800166 % → ± 20.00 points.

    Low: 1.199834 % → 29.99585 points, (5×29.99585 + 178.709678)/15 = 21.91. High: 2.800166 % →
    62.00249 points, (310.01245 + 178.709678)/15 = 32.58.
    """
    found = verdict([read(n, likes) for n, likes in enumerate((10, 20, 30, 20), start=1)])
    assert found.margin == 8_001_666
    assert (found.low, found.score, found.high) == (2191, 2858, 3258)


def test_a_version_has_the_margin_of_the_mean_that_it_names():
    """Of reach 0.1 ± 0.05: 10 ± 5 points, (428.709678 ± 4×5) / 15 = 27.25 and 29.91."""
    other = replace(RULES, interval="reach", margin=lambda facts: 5 * facts.followers * 10_000)
    events = verify.Observed([account()], BOTH_ENDS, FOUR, {"00101": TOWN})
    found = verify.verdicts(other, "2026-10", events, BAREME)["a"]
    assert found.margin == 50 * MILLION
    assert (found.low, found.score, found.high) == (2725, 2858, 2991)


@pytest.mark.parametrize(
    ("reason", "case"),
    [
        ("unscored_network", {"of": account(network="youtube")}),
        ("unranked_territory", {"places": {"00101": Place(0, "villages", "0-499", True)}}),
        ("unranked_territory", {"of": account(owners=())}),
        ("not_observed", {"observed": [seen(START - timedelta(days=4))]}),
        ("hidden", {"observed": [seen(START), seen(END, None, absent={"followers": "hidden"})]}),
        ("followers_unknown", {"observed": [seen(END)]}),
        ("few_posts", {"posts": FOUR[:3]}),
        (
            "hidden",
            {"posts": [*FOUR[:1], *[read(n, None, absent={"likes": "hidden"}) for n in (2, 3, 4)]]},
        ),
        ("posts_gap", {"posts": [*FOUR, read(5, days=3)]}),
        (
            "few_posts",
            {"posts": [*FOUR[:1], *[read(n, None, 2, state="deleted") for n in (2, 3, 4)]]},
        ),
    ],
)
def test_reasons_come_in_their_order(reason, case):
    found = verdict(**case)
    assert found.reason == reason
    assert found.score is None


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (None, [("present", 1.0), ("deleted", 3.0)]),
        ("posts_gap", [("deleted", 3.0), ("present", 5.0)]),
        ("posts_gap", [("deleted", 7.5), ("present", 8.5)]),
        (None, [("deleted", 3.0), ("present", 4.0), ("deleted", 5.0)]),
        ("posts_gap", [("deleted", 3.0), ("present", 4.0), ("deleted", 9.0)]),
    ],
)
def test_a_post_given_again_is_not_deleted(reason, told):
    readings = [read(4, None, days, state=state) for state, days in told]
    assert verdict(posts=[*FOUR[:3], *readings]).reason == reason


def test_an_elected_persons_own_account_has_no_line():
    mine = account(owner_kind="personne")
    events = verify.Observed([mine], BOTH_ENDS, FOUR, {"00101": TOWN})
    assert verify.verdicts(RULES, "2026-10", events, BAREME) == {}


def test_repeats_and_order_change_nothing():
    again = [*reversed(FOUR), *FOUR]
    assert verdict(again, [*reversed(BOTH_ENDS), *BOTH_ENDS]) == verdict()


def test_a_declared_figure_is_never_ranked():
    declared = seen(END, 9_000, origin="declared", event_id="declared")
    assert verdict(observed=[*BOTH_ENDS, declared]) == verdict()


def test_of_two_measures_in_one_second_the_greatest_counts():
    lower = seen(END, 400, event_id="later", slot=END + timedelta(minutes=1))
    assert verdict(observed=[*BOTH_ENDS, lower]) == verdict()


def test_a_measure_far_from_its_slot_is_left():
    far = seen(END, 9_000, event_id="far", slot=START - timedelta(days=35))
    assert verdict(observed=[*BOTH_ENDS, far]) == verdict()


def test_the_seventh_day_is_the_nearest_reading():
    others = [read(1, 900, 6.1), read(1, 900, 7.9), read(1, 900, 28)]
    assert verdict([*others, *FOUR]).values["engagement"] == 20 * MILLION


def test_ties_share_a_rank_and_the_next_is_skipped():
    events = verify.Observed(
        [account(f"a{n}") for n in range(12)],
        [seen(at, account=f"a{n}", event_id=f"{at}{n}") for n in range(12) for at in (START, END)],
        [
            read(day, 60 - 5 * (n // 2), account=f"a{n}", post=f"p{day}{n}", event_id=f"{day} {n}")
            for n in range(12)
            for day in range(1, 5)
        ],
        {"00101": TOWN},
    )
    found = verify.verdicts(RULES, "2026-10", events, BAREME)
    assert [found[f"a{n}"].rank for n in range(12)] == [1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11]
    assert found["a0"].stratum_ranked == 12


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7], (7, 7, 7, 7, 7)),
        ([0, 10], (3, 5, 8, 10, 10)),
        ([40, 10, 30, 20, 0], (10, 20, 30, 38, 40)),
    ],
)
def test_quantiles_are_inclusive_and_rounded_half_up(values, expected):
    assert quantiles(values) == expected


@pytest.mark.parametrize(
    ("kpi", "of_quantiles", "expected"),
    [
        ("reach", (1, 2, 3, 4, 5), ((0, 0), (1, 25), (2, 50), (3, 75), (4, 95), (5, 100))),
        ("reach", (0, 0, 2, 2, 5), ((0, 0), (2, 95), (5, 100))),
        (
            "engagement",
            (10 * MILLION, 30 * MILLION, 60 * MILLION, 90 * MILLION, 120 * MILLION),
            (
                (0, 0),
                (10 * MILLION, 25),
                (30 * MILLION, 50),
                (50 * MILLION, 95),
                (120 * MILLION, 100),
            ),
        ),
        (
            "frequency",
            (1, 2, BILLION, BILLION, BILLION),
            ((0, 0), (1, 25), (2, 50), (BILLION, 100)),
        ),
    ],
)
def test_knots_take_anchors_ties_and_zero(kpi, of_quantiles, expected):
    assert knots(kpi, of_quantiles, RULES) == expected


def test_points_are_piecewise_linear():
    at = ((0, 0), (10, 25), (30, 50))
    assert [points(v, at) for v in (0, 5, 10, 20, 30, 99)] == [
        0,
        12_500_000,
        25 * MILLION,
        37_500_000,
        100 * MILLION,
        100 * MILLION,
    ]
    assert points(1, ((0, 0),)) == 100 * MILLION


def test_a_small_cell_falls_back_on_its_family_then_the_network():
    narrow = {("bluesky", "petites-villes"): Cell(49, dict.fromkeys(KNOTS, ((0, 0),)))}
    family = {("bluesky", "communes"): Cell(50, dict.fromkeys(KNOTS, ((0, 0), (1, 1))))}

    def score(bareme: verify.Bareme) -> int | None:
        events = verify.Observed([account()], BOTH_ENDS, FOUR, {"00101": TOWN})
        return verify.verdicts(RULES, "2026-10", events, bareme)["a"].score

    assert score({**narrow, **BAREME}) == 2858
    assert score({**narrow, **family, **BAREME}) == 10_000
    assert score({}) is None


def at_home(network: str, score: int | None, low: int = 0, high: int = 0) -> verify.Verdict:
    bounds = {} if score is None else {"score": score, "low": low, "high": high}
    return verify.Verdict(f"{network}-1", network, "00101", **bounds)


def test_the_score_of_a_territory_is_a_mean_with_its_variances():
    """By hand: 723 and 603 users of a thousand; roots of 145 226 610 000 and 188 859 690 000."""
    held = [at_home("facebook", 6_000, 5_500, 6_500), at_home("instagram", 4_000, 3_800, 4_400)]
    found = verify.synthesis(RULES, [*held, at_home("youtube", None), at_home("bluesky", 9_000)])
    assert (found.score, found.low, found.high) == (5_090, 4_803, 5_418)
    assert found.scored == ("facebook", "instagram")
    assert found.accounts.keys() == {"facebook", "instagram", "youtube", "bluesky"}


@pytest.mark.parametrize(
    ("held", "known"),
    [
        ([at_home("instagram", 4_000), at_home("pinterest", None)], True),
        ([at_home("instagram", 4_000), at_home("facebook", None)], False),
        ([at_home("bluesky", 4_000)], False),
        ([at_home("youtube", None)], False),
        ([], False),
    ],
)
def test_a_territory_has_a_score_where_most_of_what_it_holds_has(held, known):
    """603 of 884 users of a thousand are 68 %, of 1 326 they are 45 %; without a source, none."""
    assert (verify.synthesis(RULES, held).score is not None) is known


def test_the_town_halls_account_is_before_those_of_its_services():
    def registered(name: str, role: str, days: int) -> AccountRegistered:
        owners = (Ownership.model_validate({"territory": "00101", "role": role, "home": True}),)
        return account(name, owners=owners, registered_at=START + timedelta(days=days))

    def first(*accounts: AccountRegistered) -> str:
        verdicts = {
            one.account: verify.Verdict(one.account, "bluesky", "00101") for one in accounts
        }
        return verify.syntheses(RULES, accounts, verdicts)["00101"].accounts["bluesky"]

    tourism, hall = registered("a", "tourism", 0), registered("b", "main", 9)
    assert first(tourism, hall) == "b"
    assert first(tourism, registered("c", "service", 1)) == "a"
    assert first(registered("d", "main", 2), hall) == "d"
