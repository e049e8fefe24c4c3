"""Commands about the registry of accounts: import, look up, decide.

The store and the engine's client are slow to load: each command imports what it uses.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.addresses import Identity, read_address
from contracts.territories import Territories
from libs.settings import Settings

if TYPE_CHECKING:
    from services.api.census.report import Report
    from services.api.store import Store
    from services.api.store.registry.claims import OwnerKind

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_DRY = click.option("--dry-run", is_flag=True, help="Read and report, register nothing.")
_REASON = click.option("--reason", required=True, help="Why: kept in the account's history.")
_DEPARTEMENTS = (
    *(f"{number:02}" for number in range(1, 96) if number != 20),
    *("2A", "2B", "971", "972", "973", "974", "976"),
)
_BY = click.option("--by", required=True, help="Who decides: kept in the account's history.")


@click.group("accounts")
def accounts() -> None:
    """The registry of accounts: who owns what, proved by what."""


@accounts.command("import")
@_FILE
@_DRY
def import_command(file: Path, dry_run: bool) -> None:
    """Register the accounts of a file of addresses by territory (JSON lines)."""
    from services.api.census.address_file import import_addresses

    settings = Settings()
    known = Territories.load(settings.territories_file)
    with file.open("rb") as lines:
        report = import_addresses(
            store_of_settings(settings), lines, known, reference=_reference(file), dry_run=dry_run
        )
    tell_report(report, dry_run)


@accounts.command("import-annuaire")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--fetch", is_flag=True, help="Ask its publisher for it, in place of FILE.")
@click.option("--url", default="", help="Where the file was downloaded from (the licence asks).")
@_DRY
def import_annuaire_command(file: Path | None, fetch: bool, url: str, dry_run: bool) -> None:
    """Register, as candidates, the accounts that the annuaire de l'administration declares.

    Where agents sign in, also who may: the addresses that it publishes (as keyed hashes).
    """
    if (file is None) != fetch:
        raise click.UsageError("give one of FILE and --fetch")
    from contracts.territories.annuaire import EXPORT, LEAST_RECORDS
    from services.api.census.agents import entitled
    from services.api.census.annuaire import import_annuaire, read_records
    from services.api.entering.addresses import hashed, key_of

    settings = Settings()
    known = Territories.load(settings.territories_file)
    store = store_of_settings(settings)
    if file is None:
        data, named, least = asyncio.run(_annuaire(settings)), EXPORT, LEAST_RECORDS
        reference = f"{named} ({store.now():%Y-%m-%d})"
    else:
        data, named, least = file.read_bytes(), str(file), 0
        reference = ", ".join(filter(None, (url, _reference(file))))
    try:
        report = import_annuaire(
            store, data, known, reference=reference, dry_run=dry_run, least=least
        )
    except ValueError as problem:
        raise click.ClickException(f"{named}: {problem}") from problem
    tell_report(report, dry_run)
    if not dry_run and (key := key_of(settings)):
        mailboxes = entitled(read_records(data), known, lambda one: hashed(key, one))
        click.echo(f"{store.entitled.replace(mailboxes)} addresses and domains that may enter")


@accounts.command("wikidata-query")
@click.argument("departement", type=click.Choice(["*", *_DEPARTEMENTS]), metavar="DEPARTEMENT")
def wikidata_query(departement: str) -> None:
    """Print what to ask of query.wikidata.org: the communes of a département, or « * », the rest.

    Ask it as JSON (application/sparql-results+json), then give its answer to `import-wikidata`.
    """
    from services.api.census.wikidata import question

    click.echo(question(departement), nl=False)


@accounts.command("import-wikidata")
@_FILE
@_DRY
def import_wikidata_command(file: Path, dry_run: bool) -> None:
    """Register, as candidates, the accounts that Wikidata names (the answer to wikidata-query)."""
    from services.api.census.wikidata import import_wikidata

    settings = Settings()
    known, store = Territories.load(settings.territories_file), store_of_settings(settings)
    try:
        report = import_wikidata(
            store, file.read_bytes(), known, reference=_reference(file), dry_run=dry_run
        )
    except ValueError as problem:
        raise click.ClickException(f"{file}: {problem}") from problem
    tell_report(report, dry_run)


@accounts.command("import-sites")
@_FILE
@click.option("--departement", help="Only the sites of this département, by its code.")
@_DRY
def import_sites_command(file: Path, departement: str | None, dry_run: bool) -> None:
    """Read the home pages that the annuaire (FILE) gives: the accounts that they link to.

    Candidates each; what another source says of the same territory verifies them.
    """
    from rich.console import Console
    from rich.progress import Progress

    from libs.outbound.client import client_of
    from services.api.census.annuaire import read_records
    from services.api.census.report import Unusable
    from services.api.census.sites import import_sites, sites_of

    settings = Settings()
    known, store = Territories.load(settings.territories_file), store_of_settings(settings)
    found = [
        one
        for one in sites_of(read_records(file.read_bytes()), known)
        if isinstance(one, Unusable) or departement in (None, one.territory.departement)
    ]

    async def read() -> "Report":
        with Progress(console=Console(stderr=True)) as bar:
            line = bar.add_task("sites", total=None)
            async with client_of(settings) as http:
                return await import_sites(
                    store,
                    http,
                    found,
                    dry_run=dry_run,
                    tell=lambda done, of: bar.update(line, completed=done, total=of),
                )

    tell_report(asyncio.run(read()), dry_run)


@accounts.command("of")
@click.argument("territory")
@click.option("--past", is_flag=True, help="Also those that no longer speak for it.")
def of(territory: str, past: bool) -> None:
    """List the accounts of a territory."""
    for account in store_of_settings(Settings()).accounts.of_territory(territory, past=past):
        click.echo(f"{account.account}\t{account.state}\t{account.network}\t{account.address}")


@accounts.command("show")
@click.argument("account")
def show(account: str) -> None:
    """Print an account (id or address) with its owners, identities, decisions and proofs."""
    store = store_of_settings(Settings())
    with _said():
        history = store.accounts.history(_id(store, account))
    click.echo(history.account.model_dump_json(indent=2))
    for identity in history.identities:
        until = identity.until or "…"
        click.echo(f"identity\t{identity.since} – {until}\t{identity.address}")
    for decision in history.decisions:
        by = f"{decision.decided_by}: {decision.reason}"
        click.echo(f"decision\t{decision.decided_at}\t{decision.state}\t{by}")
    for proof in history.proofs:
        click.echo(f"proof\t{proof.last_seen_at}\t{proof.territory}\t{proof.reference}")


@accounts.command("move")
@click.argument("account")
@click.argument("state", type=click.Choice(["candidate", "verified", "closed", "refused"]))
@_REASON
@_BY
def move(account: str, state: str, reason: str, by: str) -> None:
    """Verify, refuse, close or reopen an account; the running api tells everybody."""
    store = store_of_settings(Settings())
    with _said():
        moved = store.accounts.move(
            _id(store, account),
            state,  # pyright: ignore[reportArgumentType]
            reason=reason,
            by=by,
        )
    click.echo(f"{moved.account}\t{moved.state}")


@accounts.command("renamed")
def renamed() -> None:
    """List what answers by another name than the registry's, as last seen: to be renamed."""
    settings = Settings()
    store = store_of_settings(settings)
    for account, name in sorted(asyncio.run(_seen(settings)).items()):
        known = store.accounts.get(account)
        if known is not None and name not in (known.handle, known.address):
            click.echo(f"{account}\t{known.network}\t{known.handle or known.address}\t{name}")


