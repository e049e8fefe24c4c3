import asyncio
import csv
import io
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow.parquet
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from contracts.alerts import AlertDecided, AlertDelivered
from contracts.clickhouse import VIEWS as VIEW_FILES
from contracts.posts import TextObserved
from contracts.scores import ScoreComputed
from contracts.topics import ERASURES, SCORES_COMPUTED
from contracts.watches import Query
from libs.engine.client import connect
from libs.matching.words import fold
from libs.wire.wire import Wire
from services.api.figures import new_months
from services.api.figures.new_months import NewMonths
from services.api.figures.queries import (
    KEPT_SECONDS,
    MONTHS_SEEN_SECONDS,
    STREAMS_AT_ONCE,
    EngineUnavailable,
    Queries,
)
from services.api.figures.queries import Answers as KeptAnswers
from services.api.figures.views import (
    ACCOUNT_SCORE,
    MONTH_SCORES,
    PERIODS,
    TEXTS_BETWEEN,
    TEXTS_READ,
    TEXTS_WITH,
    VIEWS,
    WATCH_ACTIVITY,
    WATCH_ALERTS,
    WATCH_HOURS,
    WATCH_MATCHES,
    WATCH_SILENCES,
    View,
)
from services.api.files.month import MonthFiles
from services.api.watching.learning import needles
from services.scorer.intake.rows import STORED
from services.scorer.intake.sink import EngineSink
from tests.alerts.builders import erased, match, mention
from tests.api.answers import Answers, RecordedFigures, ask, asked
from tests.api.engine_world import WATCH, fill
from tests.api.figures_suite import FiguresSuite
from tests.api.world import NOW, every_account
from tests.deadlines import turn, until
from tests.events import account_registered, event
from tests.suites.memory import Found, MemoryConsumer, MemoryLog

HOUR = timedelta(hours=1)
TYPED = "`nom` Nullable(String), `rang` Nullable(Int64)"


def _alike(value: object, told: str) -> bool:
    """Whether a value of Parquet is what the CSV says: null for nothing, a number, or the text."""
    if value is None:
        return told == ""
    return float(value) == float(told) if isinstance(value, Decimal | float) else str(value) == told


class TestRecorded(FiguresSuite):
    @pytest.fixture
    def figures(self) -> RecordedFigures:
        return RecordedFigures()


@pytest.fixture(scope="module")
def filled(clickhouse_url: str, database: str) -> tuple[str, str]:
    asyncio.run(fill(clickhouse_url, database))
    return clickhouse_url, database


@pytest.fixture
async def queries(filled: tuple[str, str]):
    reading = Queries(*filled)
    yield reading
    await reading.stop()


@pytest.mark.engine
@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
async def test_what_is_recorded_is_what_the_engine_answers(filled, view):
    """Where it differs as it should: `make answers`."""
    for kept in Answers(view).of:
        rows = await ask(*filled, view, asked(kept))
        assert rows == Answers(view).answer(kept), f"{view.name}, {kept}"


