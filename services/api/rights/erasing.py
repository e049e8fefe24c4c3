"""`observatoire erasures`: erase an account, a text or an author, for good (« Vos droits »)."""

import asyncio
from typing import TYPE_CHECKING

import click

from contracts.accounts import AccountRegistered
from contracts.addresses import Identity, read_address, read_author
from contracts.addresses.fiction import spoken
from contracts.erasures import Erased, ErasureKind, author_key, identity_key
from contracts.event import hashed_id
from contracts.mentions import mention_id
from contracts.networks import network_of
from contracts.topics import ERASURES
from libs.settings import Settings

if TYPE_CHECKING:
    from services.api.store import Store

Subject = tuple[ErasureKind, str]

_REASON = click.option("--reason", required=True, help="Why: kept with the erasure.")


@click.group()
def erasures() -> None:
    """Erase somebody, for good: there is no way back.

    Rows are deleted within seconds, and nothing of it is stored nor matched again, replays
    included. Records in the broker's topics leave by age (texts and mentions after 30 days).
    """


@erasures.command()
@click.argument("account")
@_REASON
@click.option("--by", required=True, help="Who decides: kept in the account's history.")
def account(account: str, reason: str, by: str) -> None:
    """Erase a registered account (id or address): figures, texts, scores; it is refused."""
    # Slow to load, and for this command alone.
    from services.api.store import StoreError
    from services.api.store.opening import store_of

    settings = Settings()
    store = store_of(settings)
    read = read_address(_said(settings, account))
    found = store.accounts.find(read) if isinstance(read, Identity) else store.accounts.get(account)
    if found is None:
        raise click.ClickException(f"{account}: no such account")
    try:
        if found.state in ("candidate", "verified"):  # else it is no longer collected
            store.accounts.move(found.account, "refused", reason=reason, by=by)
    except StoreError as problem:
        raise click.ClickException(str(problem)) from problem
    _forget(store, found)
    authors: list[Subject] = [("author", key) for key in _keys(found)]
    _erase(settings, [("account", found.account), *authors], reason)


@erasures.command()
@click.argument("address")
@_REASON
def mention(address: str, reason: str) -> None:
    """Erase one text of somebody, by its address as the portal shows it."""
    settings = Settings()
    _erase(settings, [("mention", mention_id(_said(settings, address)))], reason)


@erasures.command()
@click.argument("address")
@_REASON
def author(address: str, reason: str) -> None:
    """Erase all that somebody wrote, by the address of the profile or of one text.

    As the texts' own addresses have it: Bluesky's name the author by a `did:plc:…`. An address that
    does not say whose it is (a video of YouTube, an article of a site) is refused.
    """
    settings = Settings()
    key = author_key(_said(settings, address))
    if key is None:
        raise click.ClickException(f"{address}: names no author")
    _erase(settings, [("author", key)], reason)


def _forget(store: "Store", found: AccountRegistered) -> None:
    """Forget what agents wrote, declared and gave of an account, whichever state it was in."""
    known = store.accounts.history(found.account)
    names = {found.handle, found.native_id, found.name}
    names |= {name for one in known.identities for name in (one.handle, one.native_id)}
    store.notes.forget_account(found.account)
    store.contests.forget_account(found.account)
    store.connections.forget_account(found.account)
    store.declarations.forget_account(found.network, {name for name in names if name})


def _said(settings: Settings, address: str) -> str:
    """Return an address as records have it, from one that the portal shows."""
    return spoken(address) if settings.simulation else address


def _keys(account: AccountRegistered) -> list[str]:
    """Return the keys of an account as an author: its name's, and its native id's."""
    named = read_author(account.address)
    if named is None:  # a feed is nobody's name
        return []
    keys = [identity_key(named)]
    if account.native_id and not network_of(account.network).ids_by_host:
        numbered = Identity(account.network, account.address, native_id=account.native_id)
        keys.append(identity_key(numbered))
    return list(dict.fromkeys(keys))


def _erase(settings: Settings, subjects: list[Subject], reason: str) -> None:
    """Tell everybody; returns when the broker has it."""
    now = settings.clock().now()
    erased = [
        Erased(
            event_id=hashed_id("erased", kind, subject),
            origin=settings.installation,
            kind=kind,
            subject=subject,
            reason=reason,
            erased_at=now,
        )
        for kind, subject in subjects
    ]

    async def publish() -> None:
        async with settings.wire("erasures") as wire:
            await wire.publish_all(ERASURES, erased)

    asyncio.run(publish())
    for kind, subject in subjects:
        click.echo(f"{kind} {subject}: erased")
