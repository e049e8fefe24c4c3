"""Backup, loss of everything, restore, rebuild: figure by figure what it was."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner

from contracts.clickhouse import migrations
from contracts.networks import NETWORKS
from contracts.topics import ACCOUNTS_OBSERVED, THIRTY_DAYS, TOPICS
from deploy.backup.backup import put_back, take
from deploy.backup.place import MANIFEST, Damaged, Place
from deploy.backup.rebuild import Refused, months_again, read_again
from deploy.backup.tables import TEXTS
from deploy.backup.topics import kept_partitions
from libs.engine.client import connect
from libs.retention import outliving
from libs.settings import Settings
from services.api.operations.broker import backlog, connected, disconnected
from services.cli import main
from services.scorer.methodologies import CURRENT, methodology
from services.scorer.month.bareme_table import establish
from services.scorer.month.month import compute
from services.scorer.month.period import Month
from tests.journeys.invented_months import written_months
from tests.topics import read_whole

PERIOD = "2026-09"


def test_no_text_is_kept_longer_than_it_may_be():
    kept = {name for name, _ in kept_partitions("live")}
    short = {
        one.name
        for topic in TOPICS
        for one in topic.parts
        if (one.retention_ms or 1e99) <= THIRTY_DAYS
    }
    assert not kept & short
    assert {"texts.observed.v1", "mentions.observed.v1", "mentions.matched.v1"} <= short
    assert {"post_texts", "mentions", "matches"} <= TEXTS


def test_no_figure_is_kept_longer_than_its_network_allows():
    limited = sorted(one.slug for one in NETWORKS if one.retention_days is not None)
    assert limited
    for table in ("account_observations", "post_observations", "latest_observations"):
        condition = outliving(table)
        assert all(f"'{slug}'" in condition for slug in limited)
        assert "origin = 'simulation'" in condition  # what is invented is nobody's
    assert outliving("scores") == "1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"installation": "live"}, "never mix"),
        ({"schema": 1}, "image of version 0.0.1"),
        ({"files": {"state/x": "0" * 64}}, "not as it was written"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_changed(tmp_path, change, said):
    place = Place(str(tmp_path / "kept"))
    with place.writing("state/x") as file:
        file.write(b"{}")
    known = {"version": "0.0.1", "taken_at": "now"}
    schema = max(one.number for one in migrations())
    place.conclude({"installation": "simulation", "schema": schema, **known})
    manifest = tmp_path / "kept" / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | change))
    database = tmp_path / "state.db"
    environment = {
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "DATABASE_URL": f"sqlite:///{database}",
        "KAFKA_URL": "127.0.0.1:9",
        "CLICKHOUSE_URL": "http://127.0.0.1:9",
    }
    refused = CliRunner().invoke(main, ["restore", str(tmp_path / "kept")], env=environment)
    assert refused.exit_code == 1
    assert said in refused.output
    assert not database.exists()
    nothing = CliRunner().invoke(main, ["restore", str(tmp_path / "nowhere")], env=environment)
    assert nothing.exit_code == 1
    over = CliRunner().invoke(main, ["backup", str(tmp_path / "kept")], env=environment)
    assert over.exit_code == 1
    assert "already" in over.output


async def figures(settings: Settings) -> list[Sequence[Any]]:
    """Everything that is shown of the month and of its accounts."""
    client = await connect(settings.clickhouse_url, settings.database)
    questions = (
        "SELECT * FROM scores ORDER BY period, methodology, account",
        "SELECT period, state, methodology, hash, accounts, ranked, revision FROM periods",
        "SELECT * FROM bareme ORDER BY ALL",
        "SELECT * FROM account_observations FINAL ORDER BY ALL",
        "SELECT * FROM post_observations FINAL ORDER BY ALL",
        "SELECT * FROM latest_observations FINAL ORDER BY ALL",
        "SELECT * FROM accounts FINAL ORDER BY account",
    )
    try:
        return [list((await client.query(one)).result_rows) for one in questions]
    finally:
        await client.close()


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.engine
@pytest.mark.timeout(400)
async def test_all_is_lost_and_comes_back_figure_by_figure(kafka_url, clickhouse_url, tmp_path):
    async with written_months(
        kafka_url, clickhouse_url, tmp_path, "backup-before",
        territories=60, since="2026-08-25", until_day="2026-10-10",
    ) as months:  # fmt: skip
        before = months.settings.model_copy(
            update={"database_url": f"sqlite:///{tmp_path}/store.db"}
        )
        client = await connect(clickhouse_url, before.database)
        await establish(
            client, Month.parse(PERIOD), methodology(CURRENT), months.clock, "simulation"
        )
        await compute(client, PERIOD, CURRENT, months.clock, installation="simulation")
        await client.close()
        with pytest.raises(Refused, match="stop it"):
            await read_again(before)
        await take(before, Place(str(tmp_path / "kept")))
        wanted = await figures(before)
        published = [
            one
            for one in await read_whole(kafka_url, before.namespace, ACCOUNTS_OBSERVED)
            if ACCOUNTS_OBSERVED.for_network(one.network) is ACCOUNTS_OBSERVED  # kept for long
        ]

    # What is lost is not there any more: another broker's names, another database, another file.
    after = before.model_copy(
        update={
            "database_url": f"sqlite:///{tmp_path}/restored.db",
            "topic_namespace": "backup-after",
            "database_name": "backup_after",
        }
    )
    # The state alone, whoever else is away: the move to another database.
    moved = after.model_copy(
        update={
            "database_url": f"sqlite:///{tmp_path}/moved.db",
            "kafka_url": "127.0.0.1:9", "clickhouse_url": "http://127.0.0.1:9",
        }
    )  # fmt: skip
    await put_back(moved, Place(str(tmp_path / "kept")), state_alone=True)
    assert (tmp_path / "moved.db").exists()

    await put_back(after, Place(str(tmp_path / "kept")))
    assert await figures(after) == wanted
    again = await read_whole(kafka_url, after.namespace, ACCOUNTS_OBSERVED)
    assert len(again) == len(published)
    assert {one.event_id: one for one in again} == {one.event_id: one for one in published}
    broker = await connected(kafka_url)
    groups = {one.name: one.lag for one in (await backlog(broker, after.namespace)).groups}
    await disconnected(broker)
    assert groups["backup-after.scorer"] == 0
    with pytest.raises(Damaged, match="has rows"):
        await put_back(after, Place(str(tmp_path / "kept")))
    assert [one.same async for one in months_again(after)] == [True]
    assert await figures(after) == wanted
    assert await read_again(after) > 0
