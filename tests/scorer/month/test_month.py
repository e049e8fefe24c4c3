import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from contracts.event import EARLIEST_MOMENT
from libs.clock import SteppedClock
from libs.engine.client import Engine, computing_options, connect_to_compute
from libs.engine.insert import insert
from services.scorer.methodologies import CURRENT, UnknownMethodologyError, methodology, versions
from services.scorer.month import month
from services.scorer.month.announce import TOLD, events
from services.scorer.month.bareme import quantiles
from services.scorer.month.bareme_table import BaremeError, establish
from services.scorer.month.facts import facts
from services.scorer.month.fewer import FewAccountsError
from services.scorer.month.month import FinalMonthError, TooEarlyError, compute
from services.scorer.month.period import Month
from services.scorer.month.rank import ranked
from services.scorer.month.withdrawing import withdraw
from tests.scorer.months import (
    CLOCK,
    END,
    PERIOD,
    START,
    Book,
    day,
    october,
    published,
    scores,
    staging,
    text,
)

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]

Change = Callable[[Book], object]


def ordinary() -> Book:
    return Book().bareme("bluesky", "facebook").ordinary("a")


# Worked by hand, for 1,000 inhabitants and October's 31 days.
#   posts        5/100, 3/100, 4/200, 8/200 → 5 %, 3 %, 2 %, 4 %; mean 3.5 %
#   margin       in percent: D = 4 × (25+9+4+16) − 14² = 20; H = ⌊√(38416 × 20 / (10000 × 16 × 3))⌋
#                = 1.2651745 % once in billionths: 12 651 745
#   reach        250 / 1000 = 0.25; frequency 4 / 31 = 0.129032258; ratio 250 / 50 = 5
#   points       3.5 %: 50 + 25 × 15/20 = 68.75        reach: 50 + 25 × 5/20 = 56.25
#                frequency: 25 + 25 × 0.29032258 = 32.2580645 → half up 32.258065
#                followers: 50 + 25 × 1/2 = 62.5       ratio: 75 + 20 × 1/4 = 80
#   score        (5 × 68.75 + 4 × 56.25 + 3 × 32.258065 + 2 × 62.5 + 80) / 15 = 58.0349… → 58.03
#   low          2.2348255 %: 52.935319 points → 791.45079 / 15 = 52.763… → 52.76
#   high         4.7651745 %: 82.651745 points → 940.03292 / 15 = 62.668… → 62.67
async def test_a_month_worked_by_hand(engine):
    done = await october(engine, ordinary())
    assert (done.accounts, done.ranked, done.revision, done.state) == (1, 1, 1, "provisional")
    assert await scores(engine, "reason, score, low, high, scope") == [
        ("", 5803, 5276, 6267, "network")
    ]
    assert await scores(engine, "engagement, reach, frequency, followers, follow_ratio") == [
        (35_000_000, 250_000_000, 129_032_258, 250, 5_000_000_000)
    ]
    assert await scores(
        engine,
        "engagement_points, reach_points, frequency_points, followers_points, follow_ratio_points",
    ) == [(68_750_000, 56_250_000, 32_258_065, 62_500_000, 80_000_000)]
    # One ranked account: a list, no rank.
    assert await scores(engine, "rank, ranked, stratum_rank, stratum_ranked, posts, measured") == [
        (None, 1, None, 1, 4, 4)
    ]


# The same, without the ratio: (5 × 68.75 + 4 × 56.25 + 3 × 32.258065 + 2 × 62.5) / 14 = 56.466…
async def test_a_version_without_a_kpi_scores_by_those_that_it_has(engine, monkeypatch):
    rules = methodology()
    weights = {slug: weight for slug, weight in rules.weights.items() if slug != "follow_ratio"}
    older = msgspec.structs.replace(rules, weights=weights)
    monkeypatch.setattr(month, "methodology", lambda _: older)
    await october(engine, ordinary())
    assert await scores(engine, "score, follow_ratio, follow_ratio_points") == [(5647, None, None)]
    assert "follow_ratio_value)" not in quantiles(Month.parse(PERIOD), older)