@accounts.command("absent")
@click.option("--to-confirm", is_flag=True, help="Also those not found for less than two days.")
def absent(to_confirm: bool) -> None:
    """List the accounts that are not there, as their network says it: to be closed or renamed."""
    settings = Settings()
    store = store_of_settings(settings)
    for account, absence, since, confirmed in asyncio.run(_absent(settings)):
        known = store.accounts.get(account)
        if known is not None and (confirmed or to_confirm):
            state = absence if confirmed else f"{absence}?"
            click.echo(f"{account}\t{known.network}\t{known.address}\t{state}\t{since:%Y-%m-%d}")


@accounts.command("rename")
@click.argument("account")
@click.argument("address")
def rename(account: str, address: str) -> None:
    """Give an account (id or address) its new address; its id, its history and its owners stay."""
    store, read = store_of_settings(Settings()), read_address(address)
    if not isinstance(read, Identity):
        raise click.ClickException(f"{address}: {read}")
    with _said():
        now = store.accounts.rename(_id(store, account), read)
    click.echo(f"{now.account}\t{now.address}")


@accounts.command("owner")
@click.argument("account")
@click.argument("kind", type=click.Choice(["collectivité", "personne"]))
@_REASON
@_BY
def owner(account: str, kind: "OwnerKind", reason: str, by: str) -> None:
    """Say whose an account is: a person's is never collected nor ranked."""
    store = store_of_settings(Settings())
    with _said():
        now = store.accounts.set_owner_kind(_id(store, account), kind, reason=reason, by=by)
    click.echo(f"{now.account}\t{now.owner_kind}")


