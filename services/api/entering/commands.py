"""Commands about agents: approve a domain, give a role, say what an address may do.

The store is slow to load: each command imports what it uses.
"""

from typing import TYPE_CHECKING

import click

from libs.settings import MissingSetting, Settings

if TYPE_CHECKING:
    from services.api.store import Store
    from services.api.store.agents.entitled import Mailbox, Role

ROLES = ("reading", "protection", "writing", "administration", "none")


@click.group("agents")
def agents() -> None:
    """Who may sign in, for which territories."""


@agents.command("approve")
@click.argument("domain")
@click.argument("code")
def approve(domain: str, code: str) -> None:
    """Let every address of DOMAIN enter for the territory CODE, with « rédaction »."""
    settings = Settings()
    _, address = _mailbox(settings, f"agent@{domain}")
    territory = _territory(settings, code)
    _store(settings).entitled.approve(address.rpartition("@")[2], territory)
    click.echo(f"{domain}\t{territory}")


@agents.command("grant")
@click.argument("address")
@click.argument("code")
@click.argument("role", type=click.Choice(ROLES))
def grant(address: str, code: str, role: "Role") -> None:
    """Give ADDRESS a role for the territory CODE, whatever its domain says; « none » refuses it."""
    settings = Settings()
    mailbox, _ = _mailbox(settings, address)
    store = _store(settings)
    store.entitled.grant(mailbox, _territory(settings, code), role)
    _tell(store, mailbox)


@agents.command("team")
@click.argument("address")
@click.option("--remove", is_flag=True, help="Take it out of the team.")
def team(address: str, remove: bool) -> None:
    """Make ADDRESS one of the observatory's team, who may do what the operator does."""
    from services.api.store.agents.entitled import EVERYWHERE

    settings = Settings()
    mailbox, _ = _mailbox(settings, address)
    store = _store(settings)
    store.entitled.grant(mailbox, EVERYWHERE, "none" if remove else "team")
    _tell(store, mailbox)


@agents.command("show")
@click.argument("address")
def show(address: str) -> None:
    """Say what ADDRESS may do, by territory; nothing where it may not enter for any."""
    settings = Settings()
    mailbox, _ = _mailbox(settings, address)
    _tell(_store(settings), mailbox)


def _store(settings: Settings) -> "Store":
    from services.api.store.opening import store_of

    return store_of(settings)


def _mailbox(settings: Settings, address: str) -> tuple["Mailbox", str]:
    from services.api.entering.addresses import key_of, mailbox_of

    if (key := key_of(settings)) is None:
        raise MissingSetting("OBSERVATOIRE_AGENTS_KEY is not set: no agent signs in without")
    if (found := mailbox_of(key, address)) is None:
        raise click.ClickException(f"{address} is no address of a mailbox")
    return found


def _territory(settings: Settings, code: str) -> str:
    from contracts.territories import Territories

    found = Territories.load(settings.territories_file).resolve(code)
    if found is None:
        raise click.ClickException(f"no territory has the code {code}")
    return found.code


def _tell(store: "Store", mailbox: "Mailbox") -> None:
    for territory, role in sorted(store.entitled.roles(mailbox).items()):
        click.echo(f"{territory or 'all'}\t{role}")
