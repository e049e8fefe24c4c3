"""Each post beside the normal of its account: of its kind, at its age, of its last hundred."""

from datetime import timedelta

import pytest

from services.api.performance.copies import with_copies
from services.api.performance.growth import shocks
from services.api.performance.posts import Reading, compare
from tests.api.performance.posts import FIRST, WEEK, post

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FINGERPRINT = "7701aa50e8286d41"


def newest(posts):
    return compare(posts)[0]


def test_a_post_is_so_many_times_the_median_of_those_before_it():
    found = newest([*(post(place, 100 + place % 3) for place in range(30)), post(30, 303)])
    assert found.ratio == pytest.approx(3, abs=0.05)
    assert found.known == 30


@pytest.mark.parametrize(
    "before",
    [
        [post(place) for place in range(19)],
        [post(place, kind="video") for place in range(40)],
        [post(place, deleted=True) for place in range(40)],
        [post(place, None) for place in range(40)],
        [post(place, followers=None) for place in range(40)],
        [post(place - 500) for place in range(40)],
    ],
    ids=["too few", "another kind", "deleted", "hidden", "followers unknown", "older than a year"],
)
def test_below_twenty_comparable_posts_nothing_is_usual(before):
    found = newest([*before, post(50)])
    assert (found.ratio, found.normal) == (None, None)


def test_the_last_hundred_make_the_normal():
    found = newest([*(post(place, 10 if place < 200 else 100) for place in range(300)), post(300)])
    assert (found.known, found.ratio) == (100, pytest.approx(1))


def test_a_young_post_is_beside_what_others_had_at_its_age():
    readings = (Reading(DAY, 50), Reading(WEEK, 100))
    before = [post(place, readings=readings) for place in range(30)]
    found = newest([*before, post(30, readings=(Reading(HOUR, 5), Reading(DAY, 100)))])
    assert found.young
    assert found.ratio == pytest.approx(2)
    alone = newest([*(post(place) for place in range(30)), post(30, readings=(Reading(DAY, 9),))])
    assert (alone.young, alone.ratio) == (True, None)


def test_a_post_read_late_is_not_young():
    assert not newest([post(0, readings=(Reading(20 * DAY, 3),))]).young


def test_growth_of_the_audience_is_no_success_of_posts():
    before = [post(place) for place in range(30)]
    assert newest([*before, post(30, 200, followers=2000)]).ratio == pytest.approx(1)


def test_contests_and_posts_that_are_most_of_their_month_are_marked():
    posts = [post(place, 5000 if place == 9 else 10) for place in range(28)]
    marked = [one.post.post for one in compare(posts) if one.marked]
    assert marked == ["post-0009"]
    assert newest([*posts, post(40, topics=("contest",))]).marked


def test_a_copy_on_another_network_is_known_by_its_fingerprint_and_its_days():
    own = [post(0, fingerprint=FINGERPRINT), post(10, fingerprint=FINGERPRINT), post(11)]
    other = [post(1, fingerprint="7701aa50e8286d43"), post(20, fingerprint="0" * 16)]
    found = with_copies(own, [("facebook", other)])
    assert [one.elsewhere for one in found] == [("facebook",), (), ()]


def test_a_shock_of_growth_names_the_posts_beside_it():
    days = [((FIRST + place * DAY).date(), 1000 + place + (90 if place > 60 else 0))
            for place in range(120)]  # fmt: skip
    compared = compare([post(place, 900 if place == 60 else 100) for place in range(120)])
    (found,) = shocks(days, compared)
    assert found.gained == 93
    assert found.posts[0].post.post == "post-0060"


@pytest.mark.parametrize("count", [0, 20, 120])
def test_steady_growth_is_no_shock(count):
    days = [((FIRST + place * DAY).date(), 1000 + 3 * place) for place in range(count)]
    assert shocks(days, []) == []
