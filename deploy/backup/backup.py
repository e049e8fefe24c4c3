"""A backup whole, and its way back: state, tables, topics, in that order of trust.

Where each group stood is noted first, tables are kept then, topics last: what a group had read is
in the tables, what came meanwhile is in the topics and is read again, under natural keys.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from contracts.clickhouse import migrations
from contracts.territories import Territories
from deploy.backup import state, tables, topics
from deploy.backup.place import Damaged, Place
from libs.engine.migrate import migrate
from libs.settings import Settings
from libs.wire.provision import create_topics
from services.api.operations.broker import backlog_of
from services.api.store import Store

Say = Callable[[str], None]


async def take(settings: Settings, place: Place, say: Say = print) -> None:
    """Write a backup of an installation that may go on running. Raises `Damaged` over another."""
    if place.taken:
        raise Damaged("a backup is there already: name a folder of its own, such as one a day")
    groups = (await backlog_of(settings.kafka_url, settings.namespace)).groups
    store = Store(settings.database_url, origin=settings.installation, now=settings.clock().now)
    try:
        rows = state.keep(store, place)
    finally:
        store.close()
    say(f"state: {sum(rows.values())} rows of {len(rows)} tables")
    client = tables.connected(settings.clickhouse_url, settings.database)
    kept = tables.keep(client, settings.database, place)
    client.close()
    say(f"tables: {sum(kept.values())} rows of {len(kept)} tables")
    records, offsets = await topics.keep(settings.kafka_url, settings.namespace, groups, place)
    say(f"topics: {sum(records.values())} records of {len(records)} topics")
    place.conclude(
        {
            "installation": settings.installation,
            "version": version("observatoire"),
            "schema": _schema(),
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "state": rows,
            "tables": kept,
            "topics": records,
            "groups": offsets,
        }
    )


async def put_back(
    settings: Settings,
    place: Place,
    say: Say = print,
    *,
    replicas: int = 1,
    state_alone: bool = False,
) -> None:
    """Fill empty stores and an empty broker from a backup, checked first; or the state alone.

    Raises `Damaged` for one of another installation or schema, one that is not whole, and where
    anything is there already: then nothing of that store was changed.
    """
    told = place.manifest()
    _fits(settings, told)
    files: dict[str, str] = told["files"]
    place.check(files.items())
    say(f"checked: {len(files)} files of {told['taken_at']}, version {told['version']}")
    store = Store(settings.database_url, origin=settings.installation, now=settings.clock().now)
    try:
        store.migrate()
        rows = state.put_back(store, place)
    finally:
        store.close()
    say(f"state: {sum(rows.values())} rows of {len(rows)} tables")
    if state_alone:
        return
    await migrate(
        settings.clickhouse_url,
        settings.database,
        Territories.load(settings.territories_file),
        replicated=settings.clickhouse_cluster,
    )
    client = tables.connected(settings.clickhouse_url, settings.database)
    kept = tables.put_back(client, place, sorted(one for one in files if one.startswith("tables/")))
    client.close()
    say(f"tables: {sum(kept.values())} rows of {len(kept)} tables")
    await create_topics(settings.kafka_url, settings.namespace, replicas=replicas)
    records = await topics.put_back(settings.kafka_url, settings.namespace, told["groups"], place)
    say(f"topics: {sum(records.values())} records of {len(records)} topics")


def _schema() -> int:
    return max(one.number for one in migrations())


def _fits(settings: Settings, told: dict[str, Any]) -> None:
    if told["installation"] != settings.installation:
        raise Damaged(
            f"this backup is of a « {told['installation']} », this installation is "
            f"« {settings.installation} »: they never mix"
        )
    if told["schema"] != _schema():
        raise Damaged(
            f"this backup has schema {told['schema']}, this version {_schema()}: restore with the "
            f"image of version {told['version']}, then upgrade"
        )
