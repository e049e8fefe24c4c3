"""Both ways of reading agree: the fast one accepts what pydantic accepts, with the same values."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.event import Event, Record
from contracts.posts import PostObserved
from contracts.topics import POSTS_OBSERVED, TOPICS, Topic
from libs.wire.codec import Reader, struct_of
from tests.events import samples
from tests.scorer.events import events, mutated

THOROUGH = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
PER_TOPIC = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def judged(event: type[Event], value: bytes) -> Event | None:
    """What pydantic makes of a record: the event, or nothing when it refuses it."""
    try:
        return event.read(value)
    except ValidationError:
        return None


def agree(topic: Topic, value: bytes) -> None:
    """Check the rule: bad when strict pydantic refuses it or it is foreign, else it arrives."""
    read = Reader(topic.event, "simulation").read(value)
    expected = judged(topic.event, value)
    if expected is None or expected.origin == "live":
        assert isinstance(read, str), "accepted, and pydantic refuses it"
        assert ": " in read
    else:
        assert isinstance(read, bytes), f"refused ({read}), and pydantic accepts it"
        assert read == expected.encode()
        assert topic.event.read(read) == expected


@PER_TOPIC
def test_what_our_producers_write_takes_the_fast_way(topic):
    reader = Reader(topic.event, "simulation")

    @THOROUGH
    @given(events(topic.event))
    def check(event: Event) -> None:
        written = event.encode()
        assert reader.read(written) is written
        assert reader.read(written) == written

    check()
    assert all(reader.read(sample) is sample for sample in samples(topic))


@PER_TOPIC
def test_both_readings_agree_on_samples_made_wrong(topic):
    @THOROUGH
    @given(mutated(topic))
    def check(value: bytes) -> None:
        agree(topic, value)

    check()


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"{}")
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
def test_both_readings_agree_on_anything(value):
    agree(POSTS_OBSERVED, value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "byte 0: nothing"),
        (b"", "byte 0: EOF"),
        (b"null", "byte 0: Input should be an object"),
        (b"[1]", "byte 0: Input should be an object"),
        (b'{"event_id":"a"}{"event_id":"b"}', "byte 16: trailing characters"),
        (b'{"event_id":"a"}\n{"event_id":"b"}', "byte 17: trailing characters"),
        (b'{"event_id":"\xc3\xa9\xff"}', "byte 15: not UTF-8 (invalid start byte)"),
        (b'{"event_id":"a"', "byte 15: EOF"),
        (b'{"event_id": nope}', "byte 14: expected ident"),
        (b"{}", "event_id: Field required"),
    ],
)
def test_a_reason_names_the_field_or_the_byte(value, reason):
    read = Reader(PostObserved, "simulation").read(value)
    assert isinstance(read, str)
    assert read.startswith(reason)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b'"likes":null', b'"likes":"12"', "likes"),
        (b'"likes":null', b'"likes":1.0', "likes"),
        (b'"likes":null', b'"likes":true', "likes"),
        (b'"likes":null', b'"likes":4611686018427387905', "likes"),
        (b'"likes":null,', b"", "likes"),
        (b'"text_length":0', b'"text_length":null', "text_length"),
        (b'"slot":"2026-10-05T06:00:03.120000Z"', b'"slot":"2026-02-30T06:00:00Z"', "slot"),
        (b'"slot":"2026-10-05T06:00:03.120000Z"', b'"slot":"1970-01-01T00:00:00Z"', "slot"),
        (b'"slot":"2026-10-05T06:00:03.120000Z"', b'"slot":{"a":1}', "slot"),
        (b'"hashtags":[]', b'"hashtags":[1]', "hashtags.0"),
        (b'"origin":"simulation"', b'"origin":"live"', "origin"),
        (b'"origin":"simulation"', b'"origin":"elsewhere"', "origin"),
    ],
)
def test_a_reason_names_what_is_wrong(old, new, field):
    deleted = next(each for each in samples(POSTS_OBSERVED) if b'"state":"deleted"' in each)
    assert old in deleted
    read = Reader(PostObserved, "simulation").read(deleted.replace(old, new))
    assert isinstance(read, str)
    assert read.startswith(f"{field}: ")


def test_fields_of_a_later_version_are_left_out():
    for sample in samples(POSTS_OBSERVED):
        later = sample[:-1] + b',"mood":"good"}'
        reader = Reader(PostObserved, "simulation")
        assert reader.read(later) == sample


def test_a_field_without_a_fast_equivalent_is_named():
    class Odd(Record):
        figure: float

    with pytest.raises(TypeError, match=r"Odd\.figure: no fast way to read"):
        struct_of(Odd)


def test_the_struct_has_the_fields_of_the_model():
    for topic in TOPICS:
        assert issubclass(topic.event, BaseModel)
        assert struct_of(topic.event).__struct_fields__ == tuple(topic.event.model_fields)


@PER_TOPIC
def test_records_read_together_are_read_as_each_alone(topic):
    good = list(samples(topic))
    reader = Reader(topic.event, "simulation")

    @THOROUGH
    @given(st.lists(st.sampled_from(good) | mutated(topic) | st.none(), max_size=20))
    @example([good[0] + b"\n" + good[0], b"", good[0]])
    @example([good[0][:9], good[0][9:], good[0], b"\n"])
    @example([good[0]] * 63 + [good[0] + b"\n", good[0] + b" ", b"\n", None, good[0]])
    def check(values: list[bytes | None]) -> None:
        read, refused = reader.read_all(values)
        alone = [reader.read(value) for value in values]
        assert read == [each for each in alone if isinstance(each, bytes)]
        assert refused == [(at, each) for at, each in enumerate(alone) if isinstance(each, str)]

    check()
