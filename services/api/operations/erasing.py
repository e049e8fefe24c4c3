"""`observatoire erasures`: erase an account, a text or an author, for good (« Vos droits »)."""

import asyncio

import click

from contracts.addresses import Identity, read_address
from contracts.erasures import Erased, ErasureKind, author_key
from contracts.event import hashed_id
from contracts.mentions import mention_id
from contracts.topics import ERASURES
from libs.settings import Settings

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
    read = read_address(account)
    found = store.accounts.find(read) if isinstance(read, Identity) else store.accounts.get(account)
    if found is None:
        raise click.ClickException(f"{account}: no such account")
    try:
        if found.state in ("candidate", "verified"):  # else it is no longer collected
            store.accounts.move(found.account, "refused", reason=reason, by=by)
    except StoreError as problem:
        raise click.ClickException(str(problem)) from problem
    store.notes.forget_account(found.account)
    _erase(settings, [("account", found.account), *_author(found.address)], reason)


@erasures.command()
@click.argument("address")
@_REASON
def mention(address: str, reason: str) -> None:
    """Erase one text of somebody, by its address as the portal shows it."""
    _erase(Settings(), [("mention", mention_id(address))], reason)


@erasures.command()
@click.argument("address")
@_REASON
def author(address: str, reason: str) -> None:
    """Erase all that somebody wrote, by the address of the profile or of one text.

    As the texts' own addresses have it: Bluesky's name the author by a `did:plc:…`.
    """
    subjects = _author(address)
    if not subjects:
        raise click.ClickException(f"{address}: names no author")
    _erase(Settings(), subjects, reason)


def _author(address: str) -> list[Subject]:
    key = author_key(address)
    return [("author", key)] if key else []


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
