"""What is told of posts: what is there, once, with its margin; nothing where there is nothing."""

from datetime import timedelta
from random import Random

from services.api.performance.findings import analyse
from services.api.performance.posts import compare
from tests.api.performance.posts import FIRST, post


def year(times, seed=1, count=200):
    """Posts of a year; `times` says of each by how much it is multiplied."""
    draw = Random(seed)
    posts = []
    for place in range(count):
        hour = draw.choice((9, 11, 15, 18))
        one = post(
            place,
            published_at=FIRST.replace(hour=0) + timedelta(days=place * 1.5, hours=hour),
            kind=draw.choice(("photo", "photo", "video", "link")),
            topics=draw.choice(((), ("culture",), ("works",))),
            text_length=draw.randrange(60, 300),
        )
        gathered = int(100 * times(one) * draw.lognormvariate(0, 0.6))
        posts.append(post(place, gathered, **{
            name: getattr(one, name) for name in ("published_at", "kind", "topics", "text_length")
        }))  # fmt: skip
    return analyse(compare(posts))


def test_what_does_better_is_told_with_its_margin():
    found = year(lambda one: 2.5 if one.kind == "video" else 1)
    (one,) = found.findings
    assert (one.dimension, one.value) == ("format", "vidéo")
    assert one.low < 2.5 < one.high
    assert one.low > 1
    assert one.posts + one.others == len(found.posts)


def test_what_does_worse_is_told_too():
    (one,) = year(lambda one: 0.4 if "works" in one.topics else 1).findings
    assert (one.dimension, one.times < 0.7) == ("topic", True)


def test_two_effects_are_told_each():
    found = year(
        lambda one: (2.5 if one.kind == "video" else 1) * (2.2 if "culture" in one.topics else 1)
    )
    assert {one.dimension for one in found.findings} == {"format", "topic"}


def test_of_chance_something_is_told_in_few_cases():
    assert sum(bool(year(lambda one: 1, seed=100 + seed).findings) for seed in range(24)) <= 3


def test_too_few_posts_are_not_asked():
    found = year(lambda one: 3 if one.kind == "video" else 1, count=39)
    assert (found.enough, found.asked, list(found.findings)) == (False, 0, [])


def test_what_changes_slowly_is_the_effect_of_nothing():
    """Three times as much in summer, when it is mostly videos that are published."""
    draw = Random(3)
    posts = [
        post(
            place,
            int((300 if 80 < place < 200 else 100) * draw.lognormvariate(0, 0.5)),
            kind="video" if draw.random() < (0.6 if 80 < place < 200 else 0.2) else "photo",
        )
        for place in range(280)
    ]
    assert not [one for one in analyse(compare(posts)).findings if one.times > 1.4]