@pytest.mark.engine
class TestEngine(FiguresSuite):
    @pytest.fixture
    def figures(self, queries: Queries) -> Queries:
        return queries

    async def test_a_month_is_never_kept_as_rows(self, queries, filled, monkeypatch):
        monkeypatch.setattr("services.api.figures.queries.ROWS_AT_ONCE", 7)
        given = {"network": "", "period": "2026-10"}
        sizes = [len(block) async for block in queries.blocks(MONTH_SCORES, **given)]
        assert max(sizes) <= 7
        assert sum(sizes) == len(await queries.read(MONTH_SCORES, **given))
        counted = Counted(*filled)
        for _ in range(2):
            await counted.read(MONTH_SCORES, **given)
        assert counted.asked == ["month_scores"] * 2
        await counted.stop()

    async def test_files_in_hand_leave_room_for_figures(self, queries, monkeypatch):
        monkeypatch.setattr("services.api.figures.queries.STREAM_WAIT_SECONDS", 0.05)
        given = {"network": "", "period": "2026-10"}
        taken = [queries.blocks(MONTH_SCORES, **given) for _ in range(STREAMS_AT_ONCE)]
        for one in taken:
            await anext(one)
        with pytest.raises(EngineUnavailable, match="too many files"):
            await anext(queries.blocks(MONTH_SCORES, **given))
        assert await queries.read(PERIODS)
        await queries.ping()
        for one in taken:
            await one.aclose()
        assert await anext(queries.blocks(MONTH_SCORES, **given))

    async def test_the_file_of_a_month_is_typed_as_parquet(self, queries):
        files = MonthFiles(queries, simulation=True)
        given = await files.parquet("2026-10", "bluesky")
        assert (given[:4], given[-4:]) == (b"PAR1", b"PAR1")
        (text,) = [b"".join([one async for one in files.csv("2026-10", "bluesky", "standard")])]
        wanted = list(csv.DictReader(io.StringIO(text.decode())))
        found = pyarrow.parquet.read_table(io.BytesIO(given)).to_pylist()
        assert len(found) == len(wanted) > 20
        assert [*found[0]] == [*wanted[0]]
        for line, told in zip(found, wanted, strict=True):
            for name, value in line.items():
                assert _alike(value, told[name]), name
        assert any(isinstance(line["score"], Decimal) for line in found)
        assert {line["departement"] for line in found} >= {"002"}

    async def test_quotes_and_backslashes_stay_as_they_are(self, queries):
        text = "L'Été \\' \\n"
        made = await queries.as_parquet(f'nom,rang\r\n"{text}",\r\n'.encode(), TYPED)
        rows = pyarrow.parquet.read_table(io.BytesIO(made)).to_pylist()
        assert rows == [{"nom": text, "rang": None}]

    async def test_a_list_is_counted_and_read_in_pages(self, queries):
        given = {"network": "bluesky", "period": "2026-10"}
        everybody = await queries.read(MONTH_SCORES, **given)
        assert await queries.count(MONTH_SCORES, **given) == len(everybody)
        some = await queries.read(MONTH_SCORES, range(5, 12), **given)
        assert some == everybody[5:12]
        assert await queries.count(PERIODS) == len(await queries.read(PERIODS))

    async def test_a_watch_has_matches_hours_and_alerts_with_deliveries(self, queries):
        given = {"watch": WATCH, "date_from": "2026-11-20", "date_to": "2026-11-24"}
        matches = await queries.read(WATCH_MATCHES, **given)
        assert len(matches) == 14
        assert matches[0].published_at > matches[-1].published_at
        hours = await queries.read(WATCH_HOURS, **given)
        assert sum(one.matches for one in hours) == 14
        alerts = await queries.read(WATCH_ALERTS, **given)
        assert [one.total for one in alerts] == [14]
        assert [one.outcome for one in alerts[0].deliveries] == ["delivered"]
        assert (alerts[0].window_minutes, alerts[0].group, alerts[0].watch_revision) == (
            20,
            "eau",
            1,
        )

    async def test_texts_read_are_counted_once_and_found_by_their_folded_words(
        self, queries, filled
    ):
        at = NOW + timedelta(days=300)
        said = [
            mention(1, "Cœur de ville : plus d’EAU à l’École", published_at=at),
            mention(2, "Bal des pompiers", title="Fête", network="rss", published_at=at),
        ]
        again = said[0].model_copy(update={"observed_at": at + timedelta(minutes=5)})
        sink = EngineSink(*filled)
        await sink.insert("mentions", [one.encode() for one in (*said, again)])
        await sink.close()
        read = await queries.read(TEXTS_READ, since=at.isoformat())
        assert [(one.network, one.texts) for one in read] == [("bluesky", 1), ("rss", 1)]
        assert read[0].last_read_at == at + timedelta(minutes=5)
        assert read[0].first_read_at == said[0].observed_at
        days = dict.fromkeys(("date_from", "date_to"), at.date().isoformat())
        for words, found in (("ecole", [1]), ("coeur zzz", [1]), ("fete", [2]), ("zzz", [])):
            texts = await queries.read(TEXTS_WITH, words=words, **days)
            assert [one.subject for one in texts] == [said[n - 1].mention for n in found]
        assert len(await queries.read(TEXTS_WITH, words="", **days)) == 2

    async def test_a_headline_that_a_text_repeats_is_read_once(self, queries, filled):
        """As the alert service reads it: otherwise a term could stand between the two."""
        at = NOW + timedelta(days=310)
        said = {
            "Eau coupée\nRue Basse": "Eau coupée\nRue Basse",
            "Eau coupée": "Eau coupée",
            "Eau coupée rue Basse": "Eau coupée\nEau coupée rue Basse",
            "": "Eau coupée\n",
        }
        told = [
            mention(n, text, title="Eau coupée", published_at=at) for n, text in enumerate(said)
        ]
        sink = EngineSink(*filled)
        await sink.insert("mentions", [one.encode() for one in told])
        await sink.close()
        days = dict.fromkeys(("date_from", "date_to"), at.date().isoformat())
        read = {one.subject: one.text for one in await queries.read(TEXTS_BETWEEN, **days)}
        assert read == {one.mention: said[one.text] for one in told}

    async def test_a_text_says_for_whom_its_author_speaks_and_how_many_follow(
        self, queries, filled
    ):
        """As the alert service knows it: of an account, and of a source that declares a place."""
        at = NOW + timedelta(days=320)
        paper = account_registered(
            "paper", NOW, event_id="paper", network="rss", handle="https://g.example/f",
            covers=("62", "59"),
        )  # fmt: skip
        said = [
            mention(n, "Eau coupée", network="rss", source=source, published_at=at)
            for n, source in enumerate(("https://g.example/f", "https://h.example/f"))
        ]
        post = event(
            TextObserved, event_id="t320", post="p320", account="00101-bluesky",
            network="bluesky", published_at=at, observed_at=at, text="Eau coupée",
        )  # fmt: skip
        sink = EngineSink(*filled)
        await sink.insert("accounts", [paper.encode()])
        await sink.insert("mentions", [one.encode() for one in said])
        await sink.insert("post_texts", [post.encode()])
        await sink.close()
        days = dict.fromkeys(("date_from", "date_to"), at.date().isoformat())
        followers = next(
            row["followers"] for row in every_account() if row["account"] == "00101-bluesky"
        )
        read = {
            one.subject: (one.about.kind, one.places, one.followers)
            for one in await queries.read(TEXTS_WITH, words="eau", **days)
        }
        assert read == {
            said[0].mention: ("article", ("62", "59"), None),
            said[1].mention: ("article", (), None),
            "p320": ("publication", ("00101",), followers),
        }

    @pytest.mark.proof
    async def test_no_character_hides_a_word_from_the_filter(self, filled):
        """What the filter compares has the words of every character that matching compares."""
        view = (VIEW_FILES / "texts_with.sql").read_text()
        compared = view.partition("multiSearchAny(")[2].partition("splitByChar(")[0].strip(" \n,")
        engine = await connect(*filled)
        answer = await engine.query(
            f"SELECT number, {compared} FROM"
            " (SELECT number, decodeHTMLComponent('&#' || toString(number) || ';') AS text"
            " FROM numbers(1, 0x10FFFF) WHERE number NOT BETWEEN 0xD800 AND 0xDFFF)"
        )
        await engine.close()
        missed = {
            (chr(number), word)
            for number, said in answer.result_rows
            for word in (folded.decode() for folded in fold(chr(number)))
            if word not in said and needles(Query.model_construct(any=(word,)))
        }
        assert len(answer.result_rows) > 1_000_000
        assert missed == set()

    async def test_the_same_question_at_once_is_asked_once(self, filled):
        queries = Counted(*filled)
        answers = await asyncio.gather(*(queries.read(PERIODS) for _ in range(20)))
        assert queries.asked == ["periods"]
        assert all(answer == answers[0] for answer in answers)
        await queries.stop()


