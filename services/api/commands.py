"""Commands of the api: run it, and push the dashboards to Grafana."""

import click

from services.process import Settings, run


@click.group("api")
def api() -> None:
    """The api and the portal."""


@api.command("run")
def run_command() -> None:
    """Serve the portal and the REST api until stopped."""
    from services.api.app import build

    settings = Settings()
    run(lambda: build(settings), settings)
