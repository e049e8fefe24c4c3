"""Writing the past of a world to Kafka: topics made, accounts in turn, progress told."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from contracts.topics import (
    ACCOUNTS_OBSERVED,
    MENTIONS_OBSERVED,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
)
from libs.wire.provision import create_topics
from simulation.country.accounts import Account
from simulation.country.days import DAY
from simulation.country.world import World
from simulation.history.bulk import Bulk
from simulation.history.history import History, Plan
from simulation.history.mentions import mention_records

WRITTEN = (ACCOUNTS_OBSERVED, POSTS_OBSERVED, TEXTS_OBSERVED, MENTIONS_OBSERVED)
TOPICS = tuple(part for topic in WRITTEN for part in topic.parts)


TERRITORIES_KEPT = 5000
"""Territories up to which all accounts are kept in memory (about 10 KB each)."""

MENTIONS_KEPT = 30 * DAY
"""What others say is kept 30 days: nothing older is written."""

TELLING = 64
"""Steps between two tellings of the progress."""


class Share(NamedTuple):
    """The part of a world that one writer writes: every ``of``-th territory, from ``rank`` on."""

    rank: int = 0
    of: int = 1

    def holds(self, place: int) -> bool:
        """Whether the territory of that rank is one of them."""
        return place % self.of == self.rank


WHOLE = Share()


class Progress(NamedTuple):
    """How far a writing is: steps done, of how many, events written."""

    done: int
    total: int
    events: int


async def write_history(
    world: World,
    plan: Plan,
    kafka_url: str,
    *,
    now: Callable[[], float],
    namespace: str = "simulation",
    mentions_of: Iterable[str] = (),
    tell: Callable[[Progress], None] = lambda _: None,
    share: Share = WHOLE,
) -> int:
    """Write the events of a span; returns how many.

    Small worlds are written month after month, as figures are stored; in large ones accounts are
    made one after the other and forgotten, so that nothing grows with the world.

    Args:
        now: the time of publication, in seconds (never that of the observations, which are past).
        mentions_of: codes of the territories whose mentions are written (those that are watched).
        share: the territories that are written here; the first share has the mentions too.
    """
    history = History(world, plan)
    codes = frozenset(mentions_of)
    await create_topics(kafka_url, namespace, TOPICS)
    async with Bulk(kafka_url, namespace) as bulk:
        for done, total, account, first, last in _steps(world, history, share):
            records = history.records(account, first, last)
            await bulk.write(account.id.encode(), records, int(now() * 1000))
            if done % TELLING == 0:
                tell(Progress(done, total, bulk.records))
        if codes and share.rank == 0:
            since = max(plan.since, plan.present - MENTIONS_KEPT)
            for key, record in mention_records(world, since, max(since, plan.until), codes):
                await bulk.write(key, (record,), int(now() * 1000))
        await bulk.flush()
        tell(Progress(1, 1, bulk.records))
        return bulk.records


def _steps(
    world: World, history: History, share: Share
) -> Iterator[tuple[int, int, Account, int, int]]:
    """(steps done, of how many, account, span): month after month where accounts may be kept."""
    chunks = history.chunks()
    done = 0
    ranks = {place.territory.code: rank for rank, place in enumerate(world.places)}
    ours = (account for account in world.walk() if share.holds(ranks[account.home]))
    if len(ranks) <= TERRITORIES_KEPT:
        accounts = world.accounts if share == WHOLE else list(ours)
        total = len(chunks) * len(accounts)
        for first, last in chunks:
            for account in accounts:
                yield done, total, account, first, last
                done += 1
        return
    for account in ours:
        done = ranks[account.home]
        for first, last in chunks:
            yield done, len(ranks), account, first, last
        world.forget(account)
