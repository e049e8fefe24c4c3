"""Run the catchers: ``python -m simulation.catchers --smtp-port … --port …``."""

from pathlib import Path

import click

from libs.process import run
from libs.settings import Settings
from simulation.catchers.app import Catchers


@click.command()
@click.option("--smtp-port", type=int, required=True, help="Port of the mail server.")
@click.option("--port", type=int, required=True, help="Port of page, JSON and channels.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where messages are kept.")
def main(smtp_port: int, port: int, folder: Path | None) -> None:
    """Keep mails and messages until SIGTERM; nothing is ever delivered."""
    settings = Settings(installation="simulation", port=port, ops_port=0)  # nobody looks there
    hosts = settings.allowed_hosts
    run(lambda: Catchers(smtp_port, settings.clock(), folder, settings.host, hosts), settings)


if __name__ == "__main__":
    main()