class Counted(Queries):
    """Notes what the engine is asked; a test may answer in its place."""

    def __init__(self, *where: str, **given: Any) -> None:
        super().__init__(*where, **given)
        self.asked: list[str] = []
        self.instead: RecordedFigures | None = None

    async def ask(self, view, limit, parameters):
        self.asked.append(view.name)
        if self.instead:
            return await self.instead.read(view, limit, **parameters)
        return await super().ask(view, limit, parameters)


async def test_a_score_is_asked_again_only_when_its_month_is_computed_anew():
    now = [0.0]
    reading = Counted("http://127.0.0.1:9", "nowhere", timer=lambda: now[0])
    reading.instead = recorded = RecordedFigures()
    given = {"account": "00101-bluesky", "period": "2026-10"}
    before = await reading.read(ACCOUNT_SCORE, **given)
    assert await reading.read(ACCOUNT_SCORE, **given) == before
    assert reading.asked == ["periods", "account_score"]
    recorded.changes.append(lambda _: {"score": Decimal("50.00"), "computed_at": NOW + HOUR})
    assert await reading.read(ACCOUNT_SCORE, **given) == before
    now[0] += MONTHS_SEEN_SECONDS
    after = await reading.read(ACCOUNT_SCORE, **given)
    assert after[0].score == Decimal("50.00")
    assert reading.asked == ["periods", "account_score"] * 2


