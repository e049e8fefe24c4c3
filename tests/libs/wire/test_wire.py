"""At least once on the wire: what is committed, what is read again, what goes to dead letters."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from faststream import AckPolicy
from structlog.testing import capture_logs

from contracts.accounts import AccountObserved
from contracts.dead_letters import DeadLetter
from contracts.topics import ACCOUNTS_OBSERVED, DEAD_LETTERS, LARGEST_LETTER_BYTES
from libs.wire.judging import Ceiling, Received, Stopped
from libs.wire.provision import create_topics
from libs.wire.wire import REPLAYS_HEADER, Later, Wire
from tests.deadlines import turn, until, until_found

pytestmark = pytest.mark.broker

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def observed(number: int, origin: str = "simulation") -> AccountObserved:
    return AccountObserved.write(
        event_id=f"e{number}",
        origin=origin,
        account=f"account-{number}",
        network="bluesky",
        handle="a.example",
        slot=NOON,
        observed_at=NOON,
        followers=number,
        following=0,
        posts=0,
        absent={"likes": "not_published", "views": "not_published"},
    )


@pytest.fixture
async def namespace(kafka_url: str, request: pytest.FixtureRequest) -> str:
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")
    await create_topics(kafka_url, name)
    return name


@pytest.fixture
def open_wire(kafka_url: str, namespace: str) -> Callable[[], Wire]:
    async def at_once(_: float) -> None:
        await turn()

    return lambda: Wire(kafka_url, "simulation", namespace=namespace, sleep=at_once)


@pytest.fixture
async def wire(open_wire: Callable[[], Wire]) -> AsyncIterator[Wire]:
    wire = open_wire()
    yield wire
    await wire.stop()


async def publish_bytes(
    kafka_url: str, topic: str, *values: bytes, most: int = 2**20, partition: int = 0
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url, max_request_size=most)
    await producer.start()
    for value in values:
        await producer.send_and_wait(topic, value, key=b"k", partition=partition)
    await producer.stop()


async def committed(kafka_url: str, group: str, topic: str, partitions: int) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_url, group_id=group)
    await consumer.start()
    try:
        offsets = [
            await consumer.committed(TopicPartition(topic, number)) for number in range(partitions)
        ]
    finally:
        await consumer.stop()
    return sum(offset or 0 for offset in offsets)


async def until_committed(kafka_url: str, group: str, topic: str, count: int) -> None:
    await until_found(
        lambda: committed(kafka_url, group, topic, ACCOUNTS_OBSERVED.partitions),
        lambda found: found >= count,
    )


async def dead_letters(kafka_url: str, namespace: str, count: int) -> list[DeadLetter]:
    consumer = AIOKafkaConsumer(
        DEAD_LETTERS.on(namespace), bootstrap_servers=kafka_url, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: list[DeadLetter] = []
    try:
        async with asyncio.timeout(20):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [DeadLetter.read(record.value or b"") for record in records]
    finally:
        await consumer.stop()
    return found


def test_no_subscription_undoes_the_ack_policy(kafka_url: str) -> None:
    wire = Wire(kafka_url, "simulation")

    async def handler(_: Sequence[Received[AccountObserved]]) -> None: ...

    wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler)
    policies = {subscriber.ack_policy for subscriber in wire.broker.subscribers}
    assert policies == {AckPolicy.NACK_ON_ERROR}


async def test_a_batch_whose_handler_failed_is_read_again_whole(
    wire: Wire, kafka_url: str, namespace: str
) -> None:
    """A batch spans partitions; each is rewound to its earliest record (FastStream ≥ 0.7.8)."""
    calls: list[set[str]] = []
    got: set[str] = set()

    async def handler(events: Sequence[Received[AccountObserved]]) -> None:
        calls.append({received.event.account for received in events})
        if len(calls) <= 2:
            raise Later("the engine is away")
        got.update(calls[-1])

    wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler)
    await wire.start()
    await wire.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(40)])
    await until(lambda: len(got) == 40)
    assert len(calls) >= 3
    await wire.stop()
    topic = ACCOUNTS_OBSERVED.on(namespace)
    assert await committed(kafka_url, f"{namespace}.g", topic, ACCOUNTS_OBSERVED.partitions) == 40


async def test_a_fault_of_ours_is_told_until_a_batch_passes(
    kafka_url: str, namespace: str, wire: Wire
) -> None:
    mended, taken = asyncio.Event(), asyncio.Event()
    attempts = 0

    async def handle(_: Sequence[object]) -> None:
        nonlocal attempts
        attempts += 1
        if not mended.is_set():
            raise RuntimeError("a bug")
        taken.set()

    wire.subscribe_raw([ACCOUNTS_OBSERVED], "faulty", handle)
    with capture_logs() as logs:
        await wire.start()
        await publish_bytes(kafka_url, ACCOUNTS_OBSERVED.on(namespace), observed(1).encode())
        await until(lambda: attempts >= 2)
    assert wire.failures() == {"faulty": "RuntimeError: a bug"}
    told = [line for line in logs if line["event"] == "handler failed"]
    assert told[0]["group"] == "faulty"
    assert told[0]["exc_info"]
    mended.set()
    await asyncio.wait_for(taken.wait(), 30)
    await until(lambda: wire.failures() == {})


async def test_a_lane_that_fails_is_told_while_another_of_its_group_succeeds(
    kafka_url: str, namespace: str
) -> None:
    async def for_ever(_: float) -> None:
        await asyncio.Event().wait()

    wire = Wire(kafka_url, "simulation", namespace=namespace, sleep=for_ever)
    taken: set[int] = set()

    async def handle(records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        taken.update(record.partition for record in records)
        if any(record.partition == 0 for record in records):
            raise RuntimeError("a bug")

    topic = ACCOUNTS_OBSERVED.on(namespace)
    lanes = [wire.subscribe_raw([ACCOUNTS_OBSERVED], "lanes", handle) for _ in range(2)]
    await wire.start()
    try:
        # Each partition has one lane, each lane has some: nothing moves between them any more.
        parts = range(ACCOUNTS_OBSERVED.partitions)

        def shared() -> bool:
            held = [[n for n in parts if lane.holds(topic, n)] for lane in lanes]
            return all(held) and sorted(n for some in held for n in some) == list(parts)

        await until(shared)
        faulty = next(lane for lane in lanes if lane.holds(topic, 0))
        sound = next(n for n in parts if not faulty.holds(topic, n))
        await publish_bytes(kafka_url, topic, observed(1).encode())
        await until(lambda: wire.failures() == {"lanes": "RuntimeError: a bug"})
        await publish_bytes(kafka_url, topic, observed(2).encode(), partition=sound)
        await until(lambda: sound in taken)
        await until_committed(kafka_url, f"{namespace}.lanes", topic, 1)
        assert wire.failures() == {"lanes": "RuntimeError: a bug"}
    finally:
        # A pause without end does not keep it.
        async with asyncio.timeout(5):
            await wire.stop()
    assert wire.failures() == {}, "what is no longer read here is not told from here"


async def test_what_the_broker_refuses_to_a_subscription_is_told(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for again and again, for ever: not in silence."""

    async def refused(*_: object, **__: object) -> None:
        raise TopicAuthorizationFailedError("not yours")

    async def handle(_: Sequence[object]) -> None: ...

    wire.subscribe_raw([ACCOUNTS_OBSERVED], "refused", handle)
    monkeypatch.setattr(AIOKafkaConsumer, "getmany", refused)
    with capture_logs() as logs:
        await wire.start()
        await until(lambda: any(line["event"] == "broker refuses" for line in logs))
    told = next(line for line in logs if line["event"] == "broker refuses")
    assert "not yours" in told["error"]