# Facebook publishes no followings: (5 × 68.75 + 4 × 56.25 + 3 × 32.258065 + 2 × 62.5) / 14
# = 790.524195 / 14 = 56.466… → 56.47. Its `quotes` are no part of the interactions: p0 is 4/100.
#   posts 4 %, 3 %, 2 %, 4 % → 3.25 %: 50 + 25 × 12.5/20 = 65.625
#   (328.125 + 225 + 96.774195 + 125) / 14 = 774.899195 / 14 = 55.3499… → 55.35
async def test_weights_are_those_of_the_kpis_that_the_network_publishes(engine):
    await october(engine, Book().bareme("facebook").ordinary("f", "facebook"))
    assert await scores(engine, "reason, score, follow_ratio, follow_ratio_points") == [
        ("", 5535, None, None)
    ]


async def test_posts_and_followers_are_taken_at_their_time(engine):
    """A post before any measure takes the first within 24 hours; the nearest reading to 7 days."""
    book = ordinary().without("account_observations", account="a", slot=text(START))
    book.measured("a", day(2, 20), 50)  # eight hours after p0: 5/50; p1: 3/50
    book.read("a", "p3", day(20, 12), timedelta(days=7, hours=5), (80, 0, 0, 0))
    book.read("a", "p3", day(20, 12), timedelta(days=5, hours=23), (80, 0, 0, 0))
    await october(engine, book)
    # (10 + 6 + 2 + 4) / 4 = 5.5 %
    assert await scores(engine, "reason, engagement, gaps") == [("", 55_000_000, 0)]


def a_post(number: int, **fields: object) -> Change:
    return lambda book: book.read("a", f"q{number}", day(3 + number), **fields)


def hidden_post(number: int) -> Change:
    return a_post(number, counters=(None, 1, 1, 1), absent={"likes": "hidden"})


def deleted(*posts: str) -> Change:
    def change(book: Book) -> None:
        for row in book.rows["post_observations"]:
            if row["native_id"] in posts:
                row |= {"state": "deleted", "likes": None, "comments": None, "shares": None}

    return change


def told(post: str, *states: tuple[str, float]) -> Change:
    """What was told of a post whose account was hidden for a while: state, age in days."""

    def change(book: Book) -> None:
        book.without("post_observations", native_id=post)
        for state, days in states:
            book.read("a", post, day(20, 12), timedelta(days=days), state=state)

    return change


def followers_at_end(**fields: object) -> Change:
    def change(book: Book) -> None:
        book.rows["account_observations"][-1] |= fields

    return change


def owner(**fields: object) -> Change:
    def change(book: Book) -> None:
        book.rows["accounts"][0]["owners"][0] |= fields

    return change


def registered(**fields: object) -> Change:
    return lambda book: book.rows["accounts"][0].update(fields)


def unread(post: str) -> Change:
    return lambda book: book.without("post_observations", native_id=post).read(
        "a", post, day(20, 12), timedelta(hours=1)
    )


def on(network: str) -> Change:
    def change(book: Book) -> None:
        for rows in book.rows.values():
            for row in rows:
                row["network"] = network

    return change


def emptied(table: str) -> Change:
    return lambda book: book.rows.pop(table)


