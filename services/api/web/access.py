"""Who may see and do what: every route declares one of `ACCESSES`, and a test holds that it does.

What is of one territory (its watches) is for its agents, by their session; for the operator, by the
token: a bearer (programs), the password of HTTP Basic (browsers), or a session of the team. In a
simulation the operator's pages are open, for everything there is made up; the desk's are not, for
what its team reads and decides is what one comes to see.
"""

import asyncio
import base64
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import HTTPException, Request

from libs.settings import Settings
from services.api.entering.addresses import key_of
from services.api.entering.agent import agent_of
from services.api.installation import installation
from services.api.store.agents.entitled import Naming, Role

log = structlog.get_logger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Observatoire", charset="UTF-8"'}
CLOSED = "La connexion des agents n’est pas encore ouverte."
ENTER = "Entrez d’abord : cette page est celle des agents d’une collectivité."
NOT_YOURS = "Ceci est à une autre collectivité que la vôtre, ou demande un autre rôle."
NOT_TEAM = "Le bureau est à l’équipe de l’observatoire."
UNKNOWN_WATCH = "Aucune veille n’a cet identifiant."


def public() -> None:
    """Anybody."""


def bounded(request: Request) -> None:
    """So many requests of the API a minute: of a program by its agent, else of an address."""
    agent = agent_of(request)
    of = f"agent {agent.id}" if agent is not None else ""
    installation(request).throttles.api.take(request, of)


def by_link() -> None:
    """Whoever holds a link that only its recipient was sent; the page checks its secret."""


def operates(request: Request) -> None:
    """The operator, or the observatory's team; anybody in a simulation. Raises 401, 403, 429."""
    here = installation(request)
    if not here.simulation and not is_operator(request):
        if not here.settings.operator_token:
            raise HTTPException(403, CLOSED)
        raise HTTPException(401, "Le jeton de l’opérateur est nécessaire.", CHALLENGE)


def in_team(request: Request) -> None:
    """The observatory's team by a session, or the operator, in a simulation too: 401, 403, 429."""
    if is_operator(request):
        return
    agent = agent_of(request)
    if agent is not None and agent.own:
        raise HTTPException(403, NOT_TEAM)
    if installation(request).simulation:
        raise _entering(request, installation(request).settings)
    operates(request)


def signed_in(request: Request) -> None:
    """An agent, by the cookie of their session."""
    if agent_of(request) is None:
        raise _entering(request, installation(request).settings)


def agents(request: Request) -> None:
    """An agent of any territory, or the operator: what is shown is of theirs alone."""
    if not is_operator(request) and agent_of(request) is None:
        raise _entering(request, installation(request).settings)


def tries(request: Request) -> None:
    """Agents; in a simulation anybody, who may try a watch and not keep it."""
    if not installation(request).simulation or _unrecognised(request):
        agents(request)


def reads_territory(request: Request, code: str) -> None:
    """Agents of the territory that the address names."""
    require(request, "reading", code)


def writes_territory(request: Request, code: str) -> None:
    """The same, with « rédaction » at least."""
    require(request, "writing", code)


def administers(request: Request, code: str) -> None:
    """Its administrators."""
    require(request, "administration", code)


def administers_itself(request: Request, code: str) -> None:
    """Its own administrators: not who does by its delegation, which is its own to end."""
    require(request, "administration", code)
    if not may_itself(request, code):
        raise HTTPException(403, NOT_YOURS)


def reads_journal(request: Request, code: str) -> None:
    """Its administrators, and who sees to the protection of data."""
    if not may_read_journal(request, code):
        require(request, "administration", code)


async def reads_watch(request: Request, watch: str) -> None:
    """Agents of the watch's territory; to others there is none of this name (404)."""
    await _of_watch(request, watch, "reading")


async def writes_watch(request: Request, watch: str) -> None:
    """The same, with « rédaction » at least (403)."""
    await _of_watch(request, watch, "writing")


ACCESSES: frozenset[Callable[..., Any]] = frozenset(
    (
        public,
        by_link,
        operates,
        in_team,
        signed_in,
        agents,
        tries,
        reads_territory,
        writes_territory,
        administers,
        administers_itself,
        reads_journal,
        reads_watch,
        writes_watch,
    )
)


async def _of_watch(request: Request, watch: str, role: Role) -> None:
    agents(request)
    known = await asyncio.to_thread(installation(request).store.watches.get, watch)
    if known is None or not may(request, "reading", known.territory):
        raise HTTPException(404, UNKNOWN_WATCH)
    require(request, role, known.territory)


def may(request: Request, role: Role, territory: str) -> bool:
    """Tell whether who asks may do so much for a territory."""
    agent = agent_of(request)
    return (agent is not None and agent.may(role, territory)) or is_operator(request)


def may_itself(request: Request, territory: str) -> bool:
    """Tell whether who asks administers a territory, and not by its delegation."""
    agent = agent_of(request)
    return (agent is not None and agent.administers_itself(territory)) or is_operator(request)


def naming(request: Request, territory: str) -> Naming:
    """Return what roles of a territory who asks may give to whom."""
    agent, itself = agent_of(request), may_itself(request, territory)
    return lambda known, given: (
        itself or (agent is not None and agent.may_name(territory, known, given))
    )


def may_read_journal(request: Request, territory: str) -> bool:
    """Tell whether who asks may read who changed what for a territory."""
    agent = agent_of(request)
    protects = agent is not None and agent.roles.get(territory) == "protection"
    return protects or may(request, "administration", territory)


def require(request: Request, role: Role, territory: str) -> None:
    """Refuse who may not do so much for a territory: 401 for a visitor, 403 for an agent.

    Whose act it is, and of which territory, is what the journal will say (`entering/journal.py`).
    """
    if not may(request, role, territory):
        agents(request)
        raise HTTPException(403, NOT_YOURS)
    request.state.acts_for = territory


def is_operator(request: Request) -> bool:
    """Tell whether the team asks, or the token is given.

    Raises 401 for a wrong one, 429 after too many.
    """
    here, given = installation(request), _given(request).encode()
    agent = agent_of(request)
    if agent is not None and (agent.team or not agent.session):
        return agent.team
    token = here.settings.operator_token
    if not token or "authorization" not in request.headers:
        return False
    here.throttles.tokens.check(request)
    if secrets.compare_digest(given, token.encode()):
        request.state.operator = True
        return True
    if given:
        here.throttles.tokens.count(request)
        log.warning("wrong token", client=request.client.host if request.client else "")
    raise HTTPException(401, "Ce jeton n’est pas (ou plus) valable.", CHALLENGE)


def _unrecognised(request: Request) -> Exception | None:
    """Return why nobody could be looked up, where that is so."""
    return getattr(request.state, "unrecognised", None)


def _entering(request: Request, settings: Settings) -> Exception:
    """Return what a visitor is answered: the way in, where there is one.

    Who has a session that could not be looked up is no visitor: the fault is ours.
    """
    if (unknown := _unrecognised(request)) is not None:
        return unknown
    if key_of(settings) is None and not settings.operator_token:
        return HTTPException(403, CLOSED)
    if request.url.path.startswith("/api/"):
        return HTTPException(401, "Un jeton est nécessaire (page « Mes jetons »).", CHALLENGE)
    if request.method not in ("GET", "HEAD"):
        return HTTPException(401, ENTER)
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return HTTPException(303, ENTER, {"Location": f"/entrer?vers={quote(asked, safe='')}"})


def _given(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:  # no base64, or no UTF-8 in it
            return ""
    return ""
