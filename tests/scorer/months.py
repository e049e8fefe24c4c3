"""A small month written by hand into the real engine: accounts, measures, posts, barème."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from contracts.event import Event, hashed_id
from contracts.kpis import KPIS
from contracts.territories import Kind, Territory, Zone
from libs.clock import SteppedClock
from libs.engine.client import Engine
from libs.engine.insert import insert
from services.scorer.intake.rows import STORED
from services.scorer.methodologies import CURRENT
from services.scorer.month.month import Computed, compute

PERIOD = "2026-10"
"""From 30 September 22:00 UTC (summer time) to 31 October 23:00 UTC (winter time): 31 days."""

START = datetime(2026, 9, 30, 22, tzinfo=UTC)
END = datetime(2026, 10, 31, 23, tzinfo=UTC)
CLOCK = SteppedClock(datetime(2026, 11, 24, 7, 40, tzinfo=UTC))

COMMUNE = "00001"
TERRITORIES = (
    Territory(code=COMMUNE, nom="Essai-sur-Onde", kind=Kind.COMMUNE, year=2026, population=1_000),
    *(
        Territory(
            code=f"001{n:02}", nom=f"Essai {n:02}", kind=Kind.COMMUNE, year=2026, population=900
        )
        for n in range(12)
    ),
    Territory(code="00090", nom="Sans âme", kind=Kind.COMMUNE, year=2026, population=0),
    Territory(code="00091", nom="Au large", kind=Kind.COM, zone=Zone.COM, year=2026, population=9),
)

LINES: Mapping[str, tuple[int, ...]] = {
    "engagement": (0, 10_000_000, 20_000_000, 40_000_000, 60_000_000, 100_000_000),
    "reach": (0, 100_000_000, 200_000_000, 400_000_000, 600_000_000, 1_000_000_000),
    "frequency": (0, 100_000_000, 200_000_000, 400_000_000, 600_000_000, 1_000_000_000),
    "followers": (0, 100 * 10**9, 200 * 10**9, 300 * 10**9, 400 * 10**9, 500 * 10**9),
    "follow_ratio": (0, 1 * 10**9, 2 * 10**9, 4 * 10**9, 8 * 10**9, 16 * 10**9),
}
WORTHS = (0, 25, 50, 75, 95, 100)


def text(moment: datetime) -> str:
    """An instant as the engine reads it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


