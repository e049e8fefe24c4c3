"""« Connecter nos comptes »: an agent lets us read an account of her territory, at its network.

She says so on the network's own page (OAuth 2, PKCE), and takes it back here. Of what the network
gives, only a token is kept, sealed to the collector; an account that is not the one she chose is
refused, and its token dropped.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.accounts import AccountRegistered
from contracts.networks import KNOWN, Network, network_of
from contracts.territories import Territory
from libs.identity.asking import Refused, Unreachable
from libs.identity.consent import Owner, OwnerConsent
from libs.outbound.fictional import page_via
from libs.settings import Settings
from services.api.entering.addresses import keyed
from services.api.entering.agent import Agent, agent_of, signed_in_agent
from services.api.entering.recognising import new_secret
from services.api.installation import Installation
from services.api.pages.agents.entering import open_key
from services.api.pages.agents.team import place_of
from services.api.store import Store
from services.api.store.errors import UnknownError
from services.api.store.registry.accounts import AccountStore
from services.api.web.access import may, reads_territory, require, signed_in, writes_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.connecting import ConnectionState, connection_state

log = structlog.get_logger(__name__)

router = APIRouter()

PAGE = "/equipe/{code}/connecter"
RETURN_PAGE = "/connecter/{network}/retour"
CONNECTED = "connecting.back"

BY_SESSION = "Entrez d’abord par votre adresse : l’accord se donne au nom de quelqu’un."
UNDECLARED = (
    "Cette installation n’a pas d’application chez {} : l’observatoire doit en déclarer une."
)
NOT_OURS = "Ce compte n’est pas (ou plus) un compte vérifié de la collectivité."
AWAY = "{} ne répond pas. Rien n’est connecté : réessayez dans un instant."
OVER = (
    "Ce retour n’est pas (ou plus) valable ici : il ne sert qu’une fois, dans la session qui l’a "
    "demandé. Rien n’est connecté."
)
DECLINED = "{} dit que l’accord n’a pas été donné. Rien n’est connecté."
UNBELIEVED = "{} ne reconnaît pas cet accord. Rien n’est connecté : recommencez."
ANOTHER = (
    "Vous avez donné l’accord du compte {}, et c’est {} que vous connectez. Rien n’est gardé : "
    "sortez de {}, entrez-y avec le bon compte, puis recommencez."
)


class Connectable(NamedTuple):
    """An account of a territory that its owner can connect, and how its connection goes."""

    account: AccountRegistered
    network: Network
    state: ConnectionState
    ours: bool = True
    """Whether it can be connected: else it was, and is no longer the territory's own."""


async def connectable(store: Store, code: str, now: datetime) -> list[Connectable]:
    """Return the accounts of a territory on networks that have such a route.

    Those too that its agents connected and that it may connect no more: it takes them back.
    """
    known = [
        one
        for one in await asyncio.to_thread(store.accounts.of_territory, code)
        if network_of(one.network).consent and _is_ours(one)
    ]
    names = {one.account for one in known}
    held = await asyncio.to_thread(store.connections.of_accounts, names)
    found = [(one, held.get(one.account)) for one in known]
    for one in await asyncio.to_thread(store.connections.of_territory, code):
        if one.account not in names:
            lost = await asyncio.to_thread(store.accounts.get, one.account)
            found += [(lost, one)] if lost else []
    return [
        Connectable(one, of, connection_state(its, of, now), one.account in names)
        for one, its in found
        for of in (network_of(one.network),)
    ]


def _is_ours(account: AccountRegistered) -> bool:
    return account.state == "verified" and account.owner_kind == "collectivité"


async def _begun(request: Request, here: Installation, network: str, state: str) -> tuple[str, str]:
    """Return the territory and the account of an attempt of this session. Raises 403 otherwise."""
    agent, key = signed_in_agent(request), open_key(here.settings)
    here.throttles.wrong_links.check(request)
    asked = await asyncio.to_thread(
        here.store.attempts.back, keyed(key, "state", state), session_name(key, agent), network
    )
    if asked is None:
        here.throttles.wrong_links.count(request)
        raise HTTPException(403, OVER)
    territory, _, account = asked.partition("/")
    return territory, account


async def _page(
    request: Request, here: Installation, place: Territory, status: int = 200, refused: str = ""
) -> Response:
    context: dict[str, Any] = {
        "place": place,
        "accounts": await connectable(here.store, place.code, here.clock.now()),
        "networks": [one for one in KNOWN if one.consent],
        "declared": here.consents.keys(),
        "undeclared": UNDECLARED,
        "writes": may(request, "writing", place.code),
        "refused": refused,
    }
    return page(request, "connecter.html", status, **context)


