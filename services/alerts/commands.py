"""The commands of the alert service."""

import click


@click.group()
def alerts() -> None:
    """Match what is said with the watches, decide, deliver."""


@alerts.command()
def run() -> None:
    """Run the service until SIGTERM."""
    from services.alerts.app import build
    from services.process import Settings
    from services.process import run as run_process

    settings = Settings()
    run_process(lambda: build(settings), settings)
