"""One rule for every consumer: what is bad, where it goes, and when there is too much of it."""

import json
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from aiokafka import TopicPartition

from contracts.accounts import AccountObserved
from contracts.dead_letters import DeadLetter
from contracts.topics import ACCOUNTS_OBSERVED, LARGEST_LETTER_BYTES
from libs.wire.backends.log import Bad, Headers
from libs.wire.checking import Ceiling, RecordCheck, Stopped
from libs.wire.codec import Reader
from libs.wire.tail import Tail, UnreadableError
from libs.wire.wire import REPLAYS_HEADER, Wire
from tests.events import account_observed
from tests.suites.memory import MemoryLog, MemoryRecord

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
PLACE = TopicPartition("simulation.accounts.observed.v1", 0)


def observed(number: int, **fields: object) -> bytes:
    event = json.loads(account_observed(followers=number).encode())
    return json.dumps(event | fields, separators=(",", ":")).encode()


def record(
    offset: int, value: bytes | None, key: bytes | None = b"a", headers: Headers = ()
) -> MemoryRecord:
    return MemoryRecord(offset, 0, key, value, headers)


class Kept:
    """Keeps what could not be used."""

    def __init__(self) -> None:
        self.bad: list[Bad] = []

    async def __call__(self, bad: Sequence[Bad]) -> None:
        self.bad += bad


def check(kept: Kept) -> RecordCheck[AccountObserved]:
    return RecordCheck(AccountObserved, "simulation", "group", kept)


BAD = [
    b"",
    b"{",
    observed(1, followers="1"),
    observed(1, origin="live"),
    observed(1, observed_at="1970-01-01T00:00:00Z"),
]


@pytest.mark.parametrize("value", [*BAD, None])
def test_every_reader_gives_one_reason(value):
    checked = check(Kept()).check(value)
    assert isinstance(checked, str)
    assert Reader(AccountObserved, "simulation").read(value) == checked
    wire = Wire("nowhere:1", "simulation", log=MemoryLog())
    tail = Tail(wire, ACCOUNTS_OBSERVED, AccountObserved, lambda _: None)
    with pytest.raises(UnreadableError) as raised:
        tail.read(record(0, value))
    assert str(raised.value) == checked


async def test_good_ones_are_given_and_bad_ones_kept_with_their_reason():
    kept = Kept()
    values = [observed(7), *BAD, observed(8, origin="declared")]
    good = await check(kept).read({PLACE: [record(n, value) for n, value in enumerate(values)]})
    assert [(each.offset, each.event.followers) for each in good] == [(0, 7), (6, 7 + 1)]
    assert [each.offset for _, each, _ in kept.bad] == [1, 2, 3, 4, 5]


async def test_above_the_ceiling_it_stops_and_keeps_nothing():
    kept = Kept()
    with pytest.raises(Stopped):
        await check(kept).read({PLACE: [record(number, b"{") for number in range(2_001)]})
    assert kept.bad == []


def bad_ones(ceiling: Ceiling, first: int, count: int, every: int = 1) -> None:
    """Count records, of which one in `every` is bad."""
    records = [record(first + number, b"") for number in range(count)]
    ceiling.count(PLACE, records, range(0, count, every))


def test_what_is_read_again_counts_once():
    ceiling = Ceiling()
    for _ in range(9):  # an engine that is away: the same batch again and again
        bad_ones(ceiling, 0, 3_000, every=2)
    with pytest.raises(Stopped, match="2001 bad records among the last 4002"):
        bad_ones(ceiling, 2_000, 2_002, every=2)


@pytest.mark.parametrize(
    ("batches", "stops"),
    [
        ([(100, 1)], False),
        ([(10_000, 5)], False),
        ([(10_006, 5)], True),
        ([(3_000, 2), (40_000, 20)], False),
        ([(3_000, 2), (1_100, 2)], True),
    ],
)
def test_the_ceiling_is_a_share_of_the_last_records(batches, stops):
    """Batches of so many records, one in so many of which is bad."""
    ceiling, first = Ceiling(), 0
    for count, every in batches[:-1]:
        bad_ones(ceiling, first, count, every)
        first += count
    if stops:
        with pytest.raises(Stopped, match="among the last"):
            bad_ones(ceiling, first, *batches[-1])
    else:
        bad_ones(ceiling, first, *batches[-1])


def test_records_that_come_one_by_one_are_counted_alike_in_little_room():
    """Each was kept by itself: ten thousand for each topic that a group reads."""
    ceiling, sizes = Ceiling(), list[int]()
    for number in range(30_000):
        ceiling.count(PLACE, [record(number, b"")], [0] if number % 6 == 0 else [])
        if number % 10_000 == 1_000:
            sizes.append(len(pickle.dumps(ceiling)))
    assert max(sizes) < 4_000

    def read_worse() -> None:
        for number in range(30_000, 50_000):
            ceiling.count(PLACE, [record(number, b"")], [0] if number % 4 == 0 else [])

    with pytest.raises(Stopped, match="among the last 10000"):
        read_worse()


@pytest.mark.parametrize(
    ("runs", "stops"),
    [
        ([499], False),
        ([500], True),
        ([250, 250], True),
        ([499, 0, 499], False),
        ([*[1] * 499], False),
        ([*[1] * 500], True),
    ],
)
def test_so_many_bad_ones_in_a_row_stop_whatever_the_share(runs, stops):
    """Batches of bad records; 0 stands for a batch of one good one."""

    def read() -> None:
        ceiling, first = Ceiling(), 0
        for bad in runs:
            if bad:
                bad_ones(ceiling, first, bad)
            else:
                ceiling.count(PLACE, [record(first, b"")], [])
            first += max(bad, 1)

    if stops:
        with pytest.raises(Stopped, match="500 bad records one after the other"):
            read()
    else:
        read()


@pytest.mark.parametrize("key", [None, b"", b"acc-1", b"acc-\xff\x00"])
async def test_a_dead_letter_keeps_the_key_as_it_was(key):
    log = MemoryLog()
    wire = Wire("nowhere:1", "simulation", log=log, now=lambda: NOON)
    await wire.check(AccountObserved, "group").read({PLACE: [record(3, b"{", key)]})
    (value,) = log.values("simulation.dead.letters.v1")
    letter = DeadLetter.read(value or b"")
    assert letter.exact_key == key
    assert (letter.failed_at, letter.consumer, letter.offset) == (NOON, "group", 3)
    assert letter.cut_from is None


def test_a_dead_letter_of_before_the_key_was_kept_as_it_was_has_the_readable_one():
    letter = DeadLetter(
        event_id="e", origin="simulation", topic="t", partition=0, offset=0, record_key="acc-1",
        value="", reason="r", consumer="c", failed_at=NOON,
    )  # fmt: skip
    assert letter.exact_key == b"acc-1"


@pytest.mark.parametrize("replays", [None, b"", b"many", b"-1", b"9" * 5_000])
@pytest.mark.parametrize("size", [1, 1_900_000, 5_000_000])
def test_a_dead_letter_fits_whatever_its_header_key_and_size(replays, size):
    bad = record(0, b"\x01" * size, b"\x01" * 1_040_000, [(REPLAYS_HEADER, replays)])
    wire = Wire("nowhere:1", "simulation", log=MemoryLog())
    letter = wire.dead_letter((PLACE, bad, "\x01" * 9_000), "g")
    assert letter.replays == 0
    assert letter.exact_key == bad.key
    assert len(letter.encode()) < LARGEST_LETTER_BYTES - 1_000
    assert (letter.cut_from is None) == (size < 5_000_000)
    assert letter.cut_from in (None, 6_040_000)
