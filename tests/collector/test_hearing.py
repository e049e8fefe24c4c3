"""Of what a search found, what watches look for is kept, said by somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from contracts.event import Event
from contracts.jobs import JobSubject
from contracts.topics import ACCOUNTS_REGISTERED, MENTIONS_OBSERVED, WATCHES, Topic
from contracts.watches import Query
from libs.wire.wire import Wire
from services.collector.readers.reader import Parsed
from services.collector.searching.hearing import Hearing
from tests.alerts.builders import mention, watched
from tests.deadlines import until
from tests.events import account_registered
from tests.suites.memory import MemoryLog
from tests.suites.network import job_of

JOB = job_of("mastodon", "mentions", JobSubject(subject="s", handle="lens@social.example"))


def found(*said: tuple[str, str]) -> Parsed:
    """What a search found: texts, and who says each."""
    events = [mention(number, text, network="mastodon") for number, (text, _) in enumerate(said)]
    speakers = {one.mention: who for one, (_, who) in zip(events, said, strict=True)}
    pairs = tuple((MENTIONS_OBSERVED, one) for one in events)
    return Parsed("done", events=pairs, speakers=speakers, items="1 2")


def texts(parsed: Parsed) -> list[str]:
    return [getattr(event, "text", "") for _, event in parsed.events]


def put(log: MemoryLog, topic: Topic, event: Event) -> None:
    log.append(topic.on("simulation"), event.encode(), event.key.encode())


@asynccontextmanager
async def hearing_of(log: MemoryLog) -> AsyncIterator[Hearing]:
    hearing = Hearing(Wire("nowhere:1", "simulation", log=log, pause=lambda _: 0.0))
    running = asyncio.create_task(hearing.run())
    try:
        yield hearing
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_what_a_watch_looks_for_is_kept_and_nothing_else():
    log = MemoryLog()
    put(log, WATCHES, watched(query=Query(any=("inondation",), all=("Lens",))))
    async with hearing_of(log) as hearing:
        await until(lambda: hearing.ready)
        kept = hearing.heard(JOB, found(("Une inondation #Lens", "a@b.c"), ("#Lens beau", "a@b.c")))
        assert texts(kept) == ["Une inondation #Lens"]
        assert kept.items == "1 2"
        put(log, WATCHES, watched(revision=2, query=Query(any=("beau",))))
        await until(lambda: hearing.watches["w1"].revision == 2)
        kept = hearing.heard(JOB, found(("Une inondation #Lens", "a@b.c"), ("#Lens beau", "a@b.c")))
        assert texts(kept) == ["#Lens beau"]


async def test_an_account_that_the_registry_knows_is_nobody_else():
    log = MemoryLog()
    put(log, WATCHES, watched(query=Query(any=("Lens",))))
    ours = account_registered("a", network="mastodon", handle="Ville@social.example")
    put(log, ACCOUNTS_REGISTERED, ours)
    async with hearing_of(log) as hearing:
        await until(lambda: hearing.ready)
        said = found(("À Lens", "ville@social.example"), ("Lens", "lou@social.example"))
        assert texts(hearing.heard(JOB, said)) == ["Lens"]
        moved = ours.model_copy(update={"revision": 2, "handle": "lens@social.example"})
        put(log, ACCOUNTS_REGISTERED, moved)
        await until(lambda: len(hearing.heard(JOB, said).events) == 2)


async def test_before_the_watches_are_read_nothing_is_lost():
    hearing = Hearing(Wire("nowhere:1", "simulation", log=MemoryLog()))
    kept = hearing.heard(JOB, found(("À Lens", "a@b.c")))
    assert (kept.cause, kept.events, kept.items) == ("unavailable", (), None)
