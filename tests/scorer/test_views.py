import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, cast

import pytest
import pytest_asyncio

from contracts.alerts import AlertDecided, AlertDelivered
from contracts.clickhouse import VIEWS, views
from contracts.jobs import JobEnded
from contracts.mentions import MentionMatched
from contracts.territories import Category, Territories
from contracts.territories.categories import STRATUM_BOUNDS, stratum_of
from libs.engine.client import Engine, connect
from libs.engine.insert import insert
from libs.verify import rules_of
from services.alerts.deciding.sources import Sources
from services.api.figures.month_rows import MonthLine
from services.api.figures.queries import Queries
from services.api.figures.rows import Source
from services.api.figures.territory_months import territory_months
from services.api.files.month import hashed_line
from services.api.words.source_state import failing
from services.scorer.intake.rows import STORED
from tests.events import event
from tests.scorer.months import COMMUNE, PERIOD, TERRITORIES, Book, day, october, store, text
from tests.tables import create_tables

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]

NARROW, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def deleted(book: Book) -> None:
    """Three posts of an account: one that stays, one deleted, one deleted and put back."""
    for name in ("stays", "deleted", "back"):
        book.add(
            "post_texts", event_id=name, origin="simulation", post=f"d/{name}", account="d",
            network="x", published_at=text(day(5)), observed_at=text(day(5, 1)),
            text=f"it {name}",
        )  # fmt: skip
        book.read("d", name, day(5), age=timedelta(days=1), network="x")
        if name != "stays":
            gone = {"network": "x", "state": "deleted", "counters": [None] * 4}
            book.read("d", name, day(5), age=timedelta(days=2), **gone)
    book.read("d", "back", day(5), age=timedelta(days=3), network="x")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    await create_tables(clickhouse_url, database, Territories(TERRITORIES, ()))
    client = await connect(clickhouse_url, database)
    book = Book().bareme("bluesky", "facebook")
    for n in range(12):
        book.ordinary(f"c{n:02}", territory=f"001{n:02}")
        book.measured(f"c{n:02}", day(31, 22) + timedelta(minutes=30), 200 + 13 * n)
    owners = [
        {"territory": COMMUNE, "role": "main", "home": True, "since": None, "until": None},
        {"territory": "00100", "role": "main", "home": False, "since": None, "until": None},
    ]
    book.ordinary("f", "facebook", owners=owners)
    book.account("y", "youtube", owners=owners)
    book.read("y", "v", day(5), network="youtube", counters=(5, 1, None, None))
    deleted(book)
    await october(client, book)
    yield client
    await client.close()


async def rows(engine: Engine, view: str, columns: str = "*") -> list[tuple[Any, ...]]:
    found = await engine.query(f"SELECT {columns} FROM {view}")
    return [tuple(row) for row in found.result_rows]


WEIGHTS = rules_of("2026-1").weights