REASONS: list[tuple[str, str, list[Change]]] = [
    ("a network never scored", "unscored_network", [registered(network="youtube")]),
    ("no home", "unranked_territory", [owner(home=False)]),
    ("a home that ended before", "unranked_territory", [owner(until=text(day(3)))]),
    ("a home that began after", "unranked_territory", [owner(since=text(END))]),
    ("an unknown home", "unranked_territory", [owner(territory="99999")]),
    ("nobody lives there", "unranked_territory", [owner(territory="00090")]),
    ("an overseas collectivité", "unranked_territory", [owner(territory="00091")]),
    ("never measured", "not_observed", [emptied("account_observations")]),
    (
        "only declared",
        "not_observed",
        [lambda book: [row.update(origin="declared") for row in book.rows["account_observations"]]],
    ),
    (
        "followings hidden",
        "hidden",
        [followers_at_end(following=None, absent={"following": "hidden"})],
    ),
    (
        "followers we may not see",
        "followers_unknown",
        [followers_at_end(followers=None, absent={"followers": "not_permitted"})],
    ),
    (
        "no measure at the start",
        "followers_unknown",
        [lambda book: book.without("account_observations", slot=text(START))],
    ),
    ("three posts", "few_posts", [lambda book: book.without("post_observations", native_id="p3")]),
    ("five of nine hidden", "hidden", [hidden_post(n) for n in range(5)]),
    ("four of eight hidden", "", [hidden_post(n) for n in range(4)]),
    ("one of four unread", "posts_gap", [unread("p3")]),
    ("one of ten unread", "", [unread("p3"), *(a_post(n) for n in range(6))]),
    (
        "a counter that we did not ask for",
        "posts_gap",
        [a_post(0, counters=(None, 1, 1, 1), absent={"likes": "not_asked"})],
    ),
    ("two of four deleted", "", [deleted("p0", "p1")]),
    ("three of four deleted", "few_posts", [deleted("p0", "p1", "p2")]),
    ("one of four deleted", "", [told("p3", ("present", 1), ("deleted", 5))]),
    (
        "told deleted, and present again",
        "posts_gap",
        [told("p3", ("present", 1), ("deleted", 3), ("present", 5))],
    ),
    (
        "told deleted, and present again after the eighth day",
        "posts_gap",
        [told("p3", ("deleted", 7.5), ("present", 8.5))],
    ),
    (
        "told deleted, present again, then deleted",
        "",
        [told("p3", ("deleted", 3), ("present", 4), ("deleted", 5))],
    ),
    ("of one second present and deleted", "", [told("p3", ("deleted", 4), ("present", 4.000001))]),
    ("no barème for the network", "no_bareme", [on("mastodon")]),
    ("closed after the month", "", [registered(state="closed", changed_at=text(END))]),
]


