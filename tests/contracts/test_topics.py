"""The registry of topics as data: legal, described, complete in both directions."""

import json
from pathlib import Path
from typing import Any, Literal, cast
from unittest.mock import ANY

import pytest

from contracts.event import Event
from contracts.networks import NETWORKS, Network
from contracts.topics import (
    COLLECT_JOBS,
    COLLECT_OUTCOMES,
    DAY_MS,
    DECLARED,
    POSTS_OBSERVED,
    SCORES_COMPUTED,
    TEXTS_OBSERVED,
    THIRTY_DAYS,
    TOPICS,
    WATCHES,
    Topic,
    kept_ms,
    shortened,
)
from deploy.generation.generated import ROOT, breaking_changes, generated, schema_of

SAMPLES = ROOT / "contracts" / "samples"


def _samples() -> list[tuple[Topic, Path]]:
    return [
        (topic, path)
        for topic in DECLARED
        for path in sorted((SAMPLES / topic.name).glob("*.json"))
    ]


def _named(case: tuple[Topic, Path]) -> str:
    return f"{case[0].name}/{case[1].stem}"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_described_and_legal(topic):
    assert topic.says
    assert topic.made_by
    assert "_" not in topic.name, "dots and underscores collide in Kafka's metric names"
    assert topic.version >= 1


def test_topics_keyed_by_watch_are_partitioned_alike():
    assert len({topic.partitions for topic in TOPICS if topic.key == "watch"}) == 1


def test_samples_and_declared_topics_go_together():
    assert {folder.name for folder in SAMPLES.iterdir()} == {topic.name for topic in DECLARED}


@pytest.mark.parametrize("case", _samples(), ids=_named)
def test_a_sample_decodes_and_encodes_to_itself(case):
    topic, path = case
    event = topic.event.read(path.read_bytes())
    assert event.key
    sample = json.loads(path.read_bytes())
    written = json.loads(event.encode())
    # A sample of before an optional field was added does not have it, at any depth.
    without = json.loads(event.model_dump_json(exclude_defaults=True))
    assert _holds(written, sample)
    assert _holds(sample, without), "what was added and is not in the sample has its default"


def _holds(whole: Any, part: Any) -> bool:
    """Whether all of a part is in the whole, objects within objects."""
    if isinstance(whole, dict) and isinstance(part, dict):
        known, asked = cast("dict[str, Any]", whole), cast("dict[str, Any]", part)
        return all(name in known and _holds(known[name], asked[name]) for name in asked)
    if isinstance(whole, list) and isinstance(part, list):
        ones, others = cast("list[Any]", whole), cast("list[Any]", part)
        return len(ones) == len(others) and all(map(_holds, ones, others))
    return whole == part


@pytest.mark.parametrize("case", _samples(), ids=_named)
def test_a_reader_ignores_what_a_later_writer_adds(case):
    topic, path = case
    later = {**json.loads(path.read_bytes()), "added_later": {"nested": [1]}}
    assert topic.event.read(json.dumps(later)) == topic.event.read(path.read_bytes())
    with pytest.raises(ValueError, match="added_later"):
        topic.event.model_validate_json(json.dumps(later))


def test_what_is_generated_is_what_is_committed():
    for path, text in generated().items():
        assert (ROOT / path).read_text() == text, f"{path}: run `make contracts`"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_broken_neither_by_itself_nor_by_an_optional_field(topic):
    schema = schema_of(topic)
    assert breaking_changes(schema, schema) == []

    class Later(topic.event):
        note: str | None = None

    later = Later.model_json_schema(mode="serialization")
    assert breaking_changes(schema, later) == []
    assert breaking_changes(later, schema) == ["note: is gone"]


class _Before(Event):
    count: int


class _Renamed(Event):
    total: int


class _Retyped(Event):
    count: str


class _Few(Event):
    count: Literal["one", "two"]