CALLS = {
    "periods": "",
    "published_scores": "",
    "territory_list": "",
    "sources": "",
    "ranking": "(network='', category='', period='', departement='', region='')",
    "territory_accounts": "(territory='')",
    "account_roles": "",
    "accounts_named": "(handle='')",
    "account_score": "(account='', period='')",
    "account_kpis": "(account='', period='')",
    "account_score_kpis": "(account='', period='')",
    "territory_networks": "(territory='', period='')",
    "territory_synthesis": "(territory='', period='')",
    "account_scores": "(account='')",
    "territory_scores": "(territory='', period='')",
    "territory_months": "(territory='')",
    "month_medians": "(period='')",
    "network_uses": "",
    "account_days": "(account='', date_from='2026-10-01', date_to='2026-10-31')",
    "account_observations_between": "(account='', date_from='2026-10-01', date_to='2026-10-31')",
    "account_posts": "(account='', date_from='2026-10-01', date_to='2026-10-31')",
    "account_readings": "(account='', date_from='2026-10-01', date_to='2026-10-31')",
    "texts_between": "(date_from='2026-10-01', date_to='2026-10-31')",
    "peers": "(account='', period='')",
    "watch_matches": "(watch='', date_from='2026-10-01', date_to='2026-10-31')",
    "watch_alerts": "(watch='', date_from='2026-10-01', date_to='2026-10-31')",
    "watch_hours": "(watch='', date_from='2026-10-01', date_to='2026-10-31')",
    "watch_silences": "(watch='', since='2026-10-01T00:00:00+00:00')",
    "watch_silences_between": "(watch='', since='2026-10-01T00:00:00+00:00',"
    " until='2026-10-02T00:00:00+00:00')",
    "watch_activity": "(since='2026-10-01T00:00:00+00:00')",
    "account_outcomes": "(account='')",
    "account_absences": "(territory='')",
    "network_absences": "",
    "bareme_knots": "(methodology='')",
    "month_cells": "(period='')",
    "month_scores": "(network='', period='')",
    "month_revisions": "",
    "barometer": "(period='')",
    "progressions": "(period='', before='', network='')",
    "methodology_indicators": "(methodology='')",
    "texts_with": "(date_from='2026-10-01', date_to='2026-10-31', words='eau')",
    "texts_read": "(since='2026-11-17T00:00:00+00:00')",
    "disks": "",
    "annotations": "(date_from='2026-10-01', date_to='2026-10-31')",
    "account_performance": "(account='nobody', date_from='2026-10-01', date_to='2026-10-31')",
    "reading_ages": "(at='2026-11-24T07:40:00+00:00')",
    "stored_observations": "(since='2026-10-01T00:00:00+00:00')",
    "failing_feeds": "",
    "quota_uses": "(at='2026-11-24T07:40:00+00:00', seconds='86400')",
    "account_versions": "(account='nobody', period='2026-10')",
}


async def test_every_view_is_called_here():
    assert {view.name for view in views()} == set(CALLS)


@pytest.mark.parametrize("view", CALLS)
async def test_every_view_answers_about_nobody(engine, view):
    await rows(engine, view + CALLS[view])


async def test_the_ranking_is_in_order_and_filtered(engine):
    call = "ranking(network='bluesky', category='villages', period='2026-10', {})"
    everywhere = call.format("departement='', region=''")
    told = await rows(engine, everywhere, "rank, account, score, category_label, followers")
    assert [row[0] for row in told] == list(range(1, 13))
    assert told[0][1] == "c11"
    assert isinstance(told[0][2], Decimal)
    assert told[0][3:] == ("villages", 343)
    assert await rows(engine, call.format("departement='99', region=''")) == []
    facebook = "ranking(network='', category='', period='2026-10', departement='', region='')"
    ranks = await rows(engine, facebook, "network, rank")
    assert len(ranks) == 13
    assert ranks[-1] == ("facebook", None)


async def test_a_score_taken_apart(engine):
    call = f"(account='f', period='{PERIOD}')"
    ((score, low, high, reason, label),) = await rows(
        engine, "account_score" + call, "score, low, high, reason, stratum_label"
    )
    assert (score, reason, label) == (
        Decimal("55.35"),
        None,
        f"1{THIN}000 à{NARROW}1{THIN}999{NARROW}habitants",
    )
    assert low < score < high
    kpis = await rows(
        engine,
        "account_kpis" + call,
        "kpi, value, points, weight, contribution, lost, advice",
    )
    kpis = [kpi for kpi in kpis if kpi[3]]  # those that weigh
    assert [kpi[0] for kpi in kpis] == ["engagement", "reach", "frequency", "followers"]
    assert kpis[0][1:4] == (0.0325, 65.63, 5)
    assert sum(kpi[4] for kpi in kpis) == pytest.approx(float(score), abs=0.02)
    assert sum(kpi[4] + kpi[5] for kpi in kpis) == pytest.approx(100, abs=0.04)
    assert all(kpi[6] for kpi in kpis)
    medians = await rows(engine, f"month_medians(period='{PERIOD}')", "network, kpi, median")
    assert ("facebook", "followers", 250) in medians


async def test_an_account_without_a_score_says_why_and_shows_no_points(engine):
    call = f"(account='y', period='{PERIOD}')"
    assert await rows(engine, "account_score" + call, "score, reason, engagement, posts") == [
        (None, "unscored_network", None, None)
    ]
    assert await rows(engine, "account_kpis" + call) == []


