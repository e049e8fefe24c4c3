"""The analysis of posts on an invented world, judged by what was laid on its accounts.

``python -m tests.api.performance.judged SEED …`` prints the figures; `effects=no` a flat world.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import log
from statistics import fmean

from contracts.networks import network_of
from contracts.posts import POST_COUNTERS
from libs.clock import PARIS
from libs.matching.derived import derive
from services.api.performance import posts as read
from services.api.performance.contrasts import Dimension
from services.api.performance.copies import with_copies
from services.api.performance.findings import Analysis, analyse
from simulation.country.accounts import Account
from simulation.country.days import DAY, aware, civil, moment_of
from simulation.country.effects import CAUSES, Cause, effects_law
from simulation.country.posts import Post
from simulation.country.world import World
from simulation.network import seen

UNTIL = moment_of("2026-11-01")
SINCE = UNTIL - 365 * DAY
TERRITORIES = 400
PLANTED = log(1.3)
FEWEST = 40
RIGHT = log(1.1)
"""A finding is right when the truth is on its side by a tenth at least."""

SPOKEN_BY: dict[Dimension, tuple[Cause, ...]] = {
    "format": ("format",), "hour": ("hour",), "weekday": ("weekday",), "topic": ("topic",),
    "hashtag": ("topic",), "length": ("length",), "repeated": ("repeated",), "rhythm": (),
}  # fmt: skip
"""The causes that each dimension may be told for."""


@dataclass(slots=True)
class Judgement:
    """What was told of a world and what there was to tell; `missed` by cause."""

    accounts: int = 0
    asked: int = 0
    told: int = 0
    right: int = 0
    told_any: int = 0
    planted: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list[str])
    missed: Counter[str] = field(default_factory=Counter[str])
    by_cause: Counter[str] = field(default_factory=Counter[str])

    @property
    def recall(self) -> float:
        return self.found / max(1, self.planted)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.told)

    @property
    def misled(self) -> float:
        """The share of accounts with posts enough that are told something."""
        return self.told_any / max(1, self.asked)


def observed(world: World, post: Post) -> read.Post:
    """A post as the collector's reading at seven days gives it."""
    account, moment = post.account, post.created + 7 * DAY
    sight = seen(world, post, moment)
    derived = derive(sight.text, sight.hashtags)
    counters = dict(zip(POST_COUNTERS, world.counters(post, moment), strict=True))
    summed = network_of(account.network).interactions
    known = not any(name in sight.absent for name in summed)
    interactions = sum(counters[name] for name in summed) if known else None
    return read.Post(
        post=sight.native_id,
        network=account.network,
        published_at=aware(post.created),
        kind=sight.kind,
        readings=(read.Reading(timedelta(days=7), interactions),),
        followers=world.followers(account, post.created),
        text_length=len(sight.text),
        hashtags=sight.hashtags,
        topics=derived.topics,
        fingerprint=derived.fingerprint,
    )


def analyses(world: World) -> Iterator[tuple[Account, list[Post], Analysis]]:
    """Every account that can be analysed, the invented posts that were looked at, the analysis."""
    homes: defaultdict[str, list[Account]] = defaultdict(list)
    for account in world.accounts:
        if account.rules.observable(account) and network_of(account.network).interactions:
            homes[account.home].append(account)
    for accounts in homes.values():
        truths: dict[str, Post] = {}
        seen_posts: list[tuple[Account, list[read.Post]]] = []
        for account in accounts:
            found: list[read.Post] = []
            for post in world.press.between(account, SINCE, UNTIL):
                if post.deleted_at is None:
                    one = observed(world, post)
                    truths[one.post] = post
                    found.append(one)
            seen_posts.append((account, found))
        for account, found in seen_posts:
            others = [(one.network, some) for one, some in seen_posts if one is not account]
            analysis = analyse(read.compare(with_copies(found, others)))
            yield account, [truths[one.post] for one in analysis.posts], analysis


def judge(world: World) -> Judgement:
    """Compare what is told with the truth, on every account of a world."""
    judged = Judgement()
    for account, posts, analysis in analyses(world):
        judged.accounts += 1
        if not analysis.enough:
            continue
        judged.asked += 1
        judged.told_any += bool(analysis.findings)
        truths = [post.factors() for post in posts]
        found: set[Cause] = set()
        for one in analysis.findings:
            causes = SPOKEN_BY[one.dimension]
            truth = _apart(truths, causes, one.group.__contains__)
            right = truth * log(one.times) > 0 and abs(truth) >= RIGHT
            judged.told += 1
            judged.right += right
            if right:
                found.update(causes)
            else:
                judged.wrong.append(
                    f"{account.network} {one.dimension} {one.value} × {one.times:.2f} "
                    f"({one.posts}/{one.others}, {one.chance:.1e}), truth {truth:+.2f}"
                )
        for cause in CAUSES:
            if _planted(cause, posts, truths):
                judged.planted += 1
                judged.found += cause in found
                judged.by_cause[cause] += 1
                judged.missed[cause] += cause not in found
    return judged


def _apart(
    truths: Sequence[dict[Cause, int]], causes: Sequence[Cause], inside: Callable[[int], bool]
) -> float:
    """By how much (logarithm) the truth of some causes sets a group apart from the others."""
    logs = [sum(log(truth[cause] / 1000) for cause in causes) for truth in truths]
    group = [one for place, one in enumerate(logs) if inside(place)]
    others = [one for place, one in enumerate(logs) if not inside(place)]
    return fmean(group) - fmean(others) if group and others else 0.0


def _planted(cause: Cause, posts: Sequence[Post], truths: Sequence[dict[Cause, int]]) -> bool:
    """Whether a value of a cause does × 1.3 (or less by as much), with forty posts a side."""
    for holds in _values(cause):
        group = {place for place, post in enumerate(posts) if holds(post)}
        if FEWEST <= len(group) <= len(posts) - FEWEST and (
            abs(_apart(truths, (cause,), group.__contains__)) >= PLANTED
        ):
            return True
    return False


def _values(cause: Cause) -> Iterator[Callable[[Post], bool]]:
    law = effects_law()
    match cause:
        case "format":
            for kind in ("text", "photo", "album", "video", "link", "event"):
                yield lambda post, kind=kind: post.kind == kind
        case "hour":
            for first, last in law.hours.values():
                yield lambda post, first=first, last=last: first <= _hour(post) < last
        case "weekday":
            for days in law.weekdays.values():
                yield lambda post, days=days: civil(post.day)[2] in days
        case "topic":
            for theme in range(20):
                yield lambda post, theme=theme: post.theme == theme
        case "length":
            yield lambda post: post.long
        case "repeated":
            yield lambda post: post.said is not post.words


def _hour(post: Post) -> int:
    return aware(post.created).astimezone(PARIS).hour


def main() -> None:
    """Print the figures of some seeds."""
    effects = "effects=no" not in sys.argv
    for seed in sys.argv[1:]:
        if "=" in seed:
            continue
        one = judge(World(seed, TERRITORIES, effects=effects))
        sys.stdout.write(
            f"{seed}: {one.accounts} accounts, {one.asked} with posts enough; told {one.told}, "
            f"right {one.right} (precision {one.precision:.1%}); planted {one.planted}, "
            f"found {one.found} (recall {one.recall:.1%}); told any {one.misled:.1%}\n"
            f"  missed {dict(one.missed)} of {dict(one.by_cause)}\n"
        )
        for wrong in one.wrong[:25]:
            sys.stdout.write(f"  {wrong}\n")


if __name__ == "__main__":
    main()
