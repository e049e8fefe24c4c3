"""The load of the intake benchmark: posts as the wire carries them, one in a hundred bad."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

ACCOUNTS = 2_000
BAD_EVERY = 100
PARTITIONS = 6
BATCH_BYTES = 256 * 1024
FIRST = datetime(2026, 10, 1, 6, tzinfo=UTC)


def posts(count: int) -> Iterator[bytes]:
    """Yield so many readings of posts, about 670 bytes each, one in a hundred of them bad."""
    for number in range(count):
        yield bad(number) if number % BAD_EVERY == BAD_EVERY - 1 else post(number)


def post(number: int) -> bytes:
    """Return the bytes of a post as `PostObserved.encode` writes them, without its cost."""
    account, age = number % ACCOUNTS, number // ACCOUNTS
    published = FIRST + timedelta(seconds=37 * (number % 50_000))
    slot = published + timedelta(hours=1 + age % 700)
    return _POST % {
        b"event": number,
        b"account": account,
        b"post": account * 1_000_000 + age // 6,
        b"published": _instant(published),
        b"slot": _instant(slot),
        b"observed": _instant(slot + timedelta(milliseconds=1_234)),
        b"likes": number % 731,
        b"comments": number % 37,
        b"shares": number % 53,
        b"quotes": number % 11,
        b"length": 180 + number % 90,
    }


_POST = (
    b'{"event_id":"%(event)032x","origin":"simulation","post":"%(post)032x",'
    b'"account":"%(account)032x","network":"bluesky",'
    b'"native_id":"at://did:plc:%(account)024d/app.bsky.feed.post/3k%(post)011d",'
    b'"address":"https://bsky.app/profile/ville-%(account)d.example/post/3k%(post)011d",'
    b'"state":"present","kind":"photo","published_at":"%(published)s","slot":"%(slot)s",'
    b'"observed_at":"%(observed)s","likes":%(likes)d,"comments":%(comments)d,'
    b'"shares":%(shares)d,"quotes":%(quotes)d,"views":null,"absent":{"views":"not_published"},'
    b'"text_length":%(length)d,"hashtags":["essai","march\xc3\xa9","travaux"],"language":"fr","topics":[],"fingerprint":null}'
)


def bad(number: int) -> bytes:
    """Return a record that is refused, of one kind or another."""
    good = post(number)
    return (
        good.replace(b'"likes":', b'"likes":"many","was":'),
        good.replace(b'"slot":"2026', b'"slot":"1926'),
        good[:-40],
        good + good,
    )[number // BAD_EVERY % 4]


def _instant(moment: datetime) -> bytes:
    return moment.isoformat().replace("+00:00", "Z").encode()


async def create_topic(kafka_url: str, topic: str, partitions: int = PARTITIONS) -> None:
    """Create a topic and wait until it is known."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1)])
        # Kafka has no way to be told that a new topic is known.
        while topic not in await admin.list_topics():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def publish(kafka_url: str, topic: str, values: list[bytes]) -> None:
    """Publish values over the partitions in turn, in large batches, and wait for the broker."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_url, max_batch_size=BATCH_BYTES, linger_ms=20, acks="all"
    )
    await producer.start()
    try:
        sent = []
        for partition in range(PARTITIONS):
            batch = producer.create_batch()
            for value in values[partition::PARTITIONS]:
                if batch.append(key=None, value=value, timestamp=None) is None:
                    sent.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    batch.append(key=None, value=value, timestamp=None)
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