async def test_posts_have_their_interactions_but_where_terms_forbid(engine):
    dates = "date_from='2026-10-01', date_to='2026-10-31'"
    posts = await rows(
        engine, f"account_posts(account='f', {dates})", "interactions, engagement, readings"
    )
    # Newest first; `quotes` are no part of Facebook's interactions.
    assert posts == [(8, 0.04, 1), (4, 0.02, 1), (3, 0.03, 1), (4, 0.04, 1)]
    assert await rows(engine, f"account_posts(account='y', {dates})", "interactions, likes") == [
        (None, 5)
    ]


async def test_what_was_deleted_has_no_text(engine):
    """X asks that what is deleted there be deleted here; it is so of every network."""
    dates = "date_from='2026-10-05', date_to='2026-10-05'"
    posts = await rows(engine, f"account_posts(account='d', {dates})", "post, state, text")
    assert posts == [
        ("d/back", "present", "it back"),
        ("d/deleted", "deleted", None),
        ("d/stays", "present", "it stays"),
    ]
    for view, given in (("texts_between", dates), ("texts_with", f"{dates}, words='it'")):
        assert sorted(await rows(engine, f"{view}({given})", "subject, text")) == [
            ("d/back", "it back"),
            ("d/stays", "it stays"),
        ]


async def test_days_are_those_of_paris(engine):
    dates = "date_from='2026-10-01', date_to='2026-10-01'"
    # The first measure is of 30 September 22:00 UTC.
    assert await rows(
        engine, f"account_days(account='f', {dates})", "toString(day), followers"
    ) == [("2026-10-01", 100)]


async def test_a_shared_account_is_shown_to_both_and_has_one_home(engine):
    columns = "account, home, home_territory, followers, toString(observed_at)"
    at_home = await rows(engine, f"territory_accounts(territory='{COMMUNE}')", columns)
    shared = await rows(engine, "territory_accounts(territory='00100')", columns)
    last = text(day(31, 22))
    assert ("f", 1, COMMUNE, 250, last) in at_home
    assert ("f", 0, COMMUNE, 250, last) in shared
    assert {row[0] for row in shared} == {"c00", "f", "y"}
    counted = dict(await rows(engine, "territory_list", "code, accounts"))
    assert (counted[COMMUNE], counted["00100"], counted["00090"]) == (2, 3, 0)
    homes = f"territory_scores(territory='00100', period='{PERIOD}')"
    assert await rows(engine, homes, "account") == [("c00",)]


async def test_the_month_before_is_that_of_the_history(engine, clickhouse_url, database):
    """Even where it was computed after its follower, so that nothing preceded it then."""
    columns = "period, methodology, network, category, account, territory, score, low, high, rank"
    late = "'2026-09', '2026-1', 'bluesky', 'villages', 'c05', '00105', 4321, 4000, 4600, 7"
    month = "'2026-09', '2026-1', 1, 'final', 1, '', '2026-08', '', 1, 1, now64()"
    await engine.command(f"INSERT INTO scores ({columns}) VALUES ({late})")
    await engine.command(f"INSERT INTO months VALUES ({month}, '', NULL)")
    wanted = "previous_score, previous_low, previous_high, previous_rank, previous_methodology"
    told = (Decimal("43.21"), Decimal(40), Decimal(46), 7, "2026-1")
    one = f"account_score(account='c05', period='{PERIOD}')"
    listed = (
        f"ranking(network='bluesky', category='', period='{PERIOD}', departement='', region='')"
    )
    assert await rows(engine, one, wanted) == [told]
    queries = Queries(clickhouse_url, database, kept_seconds=0)
    ((of_territory,),) = [(await territory_months(queries, "00105")).of(PERIOD)]
    await queries.stop()
    assert tuple(getattr(of_territory, name) for name in wanted.split(", ")) == told
    found = await rows(engine, listed, f"account, {wanted}")
    assert [row[1:] for row in found if row[0] == "c05"] == [told]
    assert {row[1:] for row in found if row[0] != "c05"} == {(None,) * 5}
    await engine.command("DELETE FROM months WHERE period = '2026-09'")
    await engine.command("ALTER TABLE scores DROP PARTITION ('2026-09', '2026-1')")


async def test_a_handle_leads_to_its_territory(engine):
    named = "accounts_named(handle='{}')"
    (found,) = await rows(engine, named.format("c05.example"), "account, territory")
    assert found == ("c05", "00105")
    assert await rows(engine, named.format("nobody")) == []


