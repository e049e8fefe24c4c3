"""« Entrer »: a link to a professional address, a button behind it, then one's own territory."""

import asyncio
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask

from libs.settings import Settings
from services.api.entering.addresses import (
    invented_roles,
    key_of,
    keyed,
    mailbox_of,
    may_enter,
    operator_mailbox,
)
from services.api.entering.agent import Agent, agent_of
from services.api.entering.letter import LINK_PAGE, VALID, letter
from services.api.entering.recognising import (
    agent_from,
    asking_cookie,
    browser_of,
    forget,
    keep_asking,
    keep_session,
    new_secret,
)
from services.api.installation import Installation
from services.api.store.agents.entitled import EVERYWHERE, Mailbox
from services.api.store.agents.sessions import LinkFault, SignedIn
from services.api.throttle import Throttles
from services.api.web.access import CLOSED, by_link, in_team
from services.api.web.gate import leads_here
from services.api.web.headers import OWN_COOKIE, keep_choice
from services.api.web.parameters import Here
from services.api.web.rendering import page

log = structlog.get_logger(__name__)

router = APIRouter()
links = APIRouter(dependencies=[Depends(by_link)])
desk = APIRouter(dependencies=[Depends(in_team)])

ASKED = (
    "Si cette adresse est celle d’un agent public que nous connaissons, un lien vient d’y être "
    f"envoyé. Il vaut {VALID}, une fois, dans ce navigateur."
)
FAULTS: dict[LinkFault, tuple[int, str]] = {
    "unknown": (404, "Ce lien n’est pas (ou plus) valable : demandez-en un autre."),
    "used": (410, "Ce lien a déjà servi, et ne sert qu’une fois : demandez-en un autre."),
    "late": (410, f"Ce lien a plus de {VALID} : demandez-en un autre."),
    "elsewhere": (
        403,
        (
            "Ce lien n’ouvre que dans le navigateur où il a été demandé. S’il vous a été "
            "transféré, il n’est pas à vous ; sinon, copiez-le dans ce navigateur-là, ou "
            "demandez-en un autre d’ici."
        ),
    ),
}

Onward = Annotated[str, Query(alias="vers", max_length=300)]


def open_key(settings: Settings) -> str:
    """Return the key of agents' hashes. Raises 403 where nobody may sign in."""
    if (key := key_of(settings)) is None:
        raise HTTPException(403, CLOSED)
    return key


@router.get("/entrer")
async def enter(request: Request, here: Here, onward: Onward = "") -> Response:
    """Ask for a professional address."""
    return page(
        request, "entrer.html", **_asking(here.settings, here.providers, onward), typed="", fault=""
    )


def _asking(settings: Settings, providers: object, onward: str) -> dict[str, Any]:
    return {
        "onward": onward if leads_here(onward) else "",
        "opened": key_of(settings) is not None,
        "providers": providers,
    }


@router.post("/entrer")
async def ask(
    request: Request,
    here: Here,
    typed: Annotated[str, Form(alias="adresse", max_length=300)] = "",
    onward: Annotated[str, Form(alias="vers", max_length=300)] = "",
) -> Response:
    """Mail a link to an address that may enter; what is answered is the same for any other.

    What it takes to know (and to mail) comes after the answer: its time says nothing either.
    """
    key = open_key(here.settings)
    here.throttles.links.take(request)
    found = mailbox_of(key, typed)
    if found is None:
        asking = _asking(here.settings, here.providers, onward)
        fault = "Ce n’est pas une adresse électronique."
        return page(request, "entrer.html", status=422, **asking, typed=typed, fault=fault)
    here.throttles.addresses.take(request, found[0].key)
    browser = request.cookies.get(asking_cookie(here.settings)) or new_secret()
    onward = onward if leads_here(onward) else ""
    answer = page(
        request,
        "fait.html",
        title="Regardez vos messages",
        text=ASKED,
        links=[("/entrer", "Rien reçu ? Recommencer"), ("/", "Accueil")],
    )
    keep_asking(here.settings, answer, browser)
    answer.background = BackgroundTask(_mail, here, key, *found, browser, onward)
    return answer


async def _mail(
    here: Installation, key: str, mailbox: Mailbox, address: str, browser: str, onward: str
) -> None:
    try:
        await asyncio.to_thread(_mail_link, here, key, mailbox, address, browser, onward)
    except Exception as error:  # the answer has gone: the log alone can tell
        log.error("no link could be mailed", exc_info=error)


