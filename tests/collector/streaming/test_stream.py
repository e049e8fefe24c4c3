"""Streams: what the lines of Jetstream give, and the connection that follows one for ever."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from contracts.jobs import Progress
from contracts.mentions import MentionObserved
from contracts.posts import PostObserved
from contracts.topics import (
    COLLECT_OUTCOMES,
    COLLECT_PROGRESS,
    MENTIONS_OBSERVED,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
)
from contracts.watches import Query, Watched
from libs.clock import SteppedClock
from libs.matching.sieve import Sieve
from libs.outbound.client import session_of
from libs.settings import Settings
from services.collector import streams
from services.collector.networks.bluesky import post_address
from services.collector.streaming.connection import Connection
from services.collector.streaming.known import Mentions, mentions_known
from services.collector.streaming.leading import follow_while
from services.collector.streaming.stream import Hearing, Seen
from services.collector.streams.bluesky import REWIND_US, STREAM, date_of_key, read_line, see
from tests.alerts.fakes import MemoryWire
from tests.collector.fakes import KeptWire
from tests.collector.serving import served
from tests.deadlines import until
from tests.events import event
from tests.listener import listener

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
US = int(NOW.timestamp() * 1e6)
TOWN, CITIZEN = "did:plc:ville", "did:plc:citizen"
KEY = "3lbhtyteurk2y"


def watch(*terms: str) -> Watched:
    return event(Watched, origin="live", watch="w1", query=Query(any=terms))


SUBJECT = STREAM.subject
SIEVE = Sieve("bluesky", [watch("coupure d’eau")])


def line(
    did: str = CITIZEN,
    operation: str = "create",
    key: str = KEY,
    time_us: int = US,
    **record: object,
) -> str:
    commit: dict[str, object] = {
        "rev": f"r{time_us}",
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": key,
    }
    if operation != "delete":
        commit["record"] = {
            "$type": "app.bsky.feed.post", "text": "Encore une coupure d'eau rue des Lilas",
            "langs": ["fr"], "createdAt": NOW.isoformat(),
        } | record  # fmt: skip
    return json.dumps({"did": did, "time_us": time_us, "kind": "commit", "commit": commit})


URI = f"at://{CITIZEN}/app.bsky.feed.post/{KEY}"


def seen(text: str, *published: str) -> Seen:
    known = Mentions(STREAM.author_of)
    for uri in published:
        known.add(post_address(uri))
    now = NOW + timedelta(seconds=2)
    return see(read_line(text), Hearing("live", {TOWN: "acc-1"}, SIEVE, known, now))


def test_a_network_whose_mentions_come_by_a_stream_has_its_file_and_no_other():
    """The collector followed Bluesky's by name: another stream would have been read by nobody."""
    for slug in streams.STREAMED:
        assert streams.stream_of(slug).network.slug == slug
    files = {path.stem for path in Path(streams.__file__).parent.glob("[!_]*.py")}
    assert files == {*streams.STREAMED}


def test_a_post_in_french_with_a_watched_word_is_a_mention_without_author():
    mention = seen(line()).events[0][1]
    assert isinstance(mention, MentionObserved)
    assert (mention.address, mention.author) == (
        f"https://bsky.app/profile/{CITIZEN}/post/{KEY}", None)  # fmt: skip
    assert mention.published_at == NOW


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (line(langs=["en"]), "not in French"),
        (line(text="Il fait beau"), "no watched word"),
        (line(text="coupe d'eau"), "no watched word"),
        (line(TOWN, reply={"parent": {}}), "reply of an account"),
        (line(operation="delete"), "deletion of something unknown"),
        ('{"did":"d","time_us":1,"kind":"identity","identity":{}}', "other collection"),
    ],
)
def test_what_gives_nothing_says_why(text, what):
    found = seen(text)
    assert (found.events, found.what) == ((), what)


@pytest.mark.parametrize("text", ["COUPURE D’EAU", "une coupure d'eau!", "Coupure-d eau"])
def test_words_are_compared_without_case_accents_nor_signs(text):
    assert seen(line(text=text)).what == "mention"


def test_a_post_of_an_account_is_observed_with_counters_not_asked():
    found = seen(line(TOWN))
    post = found.events[0][1]
    assert isinstance(post, PostObserved)
    assert (post.account, post.likes, post.absent["likes"]) == ("acc-1", None, "not_asked")
    assert found.reading.native_id == f"at://{TOWN}/app.bsky.feed.post/{KEY}"


def test_the_same_line_twice_gives_the_same_ids():
    assert seen(line(TOWN)) == seen(line(TOWN))
    assert seen(line()).events[0][1].event_id != seen(line(time_us=US + 1)).events[0][1].event_id