async def test_peers_are_the_nearest_ranks(engine):
    told = await rows(engine, f"peers(account='c02', period='{PERIOD}')", "account, stratum_rank")
    # c02 is tenth: from the fifth (c07) to the last.
    assert [account for account, _ in told] == [f"c{n:02}" for n in range(7, -1, -1)]
    assert [rank for _, rank in told] == list(range(5, 13))
    places = "account, best_place, worst_place"
    own = f"account, stratum_high_rank, stratum_low_rank FROM scores WHERE period = '{PERIOD}'"
    found = await engine.query(f"SELECT {own}")
    known = {account: bounds for account, *bounds in found.result_rows}
    for account, *bounds in await rows(engine, f"peers(account='c02', period='{PERIOD}')", places):
        assert bounds == known[account] != [None, None]


@pytest.mark.parametrize("network", ["bluesky", "facebook"])
async def test_a_line_of_the_open_file_recomputes_its_score(engine, network):
    """The score is the mean of the points by weight, on the KPIs that the network publishes."""
    points = [f"{kpi}_points" for kpi in WEIGHTS]
    call = f"month_scores(network='{network}', period='{PERIOD}')"
    for score, *worth in await rows(engine, call, ", ".join(["score", *points])):
        weighed = [(p, w) for p, w in zip(worth, WEIGHTS.values(), strict=True) if p is not None]
        mean = sum(p * w for p, w in weighed) / sum(w for _, w in weighed)
        assert float(score) == pytest.approx(mean, abs=0.006)
        assert len(weighed) == (4 if network == "facebook" else 5)


async def test_the_open_text_of_a_month_has_its_hash(engine):
    names = list(MonthLine.model_fields)
    call = f"month_scores(network='', period='{PERIOD}')"
    found = await rows(engine, call, ", ".join(names))
    lines = [MonthLine.model_validate(dict(zip(names, row, strict=True))) for row in found]
    assert len(lines) == 14
    digest = sha256(b"\n".join(sorted(map(hashed_line, lines)))).hexdigest()
    assert await rows(engine, "month_revisions", "period, revision, hash, reason") == [
        (PERIOD, 1, digest, None)
    ]


async def test_what_an_indicator_is_stands_with_its_weight(engine):
    version = (await rows(engine, "periods", "methodology"))[0][0]
    told = await rows(engine, f"methodology_indicators(methodology='{version}')", "kpi, weight")
    assert {kpi: weight for kpi, weight in told if weight} == WEIGHTS
    assert [weight for _, weight in told] == sorted((w for _, w in told), reverse=True)


async def test_columns_of_a_ranking_are_written_once():
    for name in ("ranking", "peers", "month_scores"):
        text = (VIEWS / f"{name}.sql").read_text("utf-8")
        assert text.count("{ranked_account}") == 1
        assert "s.handle" not in text


@pytest.mark.parametrize("name", ["published_scores", "ranking"])
async def test_labels_are_those_of_the_registry(name):
    view = next(view.text for view in views() if view.name == name)
    for category in Category:
        if category is not Category.AUTRES:
            assert f"'{category.value}'" in view
            assert f"'{category.label}'" in view
    for bound in STRATUM_BOUNDS:
        assert name == "ranking" or f"'{stratum_of(bound)}'" in view


async def test_what_concerns_a_watch(engine):
    watch = {"event_id": "e", "watch": "w"}
    matches = [
        event(
            MentionMatched, **watch, subject=subject, published_at=day(5, hour), state=state,
            observed_at=day(5, 9), matched_at=day(5, 9),
        )
        for subject, hour, state in (("1", 8, "present"), ("2", 8, "present"), ("3", 7, "deleted"))
    ]  # fmt: skip
    await store(engine, *matches)
    raised = event(AlertDecided, **watch, alert="al", title="Coupure d’eau", raised_at=day(5, 10))
    await store(engine, raised)
    recipients = ("b@x.example", "a@x.example")
    told = {**watch, "alert": "al", "delivered_at": day(5, 11)}
    await store(engine, *(event(AlertDelivered, **told, recipient=who) for who in recipients))
    dates = "(watch='w', date_from='2026-10-05', date_to='2026-10-05')"
    assert await rows(engine, "watch_hours" + dates, "toString(hour), matches") == [
        ("2026-10-05 08:00:00", 2)
    ]
    assert await rows(engine, "watch_matches" + dates, "subject, state") == [
        ("1", "present"),
        ("2", "present"),
        ("3", "deleted"),
    ]
    ((title, deliveries),) = await rows(engine, "watch_alerts" + dates, "title, deliveries")
    assert title == "Coupure d’eau"
    assert [delivery["recipient"] for delivery in deliveries] == ["a@x.example", "b@x.example"]


