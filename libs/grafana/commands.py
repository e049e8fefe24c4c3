"""`observatoire grafana`: push the dashboards, say what was changed by hand, or write files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from libs.settings import Settings

if TYPE_CHECKING:
    from libs.grafana.sync import Wanted


@click.group("grafana")
def grafana() -> None:
    """The dashboards in Grafana."""


@grafana.command("sync")
@click.option("--url", help="Address of Grafana with its credentials; by default GRAFANA_URL.")
@click.option("--check", is_flag=True, help="Change nothing: end with 1 where anything differs.")
def sync_command(url: str | None, check: bool) -> None:
    """Push folders, data sources and dashboards; run it again as often as you like."""
    from grafana_client.client import GrafanaException

    from libs.grafana.sync import connect, sync

    settings = Settings()
    address = url or settings.grafana_url
    if address is None:
        raise click.ClickException("no Grafana: set GRAFANA_URL=http://user:password@host:port")
    try:
        done = sync(connect(address, settings.ca_file), _wanted(settings), look_only=check)
    except (GrafanaException, OSError) as problem:
        raise click.ClickException(f"Grafana did not take it: {problem}") from problem
    for name, outcome in done.outcomes.items():
        places = done.differences.get(name, [])
        said = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
        click.echo(f"{name} {outcome}" + (f" ({said})" if said else ""))
    sys.exit(check and done.drifted)


@grafana.command("write")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--seen-as",
    type=click.Path(path_type=Path),
    default=Path("/etc/grafana/provisioning"),
    show_default=True,
    help="Where Grafana sees that folder.",
)
def write_command(folder: Path, seen_as: Path) -> None:
    """Write files for Grafana's folder of provisioning, in place of pushing to its API."""
    from libs.grafana.provisioning import PASSWORD, provisioned

    count = 0
    for path, text in provisioned(_wanted(Settings()), seen_as):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        count += 1
    click.echo(f"{count} files written to {folder}; Grafana needs {PASSWORD[1:]} and seeing them")


def _wanted(settings: Settings) -> "Wanted":
    from libs.grafana.sync import Wanted

    settings.require("clickhouse_reader_url", "Grafana reads as a user who can change nothing")
    reader = settings.clickhouse_reader_url or settings.clickhouse_url
    return Wanted(
        settings.installation,
        reader,
        settings.database,
        settings.prometheus_url,
        settings.portal_url,
    )