def test_deletions_are_told_of_accounts_and_of_known_mentions():
    post = seen(line(TOWN, "delete")).events[0][1]
    assert isinstance(post, PostObserved)
    assert (post.state, post.published_at) == ("deleted", date_of_key(KEY))
    mention = seen(line(operation="delete"), URI).events[0][1]
    assert isinstance(mention, MentionObserved)
    assert (mention.state, mention.text) == ("deleted", "")


@pytest.mark.parametrize("status", ["deleted", "deactivated", "suspended", "takendown"])
def test_an_author_who_leaves_takes_the_known_mentions_along(status):
    state = {"active": False, "did": CITIZEN, "status": status}
    text = json.dumps({"did": CITIZEN, "time_us": US, "kind": "account", "account": state})
    other = f"at://{TOWN}/app.bsky.feed.post/{KEY}"
    found = seen(text, URI, f"{URI[:-1]}z", other)
    assert [event.state for _, event in found.events] == ["deleted"] * 2
    assert seen(text).events == ()
    back = json.dumps({"did": CITIZEN, "time_us": US, "kind": "account",
                       "account": {"active": True, "did": CITIZEN}})  # fmt: skip
    assert seen(back, URI).events == ()


@pytest.mark.parametrize("change", [{"text": "Tout va bien"}, {"langs": ["en"]}])
def test_an_edited_mention_says_what_it_says_now(change):
    edited = line(operation="update", **change)
    assert seen(edited).events == ()
    mention = seen(edited, URI).events[0][1]
    assert isinstance(mention, MentionObserved)
    assert mention.text == change.get("text", mention.text)


@pytest.mark.parametrize("langs", [["FR"], ["fr_FR"], ["Fr-fr"], ["fra"], ["en", "FR"]])
def test_language_tags_are_of_any_case(langs):
    assert seen(line(langs=langs)).what == "mention"


def test_a_field_of_another_type_loses_no_mention():
    assert seen(line(facets="x", tags=None, langs="fr")).what == "mention"


def test_mentions_known_are_bounded():
    known = Mentions(STREAM.author_of, 2)
    for number in range(3):
        known.add(post_address(f"at://did:plc:{number}/app.bsky.feed.post/{KEY}"))
    assert known.of("did:plc:0") == []
    assert len(known.of("did:plc:2")) == 1


def test_a_record_key_is_a_date():
    assert date_of_key(KEY) == datetime(2024, 11, 21, 16, 9, 27, 94_000, tzinfo=UTC)
    assert date_of_key("self") is None


class Server:
    """A Jetstream that says what it is told, to each connection in turn."""

    def __init__(self, *talks: list[str]) -> None:
        self.talks = list(talks)
        self.asked: list[dict[str, str]] = []
        self.hosts: list[str] = []
        self.url = ""

    async def subscribe(self, request: web.Request) -> web.WebSocketResponse:
        self.asked.append(dict(request.query))
        self.hosts.append(request.host)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        talk = self.talks.pop(0) if self.talks else []
        for text in talk:
            await socket.send_str(text)
        if self.talks:
            await socket.close()
            return socket
        async for _ in socket:
            pass
        return socket


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    async with served("/subscribe", server.subscribe) as server.url:
        yield server


@asynccontextmanager
async def following(
    via: str | None,
    wire: KeptWire,
    row: Progress | None = None,
    proxy: str | None = None,
    **pause: Callable[[int], float],
) -> AsyncIterator[None]:
    settings = Settings.model_validate({"installation": "simulation", "https_proxy": proxy})
    stream = Connection(
        STREAM, wire, SteppedClock(NOW), via=via, session=partial(session_of, settings, via=via),
        accounts=lambda: {TOWN: "acc-1"}, watches=lambda: {"w1": watch("coupure d’eau")},
        **pause,
    )  # fmt: skip
    stream.resume(row, [])
    task = asyncio.create_task(stream.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_behind_a_proxy_a_stream_is_followed_through_it():
    async with listener() as proxy, following(None, KeptWire(), proxy=proxy.url):
        await until(lambda: proxy.asked)
    assert proxy.asked[0].startswith(f"CONNECT {urlsplit(STREAM.address).hostname}:443 ")


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ({}, True),
        ({"cursor": None}, False),
        ({"cursor": "²"}, False),
        ({"cursor": "-1"}, False),
        ({"cursor": "9" * 300}, False),
        ({"cursor": str(US + 8 * 86_400_000_000)}, False),
        ({"revision": 2**62}, False),
        ({"subject": "stream:another"}, False),
    ],
)
def test_a_row_that_no_stream_wrote_is_not_gone_on_from(said, ours):
    """Taken for a cursor, it would end the collector at each start, or have it hear nothing."""
    row = event(Progress, **{"subject": SUBJECT, "cursor": str(US), "revision": 3} | said)
    assert STREAM.wrote(row, NOW) is ours


