"""The rows of what is erased, deleted: the one list of the tables that may hold some.

What was deleted is noted in the engine beside its tables (`erasures_applied`), so that a start
looks again for the rows of recent orders alone.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from contracts.erasures import Erased, Suppressions
from libs.engine.client import Engine
from libs.engine.insert import insert

_ROWS: Mapping[str, str] = {
    "mentions": "mention IN {mentions:Array(String)}",
    "matches": "subject IN {mentions:Array(String)} OR source IN {accounts:Array(String)}",
    "collect_outcomes": (
        "has({accounts:Array(String)}, subject) AND hasAll({accounts:Array(String)}, subjects)"
    ),
}
_OF_AUTHORS = ("mentions", "matches")
_WRITTEN = "address IN {addresses:Array(String)}"
ADDRESSES_AT_ONCE = 100
"""The engine reads 128 KB of a parameter, and an address has 512 characters at most."""

_OF_SEVERAL = "hasAny(subjects, {accounts:Array(String)})"
"""An outcome of a batch: what it says of the accounts that are erased goes, the rest stays."""


AGAIN_DAYS = 7
"""For so long an order is applied again at each start: another scorer, which did not know it yet,
may have stored a row and died before deleting it. After that all scorers know the order."""


async def not_settled(engine: Engine, orders: Sequence[Erased]) -> list[Erased]:
    """Return the orders that are to be applied at a start; raises the engine's errors."""
    found = await engine.query(
        "SELECT kind, subject, toString(erased_at) FROM erasures_applied FINAL"
        " WHERE applied_at < now() - INTERVAL {days:UInt32} DAY",
        {"days": AGAIN_DAYS},
    )
    settled = {tuple(map(str, row)) for row in found.result_rows}
    return [one for one in orders if _order(one) not in settled]


async def note_applied(engine: Engine, orders: Sequence[Erased]) -> None:
    """Note orders whose rows are gone; of what is noted already the first moment stays."""
    found = await engine.query("SELECT kind, subject, toString(erased_at) FROM erasures_applied")
    noted = {tuple(map(str, row)) for row in found.result_rows}
    fresh = [_order(one) for one in orders if _order(one) not in noted]
    names = ("kind", "subject", "erased_at")
    if rows := [dict(zip(names, order, strict=True)) for order in fresh]:
        await insert(engine, "erasures_applied", rows)


def _order(one: Erased) -> tuple[str, str, str]:
    return one.kind, one.subject, one.erased_at.strftime("%Y-%m-%d %H:%M:%S.%f")


async def erase(engine: Engine, erased: Suppressions) -> None:
    """Delete every row of what is erased; returns when it is gone. Tables without any stay as is.

    Raises the engine's errors.
    """
    keys = {"accounts": sorted(erased.accounts), "mentions": sorted(erased.mentions)}
    for table, rows in [*(await _tables_of_accounts(engine)), *_ROWS.items()]:
        await _delete(engine, table, rows, keys)
    for table in _OF_AUTHORS if erased.authors else ():
        written = await _written(engine, table, erased)
        for start in range(0, len(written), ADDRESSES_AT_ONCE):
            some = written[start : start + ADDRESSES_AT_ONCE]
            await _delete(engine, table, _WRITTEN, {"addresses": some})
    if await _some(engine, "collect_outcomes", _OF_SEVERAL, keys):
        left = "NOT has({accounts:Array(String)}, account)"
        await engine.query(
            "ALTER TABLE collect_outcomes UPDATE"
            f" gone = mapFilter((account, _) -> {left}, gone),"
            f" absences = mapFilter((account, _) -> {left}, absences),"
            f" renamed = mapFilter((account, _) -> {left}, renamed),"
            f" subject = arrayFirst(account -> {left}, subjects),"
            f" subjects = arrayFilter(account -> {left}, subjects)"
            f" WHERE {_OF_SEVERAL} SETTINGS mutations_sync = 2",
            keys,
        )


async def _written(engine: Engine, table: str, erased: Suppressions) -> list[str]:
    """Return the addresses of a table that name an author who is erased.

    Python alone reads addresses, in a thread: a million take half a minute.
    """
    found = await engine.query(f"SELECT DISTINCT address FROM {table}")  # noqa: S608 — ours

    def theirs() -> list[str]:
        addresses = (str(address) for (address,) in found.result_rows)
        return [address for address in addresses if erased.holds(address=address)]

    return await asyncio.to_thread(theirs)


async def _delete(engine: Engine, table: str, rows: str, keys: Mapping[str, Sequence[str]]) -> None:
    if await _some(engine, table, rows, keys):
        await engine.query(
            f"ALTER TABLE {table} DELETE WHERE {rows} SETTINGS mutations_sync = 2", keys
        )


async def _tables_of_accounts(engine: Engine) -> Iterable[tuple[str, str]]:
    found = await engine.query(
        "SELECT table FROM system.columns AS c"
        " JOIN system.tables AS t ON t.database = c.database AND t.name = c.table"
        " WHERE c.database = currentDatabase() AND c.name = 'account'"
        " AND t.engine LIKE '%MergeTree' ORDER BY table"
    )
    return [(str(table), "account IN {accounts:Array(String)}") for (table,) in found.result_rows]


async def _some(engine: Engine, table: str, rows: str, keys: Mapping[str, Sequence[str]]) -> bool:
    asked = f"SELECT 1 FROM {table} WHERE {rows} LIMIT 1"  # noqa: S608 — names and rules are ours
    found = await engine.query(asked, keys)
    return bool(found.result_rows)