OUTSIDE: list[Change] = [
    registered(owner_kind="personne"),
    registered(state="candidate"),
    registered(state="refused"),
    registered(state="closed", changed_at=text(day(31))),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def reasons(engine: Engine) -> dict[str, tuple[str, bool]]:
    """One month of all the cases, an account each: its reason, whether it has a score."""
    cases = [(name, changes) for name, _, changes in REASONS]
    cases += [(f"outside {n}", [change]) for n, change in enumerate(OUTSIDE)]
    books: list[Book] = []
    for name, changes in cases:
        book = Book().ordinary("a")
        for change in changes:
            change(book)
        books.append(book.renamed(name))
    await october(engine, Book().bareme("bluesky", "facebook").merged(books))
    rows = await scores(engine, "account, reason, score IS NOT NULL")
    return {account: (reason, bool(has_score)) for account, reason, has_score in rows}


@pytest.mark.parametrize(("name", "reason"), [case[:2] for case in REASONS])
async def test_why_an_account_is_not_ranked(reasons, name, reason):
    assert reasons[name] == (reason, reason == "")


async def test_what_is_not_known_stays_null_without_a_score(engine, reasons):
    """Never the ceiling of a count, never one following, never zero."""
    unseen, hidden = "followers we may not see", "followings hidden"
    assert reasons[unseen] == ("followers_unknown", False)
    columns = "followers, reach, follow_ratio, engagement > 0, posts"
    # The last measure within three days of the end was the only one: nothing else is taken.
    assert await scores(engine, columns, f"account = '{unseen}'") == [(None, None, None, 1, 4)]
    assert await scores(engine, columns, f"account = '{hidden}'") == [
        (250, 250_000_000, None, 1, 4)
    ]
    youtube = "account = 'a network never scored'"
    assert await scores(engine, "followers, posts, measured, frequency", youtube) == [
        (None, None, None, None)
    ]


async def test_accounts_that_are_not_of_the_month(reasons):
    assert set(reasons) == {name for name, _, _ in REASONS}


def crowd() -> Book:
    """Twelve accounts of twelve communes, all ranked, no two alike."""
    book = Book().bareme("bluesky")
    for n in range(12):
        book.ordinary(f"c{n:02}", territory=f"001{n:02}")
        book.measured(f"c{n:02}", END, 200 + 13 * n)
    return book


async def test_repeats_and_order_change_nothing(engine):
    first = await october(engine, crowd())
    book, chance = crowd(), random.Random(1)
    for rows in book.rows.values():
        rows += chance.sample(rows, len(rows) // 2) if rows[0].get("event_id") else []
        chance.shuffle(rows)
    # The same slot observed again later replaces itself, merged or not.
    late = {**book.rows["post_observations"][0], "likes": 0}
    early = {**late, "likes": 10**6, "observed_at": text(EARLIEST_MOMENT)}
    assert book.rows["post_observations"][0]["likes"] != 10**6
    book.rows["post_observations"].insert(0, early)
    assert (await october(engine, book)).hash == first.hash


async def test_moving_one_account_moves_no_score_but_its_own(engine):
    await october(engine, crowd())
    before = await scores(engine, "account, score")
    book = crowd()
    for row in book.rows["post_observations"]:
        if row["account"] == "c05":
            row["likes"] *= 5
    await october(engine, book)
    after = await scores(engine, "account, score")
    assert [a for a, b in zip(before, after, strict=True) if a != b] == [before[5]]
    assert after[5][1] > before[5][1]


async def test_a_month_is_replaced_whole_and_numbered_when_it_changes(engine):
    first = await october(engine, crowd())
    again = await october(engine)
    assert (again.hash, again.revision, again.changed) == (first.hash, 1, False)
    book = Book().account("c00", state="refused", revision=2)
    await insert(engine, "accounts", book.rows["accounts"])
    revised = await october(engine)
    assert (revised.accounts, revised.revision, revised.changed) == (11, 2, True)
    assert len(await scores(engine, "account")) == 11


async def test_a_final_month_changes_only_with_a_reason(engine):
    await crowd().write(engine)
    december = SteppedClock(datetime(2026, 12, 9, tzinfo=UTC))
    final = await compute(engine, PERIOD, CURRENT, december, installation="simulation", final=True)
    assert final.state == "final"
    assert (await october(engine)).state == "final"
    with pytest.raises(BaremeError, match="frozen"):
        await establish(engine, Month.parse(PERIOD), methodology(), december, "simulation")
    await engine.command("TRUNCATE TABLE post_observations SYNC")
    with pytest.raises(FinalMonthError, match="reason"):
        await october(engine)
    assert len(await scores(engine, "account", "reason = ''")) == 12
    revised = await october(engine, reason="erreur de lecture")
    assert (revised.revision, revised.state, revised.ranked) == (2, "final", 0)


async def test_a_month_is_not_computed_before_it_can_be_read(engine):
    eve = SteppedClock(datetime(2026, 11, 8, 22, 59, 59, tzinfo=UTC))
    with pytest.raises(TooEarlyError):
        await compute(engine, PERIOD, CURRENT, eve, installation="simulation")
    with pytest.raises(TooEarlyError):
        await october(engine, crowd(), final=True)
    with pytest.raises(UnknownMethodologyError, match=CURRENT):
        await compute(engine, PERIOD, "1999-1", eve, installation="simulation")


async def test_a_live_installation_refuses_the_barème_of_a_simulation(engine):
    await crowd().write(engine)
    clock = SteppedClock(datetime(2026, 11, 24, tzinfo=UTC))
    with pytest.raises(BaremeError, match="simulation"):
        await compute(engine, PERIOD, CURRENT, clock, installation="live")
    await engine.command("TRUNCATE TABLE bareme SYNC")
    with pytest.raises(BaremeError, match="no barème"):
        await compute(engine, PERIOD, CURRENT, clock, installation="live")


async def test_events_say_what_the_table_says(engine):
    book = crowd().account("z", territory="00090")
    done = await october(engine, book)
    rows = await scores(engine, ", ".join(TOLD))
    told = list(events(rows, done, "simulation"))
    assert [event.account for event in told] == [row[0] for row in rows]
    assert told[0].score is not None
    assert told[0].reason is None
    assert (told[-1].reason, told[-1].score, told[-1].category) == (
        "unranked_territory",
        None,
        None,
    )
    assert len({event.event_id for event in told}) == 13


@pytest.mark.parametrize(
    ("text", "start", "days"),
    [("2026-03", datetime(2026, 2, 28, 23, tzinfo=UTC), 31), (PERIOD, START, 31)],
)
async def test_months_are_those_of_paris(text, start, days):
    assert (Month.parse(text).start, Month.parse(text).days) == (start, days)
    assert Month(2026, 12).plus(1) == Month(2027, 1)
    assert Month(2027, 1).plus(-1) == Month(2026, 12)
    with pytest.raises(ValueError, match="not a month"):
        Month.parse("2026-13")


async def test_a_month_is_not_compared_with_itself(engine):
    await october(engine, ordinary())
    with pytest.raises(ValueError, match="nothing to compare"):
        await october(engine, publish=False)


async def test_a_score_is_taken_apart_by_each_methodology_that_computed_it(engine):
    other = next(one for one in versions() if one != CURRENT)
    book = ordinary()
    book.rows["bareme"] += [row | {"methodology": other} for row in book.rows["bareme"]]
    await october(engine, book)
    await compute(engine, PERIOD, other, CLOCK, installation="simulation", publish=False)
    (account,) = await scores(engine, "DISTINCT account")
    told = await engine.query(
        "SELECT methodology, groupArray(kpi), sum(points * weight) / sum(weight)"
        " FROM account_versions(account={account:String}, period={period:String})"
        " GROUP BY methodology ORDER BY methodology",
        parameters={"account": account[0], "period": PERIOD},
    )
    (first, kpis, score), (second, same, again) = told.result_rows
    assert (first, second) == tuple(sorted((CURRENT, other)))
    assert kpis == same
    assert len(kpis) >= 3
    assert score == pytest.approx(again, abs=0.01)
    (published,) = await scores(engine, "DISTINCT score / 100")
    assert score == pytest.approx(float(published[0]), abs=0.02)


async def test_two_runs_at_once_of_one_month_give_it_once(engine):
    await ordinary().write(engine)
    done = await asyncio.gather(october(engine), october(engine))
    assert [one.accounts for one in done] == [1, 1]
    assert len(await scores(engine, "account")) == 1
    assert await staging(engine) == []


async def test_a_month_with_an_account_twice_is_not_published(engine, monkeypatch):
    await october(engine, ordinary())
    before = await scores(engine, "account, score")

    def doubled(*parts: Any) -> str:
        rows = ranked(*parts)
        return f"SELECT * FROM ({rows}) UNION ALL SELECT * FROM ({rows})"

    monkeypatch.setattr(month, "ranked", doubled)
    with pytest.raises(RuntimeError, match="2 rows of 1 accounts"):
        await october(engine)
    assert await scores(engine, "account, score") == before
    assert await staging(engine) == []


async def test_a_month_reads_its_own_observations_not_those_of_all_years(engine):
    book = ordinary()
    for year in range(2015, 2025):
        book.measured("a", datetime(year, 10, 5, tzinfo=UTC), 90)
    book.measured("a", END, 9_000, slot=text(START - timedelta(days=35)))  # far from its slot
    await october(engine, book)
    assert await scores(engine, "score, followers") == [(5803, 250)]
    read = await engine.query(f"EXPLAIN ESTIMATE {facts(Month.parse(PERIOD), methodology())}")
    parts = {table: parts for _, table, parts, *_ in read.result_rows}
    assert parts["account_observations"] == 1


async def test_a_month_that_lost_many_accounts_is_not_published_unless_a_person_says_so(engine):
    before = published("2026-09", START, accounts=60, ranked=0)
    book = Book().bareme("bluesky").add("months", **before)
    await book.merged(Book().account(f"n{n:02}") for n in range(47)).write(engine)
    with pytest.raises(FewAccountsError, match=r"47 accounts.*60.*--fewer"):
        await october(engine)
    assert await scores(engine, "account") == []
    assert await staging(engine) == []
    assert (await october(engine, fewer=True)).accounts == 47
    await Book().account("n47").write_more(engine)
    assert (await october(engine)).accounts == 48


async def test_a_month_of_which_little_was_measured_is_not_published(engine):
    before = published("2026-09", START, accounts=60, ranked=60)
    book = Book().bareme("bluesky").add("months", **before)
    await book.merged(Book().account(f"n{n:02}") for n in range(60)).write(engine)
    with pytest.raises(FewAccountsError, match=r"0 ranked.*60"):
        await october(engine)
    assert await staging(engine) == []


async def test_a_month_is_computed_on_a_cluster_as_on_one_node():
    """One session, which a balancer keeps on a replica; if it does not, whole reads and writes."""
    node, cluster = computing_options(cluster=False), computing_options(cluster=True)
    assert set(node) == {"send_receive_timeout"}
    assert node["send_receive_timeout"] > 600
    assert cluster["session_id"] != computing_options(cluster=True)["session_id"]
    assert cluster["settings"] == {
        "insert_quorum": "auto",
        "insert_quorum_parallel": 0,
        "select_sequential_consistency": 1,
        "alter_sync": 2,
    }


async def test_a_cluster_s_settings_are_known_to_the_engine(clickhouse_url, database, engine):
    await ordinary().write(engine)
    client = await connect_to_compute(clickhouse_url, database, cluster=True)
    assert (await october(client)).ranked == 1
    await client.close()


async def test_a_month_is_taken_away_with_a_reason_and_comes_back_as_a_revision(engine):
    first = await october(engine, crowd())
    noon = SteppedClock(datetime(2026, 11, 25, tzinfo=UTC))
    for wrong in ("", "court"):
        with pytest.raises(ValueError, match="say why"):
            await withdraw(engine, PERIOD, noon, wrong)
    gone = await withdraw(engine, PERIOD, noon, "Les abonnés d’un réseau étaient faux.")
    assert (gone.hash, gone.revision, gone.computed_at[:10]) == (first.hash, 1, "2026-11-24")
    with pytest.raises(ValueError, match="not published"):
        await withdraw(engine, PERIOD, noon, "une seconde fois, pour voir")
    assert await month.published(engine, Month.parse(PERIOD)) is None
    assert await month.answered_for(engine, Month.parse(PERIOD))
    for view in ("periods", f"month_scores(network='', period='{PERIOD}')"):
        assert (await engine.query(f"SELECT count() FROM {view}")).result_rows == [(0,)]
    told = await engine.query("SELECT revision, withdrawn FROM month_revisions")
    assert told.result_rows == [(1, "Les abonnés d’un réseau étaient faux.")]
    with pytest.raises(FinalMonthError, match="taken away"):
        await october(engine)
    again = await october(engine, reason="Abonnés relus.")
    assert (again.hash, again.revision) == (first.hash, 2)
    told = await engine.query("SELECT revision, withdrawn IS NULL FROM month_revisions")
    assert sorted(told.result_rows) == [(1, False), (2, True)]
    assert (await engine.query("SELECT revision FROM periods")).result_rows == [(2,)]


async def test_a_month_that_was_taken_away_asks_its_reason_of_any_methodology(engine):
    other = next(one for one in versions() if one != CURRENT)
    book = ordinary()
    book.rows["bareme"] += [row | {"methodology": other} for row in book.rows["bareme"]]
    await october(engine, book)
    await withdraw(engine, PERIOD, CLOCK, "Les abonnés d’un réseau étaient faux.")
    # Computed beside, it has a line that was never published: nor does that bring it back.
    await october(engine, publish=False, reason="Pour comparer.")
    for version in (CURRENT, other):
        with pytest.raises(FinalMonthError, match="taken away"):
            await compute(engine, PERIOD, version, CLOCK, installation="simulation")
    done = await compute(
        engine, PERIOD, other, CLOCK, installation="simulation", reason="Abonnés relus."
    )
    assert (await engine.query("SELECT methodology FROM periods")).result_rows == [(other,)]
    again = await compute(engine, PERIOD, other, CLOCK, installation="simulation")
    assert again.hash == done.hash