class _More(Event):
    count: Literal["one", "two", "three"]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (_Before, _Renamed, ["count: is gone", "total: is new and required"]),
        (_Before, _Retyped, ["count: {'integer'} became {'string'}"]),
        (_Few, _More, ["count: gained three"]),
        (_More, _Few, [ANY]),
    ],
)
def test_a_breaking_change_is_named(before, after, found):
    schemas = (each.model_json_schema(mode="serialization") for each in (before, after))
    assert breaking_changes(*schemas) == found


@pytest.mark.parametrize("topic", DECLARED, ids=lambda topic: topic.name)
def test_who_makes_and_reads_a_topic_names_it(topic):
    """What AsyncAPI says of a service is in its code (dead letters are the wire's own, and the
    scorer stores whatever has a table)."""
    constant = topic.name.rsplit(".v", 1)[0].replace(".", "_").upper()
    read_by = {*topic.read_by} - ({"scorer"} if topic.table else set())
    for service in {*topic.made_by, *read_by} - {"replay"}:
        files = (ROOT / "services" / service).rglob("*.py")
        texts = [path.read_text() for path in files]
        assert topic.name == "dead.letters.v1" or any(constant in text for text in texts), service


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_texts_of_others_are_on_no_topic_for_more_than_thirty_days(topic):
    schema = json.dumps(topic.event.model_json_schema())
    if not any(f'"{field}": {{' in schema for field in ("text", "excerpt", "record_key_base64")):
        return
    if topic.compacted:  # a decider's snapshot: it forgets them itself
        assert int(topic.config["max.compaction.lag.ms"]) <= DAY_MS
    else:
        kept = int(topic.config["retention.ms"]) + int(topic.config["segment.ms"])
        assert kept <= THIRTY_DAYS


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.slug)
@pytest.mark.parametrize("topic", DECLARED, ids=lambda topic: topic.name)
def test_no_topic_keeps_a_network_beyond_its_terms(topic, network):
    part = topic.for_network(network.slug)
    assert part in topic.parts
    assert set(topic.parts) <= set(TOPICS), "it is created with the others"
    if network.retention_days is None:
        assert part is topic
    elif "network" in topic.event.model_fields and not (topic.compacted or topic.ours):
        kept = int(part.config["retention.ms"]) + int(part.config.get("segment.ms", 0))
        assert kept <= network.retention_days * DAY_MS


@pytest.mark.parametrize(
    ("topic", "terms", "days"),
    [
        (POSTS_OBSERVED, (), None),
        (POSTS_OBSERVED, (30,), 30),
        (POSTS_OBSERVED, (30, 7), 7),
        (POSTS_OBSERVED, (1_000,), None),
        (TEXTS_OBSERVED, (7,), None),
        (SCORES_COMPUTED, (7,), None),
    ],
)
def test_a_term_alone_makes_the_part_that_obeys_it(topic, terms, days):
    networks = [Network("ig", "Ig"), *(Network("a", "A", retention_days=term) for term in terms)]
    short = shortened(topic, networks)
    assert (short and short.retention_ms) == (days and days * DAY_MS)
    assert short is None or (short.version, short.event) == (topic.version, topic.event)


@pytest.mark.parametrize(
    ("topic", "term", "days"),
    [
        (TEXTS_OBSERVED, 30, 30),
        (TEXTS_OBSERVED, 7, 7),
        (COLLECT_OUTCOMES, 7, 7),
        (COLLECT_JOBS, 7, 1),
        (POSTS_OBSERVED, 7, 396),
        (SCORES_COMPUTED, 7, 396),
        (WATCHES, 7, None),
    ],
)
def test_a_topic_of_thirty_days_ends_whole_with_the_shortest_term(topic, term, days):
    """Its readers look for one topic: a part of it would be read by nobody."""
    assert kept_ms(topic, [Network("a", "A", retention_days=term)]) == (days and days * DAY_MS)
