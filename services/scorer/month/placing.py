"""A computed month put in place: its figures, then the line that says what they are.

    note     the line to come, as the comment of the staging table that holds the figures
    replace  the partition of `scores`, at once (`REPLACE PARTITION`)
    tell     the line, into `months`
    drop     the staging table

Killed before `replace`, the old month stands. Killed between `replace` and `tell`, readers see the
new figures under the old line until the next scorer starts or the next month is computed: `finish`
finds the note, sees that the figures noted are those in place, and tells the line.
"""

from typing import Literal, NamedTuple

import msgspec
import structlog

from contracts.scores import HASHED
from libs.engine.client import Engine
from libs.engine.insert import drop, insert
from services.scorer.month.bareme_table import LONG_QUERY

log = structlog.get_logger(__name__)

State = Literal["provisional", "final"]


class Line(msgspec.Struct, frozen=True):
    """A line of `months`."""

    period: str
    methodology: str
    revision: int
    state: State
    published: bool
    reason: str
    bareme_reference: str
    hash: str
    accounts: int
    ranked: int
    computed_at: str
    withdrawn: str = ""
    withdrawn_at: str | None = None


class Sums(NamedTuple):
    """The hash of a month (methodology, 12.1), its accounts, and how many are ranked."""

    hash: str
    accounts: int
    ranked: int


async def summed(client: Engine, rows: str) -> Sums:
    """Return the hash of a month, and how many accounts it has.

    `rows` is a table, or a part of one (`scores WHERE …`). Raises `RuntimeError` when an account is
    in it twice, and the engine's errors.
    """
    line = ", ".join(f"ifNull(toString({column}), '')" for column in HASHED)
    text = f"arrayStringConcat(arraySort(groupArray(concatWithSeparator(';', {line}))), '\\n')"
    found = await client.query(
        f"SELECT lower(hex(SHA256({text}))), count(), uniqExact(account), countIf(reason = '')"  # noqa: S608
        f" FROM {rows} {LONG_QUERY}"
    )
    digest, accounts, distinct, ranked = found.result_rows[0]
    if accounts != distinct:
        raise RuntimeError(f"{rows}: {accounts} rows of {distinct} accounts; nothing is published")
    return Sums(str(digest), int(accounts), int(ranked))


def in_place(period: str, methodology: str) -> str:
    """Return the rows of a month that readers see, as a table is named in a query."""
    return f"scores WHERE (period, methodology) = ('{period}', '{methodology}')"


async def place(client: Engine, complete: str, line: Line) -> None:
    """Put the month of a staging table in place and say so; raises the engine's errors.

    The staging table is left by whoever fails or is killed on the way, for `finish`.
    """
    note = msgspec.json.encode(line).decode().replace("\\", "\\\\").replace("'", "\\'")
    await client.command(f"ALTER TABLE {complete} MODIFY COMMENT '{note}'")
    await client.command(
        f"ALTER TABLE scores REPLACE PARTITION ('{line.period}', '{line.methodology}')"
        f" FROM {complete}"
    )
    await insert(client, "months", [line])
    await drop(client, complete)


async def finish(client: Engine) -> int:
    """Tell the months that were put in place and not told; return how many.

    A note whose figures are not in place is left: its run may be under way, or was killed before,
    and is forgotten with its table. Telling again what a run is about to tell changes nothing.
    """
    found = await client.query(
        "SELECT name, comment FROM system.tables WHERE database = currentDatabase()"
        " AND startsWith(name, 'scores_') AND endsWith(name, '_complete') AND comment != ''"
    )
    told = 0
    for name, note in found.result_rows:
        line = msgspec.json.decode(str(note), type=Line)
        try:
            sums = await summed(client, str(name))
        except Exception:
            if await _exists(client, str(name)):
                raise
            continue  # its run was under way, and has ended
        if sums != await summed(client, in_place(line.period, line.methodology)):
            continue
        # Of the figures as they are: an account erased since is in neither.
        line = msgspec.structs.replace(line, **sums._asdict())
        await insert(client, "months", [line])
        await drop(client, str(name))
        log.warning("month told after a run cut short", period=line.period, revision=line.revision)
        told += 1
    return told


async def _exists(client: Engine, table: str) -> bool:
    found = await client.query(
        "SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
        {"table": table},
    )
    return bool(found.result_rows)
