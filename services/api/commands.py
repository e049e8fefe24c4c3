"""Commands of the api: run it, seal recipients again, say who may sign in."""

import click

from libs.loading import loading
from libs.settings import Settings
from services.api.entering.commands import agents


@click.group("api")
def api() -> None:
    """The api and the portal."""


@api.command("run")
def run_command() -> None:
    """Serve the portal and the REST api until stopped."""
    with loading():
        from libs.process import run
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
