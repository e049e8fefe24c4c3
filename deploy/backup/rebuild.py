"""Tables made again: topics read again by the scorer, published months computed again, compared."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition

from contracts.topics import DECLARED
from libs.engine.client import Engine, connect, connect_to_compute
from libs.settings import Settings
from libs.wire.backends.address import connection
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.read_to_end import partitions_of, starts_of
from services.api.operations.broker import backlog_of
from services.scorer.month.month import FinalMonthError, compute

SCORER = "scorer"


class Refused(Exception):
    """Nothing was changed; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Month:
    """A published month: its hash as published, and as computed again (None: not put in place)."""

    period: str
    published: str
    computed: str | None

    @property
    def same(self) -> bool:
        """Tell whether every figure is what it was."""
        return self.published == self.computed


async def read_again(settings: Settings, hours: float | None = None) -> int:
    """Set the scorer back in its topics: to their beginning, or so many hours.

    Returns how many records it will read again; rows carry natural keys, nothing counts twice.
    Raises `Refused` while a scorer runs.
    """
    groups = (await backlog_of(settings.kafka_url, settings.namespace)).groups
    group = f"{settings.namespace}.{SCORER}"
    if any(one.name == group and one.running for one in groups):
        raise Refused("the scorer runs: stop it first (a minute later it is no longer counted)")
    places: list[TopicPartition] = [
        place
        for topic in DECLARED
        if SCORER in topic.read_by
        for place in partitions_of(topic, settings.namespace)
    ]
    member = KafkaConsumer(
        **connection(settings.kafka_url), group_id=group, enable_auto_commit=False
    )
    await member.start()
    try:
        member.assign(places)
        since = None
        if hours is not None:
            since = int((datetime.now(UTC) - timedelta(hours=hours)).timestamp() * 1000)
        starts = await starts_of(member, places, since)
        ends = await member.end_offsets(places)
        await member.commit(starts)
    finally:
        await member.stop()
    return sum(ends[place] - starts[place] for place in places)


async def months_again(settings: Settings) -> AsyncGenerator[Month, None]:
    """Compute each published month again by its methodology, oldest first, and compare.

    One that differs is a numbered revision, as whenever a month is computed; a final one stays.
    """
    reading = await connect(settings.clickhouse_url, settings.database)
    try:
        published = await reading.query(
            "SELECT period, methodology, state, hash FROM periods ORDER BY period"
        )
    finally:
        await reading.close()
    for period, methodology, state, digest in published.result_rows:
        client: Engine = await connect_to_compute(
            settings.clickhouse_url, settings.database, cluster=settings.clickhouse_cluster
        )
        async with client:
            try:
                done = await compute(
                    client,
                    str(period),
                    str(methodology),
                    settings.clock(),
                    installation=settings.installation,
                    final=state == "final",
                )
            except FinalMonthError:
                yield Month(str(period), str(digest), None)
            else:
                yield Month(str(period), str(digest), done.hash)