async def test_a_month_that_is_told_is_looked_for_at_once():
    """It was seen up to ten seconds later; nobody heard what the scorer tells."""
    wire = Wire("nowhere:1", "simulation", log=MemoryLog())
    reading = Counted("http://127.0.0.1:9", "nowhere", timer=lambda: 0.0)
    reading.instead = RecordedFigures()
    looked: list[None] = []

    def look() -> None:
        reading.look_for_months()
        looked.append(None)

    hearing = asyncio.create_task(NewMonths(wire, look, reading.keep_less).run())
    await reading.read(PERIODS)
    scores = [event(ScoreComputed, period="2026-10", account=f"acc-{n}") for n in range(3)]
    await wire.publish_all(SCORES_COMPUTED, scores)
    await until(lambda: bool(looked), 10)
    await reading.read(PERIODS)
    assert reading.asked == ["periods"] * 2
    await wire.publish(SCORES_COMPUTED, event(ScoreComputed, period="2026-11"))
    await until(lambda: len(looked) > 1, 10)
    assert len(looked) == 2, "once a month, however many accounts it tells"
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)


async def test_what_is_erased_is_shown_for_a_minute_at_most():
    """It stood on the portal for an hour: nothing of a month changes by an erasure."""
    now = [0.0]
    wire = Wire("nowhere:1", "simulation", log=MemoryLog())
    reading = Counted("http://127.0.0.1:9", "nowhere", timer=lambda: now[0])
    reading.instead = recorded = RecordedFigures()
    heard = asyncio.Event()

    def keep_less() -> None:
        reading.keep_less()
        heard.set()

    hearing = asyncio.create_task(NewMonths(wire, print, keep_less).run())
    given = {"account": "00101-bluesky", "period": "2026-10"}
    await reading.read(ACCOUNT_SCORE, **given)
    await wire.publish(ERASURES, erased("account", "00101-bluesky"))
    await asyncio.wait_for(heard.wait(), 10)
    await reading.read(ACCOUNT_SCORE, **given)  # before its rows are gone
    recorded.changes.append(lambda _: {"score": Decimal("50.00")})
    now[0] += KEPT_SECONDS
    (row,) = await reading.read(ACCOUNT_SCORE, **given)
    assert row.score == Decimal("50.00")
    assert reading.asked.count("account_score") == 3
    await reading.read(ACCOUNT_SCORE, **given)
    assert reading.asked.count("account_score") == 3, "once a minute"
    now[0] += 3600
    await reading.read(ACCOUNT_SCORE, **given)
    now[0] += KEPT_SECONDS
    await reading.read(ACCOUNT_SCORE, **given)
    assert reading.asked.count("account_score") == 4, "then as before"
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)


