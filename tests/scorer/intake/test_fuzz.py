"""Malformed and fuzzed records on the real line: each bad one buried, each good one unharmed."""

import base64
import json
from contextlib import suppress
from random import Random

import pytest

from contracts.posts import PostObserved
from contracts.topics import POSTS_OBSERVED
from services.scorer.intake.sink import BlockRefused
from tests.benchmarks.load import post
from tests.deadlines import until, until_found
from tests.scorer.events import spoil
from tests.scorer.test_reading import judged

GOOD = post(1)


def field(name: bytes, value: bytes) -> bytes:
    """A good record but for one field."""
    before, rest = GOOD.split(b'"%s":' % name)
    text = rest.decode()
    _, end = json.JSONDecoder().raw_decode(text)
    return before + b'"%s":' % name + value + text[end:].encode()


def without(name: bytes) -> bytes:
    return field(name, b"@").replace(b'"%s":@,' % name, b"")


KINDS: dict[str, bytes] = {
    "a missing counter": without(b"likes"),
    "an empty counter": field(b"likes", b'""'),
    "a null where none may be": field(b"text_length", b"null"),
    "a counter as text": field(b"likes", b'"12"'),
    "a counter beyond 64 bits": field(b"likes", b"18446744073709551621"),
    "a counter beyond the possible": field(b"likes", b"9223372036854775807"),
    "a counter below zero": field(b"likes", b"-5"),
    "a counter with decimals": field(b"likes", b"12.5"),
    "a counter as an exponent": field(b"likes", b"1e3"),
    "a boolean for a counter": field(b"likes", b"true"),
    "an object for a counter": field(b"likes", b'{"n":1}'),
    "a missing date": without(b"slot"),
    "an impossible date": field(b"slot", b'"2026-02-30T08:00:00Z"'),
    "a date without a zone": field(b"slot", b'"2026-02-03T08:00:00"'),
    "a date before all": field(b"slot", b'"1970-01-01T00:00:00Z"'),
    "a number for a date": field(b"slot", b"1795500000"),
    "an empty date": field(b"slot", b'""'),
    "a missing id": without(b"post"),
    "an empty id": field(b"post", b'""'),
    "a number for an id": field(b"post", b"12"),
    "an object for an id": field(b"post", b'{"id":"x"}'),
    "a boolean for an id": field(b"post", b"true"),
    "a null id": field(b"post", b"null"),
    "an id too long": field(b"post", b'"' + b"x" * 513 + b'"'),
    "a state unknown": field(b"state", b'"gone"'),
    "a reason unknown": field(b"absent", b'{"views":"because"}'),
    "a reason for no counter": field(b"absent", b'{"followers":"hidden"}'),
    "an array of numbers for texts": field(b"hashtags", b"[1]"),
    "bytes that are not UTF-8": field(b"language", b'"f\xffr"'),
    "half a surrogate": field(b"language", b'"\\ud800"'),
    "two objects in one record": GOOD + GOOD,
    "two objects on two lines": GOOD + b"\n" + GOOD,
    "an array around the object": b"[" + GOOD + b"]",
    "half an object": GOOD[:-40],
    "an empty record": b"",
    "the other world": field(b"origin", b'"live"'),
}


UNSEEN = {
    "a missing counter", "an empty counter", "a null where none may be", "a counter as text",
    "a counter beyond 64 bits", "a date without a zone", "a number for a date", "an id too long",
    "a reason unknown", "a reason for no counter", "bytes that are not UTF-8",
    "two objects in one record", "two objects on two lines", "an array around the object",
    "an empty record", "the other world",
}  # fmt: skip
"""What the engine takes, or cannot tell: the reader alone stops it."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_refused_by_the_rule(kind):
    event = judged(PostObserved, KINDS[kind])
    assert event is None or event.origin == "live"


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.engine
async def test_below_the_ceiling_each_bad_one_is_buried_and_each_good_one_unharmed(line, reading):
    """Every kind and 10,000 fuzzed records among 45,000 good ones."""
    chance = Random(20261124)
    bad_kinds = list(KINDS.values())
    records: list[bytes] = []
    for number in range(55_000):
        if number % 5:
            records.append(post(number))
        elif number % 1_000 == 0 and bad_kinds:
            records.append(bad_kinds.pop())
        else:
            records.append(spoil(post(number), chance))
    assert not bad_kinds
    expected = [judged(PostObserved, record) for record in records]
    good = {
        (event.account, event.post, event.slot): event
        for event in expected
        if event is not None and event.origin != "live"
    }
    bad = [
        value
        for value, event in zip(records, expected, strict=True)
        if event is None or event.origin == "live"
    ]
    assert len(bad) > 7_000
    await line.publish(POSTS_OBSERVED, records)
    intake = await reading()
    await until_found(line.offsets, lambda offsets: offsets[0] >= len(records), 60)
    assert intake.failures() == {}
    assert await intake.behind(await intake.ends()) == 0
    assert intake.leads()

    arrived = await line.stored(POSTS_OBSERVED.name)
    assert len(arrived) == len(good)
    assert {(event.account, event.post, event.slot): event for event in arrived} == good
    letters = await line.letters()
    assert sorted(base64.b64decode(letter.value) for letter in letters) == sorted(bad)
    assert all(": " in letter.reason for letter in letters)
    assert {letter.consumer for letter in letters} == {"scorer"}


@pytest.mark.broker
@pytest.mark.engine
async def test_above_the_ceiling_the_consumer_stops_and_commits_nothing(line, reading):
    records = [post(n) if n % 10 < 7 else b"{}" for n in range(9_000)]
    await line.publish(POSTS_OBSERVED, records)
    intake = await reading()
    await until(intake.failures)
    assert "bad records among the last" in intake.failures()["intake"]
    committed, published = await line.offsets()
    assert (committed, published) == (0, 9_000)
    assert await intake.behind(await intake.ends()) == 9_000
    assert await line.letters() == []


@pytest.mark.engine
async def test_the_second_fence(line):
    """What came past the reader would be refused by the table, but for what it cannot see."""
    sink = line.sink()
    passed: set[str] = set()
    for kind, record in KINDS.items():
        with suppress(BlockRefused):
            await sink.insert("post_observations", [record])
            passed.add(kind)
    await sink.close()
    assert sorted(passed) == sorted(UNSEEN)
