"""A country of all of France's size in the engine, by statements of the engine's own.

100,000 accounts on four networks over 35,000 communes, measured daily for eighty days, with two
months of posts (15 a month in the mean, six readings each: 14 million rows).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from contracts.networks import SCORED
from contracts.territories import Territories, Territory
from libs.clock import SteppedClock
from libs.engine.client import Engine, connect
from libs.engine.migrate import migrate
from services.scorer.methodologies import CURRENT, methodology
from services.scorer.month.bareme_table import establish
from services.scorer.month.month import compute
from services.scorer.month.period import Month
from tests.territories import invented

ACCOUNTS = 100_000
AT_ONCE = 10_000
COMMUNES = 35_000
DAYS = 80
MONTHS = ("2026-09", "2026-10")
EARLIER = 11
SETTLING = 120
DATABASE = "bench"
NETWORKS = str(list(SCORED))

ACCOUNT = "hex(MD5(concat('a', toString(a))))"
TERRITORY = f"leftPad(toString(a % {COMMUNES}), 6, '0')"


@asynccontextmanager
async def country(url: str) -> AsyncIterator[tuple[Engine, float]]:
    """Fill an engine, compute two months, age the first into those before it.

    Yields a client, and the seconds that the second month took.
    """
    await migrate(url, DATABASE, Territories((), ()))
    engine = await connect(url, DATABASE)
    try:
        await _load(engine)
        clock = SteppedClock(datetime(2026, 11, 24, tzinfo=UTC))
        first, month = MONTHS
        await establish(engine, Month.parse(first), methodology(), clock, "simulation")
        await compute(engine, first, CURRENT, clock, installation="simulation")
        await _settled(engine)
        done = await compute(engine, month, CURRENT, clock, installation="simulation")
        await _age(engine, first)
        yield engine, done.seconds
    finally:
        await engine.close()


async def _load(engine: Engine) -> None:
    """Fill the tables; figures are hashes of what they are of."""
    await engine.command(
        "INSERT INTO territories (year, code, name, kind, zone, category, stratum, ranked,"
        " population, departement, region, covered_by, origin) SELECT 2026,"
        f" {TERRITORY}, concat('Essai ', toString(a)), 'commune', 'metro',"
        " multiIf(p < 2000, 'villages', p < 20000, 'petites-villes', p < 100000,"
        " 'villes-moyennes', 'grandes-villes'), multiIf(p < 2000, '1000-1999', p < 20000,"
        " '10000-14999', p < 100000, '50000-74999', '100000-199999'), true,"
        " toUInt32(100 + exp(3 + cityHash64(a) % 1000 / 110)) AS p,"
        " leftPad(toString(a % 100), 3, '0'), leftPad(toString(a % 13), 2, '0'), [], 'simulation'"
        f" FROM (SELECT number AS a FROM numbers({COMMUNES}))"
    )
    for low in range(0, ACCOUNTS, AT_ONCE):
        await engine.command(_accounts(low))
        await engine.command(_observations(low))
        for month in MONTHS:
            await engine.command(_readings(low, month))


async def _settled(engine: Engine) -> None:
    """Wait until what was loaded is merged, as a month's readings are by the 9th."""
    deadline = time.monotonic() + SETTLING
    while time.monotonic() < deadline:
        merges = await engine.query("SELECT count() FROM system.merges")
        if not merges.result_rows[0][0]:
            return
        await asyncio.sleep(0.5)


def _accounts(low: int) -> str:
    return (
        "INSERT INTO accounts (event_id, origin, account, revision, network, handle, address,"
        " owner_kind, owners, state, registered_at, changed_at)"
        f" SELECT toString(a), 'simulation', {ACCOUNT}, 1, {NETWORKS}[a % {len(SCORED)} + 1],"
        " concat('h', toString(a)), concat('https://n.example/', toString(a)), 'collectivité',"
        f" [({TERRITORY}, 'main', true, NULL, NULL)], 'verified',"
        " '2025-01-01 00:00:00', '2025-01-01 00:00:00'"
        f" FROM (SELECT number AS a FROM numbers({low}, {AT_ONCE}))"
    )


def _observations(low: int) -> str:
    return (
        "INSERT INTO account_observations (event_id, origin, account, network, handle, slot,"
        " observed_at, followers, following) SELECT hex(MD5(toString((a, d)))), 'simulation',"
        f" {ACCOUNT}, {NETWORKS}[a % {len(SCORED)} + 1] AS n, concat('h', toString(a)),"
        " toDateTime64('2026-08-20 04:00:00', 6, 'UTC') + toIntervalDay(d)"
        " + toIntervalSecond(cityHash64(a) % 3600) AS s, s + toIntervalSecond(2),"
        " 100 + cityHash64(a) % 3000 + d, if(n = 'facebook', NULL, cityHash64(a, 2) % 500)"
        f" FROM (SELECT intDiv(number, {DAYS}) AS a, number % {DAYS} AS d"
        f" FROM numbers({low * DAYS}, {AT_ONCE * DAYS}))"
    )


def _readings(low: int, month: str) -> str:
    ages = [3600, 21_600, 86_400, 259_200, 604_800, 2_419_200]
    return (
        "INSERT INTO post_observations (event_id, origin, post, account, network, native_id, state,"
        " kind, published_at, slot, observed_at, likes, comments, shares, quotes, text_length)"
        f" SELECT hex(MD5(toString((a, '{month}', k, r)))), 'simulation',"
        f" hex(MD5(toString((a, '{month}', k)))), {ACCOUNT},"
        f" {NETWORKS}[a % {len(SCORED)} + 1] AS n, toString(k), 'present', 'photo',"
        f" toDateTime64('{month}-01 00:00:00', 6, 'UTC')"
        f" + toIntervalSecond(cityHash64(a, k, '{month}') % (30 * 86400 - 7200)) AS p,"
        f" p + toIntervalSecond({ages}[r + 1]) AS s, s + toIntervalSecond(3),"
        " cityHash64(a, k) % 60, cityHash64(a, k, 1) % 8, cityHash64(a, k, 2) % 5,"
        " if(n = 'bluesky', cityHash64(a, k, 3) % 3, NULL), 120"
        f" FROM (SELECT intDiv(number, 150) AS a, intDiv(number % 150, 6) AS k, number % 6 AS r"
        f" FROM numbers({low * 150}, {AT_ONCE * 150})) WHERE k < 2 + cityHash64(a) % 26"
    )


async def _age(engine: Engine, first: str) -> None:
    """Copy a month into those before it, so that histories are of thirteen months."""
    columns = await engine.query(
        "SELECT arrayStringConcat(groupArray(name), ', ') FROM (SELECT name FROM system.columns"
        f" WHERE database = '{DATABASE}' AND table = 'scores' AND name != 'period')"
    )
    names = columns.result_rows[0][0]
    for back in range(1, EARLIER + 1):
        period = Month.parse(first).plus(-back)
        await engine.command(
            f"INSERT INTO scores (period, {names}) SELECT '{period}', {names} FROM scores"
            f" WHERE period = '{first}'"
        )
        await engine.command(
            f"INSERT INTO months SELECT * REPLACE ('{period}' AS period)"
            f" FROM (SELECT * FROM months WHERE period = '{first}')"
        )


async def communes(engine: Engine) -> list[Territory]:
    """Return the communes that the engine holds, as a file of territories has them."""
    found = await engine.query(
        "SELECT code, name, population, departement, region FROM territories ORDER BY code"
    )
    return [
        invented(code, name, population=population, departement=departement, region=region)
        for code, name, population, departement, region in found.result_rows
    ]
