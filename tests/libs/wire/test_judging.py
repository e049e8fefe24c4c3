"""One rule for every consumer: what is bad, where it goes, and when there is too much of it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord

from contracts.accounts import AccountObserved
from contracts.codec import Reader
from contracts.dead_letters import DeadLetter
from libs.wire.judging import Judge, Stopped
from libs.wire.wire import Wire

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
Raw = ConsumerRecord[bytes, bytes]


def observed(number: int, **fields: object) -> bytes:
    event: dict[str, Any] = {
        "event_id": f"e{number}",
        "origin": "simulation",
        "account": "a",
        "network": "bluesky",
        "native_id": None,
        "handle": "a.example",
        "name": None,
        "slot": "2026-10-05T12:00:00Z",
        "observed_at": "2026-10-05T12:00:00Z",
        "followers": number,
        "following": 0,
        "posts": 0,
        "likes": None,
        "views": None,
        "absent": {"likes": "not_published", "views": "not_published"},
    }
    return json.dumps(event | fields, separators=(",", ":")).encode()


def record(offset: int, value: bytes | None, key: bytes | None = b"a") -> Raw:
    return cast(
        "Raw",
        ConsumerRecord(
            topic="simulation.accounts.observed.v1",
            partition=0,
            offset=offset,
            timestamp=0,
            timestamp_type=0,
            key=key,
            value=value,
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            headers=(),
        ),
    )


class Buried:
    """Keeps what is buried."""

    def __init__(self) -> None:
        self.letters: list[tuple[Raw, str]] = []

    async def __call__(self, bad: Sequence[tuple[Raw, str]]) -> None:
        self.letters += bad


def judge(buried: Buried) -> Judge[AccountObserved]:
    return Judge(AccountObserved, "simulation", "group", buried)


BAD = [
    b"",
    b"{",
    observed(1, followers="1"),
    observed(1, origin="live"),
    observed(1, observed_at="1970-01-01T00:00:00Z"),
]


async def test_good_ones_are_given_and_bad_ones_buried_with_their_reason() -> None:
    buried = Buried()
    values = [observed(7), *BAD, observed(8, origin="declared")]
    good = await judge(buried).read([record(n, value) for n, value in enumerate(values)])
    assert [(each.offset, each.event.followers) for each in good] == [(0, 7), (6, 7 + 1)]
    assert [each.offset for each, _ in buried.letters] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("value", BAD)
async def test_the_reason_is_that_of_intake(value: bytes) -> None:
    buried = Buried()
    await judge(buried).read([record(0, value)])
    assert Reader(AccountObserved, "simulation").read(value) == buried.letters[0][1]


async def test_above_the_ceiling_it_stops_and_buries_nothing() -> None:
    buried = Buried()
    with pytest.raises(Stopped):
        await judge(buried).read([record(number, b"{") for number in range(2_001)])
    assert buried.letters == []


async def test_what_is_read_again_counts_once() -> None:
    buried = Buried()
    judging = judge(buried)
    for _ in range(5):  # an engine that is away: the same batch again and again
        await judging.read([record(number, b"{") for number in range(500)])
    with pytest.raises(Stopped):
        await judging.read([record(number, b"{") for number in range(400, 2_100)])


@pytest.mark.parametrize("key", [None, b"", b"acc-1", b"acc-\xff\x00"])
async def test_a_dead_letter_keeps_the_key_as_it_was(key: bytes | None) -> None:
    kept: list[Any] = []

    class Kept(Wire):
        async def publish_all(self, topic: object, events: Any) -> None:
            kept.extend(events)

    wire = Kept("127.0.0.1:1", "simulation", now=lambda: NOON)
    await wire.judge(AccountObserved, "group").read([record(3, b"{", key)])
    letter = DeadLetter.read(kept[0].encode())
    assert letter.exact_key == key
    assert (letter.failed_at, letter.consumer, letter.offset) == (NOON, "group", 3)


def test_a_letter_of_before_the_key_was_kept_as_it_was_has_the_readable_one() -> None:
    letter = DeadLetter(
        event_id="e", origin="simulation", topic="t", partition=0, offset=0, record_key="acc-1",
        value="", reason="r", consumer="c", failed_at=NOON,
    )  # fmt: skip
    assert letter.exact_key == b"acc-1"
