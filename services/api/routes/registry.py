"""The registry of official accounts, for anybody to take over, and what changes of it."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from contracts.accounts import AccountRegistered
from contracts.networks import network_of
from contracts.territories import Territories
from libs import french
from services.api.files.feed import SIMULATION, AtomResponse, Entry, feed
from services.api.store import Store
from services.api.store.registry.changes import Change, Kind
from services.api.web.parameters import Here
from services.api.web.streamed import streamed

router = APIRouter(tags=["comptes"])

JSON_LINES = "application/x-ndjson"
ACCOUNTS_AT_ONCE = 500
CHANGES_TOLD = 50
"""Entries of the feed of changes."""

SAID: dict[Kind, tuple[str, str]] = {
    "added": ("reconnu", "Ce compte est reconnu comme officiel"),
    "renamed": ("renommé", "Ce compte a changé de nom"),
    "closed": ("fermé", "Ce compte est fermé"),
    "refused": ("retiré", "Ce compte n’est plus reconnu : il n’est celui d’aucune collectivité"),
}


class RegistryResponse(Response):
    """Accounts, a JSON object a line."""

    media_type = JSON_LINES


@router.get("/registry", response_class=RegistryResponse)
async def registry(request: Request, here: Here) -> Response:
    """Give every official account, a line each: network, address, territories (the home first).

    `state` is "verified" or "closed". Another installation takes it over by
    `observatoire registry pull`.
    """
    name = f"registre{'_SIMULATION' if here.simulation else ''}.jsonl"
    return await streamed(
        request, _lines(here.store), JSON_LINES, disposition=f'inline; filename="{name}"'
    )


async def _lines(store: Store) -> AsyncGenerator[bytes]:
    after = ""
    while some := await asyncio.to_thread(store.accounts.public, after, ACCOUNTS_AT_ONCE):
        yield b"".join(_line(one) for one in some if one.home or one.state == "closed")
        after = some[-1].account


def _line(account: AccountRegistered) -> bytes:
    """Return an account as `observatoire accounts import` reads it."""
    owners = [one for one in account.owners if one.until is None or account.state == "closed"]
    owners.sort(key=lambda one: not one.home)
    told = {
        "address": account.address,
        "territories": [one.territory for one in owners],
        "network": account.network,
        "handle": account.handle,
        "native_id": account.native_id,
        "name": account.name,
        "role": owners[0].role if owners else None,
        "state": account.state,
        "registered_at": account.registered_at,
        "origin": account.origin,
    }
    return msgspec.json.encode({k: v for k, v in told.items() if v is not None}) + b"\n"


@router.get("/registry.atom", response_class=AtomResponse)
async def changes(here: Here) -> Response:
    """Give the accounts that were added, renamed, closed or refused, newest first, as a feed."""
    found = await asyncio.to_thread(here.store.accounts.changes, CHANGES_TOLD)
    entries = [_entry(one, here.territories, simulation=here.simulation) for one in found]
    return AtomResponse(
        feed(
            entries,
            here.settings.portal_url,
            "registry",
            "Observatoire : comptes officiels ajoutés, renommés, fermés, retirés",
            "/officiel#changements",
            simulation=here.simulation,
        )
    )


def _entry(change: Change, territories: Territories, *, simulation: bool) -> Entry:
    title, meaning = SAID[change.kind]
    network = network_of(change.network).name
    places = [one.nom for code in change.territories if (one := territories.get(code))]
    whose = f" ({french.series(places)})" if places else ""
    before = f" Avant : {change.before}." if change.before else ""
    return Entry(
        f"/officiel#{change.account}-{change.kind}-{change.at:%Y%m%dT%H%M%S}",
        f"{SIMULATION if simulation else ''}{network}, {change.handle} : {title}{whose}",
        change.at,
        f"/officiel?{urlencode({'adresse': change.address})}",
        f"{meaning}. {network} : {change.address}.{before}",
    )
