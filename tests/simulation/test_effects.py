"""What makes posts react is there, is what the truth says, and can be left out."""

from math import log
from statistics import fmean

import msgspec
import pytest

from simulation.country.days import DAY, day_of, midnight, moment_of
from simulation.country.effects import CAUSES
from simulation.country.world import World
from simulation.history.export import EFFECTS, Truth, export_world

SINCE = moment_of("2026-01-01")


@pytest.fixture(scope="module")
def flat() -> World:
    return World(size=50, effects=False)


def rates(world: World, days: int) -> dict[str, list[float]]:
    """Final interactions ÷ followers of posts, by account, of those whom many follow."""
    found: dict[str, list[float]] = {}
    for account in world.accounts:
        if not account.rules.law.engagement or world.followers(account, SINCE) < 500:
            continue
        found[account.id] = [
            sum(post.final[:4]) / world.followers(account, post.created)
            for post in world.press.between(account, SINCE, SINCE + days * DAY)
            if not post.viral and not post.contest
        ]
    return found


def test_many_accounts_have_effects_of_each_cause(world):
    given = [effect for account in world.accounts for effect in account.effects.given]
    assert {effect.cause for effect in given} == set(CAUSES)
    assert 0.7 < len(given) / len(world.accounts) < 2.5


def test_posts_gather_what_the_truth_says(world):
    """The logarithm of what posts gather follows that of their factors, one for one."""
    x: list[float] = []
    y: list[float] = []
    for account in world.accounts:
        if not account.rules.law.engagement or world.followers(account, SINCE) < 2000:
            continue
        posts = [
            post
            for post in world.press.between(account, SINCE, SINCE + 120 * DAY)
            if not post.viral and not post.contest and sum(post.final[:4])
        ]
        if len(posts) < 40:
            continue
        causes = [sum(log(factor / 1000) for factor in post.factors().values()) for post in posts]
        gathered = [log(sum(p.final[:4]) / world.followers(account, p.created)) for p in posts]
        x += [one - fmean(causes) for one in causes]
        y += [one - fmean(gathered) for one in gathered]
    slope = sum(a * b for a, b in zip(x, y, strict=True)) / sum(a * a for a in x)
    assert len(x) > 1500
    assert 0.93 < slope < 1.07


def test_a_world_without_effects_is_flat_and_otherwise_the_same(world, flat):
    for one, other in zip(world.accounts, flat.accounts, strict=True):
        assert (one.id, one.engagement, one.rate) == (other.id, other.engagement, other.rate)
        assert not other.effects.given
        for post in flat.press.between(other, SINCE, SINCE + 20 * DAY):
            assert set(post.factors().values()) == {1000}


def test_effects_leave_the_mean_of_an_account_where_it_was(world, flat):
    with_them, without = rates(world, 120), rates(flat, 120)
    ratios = [
        fmean(with_them[account]) / fmean(without[account])
        for account in with_them
        if len(with_them[account]) > 40 and fmean(without[account])
    ]
    assert 0.9 < fmean(ratios) < 1.1


def test_a_viral_post_is_followed_by_followers(world):
    seen = 0
    for account in world.accounts:
        day, _, gain = account.effects.burst
        if not day or not account.rules.law.engagement or account.closed_at:
            continue
        (post, *_) = world.press.of_day(account, day)
        before = world.followers(account, midnight(day + 1))
        after = world.followers(account, midnight(day + 4))
        assert post.viral
        assert after - before >= account.knots[0] * gain // 1000 - 2 - before // 50
        seen += 1
    assert seen > 5


def test_the_truth_is_exported(world, tmp_path):
    export_world(world, tmp_path, moment_of("2026-11-24"))
    written = (tmp_path / EFFECTS).read_bytes().splitlines()
    truths = [msgspec.json.decode(line, type=Truth) for line in written]
    assert [one.account for one in truths] == [account.id for account in world.accounts]
    assert any(one.effects for one in truths)
    viral = [one.viral_day for one in truths if one.viral_day]
    assert all(day_of(moment_of(day)) for day in viral)


def test_accounts_of_one_territory_say_the_same_on_some_days(world):
    shared = [
        post
        for account in world.accounts
        if account.effects.repeats
        for post in world.press.between(account, SINCE, SINCE + 20 * DAY)
        if post.said is not post.words
    ]
    texts: dict[tuple[str, int], set[str]] = {}
    for post in shared:
        body = world.text(post, post.created).text.split("\nhttps")[0]
        texts.setdefault((post.account.home, post.day), set()).add(body)
    assert len(shared) > 30
    assert all(len(said) == 1 for said in texts.values())
