"""The way back of dead letters: listed, and given again to the topic that they came from."""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin.records_to_delete import RecordsToDelete
from pydantic import ValidationError

from contracts.dead_letters import REPLAYING, DeadLetter
from contracts.topics import DEAD_LETTERS, LARGEST_LETTER_BYTES, TOPICS
from libs.wire.backends.clients import admin_of, consumer_of, opened, producer_of
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.backends.log import Record
from libs.wire.read_to_end import partitions_of, read_between
from libs.wire.wire import REPLAYS_HEADER, refusal

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Replayed:
    """What a replay did, or would do."""

    replayed: Counter[str] = field(default_factory=Counter[str])
    given_up: Counter[str] = field(default_factory=Counter[str])
    repeated: int = 0
    unreadable: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Partition and offset of what is no letter: it is passed over, whatever its origin."""


class DeadLetters:
    """The dead letters of an installation; `topic` (its name without prefix) narrows them to one.

    A replay reads the letters of each origin with a group of that origin's own, whether it was
    asked for one or for all: its progress is seen as lag, and each letter is given back once. It
    ends at what was there when it began. A record that several groups refused has a letter of each,
    and is given back once.
    """

    def __init__(self, kafka_url: str, namespace: str, topic: str | None = None) -> None:
        self._kafka_url = kafka_url
        self._places = partitions_of(DEAD_LETTERS, namespace)
        self._origin = f"{namespace}.{topic}" if topic else None
        self._group = f"{namespace}.{REPLAYING}"
        self._topics = {one.on(namespace): one for one in TOPICS}

    async def list(self) -> AsyncGenerator[DeadLetter, None]:
        """Yield every letter kept, once each, oldest first by partition; changes nothing."""
        seen: set[str] = set()
        async with opened(consumer_of(self._kafka_url)) as consumer:
            async for place, records in self._to_the_end(consumer):
                for letter in self._read(place, records):
                    if letter.event_id not in seen:
                        seen.add(letter.event_id)
                        yield letter

    async def replay(self, *, dry_run: bool = False) -> Replayed:
        """Give the letters not yet replayed back to their topics, and count.

        Each goes as it first came, without what was said of it, to the partition it came from; a
        header counts how often. Offsets are committed when the broker has every record: killed
        before, it gives them again, and they carry natural keys.
        """
        done = Replayed()
        origins = [self._origin] if self._origin else sorted({x.topic async for x in self.list()})
        for origin in origins:
            await self._replay(origin, done, dry_run=dry_run)
        return done

    async def drop(self) -> int:
        """Have the broker delete every letter that there is now; returns how many records went.

        What becomes a dead letter meanwhile stays.
        """
        async with opened(consumer_of(self._kafka_url)) as consumer:
            begins = await consumer.beginning_offsets(self._places)
            ends = await consumer.end_offsets(self._places)
        there = {place: ends[place] - begins[place] for place in self._places}
        deleted = {place: RecordsToDelete(ends[place]) for place, held in there.items() if held}
        async with opened(admin_of(self._kafka_url)) as admin:
            # Missing from the types of the library.
            await cast("Any", admin).delete_records(deleted)
        return sum(there.values())

    async def _replay(self, origin: str, done: Replayed, *, dry_run: bool) -> None:
        seen = set[str]()
        group = f"{self._group}.{origin}"
        writing = producer_of(self._kafka_url, max_request_size=LARGEST_LETTER_BYTES)
        reading = consumer_of(self._kafka_url, group)
        async with opened(reading) as consumer, opened(writing) as producer:
            async for partition, records in self._to_the_end(consumer):
                sent = [
                    await _send(producer, letter)
                    for letter in self._due(partition, records, origin, done, seen)
                    if not dry_run
                ]
                for acknowledged in sent:
                    await acknowledged
                if not dry_run:
                    await consumer.commit({partition: records[-1].offset + 1})

    def _due(
        self,
        place: TopicPartition,
        records: Sequence[Record],
        origin: str,
        done: Replayed,
        seen: set[str],
    ) -> Iterator[DeadLetter]:
        """Yield the letters of an origin to give back, counting those and the others."""
        for letter in self._read(place, records, done):
            if letter.topic != origin:
                continue
            if letter.place in seen:
                # A letter read again, or of another group that refused the same record.
                done.repeated += 1
            elif letter.given_up or not self._fits(letter):
                done.given_up[letter.topic] += 1
            else:
                done.replayed[letter.topic] += 1
                yield letter
            seen.add(letter.place)

    def _read(
        self, place: TopicPartition, records: Sequence[Record], done: Replayed | None = None
    ) -> Iterator[DeadLetter]:
        for record in records:
            try:
                letter = DeadLetter.read(record.value or b"")
            except ValidationError:
                log.warning("unreadable letter", partition=place.partition, offset=record.offset)
                if done:
                    done.unreadable.add((place.partition, record.offset))
                continue
            if self._origin in (None, letter.topic):
                yield letter

    def _fits(self, letter: DeadLetter) -> bool:
        """Tell whether the broker takes a letter's record back: it is not too large.

        One that the broker refuses leaves a hole in what the producer numbers, after which it
        refuses all that follows in the partition (see `Wire.publish_all`).
        """
        why = refusal(self._topics.get(letter.topic), letter.exact_key or b"", letter.record)
        if why:
            log.warning("letter too large", topic=letter.topic, partition=letter.partition,
                        offset=letter.offset, why=why)  # fmt: skip
        return why is None

    async def _to_the_end(
        self, consumer: KafkaConsumer
    ) -> AsyncGenerator[tuple[TopicPartition, Sequence[Record]], None]:
        """Yield what is between the group's place and the ends as they are now.

        What becomes a dead letter meanwhile (a record refused again) is for the next replay.
        """
        consumer.assign(self._places)
        starts = {each: await consumer.position(each) for each in self._places}
        ends = await consumer.end_offsets(self._places)
        async for partition, records in read_between(consumer, starts, ends, 1_000):
            yield partition, records


async def _send(producer: AIOKafkaProducer, letter: DeadLetter) -> Awaitable[object]:
    return await producer.send(
        letter.topic,
        letter.record,
        key=letter.exact_key,
        partition=letter.partition,
        headers=[(REPLAYS_HEADER, str(letter.replays + 1).encode())],
    )
