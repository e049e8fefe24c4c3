"""What the wire does over any log: the broker's own and the one in memory are held to the same.

`TestKafka` and `TestMemory` (tests/libs/wire) inherit it; each gives `open_wire`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, MessageSizeTooLargeError
from structlog.testing import capture_logs

from contracts.accounts import AccountObserved, AccountRegistered
from contracts.dead_letters import DeadLetter
from contracts.topics import ACCOUNTS_OBSERVED, ACCOUNTS_REGISTERED, DEAD_LETTERS, Topic
from libs.wire import lane as lanes
from libs.wire.backends.log import Batches, Record
from libs.wire.checking import Received
from libs.wire.lane import Lane, Pace
from libs.wire.read_to_end import newest, partitions_of, read_to_end
from libs.wire.table import Table
from libs.wire.tail import Tail
from libs.wire.wire import WHOLE_BYTES, Wire
from libs.wire.work import Later, Work, until_done
from tests.deadlines import turn, until, until_found
from tests.events import account_observed, account_registered

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
TOPICS = (ACCOUNTS_OBSERVED, ACCOUNTS_REGISTERED, DEAD_LETTERS)
OpenWire = Callable[[], Wire]


def observed(number: int, origin: str = "simulation", **fields: Any) -> AccountObserved:
    """An observation of account `number`, which has as many followers."""
    known = {"event_id": f"e{number}", "origin": origin, "followers": number}
    return account_observed(f"account-{number}", **known | fields)


def registered(account: str, revision: int, origin: str = "simulation") -> AccountRegistered:
    """An account as it was at a revision."""
    handle = f"r{revision}.example"
    return account_registered(account, revision=revision, handle=handle, origin=origin)


class Kept(Work):
    """Keeps what it is given, and does as a test says."""

    def __init__(self, **settings: Any) -> None:
        self.values: list[bytes | None] = []
        self.places: Counter[int] = Counter()
        self.begun: list[int] = []
        self.revocations = 0
        self.drops = self.rounds = 0
        self.fails: dict[bytes | None, Exception] = {}
        self.positions: dict[TopicPartition, int] | None = None
        self.closed: set[TopicPartition] = set()
        self.idle, self.stateful = settings.get("idle", False), settings.get("stateful", False)

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        self.begun.append(len(partitions))

    async def handle(self, batches: Batches) -> None:
        self.rounds += 1
        values = [record.value for records in batches.values() for record in records]
        for value in values:
            if error := self.fails.get(value):
                raise error
        self.values += values
        for place, records in batches.items():
            self.places[place.partition] += len(records)

    def done(self) -> Mapping[TopicPartition, int] | None:
        return self.positions

    def full(self) -> set[TopicPartition]:
        return self.closed

    async def revoked(self) -> None:
        self.revocations += 1

    def dropped(self) -> None:
        self.drops += 1
        self.values.clear()


class LogSuite:
    """One behaviour, whatever the log."""

    @pytest.fixture
    async def open_wire(self) -> OpenWire:
        """Return what opens wires of one installation, on a log of the test's own."""
        raise NotImplementedError

    @pytest.fixture
    async def writer(self, open_wire: OpenWire) -> AsyncIterator[Wire]:
        """A wire that only writes."""
        async with open_wire() as wire:
            yield wire

    @pytest.fixture
    async def wire(self, open_wire: OpenWire) -> AsyncIterator[Wire]:
        """A wire to be started."""
        wire = open_wire()
        yield wire
        await wire.stop()

    async def write(self, wire: Wire, *values: bytes | None, topic: Topic = ACCOUNTS_OBSERVED,
                    key: bytes = b"k") -> None:  # fmt: skip
        """Write bytes as they are, all to the partition of their key."""
        sent = [await wire.log.send(topic.on(wire.namespace), value, key) for value in values]
        await asyncio.gather(*sent)

    async def committed(self, wire: Wire, group: str) -> int:
        """How many records a group has committed."""
        consumer = wire.log.consumer(f"{wire.namespace}.{group}")
        await consumer.start()
        try:
            places = partitions_of(ACCOUNTS_OBSERVED, wire.namespace)
            return sum([await consumer.committed(place) or 0 for place in places])
        finally:
            await consumer.stop()

    async def dead(self, wire: Wire) -> list[DeadLetter]:
        """The dead letters."""
        found: list[DeadLetter] = []

        def take(_: TopicPartition, records: Sequence[Record]) -> None:
            found.extend(DeadLetter.read(record.value or b"") for record in records)

        await read_to_end(wire.log, partitions_of(DEAD_LETTERS, wire.namespace), take)
        return found

    # Reading to the end

    async def test_it_reads_all_partitions_to_their_ends(self, writer):
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(40)])
        found: Counter[int] = Counter()

        def take(place: TopicPartition, records: Sequence[Record]) -> None:
            assert [each.offset for each in records] == sorted(each.offset for each in records)
            found[place.partition] += len(records)

        places = partitions_of(ACCOUNTS_OBSERVED, writer.namespace)
        async with asyncio.timeout(20):
            await read_to_end(writer.log, places, take)
            assert found.total() == 40
            assert len(found) > 1
            await read_to_end(writer.log, places, take, since_ms=2**42)
            await read_to_end(writer.log, [], take)
        assert found.total() == 40

    async def test_the_newest_records_are_found_whatever_their_partition(self, writer):
        for number in range(40):
            await writer.publish(ACCOUNTS_OBSERVED, observed(number))
        places = partitions_of(ACCOUNTS_OBSERVED, writer.namespace)
        every = await newest(writer.log, places, 100)
        assert len(every) == 40
        newer = [record.timestamp for _, record in await newest(writer.log, places, 3)]
        assert newer == sorted(record.timestamp for _, record in every)[-3:]
        assert await newest(writer.log, partitions_of(DEAD_LETTERS, writer.namespace), 3) == []

    async def test_a_table_holds_the_latest_and_passes_over_what_it_cannot_use(self, writer):
        rows = [registered(f"a{n}", 1) for n in range(20)]
        await writer.publish_all(ACCOUNTS_REGISTERED, rows)
        told: list[str] = []

        def changed(key: str, _: AccountRegistered | None) -> None:
            told.append(key)
            if key == "a3":
                raise RuntimeError("a bug")

        table = Table(writer, ACCOUNTS_REGISTERED, AccountRegistered, on_change=changed)
        async with asyncio.timeout(20):
            await table.start()
        assert table.ready.is_set()
        assert len(table.rows) == 20
        name = {"topic": ACCOUNTS_REGISTERED}
        with capture_logs() as logs:
            for value in (registered("a1", 3), registered("a1", 2), registered("a1", 9, "live")):
                await self.write(writer, value.encode(), key=b"a1", **name)
            await self.write(writer, b"{junk", key=b"a1", **name)
            await self.write(writer, b"{junk", key=b"\xff", **name)
            await self.write(writer, registered("a5", 9).encode(), key=b"a6", **name)
            await self.write(writer, None, key=b"a2", **name)
            await writer.publish(ACCOUNTS_REGISTERED, registered("last", 1))
            async with asyncio.timeout(20):
                while not {"last"} <= table.rows.keys() or "a2" in table.rows:
                    await table.change()
            await until(lambda: len(logs) == 4)
        assert table.rows["a1"].revision == 3
        # What is said of one under another's name takes neither's place.
        assert (table.rows["a5"].revision, table.rows["a6"].revision) == (1, 1)
        assert table.rows["a6"].account == "a6"
        assert {line["event"] for line in logs} == {"record passed over"}
        assert table.failed is None
        assert "a3" in told
        await table.stop()

    async def test_a_table_catches_up_with_what_the_topic_holds_now(self, writer):
        table = Table(writer, ACCOUNTS_REGISTERED, AccountRegistered)
        await table.start()
        await writer.publish_all(ACCOUNTS_REGISTERED, [registered(f"a{n}", 1) for n in range(300)])
        await table.catch_up()
        assert len(table.rows) == 300
        await table.stop()

    async def test_an_empty_table_is_ready_at_once(self, writer):
        table = Table(writer, ACCOUNTS_REGISTERED, AccountRegistered)
        async with asyncio.timeout(20):
            await table.start()
        await table.stop()

    async def test_a_tail_gives_what_is_since_a_moment_and_what_follows(self, writer):
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(9)])
        found: list[int | None] = []
        tails = [
            Tail(
                *(writer, ACCOUNTS_OBSERVED, AccountObserved, lambda e: found.append(e.followers)),
                since_ms=since,
            )
            for since in (0, 2**42)
        ]
        async with asyncio.timeout(20):
            for tail in tails:
                await tail.start()
            assert sorted(n or 0 for n in found) == list(range(9))
            newer = observed(6).encode().replace(b'"followers":6', b'"followers":{"of":"later"}')
            for bad in (b"junk", b"[]", None, b"", observed(5, "live").encode(), newer):
                await self.write(writer, bad)
            await writer.publish(ACCOUNTS_OBSERVED, observed(77))
            await until(lambda: found.count(77) == 2)
            assert found.count(5) + found.count(6) == 2, "once each, of the first nine"
        for tail in tails:
            await tail.stop()

    async def test_a_tail_leaves_the_loop_to_others_while_it_reads_much(self, writer):
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(4_000)])
        found: list[int | None] = []
        seen: list[int] = []

        async def look() -> None:
            while len(found) < 4_000:
                seen.append(len(found))
                await turn()

        tail = Tail(writer, ACCOUNTS_OBSERVED, AccountObserved, lambda e: found.append(e.followers))
        async with asyncio.timeout(20):
            looking = asyncio.create_task(look())
            await tail.start()
            await looking
        assert max(b - a for a, b in pairwise([*seen, 4_000])) < 2_000
        await tail.stop()

    # Publishing

    async def test_what_is_too_large_is_refused_and_spoils_nothing_after_it(self, writer):
        large = observed(1, name="x" * 1_048_588)
        for _ in range(3):
            with pytest.raises(MessageSizeTooLargeError):
                await writer.publish_all(ACCOUNTS_OBSERVED, [observed(1), large])
            await writer.publish(ACCOUNTS_OBSERVED, observed(1))
        found: list[Record] = []
        places = partitions_of(ACCOUNTS_OBSERVED, writer.namespace)
        await read_to_end(writer.log, places, lambda _, records: found.extend(records))
        assert len(found) == 3

    async def test_an_event_of_the_wrong_topic_or_installation_is_not_published(self, writer):
        with pytest.raises(TypeError, match="carries DeadLetter"):
            await writer.publish(DEAD_LETTERS, observed(1))
        with pytest.raises(ValueError, match="live"):
            await writer.publish(ACCOUNTS_OBSERVED, observed(1, "live"))

    async def test_a_dead_letter_that_would_be_too_large_is_cut_and_says_so(self, writer):
        """Both long, a value that JSON would double, one without a key, a key alone."""
        records = [
            (b"\x01" * 1_040_000, b"\x02" * 3_400_000),
            (b"k", b'"' * 3_400_000),
            (None, b"\xff" * 4_000_000),
            (b"\x01" * 3_400_000, None),
        ]
        for number, (key, value) in enumerate(records):
            large = SimpleNamespace(offset=number, timestamp=0, headers=(), key=key, value=value)
            await writer.dead_letters([(TopicPartition("t", 0), large, "bad")], "g")
        letters = {letter.offset: letter for letter in await self.dead(writer)}
        for number, (key, value) in enumerate(records):
            kept = letters[number]
            assert kept.cut_from == len(key or b"") + len(value or b"")
            both = (kept.exact_key or b"") + kept.record
            assert len(both) == (WHOLE_BYTES if value else WHOLE_BYTES // 2)

    # Lanes

    async def test_what_failed_is_read_again_whole_and_committed_once_done(self, wire, writer):
        calls: list[set[str]] = []
        got: Counter[str] = Counter()

        async def handler(events: Sequence[Received[AccountObserved]]) -> None:
            calls.append({received.event.account for received in events})
            if len(calls) <= 2:
                raise Later("the engine is away")
            got.update(calls[-1])

        wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler)
        await wire.start()
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(40)])
        await until(lambda: len(got) == 40)
        assert wire.failures() == {}
        await wire.stop()
        assert await self.committed(writer, "g") == 40
        assert set(got.values()) == {1}

    async def test_bad_records_are_dead_letters_and_good_ones_arrive(self, wire, writer):
        got: list[str] = []

        async def handler(events: Sequence[Received[AccountObserved]]) -> None:
            got.extend(received.event.account for received in events)

        three = observed(3).encode().replace(b'"followers":3', b'"followers":true')
        await self.write(
            writer,
            observed(1).encode(),
            b'{"event_id": "x"',
            observed(2).encode().replace(b'"followers":2', b'"followers":null'),
            three,
            observed(4, "live").encode(),
            b"x" * 1_000_000,
            observed(5).encode(),
        )
        wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler)
        await wire.start()
        await until(lambda: "account-5" in got)
        found = await self.dead(writer)
        assert got == ["account-1", "account-2", "account-5"]
        assert [(letter.offset, letter.reason.split(":")[0]) for letter in found] == [
            (1, "byte 16"), (3, "followers"), (4, "origin"), (5, "byte 0"),
        ]  # fmt: skip
        assert [found[1].record, found[3].record] == [three, b"x" * 1_000_000]
        assert found[1].exact_key == b"k"

    async def test_a_fault_of_ours_is_told_until_the_records_pass(self, wire, writer):
        work = Kept()
        work.fails[b"bad"] = RuntimeError("a bug")
        wire.lane([ACCOUNTS_OBSERVED], "faulty", work, pace=Pace(patience=10_000))
        with capture_logs() as logs:
            await wire.start()
            await self.write(writer, b"good", b"bad")
            await until(lambda: wire.failures() == {"faulty": "RuntimeError: a bug"})
        told = [line for line in logs if line["event"] == "handler failed"]
        assert told[0]["group"] == "faulty"
        assert told[0]["exc_info"]
        work.fails.clear()
        await until(lambda: wire.failures() == {})
        assert work.values == [b"good", b"bad"]

    async def test_a_step_that_does_not_end_is_told(self, wire, writer, monkeypatch):
        """What was tried for ever under the lock was no failure of anybody's."""
        monkeypatch.setattr(lanes, "IN_HAND_TOLD", 0.0)
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def handle(_: Batches) -> None:
            begun.set()
            await go_on.wait()

        lane = wire.subscribe_raw([ACCOUNTS_OBSERVED], "slow", handle)
        await wire.start()
        await writer.publish(ACCOUNTS_OBSERVED, observed(1))
        await asyncio.wait_for(begun.wait(), 20)
        assert "in hand" in lane.failures()["slow"]
        go_on.set()

    async def test_what_is_too_large_is_not_tried_for_ever(self, writer):
        large = observed(1, name="x" * 1_048_588)
        with pytest.raises(MessageSizeTooLargeError):
            async with asyncio.timeout(5):
                await until_done(lambda: writer.publish(ACCOUNTS_OBSERVED, large))

    async def test_a_record_that_alone_fails_the_work_becomes_a_dead_letter(self, wire, writer):
        work = Kept()
        work.fails[b"poison"] = RuntimeError("a bug")
        wire.lane([ACCOUNTS_OBSERVED], "g", work, pace=Pace(patience=3))
        await self.write(writer, b"1", b"2", b"poison", b"3")
        await wire.start()
        await until(lambda: b"3" in work.values)
        assert work.values == [b"1", b"2", b"3"]
        (letter,) = await self.dead(writer)
        assert (letter.record, letter.reason) == (b"poison", "handler failed: RuntimeError: a bug")
        await until(lambda: wire.failures() == {})

    async def test_a_world_that_is_bad_makes_no_dead_letter_however_long(self, wire, writer):
        work = Kept()
        work.fails[b"1"] = OSError("no engine")
        wire.lane([ACCOUNTS_OBSERVED], "g", work, pace=Pace(patience=1))
        await self.write(writer, b"1")
        await wire.start()
        await until(lambda: wire.failures() == {"g": "OSError: no engine"})
        work.fails.clear()
        await until(lambda: work.values == [b"1"])
        assert await self.dead(writer) == []

    async def test_a_partition_that_fails_holds_only_itself(self, wire, writer):
        work = Kept()
        work.fails[b"bad"] = RuntimeError("a bug")
        wire.lane([ACCOUNTS_OBSERVED], "g", work, pace=Pace(patience=10_000))
        await wire.start()
        await self.write(writer, b"bad", key=b"k")
        await until(lambda: wire.failures() != {})
        others = [observed(n) for n in range(30)]
        await writer.publish_all(ACCOUNTS_OBSERVED, others)
        await until(lambda: len(work.places) >= ACCOUNTS_OBSERVED.partitions - 1)
        assert wire.failures() == {"g": "RuntimeError: a bug"}
        work.fails.clear()
        await until(lambda: work.places.total() == 31)

    async def test_too_many_bad_records_stop_the_lane_and_commit_nothing(self, wire, writer):
        async def handler(_: Sequence[Received[AccountObserved]]) -> None: ...

        wire.subscribe(ACCOUNTS_OBSERVED, AccountObserved, "g", handler)
        await self.write(writer, *[b"{"] * 600)
        await wire.start()
        await until(lambda: "one after the other" in wire.failures().get("g", ""))
        await wire.stop()
        assert await self.committed(writer, "g") < 500, "lag shows what a bad deployment did"
        assert len(await self.dead(writer)) < 500

    async def test_a_work_says_what_is_done_and_no_more_is_committed(self, wire, writer):
        work = Kept()
        work.positions = {}
        wire.lane([ACCOUNTS_OBSERVED], "g", work)
        await wire.start()
        await self.write(writer, b"1", b"2", b"3")
        await until(lambda: len(work.values) == 3)
        assert await self.committed(writer, "g") == 0
        place = partitions_of(ACCOUNTS_OBSERVED, wire.namespace, [next(iter(work.places))])[0]
        work.positions = {place: 2}
        await wire.stop()
        assert work.revocations == 1
        assert await self.committed(writer, "g") == 2

    async def test_a_stateful_work_that_fails_begins_again_from_what_is_committed(
        self, wire, writer
    ):
        work = Kept(stateful=True)
        work.positions = {}
        work.fails[b"2"] = RuntimeError("a bug")
        wire.lane([ACCOUNTS_OBSERVED], "g", work)
        await wire.start()
        await self.write(writer, b"1")
        await until(lambda: work.values == [b"1"])
        await self.write(writer, b"2")
        await until(lambda: work.drops >= 2)
        assert wire.failures() == {"g": "RuntimeError: a bug"}
        work.fails.clear()
        await until(lambda: work.values == [b"1", b"2"])
        assert len(work.begun) > work.drops - 1
        await until(lambda: wire.failures() == {})

    async def test_a_record_that_a_stateful_work_alone_fails_at_is_left_out(self, wire, writer):
        """It began again for ever: every partition of its member stood still."""
        work = Kept(stateful=True)
        work.fails[b"poison"] = RuntimeError("a bug")
        wire.lane([ACCOUNTS_OBSERVED], "g", work, pace=Pace(patience=3))
        await self.write(writer, b"1", b"2", b"poison", b"3")
        await wire.start()
        await until(lambda: work.values == [b"1", b"2", b"3"])
        assert work.drops > 3
        dead = await self.dead(writer)
        assert ["RuntimeError" in letter.reason for letter in dead] == [True]
        await until(lambda: wire.failures() == {})

    async def test_partitions_change_hands_though_a_step_does_not_end(
        self, open_wire, wire, writer, monkeypatch
    ):
        await self.change_hands(open_wire, wire, writer, monkeypatch, stateful=False)

    async def test_a_stateful_work_that_is_cut_short_saves_nothing(
        self, open_wire, wire, writer, monkeypatch
    ):
        await self.change_hands(open_wire, wire, writer, monkeypatch, stateful=True)

    async def change_hands(self, open_wire, wire, writer, monkeypatch, *, stateful: bool) -> None:
        """Have a member join; the broker put the first out while it waited for its step.

        What is cut short is read again.
        """
        monkeypatch.setattr(lanes, "GIVE_UP_SECONDS", 0.1)

        begun = asyncio.Event()

        class Hanging(Kept):
            async def handle(self, batches: Batches) -> None:
                if batches and not begun.is_set():
                    begun.set()
                    await asyncio.Event().wait()
                await super().handle(batches)

        first, second = Hanging(stateful=stateful), Kept()
        lane = wire.lane([ACCOUNTS_OBSERVED], "g", first)
        await wire.start()
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(20)])
        await asyncio.wait_for(begun.wait(), 20)
        other = open_wire()
        joined = other.lane([ACCOUNTS_OBSERVED], "g", second)
        await other.start()
        try:
            await until(lambda: _share(lane, wire) and _share(joined, wire))
            assert (first.drops, first.revocations) == ((1, 0) if stateful else (0, 1))
            await until(lambda: first.places.total() + second.places.total() == 20)
        finally:
            await other.stop()

    async def test_no_more_is_given_at_once_than_is_asked_for(self, wire, writer):
        sizes: list[int] = []

        async def handler(batches: Batches) -> None:
            sizes.append(sum(map(len, batches.values())))

        await self.write(writer, *[b"x"] * 100)
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(20)])
        wire.subscribe_raw([ACCOUNTS_OBSERVED], "g", handler, pace=Pace(max_records=32))
        await wire.start()
        await until(lambda: sum(sizes) == 120)
        assert max(sizes) == 32

    async def test_a_full_partition_is_held_back_alone(self, wire, writer):
        work = Kept(idle=True)
        wire.lane([ACCOUNTS_OBSERVED], "g", work)
        await wire.start()
        await self.write(writer, b"1")
        await until(lambda: work.values == [b"1"])
        place = next(iter(work.places))
        work.closed = set(partitions_of(ACCOUNTS_OBSERVED, wire.namespace, [place]))
        rounds = work.rounds
        await until(lambda: work.rounds > rounds + 1)
        others = [observed(n) for n in range(30)]
        await self.write(writer, *[b"x"] * 30)
        await writer.publish_all(ACCOUNTS_OBSERVED, others)
        await until(lambda: len(work.places) == ACCOUNTS_OBSERVED.partitions)
        assert work.places[place] == 1
        work.closed = set()
        await until(lambda: work.places.total() == 61)

    async def test_members_share_partitions_and_go_on_where_the_other_was(
        self, open_wire, wire, writer
    ):
        first, second = Kept(), Kept()
        lane = wire.lane([ACCOUNTS_OBSERVED], "g", first)
        await wire.start()
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(20)])
        await until(lambda: len(first.values) == 20)
        other = open_wire()
        joined = other.lane([ACCOUNTS_OBSERVED], "g", second)
        await other.start()
        try:
            await until(lambda: _share(lane, wire) and _share(joined, wire))
            assert sorted(_share(lane, wire) + _share(joined, wire)) == list(
                range(ACCOUNTS_OBSERVED.partitions)
            )
            assert first.revocations == 1
            await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(20, 60)])
            await until(lambda: len(first.values) + len(second.values) == 60)
            assert len(second.values) > 0
        finally:
            await other.stop()
        await until(lambda: len(_share(lane, wire)) == ACCOUNTS_OBSERVED.partitions)
        await writer.publish_all(ACCOUNTS_OBSERVED, [observed(n) for n in range(60, 80)])
        await until(lambda: len(first.values) + len(second.values) == 80)

    async def test_a_commit_that_is_refused_is_no_failure(self, wire, writer, monkeypatch):
        work = Kept()
        consumers: list[Any] = []
        make = wire.log.consumer

        def kept(*args: Any, **settings: Any) -> Any:
            consumers.append(make(*args, **settings))
            return consumers[-1]

        async def refused(_: object) -> None:
            raise CommitFailedError

        monkeypatch.setattr(wire.log, "consumer", kept)
        wire.lane([ACCOUNTS_OBSERVED], "g", work)
        monkeypatch.setattr(consumers[0], "commit", refused)
        await wire.start()
        await self.write(writer, b"1")
        await until(lambda: work.values == [b"1"])
        await self.write(writer, b"2")
        await until(lambda: work.values == [b"1", b"2"])
        assert wire.failures() == {}

    async def test_what_a_broker_refuses_is_told_and_asked_again(self, wire, writer, monkeypatch):
        work = Kept()
        refusing = True
        make = wire.log.consumer

        def kept(*args: Any, **settings: Any) -> Any:
            consumer: Any = make(*args, **settings)
            poll: Callable[..., Awaitable[Batches]] = consumer.poll

            async def refused(*how: Any) -> Batches:
                if refusing:
                    raise CommitFailedError("not yours")
                return await poll(*how)

            monkeypatch.setattr(consumer, "poll", refused)
            return consumer

        monkeypatch.setattr(wire.log, "consumer", kept)
        wire.lane([ACCOUNTS_OBSERVED], "g", work)
        with capture_logs() as logs:
            await wire.start()
            told = await until_found(lambda: _now(wire.failures()))
            assert "not yours" in told["g"]
        assert any(line["event"] == "broker refuses" for line in logs)
        refusing = False
        await self.write(writer, b"1")
        await until(lambda: work.values == [b"1"])
        await until(lambda: wire.failures() == {})

    async def test_a_work_goes_on_once_what_is_done_is_committed(self, wire, writer):
        """It was told to at each round, where commits are put off."""

        class GoesOn(Kept):
            seen = 0

            async def committed(self) -> None:
                self.seen = len(self.values)

        work = GoesOn()
        wire.lane([ACCOUNTS_OBSERVED], "g", work, pace=Pace(commit_seconds=1e6))
        await wire.start()
        for value in (b"1", b"2", b"3"):
            await self.write(writer, value)
            await until(lambda value=value: value in work.values)
        assert work.seen <= 1

    async def test_a_pause_without_end_keeps_no_lane_from_stopping(self, open_wire, writer):
        wire = open_wire()
        wire.pause = lambda _: 10_000.0
        work = Kept()
        work.fails[b"1"] = RuntimeError("a bug")
        wire.lane([ACCOUNTS_OBSERVED], "g", work)
        await wire.start()
        await self.write(writer, b"1")
        await until(lambda: wire.failures() != {})
        async with asyncio.timeout(15):
            await wire.stop()
        assert wire.failures() == {}, "what is no longer read here is not told from here"


def _share(lane: Lane, wire: Wire) -> list[int]:
    name = ACCOUNTS_OBSERVED.on(wire.namespace)
    return [n for n in range(ACCOUNTS_OBSERVED.partitions) if lane.holds(name, n)]


async def _now(found: dict[str, str]) -> dict[str, str]:
    return found