async def test_a_bad_record_as_large_as_the_broker_takes_is_buried_whole(
    kafka_url: str, namespace: str, wire: Wire
) -> None:
    got: list[Received[AccountObserved]] = []

    async def handle(events: Sequence[Received[AccountObserved]]) -> None:
        got.extend(events)

    wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "large", handle)
    await wire.start()
    large = b"x" * 1_048_000
    await publish_bytes(
        kafka_url, ACCOUNTS_OBSERVED.on(namespace), large, observed(1).encode(), most=2_000_000
    )
    await until(lambda: len(got) == 1)
    (letter,) = await dead_letters(kafka_url, namespace, 1)
    assert base64.b64decode(letter.value) == large


async def test_bad_records_go_to_dead_letters_and_good_ones_arrive(
    wire: Wire, kafka_url: str, namespace: str
) -> None:
    got: list[str] = []

    async def handler(events: Sequence[Received[AccountObserved]]) -> None:
        got.extend(received.event.account for received in events)

    await publish_bytes(
        kafka_url,
        ACCOUNTS_OBSERVED.on(namespace),
        observed(1).encode(),
        b'{"event_id": "x"',
        observed(2).encode().replace(b'"followers":2', b'"followers":null'),
        observed(3).encode().replace(b'"followers":3', b'"followers":true'),
        observed(4, "live").encode(),
        observed(5).encode(),
    )
    wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler)
    await wire.start()
    await until(lambda: "account-5" in got)
    letters = await dead_letters(kafka_url, namespace, 3)
    assert got == ["account-1", "account-2", "account-5"]
    assert [letter.offset for letter in letters] == [1, 3, 4]
    assert letters[0].reason.startswith("byte 16: ")
    assert letters[1].reason.startswith("followers: ")
    assert letters[2].reason.startswith("origin: ")
    assert letters[1].record == observed(3).encode().replace(b'"followers":3', b'"followers":true')