async def test_what_nobody_can_read_of_mentions_ends_no_stream():
    wire = MemoryWire()
    ours = event(MentionObserved, network="bluesky", address="https://a.example/1")
    name = MENTIONS_OBSERVED.on("simulation")
    elsewhere = ours.model_copy(update={"origin": "live", "address": "https://a.example/2"})
    deep = b'{"a":' * 50_000
    for value in (b"[" * 50_000, deep, b"\xff", None, b"{}", elsewhere.encode(), ours.encode()):
        wire.memory.append(name, value, b"k")
    assert await mentions_known(wire, "bluesky") == ["https://a.example/1"]


async def test_a_new_leader_holds_no_more_mentions_than_it_keeps():
    """A month of them was read into the memory of a small pod, which then kept the last ones."""
    wire = MemoryWire()
    for number in range(5):
        said = event(MentionObserved, network="bluesky", address=f"https://a.example/{number}")
        wire.memory.append(MENTIONS_OBSERVED.on("simulation"), said.encode(), b"k")
    latest = ["https://a.example/3", "https://a.example/4"]
    assert await mentions_known(wire, "bluesky", most=2) == latest


async def test_lines_become_events_an_outcome_and_a_cursor():
    wire = KeptWire()
    talk = [
        line(),
        line(TOWN, time_us=US + 1),
        "not json",
        line(embed="deep").replace('"deep"', "[" * 20_000 + "]" * 20_000),
        line(time_us=2**63 - 1),
        line(operation="delete", time_us=US + 2),
    ]
    async with serving(Server(talk)) as server, following(server.url, wire):
        await until(lambda: len(wire.of(COLLECT_PROGRESS)) == 2, 10)
    assert [m.state for m in wire.of(MENTIONS_OBSERVED)] == ["present", "deleted"]
    assert len(wire.of(POSTS_OBSERVED)) == len(wire.of(TEXTS_OBSERVED)) == 1
    ended = wire.of(COLLECT_OUTCOMES)[0]
    assert (ended.operation, list(ended.readings)) == ("readings", ["acc-1"])
    begun, read = wire.of(COLLECT_PROGRESS)
    assert begun.cursor == str(int(NOW.timestamp() * 1e6)), "kept before a first line is read"
    assert read.cursor == str(US + 2)
    assert server.hosts == ["jetstream2.us-east.bsky.network"]
    assert server.asked == [{"wantedCollections": "app.bsky.feed.post"}]


async def test_watches_that_are_no_longer_read_end_the_stream():
    leads, watches = asyncio.Event(), SimpleNamespace(failed=None)
    following = asyncio.create_task(follow_while(leads, watches, asyncio.Event().wait, 0.01))
    leads.set()
    await asyncio.wait({following}, timeout=0.1)
    assert not following.done()
    watches.failed = "a fault"
    with pytest.raises(RuntimeError, match="a fault"):
        await asyncio.wait_for(following, 10)


async def test_a_lost_connection_is_told_and_taken_up_a_little_earlier():
    wire = KeptWire()
    async with (
        serving(Server([line()], [line(), line(key="3lbhtyteurk3y", time_us=US + 5)])) as server,
        following(server.url, wire),
    ):
        await until(lambda: len(wire.of(MENTIONS_OBSERVED)) == 3, 15)
    assert server.asked[1]["cursor"] == str(US - REWIND_US)
    lost = [e for e in wire.of(COLLECT_OUTCOMES) if e.cause == "unavailable"]
    assert [e.subject for e in lost] == [SUBJECT]
    assert len({mention.event_id for mention in wire.of(MENTIONS_OBSERVED)}) == 2


@pytest.mark.parametrize("said", [True, False])
async def test_losses_after_lines_were_read_make_no_wait_longer(said):
    """A server that closes each hour was waited for a minute after its seventh close."""
    waited: list[int] = []

    def pause(failures: int) -> float:
        waited.append(failures)
        return 0.0

    talks = [[line(time_us=US + each)] if said else [] for each in range(9)]
    async with (
        serving(Server(*talks)) as server,
        following(server.url, KeptWire(), pause=pause),
    ):
        await until(lambda: len(waited) == 8, 15)
    assert waited == ([1] * 8 if said else [1, 2, 3, 4, 5, 6, 7, 8])


async def test_a_new_leader_goes_on_from_the_cursor_that_was_kept():
    row = event(Progress, origin="live", subject=SUBJECT, revision=7, cursor=str(US))
    async with serving(Server([line()])) as server, following(server.url, wire := KeptWire(), row):
        await until(lambda: len(wire.of(COLLECT_PROGRESS)) == 1, 10)
    assert server.asked[0]["cursor"] == str(US - REWIND_US)
    assert wire.of(COLLECT_PROGRESS)[0].revision == 8