OUTCOMES = next(each for each in STORED if each.table == "collect_outcomes")
BLUESKY = {"network": "bluesky", "operation": "profile", "cause": "done"}
(DONE,) = map(json.loads, OUTCOMES.rows([event(JobEnded, **BLUESKY).encode()]))


def ended(number: int, at: datetime, *accounts: str, **changes: Any) -> dict[str, Any]:
    """How a job ended, as intake stores it."""
    ids = {"event_id": f"ended {number}", "job": f"job {number}", "subject": accounts[0]}
    times = {"subjects": accounts, "slot": text(at), "ended_at": text(at)}
    return DONE | ids | times | changes


async def test_each_account_of_a_batch_knows_how_it_ended(engine):
    at = day(3, 12)
    away = {"network": "mastodon", "cause": "unavailable", "detail": "503"}
    outcomes = [
        ended(1, at, "first", "second", "third", gone={"third": "no such account"}),
        ended(2, at + timedelta(hours=1), "second", **away),
    ]
    await insert(engine, "collect_outcomes", outcomes)
    columns = "cause, detail"
    assert [
        await rows(engine, f"account_outcomes(account='{account}')", columns)
        for account in ("first", "second", "third")
    ] == [[("done", None)], [("unavailable", "503"), ("done", None)], [("gone", "no such account")]]


async def test_who_is_not_there_is_told_as_the_network_says_it_until_it_is_back(engine):
    """« Not found » is to be confirmed for two days, in which an account may only be hidden."""
    at, hour = day(6, 12), timedelta(hours=1)

    def lost(number: int, account: str, after: timedelta, absence: str) -> dict[str, Any]:
        gone = {"cause": "gone", "gone": {account: "…"}, "absences": {account: absence}}
        return ended(number, at + after, account, **gone)

    await insert(
        engine,
        "collect_outcomes",
        [
            ended(20, at, "c00", "c01", "c02", "c03"),
            lost(21, "c00", hour, "not_found"),
            lost(22, "c01", hour, "not_found"),
            lost(23, "c01", 49 * hour, "not_found"),
            lost(24, "c02", hour, "not_found"),
            lost(25, "c02", 2 * hour, "suspended"),
            lost(26, "c03", hour, "hidden"),
            ended(27, at + 2 * hour, "c03"),
            ended(28, at + hour, "c04", absences={"c04": "private"}),
            ended(29, at + 2 * hour, "c04", operation="readings"),
            lost(30, "nobody of the registry", hour, "deleted"),
        ],
    )
    columns = "account, absence, since, confirmed"
    told = await rows(engine, "account_absences(territory='')", columns)
    assert [(one, absence, sure) for one, absence, _, sure in told] == [
        ("c00", "not_found", False),
        ("c01", "not_found", True),
        ("c02", "suspended", True),
        ("c04", "private", True),
    ]
    assert {since.replace(tzinfo=UTC) for _, _, since, _ in told} == {at + hour}
    counted = {"not_found": (2, 1), "private": (1, 1), "suspended": (1, 1)}
    assert await rows(engine, "network_absences") == [
        ("bluesky", absence, *of) for absence, of in counted.items()
    ]
    call = "account_absences(territory='{}')"
    assert [await rows(engine, call.format(where), columns) for where in ("00102", "00103")] == [
        [told[2]],
        [],
    ]


