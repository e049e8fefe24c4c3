"""Tables and views for the database of a test, in a third of the time that migrations take.

They are those of a database that the migrations made, once for each process: that migrations end
there, from whatever was before, is shown by `tests/libs/engine/test_migrate.py`.
"""

import os

from contracts.clickhouse import create_database, views
from contracts.territories import Territories
from libs.engine.client import Engine, connect
from libs.engine.migrate import load_territories, migrate

MADE = f"made_by_migrations_{os.getpid()}"
_asked: dict[str, list[str]] = {}


async def create_tables(url: str, database: str, territories: Territories) -> None:
    """Make what `migrate` makes of a database that is not there yet."""
    statements = _asked.get(url)
    if statements is None:
        await migrate(url, MADE, Territories((), ()))
        async with await connect(url, MADE) as made:
            statements = _asked[url] = await _statements(made)
    async with await connect(url) as server:
        await server.command(create_database(database, replicated=False))
    async with await connect(url, database) as client:
        for statement in statements:
            await client.command(statement)
        await client.command(f"INSERT INTO migrations SELECT * FROM {MADE}.migrations")
        await load_territories(client, territories)
        for view in views():
            await client.command(view.text)


async def _statements(made: Engine) -> list[str]:
    """What makes each table again, then what fills one from another."""
    found = await made.query(
        "SELECT create_table_query FROM system.tables"
        " WHERE database = currentDatabase() AND engine != 'View'"
        " ORDER BY engine = 'MaterializedView', name"
    )
    return [str(text).replace(f"{MADE}.", "") for (text,) in found.result_rows]
