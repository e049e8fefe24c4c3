"""Posts as they are compared: what each gathered at an age, and beside what is usual for it.

The normal of a post is that of its own account: the median of its last posts of that kind, at the
same age. Nothing is compared with other accounts here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from contracts.networks import network_of
from contracts.posts import CONTEST
from libs.clock import PARIS

COUNTED_AGE = timedelta(days=7)
COUNTED_WITHIN = timedelta(days=1)
"""A post is counted by its reading at seven days, give or take one."""

LAST_POSTS = 100
COMPARABLE_FEWEST = 20
COMPARED_WITHIN = timedelta(days=365)
"""The normal of a post is made of its last posts within a year: at least 20, at most 100."""

ONE_HALF = 0.5
"""Of what all posts of a month gathered: a post with more than that is apart."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a post had gathered at an age; None where the network does not say."""

    age: timedelta
    interactions: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """A post of an account, with its readings and what is derived from its text.

    ``followers`` are those of the time of the post, None where unknown. ``elsewhere`` are the
    networks on which the same text was told.
    """

    post: str
    network: str
    published_at: datetime
    kind: str
    readings: tuple[Reading, ...]
    followers: int | None
    address: str | None = None
    text: str | None = None
    text_length: int = 0
    hashtags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    fingerprint: str | None = None
    deleted: bool = False
    elsewhere: tuple[str, ...] = ()

    @property
    def local(self) -> datetime:
        """Return when it was published, in Paris."""
        return self.published_at.astimezone(PARIS)

    @property
    def contest(self) -> bool:
        """Return whether its words or hashtags say that it is a contest."""
        return CONTEST in self.topics

    @property
    def counted(self) -> Reading | None:
        """Return the reading by which it is compared: that nearest to seven days, within one."""
        near = [
            one for one in self.readings
            if one.interactions is not None and abs(one.age - COUNTED_AGE) <= COUNTED_WITHIN
        ]  # fmt: skip
        return min(near, key=lambda one: abs(one.age - COUNTED_AGE), default=None)

    @property
    def latest(self) -> Reading | None:
        """Return the last reading that says something."""
        known = [one for one in self.readings if one.interactions is not None]
        return max(known, key=lambda one: one.age, default=None)

    @property
    def young(self) -> bool:
        """Return whether it is too young to be compared with what others had at seven days."""
        return self.counted is None and (
            self.latest is None or self.latest.age < COUNTED_AGE - COUNTED_WITHIN
        )

    def rate_at(self, age: timedelta) -> float | None:
        """Return interactions ÷ followers at an age of reading; None where none was read then."""
        known = [
            one for one in self.readings
            if one.interactions is not None and abs(one.age - age) <= _around(age)
        ]  # fmt: skip
        near = min(known, key=lambda one: abs(one.age - age), default=None)
        if near is None or near.interactions is None or not self.followers:
            return None
        return near.interactions / self.followers


@dataclass(frozen=True, slots=True)
class Compared:
    """A post beside the normal of its account.

    - ``rate``: interactions ÷ followers of the time, at ``age``; ``normal``: the usual rate then.
    - ``ratio``: one over the other; None where fewer than twenty posts say what is usual.
    - ``young``: compared at less than seven days, by what others had gathered at that age.
    - ``outlier``: by itself more than half of what all posts of its month gathered.
    """

    post: Post
    age: timedelta | None
    interactions: int | None
    rate: float | None
    normal: float | None
    known: int
    young: bool
    outlier: bool = False

    @property
    def ratio(self) -> float | None:
        """Return how many times the normal it gathered."""
        return self.rate / self.normal if self.rate is not None and self.normal else None

    @property
    def marked(self) -> bool:
        """Return whether it is told apart: a contest, or a post that is most of its month."""
        return self.post.contest or self.outlier


def compare(posts: Sequence[Post]) -> list[Compared]:
    """Set each post beside the normal of its account, newest first."""
    known = sorted(
        (one for one in posts if not one.deleted), key=lambda one: (one.published_at, one.post)
    )
    ages = {reading for one in {post.network for post in known} for reading in _ages(one)}
    # What each post had gathered at each age of the network's readings, asked once.
    rates = {(one.post, age): one.rate_at(age) for one in known for age in ages}
    outliers = _outliers(known)
    found: list[Compared] = []
    for place, post in enumerate(known):
        reading = post.counted or post.latest
        if reading is None:
            found.append(Compared(post, None, None, None, None, 0, young=post.young))
            continue
        age = COUNTED_AGE if post.counted else _nearest(reading.age, ages)
        since = post.published_at - COMPARED_WITHIN
        before = [
            rate for one in known[:place]
            if one.kind == post.kind and one.published_at >= since
            and (rate := rates[one.post, age]) is not None
        ][-LAST_POSTS:]  # fmt: skip
        enough = len(before) >= COMPARABLE_FEWEST
        followers, gathered = post.followers, reading.interactions
        rate = gathered / followers if gathered is not None and followers else None
        found.append(
            Compared(
                post, reading.age, gathered, rate, median(before) if enough else None,
                len(before), young=post.young, outlier=post.post in outliers,
            )
        )  # fmt: skip
    return found[::-1]


def _outliers(posts: Sequence[Post]) -> set[str]:
    """Return the posts that are, each by itself, more than half of what their month gathered."""
    months: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for one in posts:
        if (reading := one.counted or one.latest) is not None:
            month = (one.local.year, one.local.month)
            months.setdefault(month, []).append((reading.interactions or 0, one.post))
    found: set[str] = set()
    for gathered in months.values():
        most, post = max(gathered)
        if len(gathered) > 2 and most > ONE_HALF * sum(count for count, _ in gathered):
            found.add(post)
    return found


def _ages(network: str) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=one) for one in network_of(network).freshness.readings) or (
        COUNTED_AGE,
    )


def _nearest(age: timedelta, ages: set[timedelta]) -> timedelta:
    return min(ages, key=lambda one: abs(one - age))


def _around(age: timedelta) -> timedelta:
    """How far from an age a reading still is of that age: a day at seven, a third when younger."""
    return min(COUNTED_WITHIN, age / 3)
