"""The shape of the fictional answers is that of the recorded ones, for the fields asked.

Every recording that the collector's manifest maps to a call of ours is compared: keys, types,
nesting, absences, status, headers. What may differ is listed with the reason in `kinds.py`; a
difference that is not listed, a listed one that is no more, and a mapped recording that is neither
compared nor said to have no counterpart, all fail.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from contracts.networks import BY_SLUG
from libs.clock import SteppedClock
from services.collector.networks import reader_of
from services.collector.readers.reader import Credential
from simulation.country.world import World
from simulation.serving.graph import Field, read_fields
from simulation.serving.platforms import Networks
from tests.collector.recordings import MAPPED
from tests.collector.recordings_manifest import STREAMED, Exchange, Mapped, cassette
from tests.simulation import kinds
from tests.simulation.asking import Asking
from tests.simulation.client import Client
from tests.simulation.kinds import BEYOND, NOT_SPOKEN, Case
from tests.simulation.shapes import differences, shape, xml_values
from tests.simulation.unrecorded import WITHOUT_RECORDING
from tests.suites.network import job_of

TOLD = re.compile(r"(x-)?ratelimit-\w+|link|cache-control")
"""Headers by which a network tells its limits, its next page, its pace."""

TESTS = (import_module(f"tests.simulation.networks.test_{slug}") for slug in BY_SLUG)
KINDS: Mapping[str, Case] = {
    **kinds.KINDS,
    **{name: case for tests in TESTS for name, case in getattr(tests, "KINDS", {}).items()},
}
"""Those of `kinds.py`, and those that the tests of a network hold."""


def name_of(mapped: Mapped) -> str:
    """A mapped recording and, where one file holds several exchanges, which of them."""
    if mapped.cause == "gone":
        return f"{mapped.files[0]}: gone"
    if mapped.cursor is not None and mapped.slug == "mastodon":
        return f"{mapped.files[0]}: next page"
    return mapped.files[0]


COMPARED = {name_of(mapped): mapped for mapped in MAPPED if name_of(mapped) in KINDS}


def body_of(name: str, exchange: Exchange) -> Any:
    """A recorded body; an object keyed by the ids that were asked is a list of what they gave."""
    if exchange.body.lstrip()[:1] == b"<":
        return xml_values(exchange.body)
    body = json.loads(exchange.body)
    return list(body.values()) if "_by_ids_" in name else body


@pytest.fixture(scope="module")
def asking() -> Asking:
    now = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)
    return Asking(Client(Networks(World(size=200), SteppedClock(now))))


def compare(case: Case, asking: Asking, recorded: Any) -> None:
    """Assert that what differs is what is listed, no more and no less."""
    ask, accepted = case
    found = differences(recorded, ask(asking, recorded))
    unexplained = [one for one in found if not any(re.match(why, one) for why in accepted)]
    assert sorted(unexplained) == []
    assert [why for why in accepted if not any(re.match(why, one) for one in found)] == []


def test_every_kind_of_the_manifest_is_compared_or_said_to_have_no_counterpart():
    mapped = {name_of(one) for one in MAPPED}
    assert len(mapped) == len(MAPPED)
    assert mapped | STREAMED.keys() == KINDS.keys() | NOT_SPOKEN.keys()
    assert not KINDS.keys() & NOT_SPOKEN.keys()
    assert not BEYOND.keys() & (KINDS.keys() | NOT_SPOKEN.keys())


@pytest.mark.recordings
@pytest.mark.parametrize("name", COMPARED)
def test_the_shape_of_an_answer_is_that_of_its_recording(name, asking, recordings):
    mapped = COMPARED[name]
    exchange = mapped.load(recordings)
    compare(KINDS[name], asking, body_of(name, exchange))
    assert asking.client.status == exchange.status
    told = {header for header in exchange.headers if TOLD.fullmatch(header)}
    ours = {header.lower() for header in asking.client.headers if TOLD.fullmatch(header.lower())}
    if told:
        assert ours == told


@pytest.mark.recordings
@pytest.mark.parametrize("name", STREAMED)
def test_the_shape_of_the_stream_is_the_recorded_one(name, asking, recordings):
    lines = (recordings / name).read_text(encoding="utf-8").splitlines()
    compare(KINDS[name], asking, [json.loads(line) for line in lines])


@pytest.mark.recordings
@pytest.mark.parametrize(
    ("name", "uri"),
    [("bluesky/resolve_handle.yml", ""), ("mastodon/hashtag_tl.yaml", "/timelines/tag/hoot")],
)
def test_what_we_do_not_ask_has_its_recorded_shape_too(name, uri, asking, recordings):
    compare(BEYOND[name], asking, body_of(name, cassette(name, uri)(recordings)))


def shape_told(value: object) -> Any:
    """A value of the shape that a description tells."""
    if isinstance(value, dict):
        return {key: shape_told(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape_told(inner) for inner in value]
    return {"text": "", "number": 0, "boolean": False}[str(value)]


@pytest.mark.parametrize("name", WITHOUT_RECORDING)
def test_an_answer_that_nobody_recorded_is_as_it_is_described(name, asking):
    one = WITHOUT_RECORDING[name]
    assert shape(one.ask(asking)) == shape(shape_told(one.shape))
    assert asking.client.status == one.status
    assert one.source


UNRECORDED_FIELDS = {
    "facebook": {"followers_count"},
    "instagram": {"follows_count", "media_product_type"},
}
"""Fields that we ask and that no recording shows (2019 to 2021): from their documentation."""


def names_of(fields: dict[str, Field]) -> set[str]:
    """The names of an expression's leaves and branches."""
    return {one.name for one in fields.values()}.union(
        *(names_of(f.fields) for f in fields.values())
    )


@pytest.mark.recordings
@pytest.mark.parametrize("network", UNRECORDED_FIELDS)
def test_the_fields_that_we_ask_and_nobody_recorded_are_listed(network, recordings):
    asked: set[str] = set()
    recorded: set[str] = set()
    reader = reader_of(network)
    for mapped in (one for one in MAPPED if one.slug == network):
        exchange = mapped.load(recordings)
        job = job_of(network, mapped.operation, *mapped.subjects, confirm=mapped.confirm)
        request = reader.request(job, Credential("ours", "178:token"))
        asked |= names_of(read_fields(dict(request.params)["fields"]))
        recorded |= {
            word for path in shape(json.loads(exchange.body)) for word in re.findall(r"\w+", path)
        }
    assert asked - recorded - {"business_discovery"} == UNRECORDED_FIELDS[network]


def test_the_fields_that_nobody_recorded_are_answered(asking):
    page = asking.page("", "followers_count")
    assert isinstance(page["followers_count"], int)
    found = asking.discovery("follows_count,media{media_product_type}")["business_discovery"]
    assert isinstance(found["follows_count"], int)
    assert {one["media_product_type"] for one in found["media"]["data"]} <= {"FEED", "REELS"}
