"""Commands of the api: run it, and push the dashboards to Grafana."""

import click

from libs.process import run
from libs.settings import Settings
from services.api.entering.commands import agents


@click.group("api")
def api() -> None:
    """The api and the portal."""


@api.command("run")
def run_command() -> None:
    """Serve the portal and the REST api until stopped."""
    from services.api.app import build

    settings = Settings()
    settings.require_given(
        "kafka_url", "clickhouse_url", "database_url", "portal_url", "operator_token"
    )
    run(lambda: build(settings), settings)


@api.command("reseal")
def reseal_command() -> None:
    """Publish every watch again, its recipients sealed to the key of now: after a new pair."""
    from services.api.store.opening import store_of

    store = store_of(Settings())
    click.echo(f"{store.watches.tell_again()} watches to be published again by the api that runs")
    store.close()


api.add_command(agents)


@click.group("grafana")
def grafana() -> None:
    """The dashboards in Grafana."""


@grafana.command("sync")
@click.option("--url", help="Address of Grafana with its credentials; by default GRAFANA_URL.")
def sync_command(url: str | None) -> None:
    """Push folder, data source and dashboards; run it again as often as you like."""
    from grafana_client.client import GrafanaException

    from libs.grafana.sync import connect, sync

    settings = Settings()
    address = url or settings.grafana_url
    if address is None:
        raise click.ClickException("no Grafana: set GRAFANA_URL=http://user:password@host:port")
    settings.require("clickhouse_reader_url", "Grafana reads as a user who can change nothing")
    reader = settings.clickhouse_reader_url or settings.clickhouse_url
    try:
        done = sync(
            connect(address),
            settings.installation,
            reader,
            settings.database,
            settings.prometheus_url,
        )
    except (GrafanaException, OSError) as problem:
        raise click.ClickException(f"Grafana did not take it: {problem}") from problem
    click.echo(f"folder {done.folder}, data source {done.source}")
    for uid, outcome in done.dashboards.items():
        click.echo(f"dashboard {uid} {outcome}")