@accounts.command("disown")
@click.argument("account")
@click.argument("territory")
def disown(account: str, territory: str) -> None:
    """End what an account says for a territory; the oldest owner left becomes its home."""
    store = store_of_settings(Settings())
    with _said():
        now = store.accounts.disown(_id(store, account), territory)
    click.echo(f"{now.account}\t{now.home or '–'}")


def store_of_settings(settings: Settings) -> "Store":
    """Open the small state of an installation."""
    from services.api.store.opening import store_of

    return store_of(settings)


def _id(store: "Store", account: str) -> str:
    """Return the id of an account that is named by its id or its address."""
    read = read_address(account)
    found = store.accounts.find(read) if isinstance(read, Identity) else None
    return found.account if found else account


@contextmanager
def _said() -> Generator[None]:
    """Say what the registry refuses as the command's own error."""
    from services.api.store import StoreError

    try:
        yield
    except StoreError as problem:
        raise click.ClickException(str(problem)) from problem


async def _seen(settings: Settings) -> dict[str, str]:
    """Return the last other name of each account that the collector saw by one (60 days)."""
    from libs.engine.client import connect

    async with await connect(settings.clickhouse_url, settings.database) as engine:
        found = await engine.query(
            "SELECT account, argMax(renamed[account], ended_at) FROM collect_outcomes"
            " ARRAY JOIN mapKeys(renamed) AS account GROUP BY account"
        )
    return {str(account): str(name) for account, name in found.result_rows}


async def _absent(settings: Settings) -> list[tuple[str, str, datetime, bool]]:
    """Return who is absent: account, what its network says, since when (UTC), confirmed or not."""
    from libs.engine.client import connect

    async with await connect(settings.clickhouse_url, settings.database) as engine:
        found = await engine.query(
            "SELECT account, absence, since, confirmed FROM account_absences(territory='')"
        )
    return [(str(a), str(what), since, bool(sure)) for a, what, since, sure in found.result_rows]


async def _annuaire(settings: Settings) -> bytes:
    """Return the annuaire as its publisher gives it now."""
    import httpx

    from libs.outbound.client import client_of
    from libs.outbound.public import Forbidden
    from services.api.census.annuaire import published
    from services.api.census.fetching import Unreadable

    try:
        async with client_of(settings) as http:
            return await published(http)
    except (Unreadable, Forbidden, httpx.HTTPError) as problem:
        said = str(problem) or type(problem).__name__
        raise click.ClickException(f"the annuaire is not read: {said}") from problem


def _reference(file: Path) -> str:
    return f"{file.name} ({datetime.fromtimestamp(file.stat().st_mtime).astimezone():%Y-%m-%d})"


def tell_report(report: "Report", dry_run: bool) -> None:
    """Print what an import did, or would do."""
    if dry_run:
        click.echo("nothing registered (dry run)")
    would = "would be " if dry_run else ""
    counted = ", ".join(f"{count} {would}{outcome}" for outcome, count in report.outcomes.items())
    click.echo(f"{report.records} records: {counted}")
    for reason, count in report.reasons.items():
        example = next(one for one in report.refused if one.reason == reason)
        click.echo(f"  refused {count} × {reason}, such as {example.place}: {example.value}")
