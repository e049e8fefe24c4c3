"""What observing a registry asks and costs: checked by hand, and against the plan of a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.addresses import Identity
from contracts.networks import BY_SLUG, DAY, HOUR
from contracts.networks.network import Freshness, Network, Quota
from services.collector.app import host_of
from services.collector.checking.plan import Seen, planned, told
from services.collector.planning.forecast import Load, forecast, one_more

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
KEYED = Network(
    "keyed", "Keyed", "key", account_counters=("followers",),
    quotas={"key": Quota(100, DAY, "credential", "ours")},
    freshness=Freshness(profile=DAY, posts=DAY, readings=(HOUR, DAY)),
    profiles_per_request=10, posts_per_request=5,
)  # fmt: skip


def test_a_day_is_counted_by_operation_in_full_requests():
    one = forecast(KEYED, Load({"": 30}, posts=15, credentials=1))
    turns = 1 / 0.75
    assert one.needs["profile"].requests == pytest.approx(3 * turns)
    assert one.needs["posts"].requests == pytest.approx(30 * turns)
    assert one.needs["readings"].requests == pytest.approx(15 * 2 / 5)
    assert one.requests == pytest.approx(33 * turns + 6)
    assert (one.coverage, one.covered, one.euros) == (1, 30, 0)
    assert one.age == 0.75 * DAY


def test_what_quotas_do_not_allow_is_not_covered_and_another_credential_says_by_how_much():
    one = forecast(KEYED, Load({"": 600}, credentials=1))
    assert one.coverage == pytest.approx(90 / (660 / 0.75))
    assert one.age == pytest.approx(0.75 * DAY / one.coverage)
    more = one_more(one)
    assert more is not None
    assert more.coverage == pytest.approx(2 * one.coverage)
    none = forecast(KEYED, Load({"": 600}))
    assert (none.coverage, none.covered, none.age) == (0, 0, None)


def test_hosts_have_a_quota_each():
    hosted = replace(KEYED, quotas={"host": Quota(100, DAY, "host", "ours")})
    one = forecast(hosted, Load({"small": 10, "large": 590}))
    each = (60 + 600) / 0.75 / 600
    assert one.coverage == pytest.approx((10 + 90 / each) / 600)
    assert one_more(one) is None


def test_a_budget_is_spent_and_never_more():
    x = BY_SLUG["x"]
    few, many = (forecast(x, Load({"": n}, posts=n, credentials=1)) for n in (10, 10_000))
    assert few.coverage == 1
    assert few.euros == pytest.approx(x.unit_price * sum(n.units for n in few.needs.values()))
    assert many.euros == pytest.approx(0.9 * 10)
    more = one_more(many)
    assert more is not None
    assert more.euros == pytest.approx(2 * many.euros)
    rich = forecast(x.within(100), Load({"": 10_000}, posts=10_000, credentials=1))
    assert rich.euros == pytest.approx(90)


def test_networks_that_share_a_token_share_its_quota():
    alone = forecast(KEYED, Load({"": 600}, credentials=1))
    asked = sum(need.units for need in alone.needs.values())
    shared = forecast(KEYED, Load({"": 600}, credentials=1, shared=asked))
    assert shared.coverage == pytest.approx(alone.coverage / 2)


def identity(network: str, handle: str) -> Identity:
    return Identity(network, f"https://{handle}/", handle, None)


def test_the_plan_of_a_registry_names_each_network_that_has_accounts():
    accounts = {
        "instagram": [identity("instagram", f"ville{n}") for n in range(2_000)],
        "facebook": [identity("facebook", f"ville{n}") for n in range(10)],
        "mastodon": [identity("mastodon", f"ville@{host}.example") for host in "aab"],
    }
    looks = [Seen("instagram", NOW - timedelta(hours=n), 7) for n in range(1, 101)]
    looks.append(Seen("instagram", None, 0))
    same = {"facebook:facebook": "instagram:instagram"}
    names = {"instagram": ("instagram",), "facebook": ("facebook",)}
    found = {one.network.slug: one for one in planned(accounts, looks, names, same, {}, host_of)}
    assert found.keys() == accounts.keys()
    assert found["instagram"].load.posts == 100
    assert found["instagram"].load.shared > 0
    assert found["mastodon"].load.hosts == {"a.example": 2, "b.example": 1}
    assert 0 < found["instagram"].coverage < 1 == found["mastodon"].coverage
    lines = " ".join(told(found["instagram"], looks, NOW))
    assert "2\u202f000\u00a0comptes, 1\u00a0jeton" in lines
    assert "1\u00a0compte jamais" in lines
    assert "Un jeton de plus" in lines
    assert "jeton" not in " ".join(told(found["mastodon"], looks, NOW))