class Away(MemoryLog):
    """A log whose consumers ask from what time to read, then find nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.since: list[int] = []

    def consumer(self, group: str | None = None, **settings: Any) -> MemoryConsumer:
        log = self

        class Refused(MemoryConsumer):
            async def offsets_for_times(
                self, timestamps: dict[TopicPartition, int]
            ) -> dict[TopicPartition, Found | None]:
                log.since.append(max(timestamps.values()))
                raise KafkaConnectionError

        return Refused(self, group, None)


async def test_months_are_heard_from_when_the_broker_is_back(monkeypatch):
    """What was told before it is seen all the same, and would be read whole each time."""
    monkeypatch.setattr(new_months, "AGAIN_SECONDS", 0.01)
    log = Away()
    wire = Wire("n:1", "simulation", log=log)
    hearing = asyncio.create_task(NewMonths(wire, print, print).run())
    await until(lambda: len(log.since) > 2, 10)
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    assert sorted(set(log.since)) == log.since, "each time later"


async def test_an_engine_that_does_not_answer_is_told_then_asked_again(unused_tcp_port_factory):
    reading = Queries(f"http://127.0.0.1:{unused_tcp_port_factory()}", "nowhere")
    with pytest.raises(EngineUnavailable):
        await reading.ping()
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            await reading.read(PERIODS)
    await reading.stop()


async def answer(rows: int) -> list[int]:
    return list(range(rows))


async def test_answers_are_kept_by_the_rows_that_they_hold():
    """A few large answers take the room of many small ones; the oldest go."""
    answers = KeptAnswers(most_rows=1_000, seconds=60)
    for number, rows in enumerate((400, 400, 400, 5_000)):
        asked = asyncio.create_task(answer(rows))
        answers.keep((number,), asked)
        await asked
        await turn()
    held = [number for number in range(4) if answers.get((number,))]
    assert (held, answers.rows) == ([1, 2], 802)


@pytest.mark.engine
async def test_a_large_answer_is_made_into_rows_beside_the_event_loop(filled, monkeypatch):
    monkeypatch.setattr("services.api.figures.queries.ROWS_AT_ONCE", 7)
    validated: set[int] = set()
    monkeypatch.setattr(
        MONTH_SCORES.row, "model_validate", lambda row: validated.add(threading.get_ident())
    )
    reading = Queries(*filled)
    rows = await reading.read(MONTH_SCORES, network="", period="2026-10")
    await reading.stop()
    assert len(rows) > 7
    assert threading.get_ident() not in validated


@pytest.mark.engine
async def test_rows_that_a_test_gives_are_answered_as_the_engine_answers_them(queries, filled):
    """What a page says of a watch would else hold only of what its test made up."""
    at = datetime(2029, 3, 1, 22, 40, tzinfo=UTC)  # 23:40 in Paris: the day changes in between
    moments = [at + timedelta(minutes=7 * n) for n in range(12)]
    found = [
        match(
            n, event_id=f"g{n}", watch="given", subject=f"g{n // 2}", published_at=moment,
            matched_at=moment, state="deleted" if n % 5 == 4 else "present",
        )
        for n, moment in enumerate(moments)
    ]  # fmt: skip
    told = [
        event(
            AlertDecided, event_id=f"g{n}", alert=f"g{n}", watch=f"given-{n % 2}", territory="1",
            watch_revision=1, kind="match", group="g", title="Eau", why="…", total=1, raised_at=of,
        )
        for n, of in enumerate(moments)
    ]  # fmt: skip
    silent = [
        event(
            AlertDelivered, event_id=f"g{n}", alert=f"g{n}", watch="given-0", channel="mailto",
            recipient="r", outcome="silent", why=("muted", "digest")[n % 3 == 0], delivered_at=of,
        )
        for n, of in enumerate(moments)
    ]  # fmt: skip
    said = [
        mention(f"g{n}", f"Eau coupée {n}", published_at=of, network=("bluesky", "rss")[n % 2])
        for n, of in enumerate(moments)
    ]
    sink = EngineSink(*filled)
    for table, events in (
        ("matches", found), ("alerts_raised", told), ("alerts_delivered", silent),
        ("mentions", said),
    ):  # fmt: skip
        stored = next(each for each in STORED if each.table == table)
        await sink.insert(table, stored.rows([one.encode() for one in events]))
    await sink.close()
    fake = RecordedFigures()
    latest = {one.subject: one for one in sorted(found, key=lambda one: one.matched_at)}
    fake.watches = {"given": [one.model_dump() for one in latest.values()]}
    for one in told:
        fake.alerts.setdefault(one.watch, []).append(one.model_dump() | {"deliveries": []})
    fake.silences = [(one.watch, one.why or "", one.delivered_at) for one in silent]
    fake.texts = [{"subject": one.mention} | one.model_dump() for one in said]
    days = {"date_from": "2029-03-02", "date_to": "2029-03-02"}
    since = {"since": moments[5].isoformat()}
    asked_of: list[tuple[View[Any], dict[str, str]]] = [
        (WATCH_MATCHES, {"watch": "given", **days}),
        (WATCH_HOURS, {"watch": "given", **days}),
        (WATCH_ALERTS, {"watch": "given-1", **days}),
        (WATCH_SILENCES, {"watch": "given-0", **since, "until": moments[-2].isoformat()}),
        (WATCH_ACTIVITY, since),
        (TEXTS_READ, since),
        (TEXTS_BETWEEN, days),
        (TEXTS_WITH, {"words": "coupe", **days}),
    ]
    for view, parameters in asked_of:
        rows = await queries.read(view, None, **parameters)
        assert rows, view.name
        assert await fake.read(view, None, **parameters) == rows, view.name