async def test_how_sources_go_is_read_from_states_and_one_day(engine):
    jobs, days = 4_000, 40
    last = day(31, 12)
    for first in range(0, days, 10):
        batch = [
            ended(back * jobs + n + 10, last - timedelta(days=back, seconds=n), f"x{n % 500:03}")
            for back in range(first, first + 10)
            for n in range(jobs)
        ]
        await insert(engine, "collect_outcomes", batch)
    late = ended(9, last - timedelta(days=10), "f", network="facebook", cause="refused")
    again = ended(10, last - timedelta(seconds=30), "x010")  # the first job, after a kill
    await insert(engine, "collect_outcomes", [late, again])
    columns = "network, last_done, last_cause, done_24h, failed_24h, accounts, stale_accounts"
    answer = await engine.query(f"SELECT {columns} FROM sources")
    told = {row[0]: tuple(row[1:]) for row in answer.result_rows}
    assert told["bluesky"] == (last.replace(tzinfo=None), None, jobs, 0, 12, 0)
    assert told["facebook"] == (None, None, 0, 0, 1, 0), "a refusal is an answer"
    stored = (await rows(engine, "collect_outcomes", "count()"))[0][0]
    assert stored > days * jobs
    read = int(cast("Any", answer).summary["read_rows"])
    assert read < 3 * jobs + 10_000, read
    answer = await engine.query("SELECT * FROM account_outcomes(account='x007')")
    assert len(answer.result_rows) == 30
    assert int(cast("Any", answer).summary["read_rows"]) < stored / 8


ENDS = [
    ["done", "unavailable", "unavailable", "rate_limited"],
    ["unavailable", "unavailable", "unavailable", "refused"],
    ["unavailable", "unavailable", "refused", "unavailable"],
    ["unavailable", "unavailable", "done", "unavailable"],
    ["refused", "refused", "refused", "unavailable"],
    ["unavailable", "expired", "unavailable", "unavailable"],
    ["done", "credential"],
    ["gone", "unchanged", "expired"],
]


@pytest.mark.parametrize("case", range(len(ENDS)))
async def test_pages_and_alerts_say_of_the_same_network_that_it_fails(engine, case):
    """Three refusals and a time-out were « en panne » on the page, while no alert said so."""
    now = day(31, 12) + timedelta(days=2 + 2 * case)
    alerts = Sources(now)
    for place, cause in enumerate(ENDS[case]):
        at = now - timedelta(minutes=10 * (len(ENDS[case]) - place))
        ids = {"network": "facebook", "job": f"{case} {place}", "subjects": ("f",)}
        one = event(
            JobEnded, ended_at=at, **BLUESKY | ids | {"network": "facebook", "cause": cause}
        )
        await insert(engine, "collect_outcomes", map(json.loads, OUTCOMES.rows([one.encode()])))
        alerts.take(one)
    answer = await engine.query("SELECT * FROM sources WHERE network = 'facebook'")
    (row,) = answer.named_results()
    assert failing(Source.model_validate(row), now) is ("facebook" in alerts.troubles(now))


async def test_where_only_owners_open_accounts_those_asked_for_lately_count(engine):
    """Who connected nothing is neither late nor missing; a refused token is nobody else's."""
    book = Book().account("shown", "tiktok").account("closed", "tiktok").account("page", "linkedin")
    await book.write_more(engine)
    now = day(31, 12) + timedelta(days=60)

    async def known(at: datetime) -> dict[str, tuple[int, int, str | None]]:
        await insert(engine, "collect_outcomes", [ended(900_000, at, "x001")])
        answer = await engine.query(
            "SELECT network, accounts, stale_accounts, last_cause FROM sources"
        )
        return {row[0]: tuple(row[1:]) for row in answer.result_rows}

    async def ages(at: datetime) -> set[str]:
        view = f"reading_ages(at='{at.isoformat()}')"
        return {network for (network,) in await rows(engine, view, "network")}

    assert not {"tiktok", "linkedin"} & {*await known(now), *await ages(now)}
    asked = [
        ended(900_001, now, "shown", network="tiktok"),
        ended(900_002, now, "shown", network="tiktok", cause="credential"),
    ]
    await insert(engine, "collect_outcomes", asked)
    assert (await known(now + timedelta(hours=1)))["tiktok"] == (1, 1, None)
    assert "tiktok" in await ages(now)
    later = now + timedelta(days=4)
    assert not {"tiktok", "linkedin"} & {*await known(later), *await ages(later)}
