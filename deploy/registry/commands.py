"""Commands about territories: look one up, search, renew the registry."""

import tempfile
from pathlib import Path

import click
import msgspec

from contracts.territories.catalogue import REGISTRY_FILE, Territories
from contracts.territories.storage import Manifest
from contracts.territories.territory import Territory
from deploy.registry.package import UnknownPackageError
from deploy.registry.refresh import FetchError, fetch, refresh
from libs.matching import territories as search

_EXTRA = click.option(
    "--extra",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="OBSERVATOIRE_TERRITORIES",
    help="A second file of territories (those of a demonstration).",
)


@click.group("territories")
def territories() -> None:
    """Look up and renew the registry of territories."""


@territories.command("show")
@click.argument("code")
@_EXTRA
def show(code: str, extra: Path | None) -> None:
    """Print all that is known of one territory (INSEE code, SIREN, former code) as JSON."""
    known = Territories.load(extra)
    found = known.resolve(code) or known.by_siren(code)
    if found is None:
        raise click.ClickException(
            f"no territory has the code {code}; try: observatoire territories find NAME"
        )
    facts: dict[str, object] = msgspec.to_builtins(found)
    facts |= {
        "category": found.category,
        "stratum": found.stratum,
        "ranked": found.ranked,
        "covers": [row.code for row in known.covers(found.code)],
    }
    click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())


@territories.command("find")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1))
@_EXTRA
def find(text: tuple[str, ...], limit: int, extra: Path | None) -> None:
    """List the territories that a name, its beginning, a postal code or a code may mean."""
    known = Territories.load(extra)
    found = search.find(known, " ".join(text), limit=limit)
    if not found:
        raise click.ClickException("no territory of that name or code")
    for territory in found:
        click.echo("\t".join(_line(known, territory)))


@territories.command("about")
def about() -> None:
    """Print version, licence, validity and counts of the committed registry."""
    _tell(Territories.load().manifests[0])


@territories.command("refresh")
@click.option(
    "--package",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Archive of `npm pack`.",
)
@click.option(
    "--npm", "version", metavar="VERSION", help="Fetch this version with npm (for example 6.0.0)."
)
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=REGISTRY_FILE,
    help="File to write.",
)
def refresh_command(package: Path | None, version: str | None, target: Path) -> None:
    """Rewrite the registry from a version of @etalab/decoupage-administratif."""
    if (package is None) == (version is None):
        raise click.UsageError("give one of --package FILE.tgz and --npm VERSION")
    try:
        with tempfile.TemporaryDirectory() as folder:
            _tell(refresh(package or fetch(str(version), Path(folder)), target))
    except (FetchError, UnknownPackageError) as problem:
        raise click.ClickException(str(problem)) from problem


def _line(known: Territories, territory: Territory) -> list[str]:
    population = "" if territory.population is None else str(territory.population)
    return [territory.code, known.place(territory), territory.category.value, population]


def _tell(manifest: Manifest) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode())
