"""Real answers through the real collector: exactly what was recorded, or a refusal with a name."""

from pathlib import Path

import pytest

from contracts.accounts import AccountObserved
from contracts.jobs import JobGranted
from contracts.mentions import MentionObserved
from contracts.posts import PostObserved
from contracts.topics import ACCOUNTS_OBSERVED, COLLECT_OUTCOMES, POSTS_OBSERVED
from libs.clock import SteppedClock
from libs.matching.sieve import Sieve
from libs.outbound.client import build_client
from libs.wire.wire import Wire
from services.collector.networks import reader_of
from services.collector.readers.reader import Parsed
from services.collector.streaming.known import Mentions
from services.collector.streaming.stream import Hearing
from services.collector.streams.bluesky import read_line, see
from services.collector.worker import Worker
from tests.collector.fakes import KeptWire
from tests.collector.recorded import recorded_networks, replay_recordings
from tests.collector.recordings import FOLDERS, MAPPED, NOT_OURS
from tests.collector.recordings_manifest import STREAMED, Figures, Mapped
from tests.suites.network import job_of

pytestmark = pytest.mark.recordings


def test_every_file_is_mapped_or_said_not_to_be_ours(recordings):
    held = {
        f"{folder}/{path.name}" for folder in FOLDERS for path in (recordings / folder).iterdir()
    }
    mapped = {name for one in MAPPED for name in one.files} | set(STREAMED)
    assert mapped | set(NOT_OURS) == held
    assert not mapped & set(NOT_OURS)
    assert all(NOT_OURS.values())


def job_for(mapped: Mapped) -> JobGranted:
    """Return the job of ours that a recording answers."""
    return job_of(
        mapped.slug,
        mapped.operation,
        *mapped.subjects,
        cursor=mapped.cursor,
        confirm=mapped.confirm,
    )


async def collected(mapped: Mapped, recordings: Path) -> tuple[Parsed, list[tuple[str, str]]]:
    """Serve a recording to the real collector; return what it read and what it asked."""
    async with recorded_networks(recordings) as networks:
        exchange = networks.play(mapped)
        async with build_client(via=networks.url, contact="x", public_only=False) as http:
            wire = Wire("127.0.0.1:1", "live")
            worker = Worker(wire, http, SteppedClock(exchange.moment), reader_of, {})
            parsed, _ = await worker.look(job_for(mapped))
    return parsed, [(host, path) for host, path, _ in networks.asked]


@pytest.mark.parametrize("mapped", MAPPED, ids=lambda one: f"{one.files[0]}:{one.operation}")
async def test_what_was_recorded_is_what_is_observed(mapped, recordings):
    parsed, asked = await collected(mapped, recordings)
    assert asked == [(mapped.host, mapped.path)]
    assert parsed.cause == mapped.cause, parsed.detail
    if mapped.why:
        assert mapped.why in (parsed.detail or "")
    exchange = mapped.load(recordings)
    assert dict(parsed.skipped) == mapped.skipped(exchange)
    assert parsed.next_cursor == mapped.next_cursor
    events = [event for _, event in parsed.events]
    accounts = {event.account: event for event in events if isinstance(event, AccountObserved)}
    posts = {
        event.native_id: event
        for event in events
        if isinstance(event, PostObserved) and event.state == "present"
    }
    expect(mapped.accounts(exchange), accounts, mapped)
    expect(mapped.posts(exchange), posts, mapped)
    mentions = [event for event in events if isinstance(event, MentionObserved)]
    assert len({event.mention for event in mentions}) == mapped.mentions
    deleted = [e.native_id for e in events if isinstance(e, PostObserved) and e.state == "deleted"]
    assert tuple(deleted) == mapped.deleted
    assert events or mapped.cause != "done" or mapped.files[0] == "rss/Rss20DailyMail.xml"


def expect(
    figures: dict[str, Figures],
    observed: dict[str, AccountObserved] | dict[str, PostObserved],
    mapped: Mapped,
) -> None:
    """Check figures one by one: equal, or null with the reason that the manifest names."""
    assert observed.keys() == figures.keys()
    for name, wanted in figures.items():
        event = observed[name]
        for counter, value in wanted.items():
            assert getattr(event, counter) == value, (name, counter)
            if value is None:
                reason = dict(event.absent)[counter]
                assert reason == mapped.absent.get(counter, "not_published"), (name, counter)


async def test_a_replay_onto_a_wire_gives_what_it_says(recordings):
    wire = KeptWire()
    replayed = await replay_recordings(wire, recordings)
    accounts = {event.account for event in wire.of(ACCOUNTS_OBSERVED)}
    posts = {event.post for event in wire.of(POSTS_OBSERVED) if event.state == "present"}
    assert accounts == {name for one in replayed for name in one.accounts}
    assert posts == {name for one in replayed for name in one.posts}
    assert len(wire.of(COLLECT_OUTCOMES)) == len(replayed) == len(MAPPED)


def test_every_line_of_a_stream_is_explained(recordings):
    for name, expected in STREAMED.items():
        lines = (recordings / name).read_bytes().splitlines()
        seen = [
            see(event, Hearing("live", {}, Sieve("bluesky", ()), Mentions(str), event.moment))
            for event in map(read_line, lines)
        ]
        assert tuple(found.what for found in seen) == expected