def _mail_link(
    here: Installation, key: str, mailbox: Mailbox, address: str, browser: str, onward: str
) -> None:
    invented = invented_roles(here.territories, mailbox.domain) if here.simulation else {}
    if not may_enter(mailbox.domain, invented | here.store.entitled.roles(mailbox)):
        log.info("no link for an address that is nobody’s here", domain=mailbox.domain)
        return
    token = new_secret()
    here.store.sessions.ask(
        mailbox,
        keyed(key, "link", token),
        keyed(key, "browser", browser),
        address,
        letter(here.settings.portal_url, token, onward, simulation=here.simulation),
    )


@links.get(LINK_PAGE)
async def offer(request: Request, here: Here, token: str, onward: Onward = "") -> Response:
    """Show the button: mail scanners follow links, and press none."""
    hashed = _hashed(request, here.settings, here.throttles, token)
    if fault := await asyncio.to_thread(here.store.sessions.fault, *hashed):
        return _refused(request, here.throttles, fault)
    return page(
        request,
        "entrer_lien.html",
        action=LINK_PAGE.format(token=token),
        onward=onward if leads_here(onward) else "",
    )


@links.post(LINK_PAGE)
async def use(
    request: Request,
    here: Here,
    token: str,
    onward: Annotated[str, Form(alias="vers", max_length=300)] = "",
) -> Response:
    """Use the link, open a session with a secret of its own, and lead to one's territory."""
    key, secret = open_key(here.settings), new_secret()
    hashed = _hashed(request, here.settings, here.throttles, token)
    entered = await asyncio.to_thread(
        here.store.sessions.enter, *hashed, keyed(key, "session", secret), browser_of(request)
    )
    if not isinstance(entered, SignedIn):
        return _refused(request, here.throttles, entered)
    answer = await signed_in(request, here, entered, secret, onward)
    forget(here.settings, answer, asking_cookie(here.settings))
    return answer


def _hashed(
    request: Request, settings: Settings, throttles: Throttles, token: str
) -> tuple[str, str]:
    """Return the keyed hashes of a link and of the browser that brings it. Raises 429."""
    throttles.wrong_links.check(request)
    key, browser = open_key(settings), request.cookies.get(asking_cookie(settings), "")
    return keyed(key, "link", token), keyed(key, "browser", browser)


def _refused(request: Request, throttles: Throttles, fault: LinkFault) -> Response:
    throttles.wrong_links.count(request)
    status, said = FAULTS[fault]
    return page(request, "entrer_refus.html", status=status, text=said)


async def signed_in(
    request: Request, here: Installation, known: SignedIn, secret: str, onward: str = ""
) -> Response:
    """Return the answer to who has just signed in; the session that they had is ended."""
    if before := agent_of(request):
        await asyncio.to_thread(here.store.sessions.end, before.id, before.session)
    agent = agent_from(here, known)
    own = agent.own[0] if len(agent.own) == 1 else None
    answer = RedirectResponse(onward if leads_here(onward) else landing(agent), 303)
    keep_session(here.settings, answer, secret)
    if own:
        keep_choice(answer, OWN_COOKIE, own)
    return answer


def landing(agent: Agent) -> str:
    """Return where an agent arrives: « ma collectivité », or the choice of one."""
    if agent.team:
        return "/veilles"
    return f"/territoires/{agent.own[0]}" if len(agent.own) == 1 else "/entrer/collectivites"


@desk.get("/entrer/operateur")
async def offer_operator(request: Request) -> Response:
    """Offer a session to whoever has the operator's token, which browsers ask for."""
    return page(
        request,
        "bouton.html",
        title="Équipe de l’observatoire",
        text="Une session de ce navigateur, sans redemander le jeton.",
        action="/entrer/operateur",
        button="Entrer",
        fields={},
        back="/",
    )


@desk.post("/entrer/operateur")
async def enter_operator(request: Request, here: Here) -> Response:
    """Open a session of the team, for as long as the token is the operator's."""
    key, secret = open_key(here.settings), new_secret()
    mailbox = operator_mailbox(key, here.settings.operator_token)
    await asyncio.to_thread(here.store.entitled.grant, mailbox, EVERYWHERE, "team")
    known = await asyncio.to_thread(
        here.store.sessions.open, mailbox, keyed(key, "session", secret), browser_of(request)
    )
    return await signed_in(request, here, known, secret)
