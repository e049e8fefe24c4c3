"""`observatoire secrets`: make those of an installation."""

from pathlib import Path

import click


@click.group()
def secrets() -> None:
    """The secrets of an installation with containers."""


@secrets.command()
@click.option("--installation", type=click.Choice(["live", "simulation"]), required=True)
@click.option("--clickhouse", default="clickhouse:8123", show_default=True, help="Host, port.")
@click.option("--postgres", default="postgres:5432", show_default=True, help="Host, port.")
@click.option("--grafana", default="grafana:3000", show_default=True, help="Host, port.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def create(installation: str, clickhouse: str, postgres: str, grafana: str, folder: Path) -> None:
    """Write into FOLDER a file for each secret: passwords, keys, the operator's token.

    Those that networks, mail relay and hooks gave you are files to fill in, `{}` until then.
    """
    from deploy.secrets.files import AlreadyThere, Hosts, made, write

    files = made(installation, Hosts(clickhouse, postgres, grafana))
    try:
        write(folder, files)
    except AlreadyThere as there:
        raise click.ClickException(
            f"{folder} has {there}: nothing was changed. To begin anew, move it away; the stores "
            "keep the passwords they were made with"
        ) from there
    for name, content in sorted(files.items()):
        click.echo(f"{folder / name}: " + ("to be filled in" if content == "{}" else "made"))
