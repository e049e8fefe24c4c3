"""Rows into tables, by one set of settings; a table's part replaced whole."""

from collections.abc import Iterable

import msgspec

from libs.engine.client import Engine

INSERT_SETTINGS: dict[str, str | int] = {
    # Acknowledged means stored: never the engine's own buffer.
    "async_insert": 0,
    "date_time_input_format": "best_effort",
    # The second fence: what validation should have stopped is an error, not a default.
    "input_format_null_as_default": 0,
    "input_format_skip_unknown_fields": 0,
    "input_format_json_read_bools_as_numbers": 0,
    "input_format_json_read_bools_as_strings": 0,
    "input_format_json_read_numbers_as_strings": 0,
    "input_format_json_read_arrays_as_strings": 0,
    "input_format_json_read_objects_as_strings": 0,
    "input_format_json_ignore_unknown_keys_in_named_tuple": 0,
    "input_format_json_defaults_for_missing_elements_in_named_tuple": 0,
    # Observations of a block may be of any month between 2000 and 2099 (a backfill, a replay).
    "max_partitions_per_insert_block": 1200,
}


async def insert(client: Engine, table: str, rows: Iterable[object]) -> None:
    """Insert rows (mappings or structs whose fields are columns); stored when it returns."""
    await client.raw_insert(
        table,
        insert_block=b"\n".join(msgspec.json.encode(row) for row in rows),
        fmt="JSONEachRow",
        settings=INSERT_SETTINGS,
    )


async def create_staging(client: Engine, staging: str, like: str) -> None:
    """Create an empty table like another, whatever an earlier run left."""
    await drop(client, staging)
    await client.command(f"CREATE TABLE {staging} AS {like}")


async def drop_forgotten(client: Engine, like: str) -> None:
    """Drop the staging tables of runs that were killed: those of yesterday and before."""
    found = await client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase()"
        " AND match(name, {staging:String})"
        " AND metadata_modification_time < now() - INTERVAL 1 DAY",
        parameters={"staging": f"^{like}_[0-9]{{4}}_[0-9]{{2}}_.*_(scored|complete)$"},
    )
    for (name,) in found.result_rows:
        await drop(client, str(name))


async def drop(client: Engine, staging: str) -> None:
    """Drop a staging table, if it is there."""
    await client.command(f"DROP TABLE IF EXISTS {staging} SYNC")
