"""« Entrer avec ProConnect »: to an identity provider and back, by the rules of the mailed link.

The provider says whose address it is; what the address may do is looked up here, as for a link.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import Response

from libs.identity.asking import Refused, Unreachable
from libs.identity.attempt import Attempt, Identity
from libs.settings import Settings
from services.api.entering.addresses import invented_roles, keyed, mailbox_of, may_enter
from services.api.entering.recognising import (
    asking_cookie,
    browser_of,
    forget,
    keep_asking,
    keep_way_out,
    new_secret,
)
from services.api.installation import Installation
from services.api.pages.agents.entering import open_key, signed_in
from services.api.store.agents.entitled import Mailbox
from services.api.web.access import by_link
from services.api.web.gate import leads_here
from services.api.web.parameters import Here
from services.api.web.rendering import page

if TYPE_CHECKING:
    from libs.identity.provider import Provider

log = structlog.get_logger(__name__)

router = APIRouter()
returns = APIRouter(dependencies=[Depends(by_link)])

RETURN_PAGE = "/entrer/par/{provider}/retour"
LEFT_PAGE = "/sortie"

AWAY = "{} ne répond pas. Réessayez dans un instant, ou demandez un lien par messagerie."
OVER = (
    "Cette entrée n’est pas (ou plus) valable ici : elle ne sert qu’une fois, dans le navigateur "
    "où elle a été demandée."
)
DECLINED = "{} n’a pas confirmé qui vous êtes : rien n’a été ouvert."
UNBELIEVED = "Ce que répond {} ne peut pas être vérifié : rien n’a été ouvert."
NOBODY = (
    "{} vous a reconnu, mais votre adresse n’est pas celle d’un agent que nous connaissons. "
    "Écrivez à l’équipe de l’observatoire : elle approuve les noms de domaine un à un."
)


def _provider(known: Mapping[str, "Provider"], slug: str) -> "Provider":
    if (found := known.get(slug)) is None:
        raise HTTPException(404, "On n’entre pas ici par ce service.")
    return found


def _attempt(key: str, state: str) -> Attempt:
    """Return what a sign-in has of its own, made again from its state: nothing more is kept."""
    return Attempt(state, keyed(key, "nonce", state), keyed(key, "verifier", state))


@router.post("/entrer/par/{provider}")
async def begin(
    request: Request,
    here: Here,
    provider: str,
    onward: Annotated[str, Form(alias="vers", max_length=300)] = "",
) -> Response:
    """Send the browser to a provider, by a page: forms of ours lead nowhere else."""
    asked, key, state = _provider(here.providers, provider), open_key(here.settings), new_secret()
    here.throttles.links.take(request)
    try:
        address = await asked.way_in(_attempt(key, state))
    except Unreachable as error:
        return _away(request, asked, error)
    browser = request.cookies.get(asking_cookie(here.settings)) or new_secret()
    await asyncio.to_thread(
        here.store.attempts.begin,
        keyed(key, "state", state),
        keyed(key, "browser", browser),
        provider,
        onward if leads_here(onward) else "",
    )
    answer = page(
        request, "ailleurs.html", title=f"Vers {asked.name}", address=address, name=asked.name
    )
    keep_asking(here.settings, answer, browser)
    return answer


@returns.get(RETURN_PAGE)
async def back(
    request: Request,
    here: Here,
    provider: str,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    issuer: Annotated[str | None, Query(alias="iss", max_length=300)] = None,
) -> Response:
    """Open a session of who comes back from a provider, with a secret of its own."""
    asked, key = _provider(here.providers, provider), open_key(here.settings)
    here.throttles.wrong_links.check(request)
    browser = request.cookies.get(asking_cookie(here.settings), "")
    onward = await asyncio.to_thread(
        here.store.attempts.back,
        keyed(key, "state", state),
        keyed(key, "browser", browser),
        provider,
    )
    if onward is None:
        here.throttles.wrong_links.count(request)
        return _refused(request, 403, OVER)
    if not code:
        return _refused(request, 403, DECLINED.format(asked.name))
    try:
        known = await asked.identity(_attempt(key, state), code, issuer)
    except Unreachable as error:
        return _away(request, asked, error)
    except Refused as error:
        log.warning("nobody is believed", provider=provider, why=str(error))
        return _refused(request, 403, UNBELIEVED.format(asked.name))
    mailbox = await asyncio.to_thread(_entitled, here, key, known)
    if mailbox is None:
        return _refused(request, 403, NOBODY.format(asked.name))
    secret = new_secret()
    session = await asyncio.to_thread(
        here.store.sessions.open, mailbox, keyed(key, "session", secret), browser_of(request)
    )
    answer = await signed_in(request, here, session, secret, onward)
    forget(here.settings, answer, asking_cookie(here.settings))
    keep_way_out(here.settings, answer, provider, known.id_token)
    return answer


@router.get(LEFT_PAGE)
async def left(request: Request) -> Response:
    """Say that both sessions have ended, whatever the provider adds to the address."""
    return page(
        request,
        "fait.html",
        title="Vous êtes sorti",
        text="La session de ce navigateur est fermée, ici et là où vous vous étiez identifié.",
        links=[("/", "Accueil"), ("/entrer", "Entrer")],
    )


def _entitled(here: Installation, key: str, known: Identity) -> Mailbox | None:
    """Return the mailbox of an address that may enter, by the rules of links; None for another."""
    found = mailbox_of(key, known.address)
    if found is None:
        return None
    mailbox, _ = found
    invented = invented_roles(here.territories, mailbox.domain) if here.simulation else {}
    if may_enter(mailbox.domain, invented | here.store.entitled.roles(mailbox)):
        return mailbox
    log.info("recognised by a provider, and nobody’s here", domain=mailbox.domain)
    return None


def return_page(settings: Settings, provider: str) -> str:
    """Return the address that is registered at a provider: the portal's own, whatever is asked."""
    return settings.portal_url.rstrip("/") + RETURN_PAGE.format(provider=provider)


def _away(request: Request, provider: "Provider", error: Unreachable) -> Response:
    log.error("identity provider", provider=provider.name, error=str(error))
    return _refused(request, 502, AWAY.format(provider.name))


def _refused(request: Request, status: int, said: str) -> Response:
    return page(request, "entrer_refus.html", status=status, text=said)
