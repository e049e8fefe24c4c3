"""Somebody is erased: rows go, and no replay brings them back. Real broker, real engine."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from contracts.erasures import Erased, Suppressions, author_key
from contracts.event import Event
from contracts.mentions import mention_id
from contracts.territories import Territories
from contracts.topics import (
    ACCOUNTS_OBSERVED,
    COLLECT_OUTCOMES,
    ERASURES,
    MENTIONS_MATCHED,
    MENTIONS_OBSERVED,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
    Topic,
)
from libs.engine.client import Engine, connect
from libs.engine.insert import insert
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.cli import main
from services.scorer.app import build
from services.scorer.intake.deletion import erase
from services.scorer.intake.erasing import Erasing, Suppressor
from services.scorer.intake.intake import GROUP
from services.scorer.intake.rows import STORED
from tests.alerts.builders import erased, match, mention
from tests.deadlines import until_found
from tests.events import samples
from tests.scorer.conftest import Line
from tests.scorer.months import TERRITORIES, Book, october, scores
from tests.suites.memory import MemoryLog
from tests.tables import create_tables
from tests.topics import rewind

NOW = datetime.now(UTC).replace(microsecond=0)
PROFILE = "https://bsky.app/profile/did:plc:{}"
WHO = ("gone", "kept")


def address(who: str, number: int) -> str:
    return f"{PROFILE.format(who * 6)}/post/{number}"


def said(who: str, number: int) -> Event:
    place = address(who, number)
    return mention(place, "coupure d’eau", address=place, mention=mention_id(place)).model_copy(
        update={"published_at": NOW, "observed_at": NOW}
    )


def matched(who: str, number: int) -> Event:
    place = address(who, number)
    fields = {"subject": mention_id(place), "address": place, "source": "jetstream"}
    return match(number, **fields, published_at=NOW, event_id=f"{who}{number}")


def matched_post(who: str) -> Event:
    """A match in what an account itself published: its source is the account."""
    place = f"https://www.example.org/did:plc:{who}/1"
    fields = {"subject": f"post of {who}", "address": place, "source": who}
    return match(9, **fields, published_at=NOW, event_id=f"{who} itself")


def batch() -> Event:
    """How a job about both ended: each answers by another name."""
    event = COLLECT_OUTCOMES.event.read(samples(COLLECT_OUTCOMES)[0])
    return event.model_copy(
        update={
            "event_id": "both", "job": "both", "subject": WHO[0], "subjects": WHO,
            "renamed": {who: f"{who}.example" for who in WHO}, "gone": {},
        }
    )  # fmt: skip


def of_account(topic: Topic, who: str) -> Event:
    event = topic.event.read(samples(topic)[0])
    changes: dict[str, Any] = {"account": who, "event_id": f"{topic.name} {who}"}
    if topic is TEXTS_OBSERVED:
        changes |= {"post": f"post of {who}", "published_at": NOW, "observed_at": NOW}
    return event.model_copy(update=changes)


EVENTS: list[tuple[Topic, Event]] = [
    *(
        (topic, of_account(topic, who))
        for topic in (ACCOUNTS_OBSERVED, TEXTS_OBSERVED)
        for who in WHO
    ),
    *((MENTIONS_OBSERVED, said(who, n)) for who in WHO for n in (1, 2)),
    *((MENTIONS_MATCHED, matched(who, n)) for who in WHO for n in (1, 2)),
    *((MENTIONS_MATCHED, matched_post(who)) for who in WHO),
    (COLLECT_OUTCOMES, batch()),
]


def account_erased(subject: str) -> Erased:
    return erased("account", subject).model_copy(update={"erased_at": NOW})


@asynccontextmanager
async def scoring(settings: Settings) -> AsyncIterator[None]:
    scorer = build(settings)
    await scorer.start()
    try:
        yield
        assert scorer.failures() == {}
    finally:
        await scorer.stop()


async def held(line: Line) -> dict[str, list[Any]]:
    """Whose rows each table holds."""
    who = "extract(address, 'did:plc:([a-z]{4})')"
    names = "arrayConcat(mapKeys(renamed), mapValues(renamed), subjects, [subject])"
    asked = {
        "account_observations": "account FROM account_observations",
        "post_texts": "account FROM post_texts",
        "mentions": f"{who} FROM mentions",
        "matches": f"{who} FROM matches",
        "renamed": f"arrayJoin({names}) FROM collect_outcomes",
        "outcomes_by_account": "account FROM outcomes_by_account",
    }
    answers = {
        name: await line.engine.query(f"SELECT {sql} FINAL ORDER BY 1")
        for name, sql in asked.items()
    }
    return {name: [row[0] for row in answer.result_rows] for name, answer in answers.items()}


ALL = {
    "account_observations": ["gone", "kept"],
    "post_texts": ["gone", "kept"],
    "mentions": ["gone", "gone", "kept", "kept"],
    "matches": ["gone", "gone", "gone", "kept", "kept", "kept"],
    "renamed": ["gone", "gone", "gone", "gone.example", "kept", "kept", "kept.example"],
    "outcomes_by_account": ["gone", "kept"],
}
LEFT = {
    "account_observations": ["kept"], "post_texts": ["kept"], "mentions": ["kept", "kept"],
    "matches": ["kept", "kept", "kept"], "renamed": ["kept", "kept", "kept", "kept.example"],
    "outcomes_by_account": ["kept"],
}  # fmt: skip


async def until_held(line: Line, wanted: dict[str, list[Any]]) -> None:
    await until_found(lambda: held(line), lambda found: found == wanted, 40)


async def published(line: Line) -> Wire:
    wire = line.wire()
    await wire.start()
    for topic, event in EVENTS:
        await wire.publish(topic, event)
    return wire


@pytest.mark.broker
@pytest.mark.engine
async def test_who_is_erased_is_gone_and_does_not_come_back(line):
    await create_topics(line.kafka_url, line.namespace)
    wire = await published(line)
    environment = {
        "KAFKA_URL": line.kafka_url,
        "OBSERVATOIRE_TOPIC_NAMESPACE": line.namespace,
        "OBSERVATOIRE_INSTALLATION": "simulation",
    }
    async with scoring(line.settings):
        await until_held(line, ALL)
        done = await asyncio.to_thread(
            CliRunner().invoke,
            main,
            ["erasures", "author", address("gone", 1), "--reason", "sa demande"],
            env=environment,
        )
        assert done.exit_code == 0, done.output
        await wire.publish(ERASURES, account_erased("gone"))
        await until_held(line, LEFT)
        for topic, event in EVENTS:  # collected once more
            await wire.publish(topic, event)
        await wire.publish(ACCOUNTS_OBSERVED, of_account(ACCOUNTS_OBSERVED, "later"))
        await until_held(line, LEFT | {"account_observations": ["kept", "later"]})

    for stored in STORED:
        await line.engine.command(f"TRUNCATE TABLE {stored.table}")
    await rewind(line.kafka_url, line.namespace, GROUP, [stored.topic for stored in STORED])
    async with scoring(line.settings):
        await until_held(line, LEFT | {"account_observations": ["kept", "later"]})
        await until_found(line.offsets, lambda found: found[0] == found[1])
    assert await held(line) == LEFT | {"account_observations": ["kept", "later"]}
    assert await line.letters() == []
    await wire.stop()


@pytest.mark.broker
@pytest.mark.engine
async def test_an_erasure_that_is_not_ours_or_not_whole_erases_nothing(line):
    wire = await published(line)
    foreign = account_erased("kept").model_copy(update={"origin": "live"}).encode()
    whole = account_erased("kept").encode()
    bad = {foreign, whole[:-20], b"{}", whole.replace(b'"account"', b'"everything"')}
    async with scoring(line.settings):
        await until_held(line, ALL)
        for value in bad:
            await (await wire.log.send(ERASURES.on(line.namespace), value, b"account:kept"))
        await until_found(line.letters, lambda letters: len(letters) == len(bad))
        await wire.publish(ERASURES, account_erased("gone"))
        await until_found(lambda: held(line), lambda it: it["renamed"] == LEFT["renamed"], 40)
    assert (await held(line))["account_observations"] == ["kept"]
    letters = await line.letters()
    assert {letter.record for letter in letters} == bad
    assert any("live" in letter.reason for letter in letters)
    await wire.stop()


def test_nothing_is_suppressed_until_something_is():
    assert not Suppressions()
    assert not Suppressions().holds(account="a", subject="s", address=address("a", 1))


def test_who_is_erased_takes_nobody_else_along():
    """All of Flickr, all channels of YouTube, all pages by their number had the key of one."""
    suppressor = Suppressor()
    gone, kept = (f"https://www.flickr.com/photos/{who}/" for who in WHO)
    suppressor.suppressions.add(erased("author", author_key(gone) or ""))
    posts = [
        POSTS_OBSERVED.event.read(samples(POSTS_OBSERVED)[0])
        .model_copy(update={"account": who, "network": "flickr", "address": f"{place}123/"})
        .encode()
        for who, place in zip(WHO, (gone, kept), strict=True)
    ]
    assert suppressor(POSTS_OBSERVED, posts, WHO) == ([posts[1]], ["kept"])


@pytest.mark.engine
async def test_published_scores_of_an_account_go_too(clickhouse_url, database):
    name = f"{database}_scores"
    await create_tables(clickhouse_url, name, Territories(TERRITORIES, ()))
    engine = await connect(clickhouse_url, name)
    await october(engine, Book().bareme("bluesky").ordinary("gone").ordinary("kept"))
    assert await scores(engine, "account") == [("gone",), ("kept",)]
    await erase(engine, Suppressions([account_erased("gone")]))
    assert await scores(engine, "account") == [("kept",)]
    for table in ("accounts", "account_observations", "post_observations"):
        found = await engine.query(f"SELECT DISTINCT account FROM {table}")
        assert [row[0] for row in found.result_rows] == ["kept"], table
    projected = await engine.query("SELECT count() FROM scores WHERE account = 'gone'")
    assert projected.result_rows[0][0] == 0
    await erase(engine, Suppressions([account_erased("gone")]))  # again: nothing to do
    await engine.command(f"DROP DATABASE {name} SYNC")
    await engine.close()


class Asked:
    """The engine, and of whom rows were looked for; it is not closed by who borrows it."""

    def __init__(self, engine: Engine) -> None:
        self.looked_for: set[str] = set()
        self._engine = engine

    async def query(self, query: str, parameters: Any = None) -> Any:
        self.looked_for.update((parameters or {}).get("accounts", ()))
        return await self._engine.query(query, parameters)

    async def raw_insert(self, *args: Any, **settings: Any) -> object:
        return await self._engine.raw_insert(*args, **settings)

    async def __aenter__(self) -> "Asked":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


async def erasing_starts(engine: Engine, log: MemoryLog, order: str, *stored: Event) -> Asked:
    """Store rows, start a scorer's erasing, give it an order; return when that one is noted."""
    if stored:
        rows = [json.loads(row.encode()) for row in stored]
        await insert(engine, "account_observations", rows)
    asked, wire = Asked(engine), Wire("nowhere:1", "simulation", log=log)

    async def lent() -> Asked:
        return asked

    async def settle() -> None: ...

    async def noted() -> Sequence[Any]:
        sql = f"SELECT 1 FROM erasures_applied WHERE subject = '{order}'"
        return (await engine.query(sql)).result_rows

    following = Erasing(wire, Suppressor(), lent)
    await following.start()
    running = asyncio.create_task(following.run(settle))
    await wire.publish(ERASURES, account_erased(order))
    await until_found(noted)
    running.cancel()
    await following.stop()
    return asked


