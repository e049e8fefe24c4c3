"""Groups of posts that may do better or worse than the others: what is asked of which posts."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from contracts.posts import CONTEST, KIND_LABELS, POST_TOPIC_LABELS
from libs.french import WEEKDAYS
from services.api.performance.posts import Post

Dimension = Literal["format", "hour", "weekday", "topic", "hashtag", "length", "repeated", "rhythm"]
DIMENSIONS: dict[Dimension, str] = {
    "format": "Format",
    "hour": "Heure",
    "weekday": "Jour",
    "topic": "Sujet",
    "hashtag": "Hashtag",
    "length": "Longueur",
    "repeated": "Même texte ailleurs",
    "rhythm": "Rythme",
}
LIKELY: dict[Dimension, float] = {
    "format": 2.0, "topic": 1.5, "hour": 1.0, "weekday": 1.0, "length": 1.0, "repeated": 1.0,
    "hashtag": 0.3, "rhythm": 0.2,
}  # fmt: skip
"""Where effects are likely, from what surveys of networks report: the less likely, the surer a
finding must be. Hashtags mostly repeat the topic."""

HOURS: tuple[tuple[str, int, int], ...] = (
    ("avant 9 h", 0, 9),
    ("de 9 h à midi", 9, 12),
    ("de midi à 14 h", 12, 14),
    ("de 14 h à 17 h", 14, 17),
    ("de 17 h à 20 h", 17, 20),
    ("après 20 h", 20, 24),
)
"""The parts of a day in an office and around it (Europe/Paris)."""

WEEKEND = 5
"""The first day of it, Monday being 0."""

FEWEST_A_SIDE = 20
"""Posts with a trait, and without it, from which both are compared."""

MOST_HASHTAGS = 8
"""Hashtags compared: those that an account writes most."""


class Contrast(NamedTuple):
    """A group of posts set against all others: its places among the posts looked at."""

    dimension: Dimension
    value: str
    group: frozenset[int]


def part_of_day(post: Post) -> int:
    """Return the rank of the part of the day in which a post was published."""
    hour = post.local.hour
    return next(rank for rank, (_, first, last) in enumerate(HOURS) if first <= hour < last)


def contrasts(posts: Sequence[Post]) -> list[Contrast]:
    """Return the groups with enough posts on both sides, those of the same posts once."""
    found: dict[frozenset[int], Contrast] = {}
    for dimension, value, holds in _asked(posts):
        group = frozenset(place for place, post in enumerate(posts) if holds(post))
        if FEWEST_A_SIDE <= len(group) <= len(posts) - FEWEST_A_SIDE:
            rest = frozenset(range(len(posts))) - group
            if rest not in found:
                found.setdefault(group, Contrast(dimension, value, group))
    return list(found.values())


def _asked(
    posts: Sequence[Post],
) -> Iterator[tuple[Dimension, str, Callable[[Post], bool]]]:
    for kind in sorted({post.kind for post in posts}):
        yield "format", KIND_LABELS.get(kind, kind), lambda one, kind=kind: one.kind == kind
    for rank, (name, _, _) in enumerate(HOURS):
        yield "hour", name, lambda one, rank=rank: part_of_day(one) == rank
    yield "weekday", "le week-end", lambda one: one.local.weekday() >= WEEKEND
    for rank, name in enumerate(WEEKDAYS):
        yield "weekday", f"le {name}", lambda one, rank=rank: one.local.weekday() == rank
    for slug, label in POST_TOPIC_LABELS.items():
        if slug != CONTEST:
            yield "topic", label, lambda one, slug=slug: slug in one.topics
    tags = Counter(tag for post in posts for tag in set(post.hashtags))
    for tag, _ in sorted(tags.most_common(MOST_HASHTAGS)):
        yield "hashtag", f"#{tag}", lambda one, tag=tag: tag in one.hashtags
    lengths = sorted(post.text_length for post in posts if post.text_length)
    if lengths:
        short, long = lengths[len(lengths) // 3], lengths[2 * len(lengths) // 3]
        yield "length", f"{long} signes et plus", lambda one: one.text_length >= long
        yield "length", f"moins de {short} signes", lambda one: 0 < one.text_length < short
    yield "repeated", "le même texte sur un autre réseau", lambda one: bool(one.elsewhere)
    days = Counter(post.local.date() for post in posts)
    yield "rhythm", "plusieurs le même jour", lambda one: days[one.local.date()] > 1