@dataclass
class Book:
    """Rows to be inserted, table by table; every method adds and returns the book."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> "Book":
        self.rows.setdefault(table, []).append(row)
        return self

    def account(self, account: str, network: str = "bluesky", **fields: Any) -> "Book":
        owner = {"territory": COMMUNE, "role": "main", "home": True, "since": None, "until": None}
        row = {
            "event_id": hashed_id(account), "origin": "simulation", "account": account,
            "revision": 1, "network": network, "handle": f"{account}.example", "native_id": None,
            "address": f"https://{network}.example/{account}", "name": None,
            "owner_kind": "collectivité", "owners": [owner], "state": "verified",
            "registered_at": text(START), "changed_at": text(START),
        }  # fmt: skip
        if "territory" in fields:
            row["owners"] = [{**owner, "territory": fields.pop("territory")}]
        return self.add("accounts", **{**row, **fields})

    def measured(
        self,
        account: str,
        at: datetime,
        followers: int | None,
        following: int | None = 50,
        network: str = "bluesky",
        **fields: Any,
    ) -> "Book":
        row = {
            "event_id": hashed_id(account, text(at)), "origin": "simulation", "account": account,
            "network": network, "handle": account, "slot": text(at), "observed_at": text(at),
            "followers": followers, "following": following, "absent": {},
        }  # fmt: skip
        return self.add("account_observations", **{**row, **fields})

    def read(
        self,
        account: str,
        post: str,
        published: datetime,
        age: timedelta = timedelta(days=7),
        counters: Iterable[int | None] = (2, 1, 1, 1),
        network: str = "bluesky",
        **fields: Any,
    ) -> "Book":
        at = published + age
        names = ("likes", "comments", "shares", "quotes")
        row = {
            "event_id": hashed_id(post, text(at)), "origin": "simulation",
            "post": f"{account}/{post}", "account": account, "network": network,
            "native_id": post, "state": "present", "kind": "photo", "published_at": text(published),
            "slot": text(at), "observed_at": text(at), "absent": {}, "text_length": 0,
            "hashtags": [], **dict(zip(names, counters, strict=True)),
        }  # fmt: skip
        return self.add("post_observations", **{**row, **fields})

    def ordinary(self, account: str, network: str = "bluesky", **fields: Any) -> "Book":
        """The account that `test_month.py` works by hand."""
        self.account(account, network, **fields)
        following = None if network == "facebook" else 50
        for at, followers in ((START, 100), (day(15), 200), (END - timedelta(hours=1), 250)):
            self.measured(account, at, followers, following, network)
        for number, (at, counters) in enumerate(
            (
                (day(2, 12), (2, 1, 1, 1)),
                (day(10, 12), (3, 0, 0, 0)),
                (day(16, 12), (4, 0, 0, 0)),
                (day(20, 12), (8, 0, 0, 0)),
            )
        ):
            self.read(account, f"p{number}", at, counters=counters, network=network)
        return self

    def bareme(self, *networks: str) -> "Book":
        """The same simple barème for whole networks."""
        for network in networks:
            for kpi, knots in LINES.items():
                self.add(
                    "bareme", methodology=CURRENT, reference="2026-09", origin="simulation",
                    network=network, scope="network", cell="", kpi=kpi, accounts=60, knots=knots,
                    worths=WORTHS, computed_at="2026-10-09 00:00:00",
                )  # fmt: skip
        return self

    def without(self, table: str, **fields: Any) -> "Book":
        """Take away the rows that have these fields."""
        kept = [row for row in self.rows[table] if any(row[k] != v for k, v in fields.items())]
        self.rows[table] = kept
        return self

    def renamed(self, account: str) -> "Book":
        """Return the book with its only account under another id."""
        for table, rows in self.rows.items():
            for row in rows if table != "bareme" else ():
                row["account"] = account
                if table == "post_observations":
                    row["post"] = f"{account}/{row['native_id']}"
        return self

    def merged(self, books: Iterable["Book"]) -> "Book":
        """Add the rows of other books."""
        for book in books:
            for table, rows in book.rows.items():
                self.rows.setdefault(table, []).extend(rows)
        return self

    async def write(self, engine: Engine) -> None:
        """Insert it into tables emptied first."""
        for table in TABLES:
            await engine.command(f"TRUNCATE TABLE {table} SYNC")
        await self.write_more(engine)

    async def write_more(self, engine: Engine) -> None:
        """Insert it beside what is there."""
        for table, rows in self.rows.items():
            await insert(engine, table, rows)


TABLES = ("accounts", "account_observations", "post_observations", "bareme", "months", "scores")


FLAT = ", ".join(
    f"intDiv(figures['{kpi.slug}'], {10**9 if kpi.whole else 1})"
    f" AS {kpi.slug}, points['{kpi.slug}'] AS {kpi.slug}_points"
    for kpi in KPIS
)


def published(period: str, at: datetime, **fields: Any) -> dict[str, Any]:
    """The line of a month that was published."""
    return {
        "period": period, "methodology": CURRENT, "revision": 1, "state": "provisional",
        "published": True, "reason": "", "bareme_reference": "2026-09", "hash": "0" * 64,
        "accounts": 1, "ranked": 1, "computed_at": text(at),
    } | fields  # fmt: skip


async def store(engine: Engine, *events: Event) -> None:
    """Store events as intake does."""
    (stored,) = (each for each in STORED if isinstance(events[0], each.topic.event))
    rows = stored.rows([event.encode() for event in events])
    await insert(engine, stored.table, map(msgspec.Raw, rows))


def day(number: int, hour: int = 0) -> datetime:
    """An instant of October 2026, UTC."""
    return datetime(2026, 10, number, hour, tzinfo=UTC)


async def october(engine: Engine, book: Book | None = None, **options: Any) -> Computed:
    """Write a book, if one is given, and compute October."""
    if book is not None:
        await book.write(engine)
    return await compute(engine, PERIOD, CURRENT, CLOCK, installation="simulation", **options)


async def scores(engine: Engine, columns: str, where: str = "1") -> list[tuple[Any, ...]]:
    """Read columns of `scores`, account by account; those of KPIs by slug, followers as a count."""
    found = await engine.query(
        f"SELECT {columns} FROM (SELECT *, {FLAT} FROM scores) WHERE {where} ORDER BY account"
    )
    return [tuple(row) for row in found.result_rows]


async def staging(engine: Engine) -> list[str]:
    """List the staging tables of months that are there."""
    found = await engine.query(
        "SELECT name FROM system.tables"
        " WHERE database = currentDatabase() AND startsWith(name, 'scores_')"
    )
    return [str(name) for (name,) in found.result_rows]