@pytest.mark.engine
async def test_a_start_looks_for_the_rows_of_no_order_applied_long_ago(clickhouse_url, database):
    """Each start looked every table through for all that was ever erased."""
    name, log = f"{database}_again", MemoryLog()
    await create_tables(clickhouse_url, name, Territories([], []))
    engine = await connect(clickhouse_url, name)

    async def read(sql: str) -> list[Any]:
        return [row[0] for row in (await engine.query(sql)).result_rows]

    async def accounts() -> list[Any]:
        return await read("SELECT DISTINCT account FROM account_observations ORDER BY 1")

    async def rewritten() -> list[Any]:
        mutated = "FROM system.mutations WHERE database = currentDatabase()"
        return await read(f"SELECT count() {mutated} AND table != 'erasures_applied'")

    async def a_week_later() -> None:
        await engine.command(
            "ALTER TABLE erasures_applied UPDATE applied_at = now() - INTERVAL 8 DAY WHERE 1"
            " SETTINGS mutations_sync = 2"
        )

    wire = Wire("nowhere:1", "simulation", log=log)
    gone, later, kept = (of_account(ACCOUNTS_OBSERVED, who) for who in ("gone", "later", "kept"))
    await wire.publish(ERASURES, account_erased("gone"))
    assert "gone" in (await erasing_starts(engine, log, "1", gone, kept)).looked_for
    assert await accounts() == ["kept"]
    before = await rewritten()
    await a_week_later()
    assert (await erasing_starts(engine, log, "2")).looked_for == {"2"}
    assert await rewritten() == before

    await wire.publish(ERASURES, account_erased("later"))  # while no scorer runs
    await a_week_later()
    assert (await erasing_starts(engine, log, "3", later)).looked_for == {"later", "3"}
    assert await accounts() == ["kept"]

    anew = account_erased("gone").model_copy(update={"erased_at": NOW + timedelta(seconds=1)})
    await wire.publish(ERASURES, anew)
    await a_week_later()
    assert (await erasing_starts(engine, log, "4", gone)).looked_for == {"gone", "4"}
    assert await accounts() == ["kept"]
    await engine.command(f"DROP DATABASE {name} SYNC")
    await engine.close()


async def test_an_error_without_text_ends_no_erasing():
    tries = 0
    again = asyncio.Event()

    async def connect_badly() -> Any:
        nonlocal tries
        tries += 1
        if tries == 2:
            again.set()
        raise TimeoutError

    async def settle() -> None: ...

    wire = Wire("nowhere:1", "simulation", log=MemoryLog())
    await wire.publish(ERASURES, account_erased("a"))
    following = Erasing(wire, Suppressor(), connect_badly, again_seconds=0.0)
    await following.start()
    running = asyncio.create_task(following.run(settle))
    async with asyncio.timeout(10):
        await again.wait()
    assert not running.done()
    running.cancel()
    await following.stop()