async def test_too_many_bad_records_stop_the_consumer_and_commit_nothing(
    wire: Wire, kafka_url: str, namespace: str
) -> None:
    async def handler(_: Sequence[Received[AccountObserved]]) -> None: ...

    wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler, max_records=3_000)
    await publish_bytes(kafka_url, ACCOUNTS_OBSERVED.on(namespace), *[b"{"] * 10)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url)
    await producer.start()
    sent = [
        await producer.send(ACCOUNTS_OBSERVED.on(namespace), b"{", partition=0) for _ in range(2500)
    ]
    await asyncio.gather(*sent)
    await producer.stop()
    await wire.start()
    await until(lambda: "g" in wire.stopped)
    await wire.stop()
    topic = ACCOUNTS_OBSERVED.on(namespace)
    behind = 2_510 - await committed(kafka_url, f"{namespace}.g", topic, 1)
    assert behind > 0, "lag shows what a bad deployment did"


async def test_an_event_of_the_wrong_topic_or_installation_is_not_published(wire: Wire) -> None:
    with pytest.raises(TypeError, match="carries DeadLetter"):
        await wire.publish(DEAD_LETTERS, observed(1))
    with pytest.raises(ValueError, match="live"):
        await wire.publish(ACCOUNTS_OBSERVED, observed(1, "live"))


@pytest.mark.parametrize(
    ("batches", "stops"),
    [
        ([(100, 100)], False),
        ([(10_000, 2_000)], False),
        ([(10_000, 2_001)], True),
        ([(5_000, 1_500), (10_000, 600)], False),
        ([(5_000, 1_500), (4_000, 501)], True),
    ],
)
def test_the_ceiling_is_a_share_of_the_last_records(
    batches: list[tuple[int, int]], stops: bool
) -> None:
    ceiling = Ceiling()
    for read, bad in batches[:-1]:
        ceiling.count(read, bad)
    if stops:
        with pytest.raises(Stopped):
            ceiling.count(*batches[-1])
    else:
        ceiling.count(*batches[-1])


@pytest.mark.parametrize("replays", [None, b"", b"many", b"-1", b"9" * 5_000])
def test_a_letter_is_written_whatever_its_header_and_key(
    open_wire: Callable[[], Wire], replays: bytes | None
) -> None:
    record = ConsumerRecord(
        "t", 0, 0, 0, 0, b"\x01" * 1_040_000, b"v", None, 0, 0, ((REPLAYS_HEADER, replays),)
    )
    letter = open_wire()._dead_letter(record, "bad", "g")  # pyright: ignore[reportPrivateUsage]
    assert letter.replays == 0
    assert letter.exact_key == record.key
    assert len(letter.encode()) < LARGEST_LETTER_BYTES