@router.get(PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show the accounts that can be connected, and how each connection goes."""
    return await _page(request, here, place_of(here.territories, code))


@router.post(f"{PAGE}/{{account}}", dependencies=[Depends(writes_territory)])
async def begin(request: Request, here: Here, code: str, account: str) -> Response:
    """Send the browser to the network of an account, by a page: forms of ours lead nowhere else."""
    place, agent = place_of(here.territories, code), agent_of(request)
    if agent is None:
        raise HTTPException(403, BY_SESSION)
    if (refusal := here.refusal(place)) is not None:
        raise HTTPException(409, refusal)
    known = await _account(here.store.accounts, code, account)
    consent = _consent(here.consents, known.network)
    key, state = open_key(here.settings), new_secret()
    here.throttles.links.take(request)
    address = consent.way_in(state, verifier_of(key, state))
    await asyncio.to_thread(
        here.store.attempts.begin,
        keyed(key, "state", state),
        session_name(key, agent),
        known.network,
        f"{code}/{account}",
    )
    name = network_of(known.network).name
    address = page_via(address, here.settings.networks_via)
    return page(request, "ailleurs.html", title=f"Vers {name}", address=address, name=name)


@router.get(RETURN_PAGE, dependencies=[Depends(signed_in)])
async def back(
    request: Request,
    here: Here,
    network: str,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Keep what the owner of an account let us have, who comes back from the network."""
    agent, key = signed_in_agent(request), open_key(here.settings)
    consent, name = _consent(here.consents, network), network_of(network).name
    territory, account = await _begun(request, here, network, state)
    require(request, "writing", territory)
    place = place_of(here.territories, territory)
    if not code:
        return await _page(request, here, place, 403, DECLINED.format(name))
    known = await _account(here.store.accounts, territory, account)
    try:
        token, owner = await consent.given(
            code, verifier_of(key, state), lambda owner: is_owner(owner, known)
        )
    except Unreachable as error:
        log.warning("network asked for a token", network=network, error=str(error))
        return await _page(request, here, place, 502, AWAY.format(name))
    except Refused as error:
        log.warning("consent not believed", network=network, why=str(error))
        return await _page(request, here, place, 403, UNBELIEVED.format(name))
    if not is_owner(owner, known):
        said = ANOTHER.format(owner.handle[:100], known.handle, name)
        return await _page(request, here, place, 409, said)
    try:
        await asyncio.to_thread(
            here.store.connections.connect,
            account, network, territory, token.kept(), token.expires_at, agent.shown,
        )  # fmt: skip
    except UnknownError:
        raise HTTPException(404, NOT_OURS) from None
    await asyncio.to_thread(here.store.journal.add, agent.shown, CONNECTED, territory, account)
    return RedirectResponse(f"{PAGE.format(code=territory)}#compte-{account}", 303)


@router.post(f"{PAGE}/{{account}}/retirer", dependencies=[Depends(writes_territory)])
async def withdraw(here: Here, code: str, account: str) -> Response:
    """Forget what opens an account, here and in the collector."""
    owned = await asyncio.to_thread(here.store.accounts.of_territory, code)
    made = await asyncio.to_thread(here.store.connections.of_territory, code)
    if account not in {one.account for one in (*owned, *made)}:
        raise HTTPException(404, NOT_OURS)
    await asyncio.to_thread(here.store.connections.withdraw, account)
    return RedirectResponse(f"{PAGE.format(code=code)}#compte-{account}", 303)


def return_page(settings: Settings, network: str) -> str:
    """Return the address that is registered at a network: the portal's own, whatever is asked."""
    return settings.portal_url.rstrip("/") + RETURN_PAGE.format(network=network)


async def _account(accounts: AccountStore, code: str, account: str) -> AccountRegistered:
    """Return a verified account of a territory. Raises 404."""
    owned = await asyncio.to_thread(accounts.of_territory, code)
    found = next((one for one in owned if one.account == account and _is_ours(one)), None)
    if found is None:
        raise HTTPException(404, NOT_OURS)
    return found


def _consent(known: Mapping[str, OwnerConsent], network: str) -> OwnerConsent:
    if (found := known.get(network)) is None:
        raise HTTPException(404, UNDECLARED.format(network_of(network).name))
    return found


def is_owner(owner: Owner, account: AccountRegistered) -> bool:
    """Tell whether whose token it is, as the network says, is the account that was chosen."""
    handles = {one.removeprefix("@").casefold() for one in (owner.handle, account.handle)}
    known = account.native_id is not None and owner.native_id == account.native_id
    return known or len(handles) == 1


def session_name(key: str, agent: Agent) -> str:
    """Return by which name an attempt knows the session that began it."""
    return keyed(key, "connecting", agent.session)


def verifier_of(key: str, state: str) -> str:
    """Return the proof of PKCE, made again from the state: nothing more is kept."""
    return keyed(key, "verifier of a connection", state)
