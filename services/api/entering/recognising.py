"""Cookies of a browser, and the middleware that recognises whose session one is."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.settings import Settings
from services.api.entering.addresses import (
    OPERATOR,
    invented_roles,
    key_of,
    keyed,
    operator_mailbox,
)
from services.api.entering.agent import Agent
from services.api.installation import Installation
from services.api.store.agents.entitled import EVERYWHERE, Role
from services.api.store.agents.sessions import IDLE, LINK_VALID, SignedIn

log = structlog.get_logger(__name__)

TOKEN = "obs_"  # noqa: S105
"""How tokens of programs begin, so that one that leaks is recognised."""

SESSION_COOKIES = ("__Host-session", "session")
"""By https, and by http on the machine itself."""

_SECRET_BYTES = 32
_BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "Mac"}


def secure(settings: Settings) -> bool:
    """Tell whether browsers reach the portal by https."""
    return settings.portal_url.startswith("https:")


def session_cookie(settings: Settings) -> str:
    """Return the name of the cookie: `__Host-` is kept by browsers to https and this host."""
    return SESSION_COOKIES[0] if secure(settings) else SESSION_COOKIES[1]


def asking_cookie(settings: Settings) -> str:
    """Return the name of the cookie of a browser that asked for a link."""
    return "__Host-demande" if secure(settings) else "demande"


def new_secret() -> str:
    """Return a secret that nobody guesses, fit for addresses and cookies."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def keep_session(settings: Settings, response: Response, secret: str) -> None:
    """Give the browser its session: never to scripts, nor with what other sites send."""
    keep_cookie(settings, response, session_cookie(settings), secret, int(IDLE.total_seconds()))


WAY_OUT_COOKIE = "fournisseur"
WAY_OUT_PAGE = "/sortir"
"""Where one leaves: the only page that is sent the cookie."""

_LARGEST_COOKIE = 3_800
"""Bytes: browsers keep 4,096 with the name and what is said of it (RFC 6265, §6.1)."""


def keep_way_out(settings: Settings, response: Response, provider: str, id_token: str) -> None:
    """Give the browser what ends its session at a provider: nothing of it is kept here."""
    if len(value := f"{provider}.{id_token}") <= _LARGEST_COOKIE:
        response.set_cookie(
            WAY_OUT_COOKIE,
            value,
            int(IDLE.total_seconds()),
            path=WAY_OUT_PAGE,
            secure=secure(settings),
            httponly=True,
            samesite="lax",
        )


def keep_asking(settings: Settings, response: Response, secret: str) -> None:
    """Mark the browser that asks for a link, for as long as the link opens something."""
    keep_cookie(
        settings, response, asking_cookie(settings), secret, int(LINK_VALID.total_seconds())
    )


def keep_cookie(
    settings: Settings, response: Response, name: str, secret: str, seconds: int
) -> None:
    """Have a browser keep a secret, which no script and no other site reads."""
    response.set_cookie(
        name, secret, seconds, path="/", secure=secure(settings), httponly=True, samesite="lax"
    )


def forget(settings: Settings, response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path="/", secure=secure(settings), httponly=True, samesite="lax")


def browser_of(request: Request) -> str:
    """Say in two words what browser it is, by what it says of itself; nothing else is kept."""
    said = request.headers.get("user-agent", "")
    named = [next((one for one in known if one in said), "") for known in (_BROWSERS, _SYSTEMS)]
    return " sur ".join(_NAMES.get(one, one) for one in named if one) or "navigateur inconnu"


def agent_from(here: Installation, known: SignedIn) -> Agent:
    """Return the agent of a session, with the roles of an invented domain in a simulation.

    Who came by a token of the operator is of the team while it is the token.
    """
    invented = invented_roles(here.territories, known.domain) if here.simulation else {}
    roles = invented | known.roles
    key, token = key_of(here.settings) or "", here.settings.operator_token
    if known.shown == OPERATOR and known.domain != operator_mailbox(key, token).domain:
        roles.pop(EVERYWHERE, None)
    return Agent(known.agent, known.session, known.shown, roles)


def token_given(headers: Headers) -> str:
    """Return the token of a program, as it is sent (`Bearer obs_…`); "" without one."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.startswith(TOKEN) else ""


class Recognising:
    """ASGI middleware: says on each request who asks. Without a cookie nothing is looked up."""

    def __init__(self, app: ASGIApp, *, here: Installation) -> None:
        self._app = app
        self._here = here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Recognise, then serve."""
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            headers = Headers(scope=scope)
            token = token_given(headers) if scope["path"].startswith("/api/") else ""
            look = partial(self._program, token) if token else partial(self._agent, headers)
            await self._say(scope.setdefault("state", {}), look)
        await self._app(scope, receive, send)

    async def _say(self, state: dict[str, Any], look: Callable[[], Agent | None]) -> None:
        """Say who asks; where nobody can be looked up, why: public pages need no agent."""
        try:
            state["agent"] = await asyncio.to_thread(look)
        except SQLAlchemyError as error:
            log.warning("nobody could be looked up", error=type(error).__name__)
            state["unrecognised"] = error

    def _agent(self, headers: Headers) -> Agent | None:
        key, name = key_of(self._here.settings), session_cookie(self._here.settings)
        secret = cookie_parser(headers.get("cookie", "")).get(name)
        if not secret or key is None:
            return None
        known = self._here.store.sessions.known(keyed(key, "session", secret))
        return agent_from(self._here, known) if known else None

    def _program(self, token: str) -> Agent | None:
        key = key_of(self._here.settings)
        held = self._here.store.tokens.known(keyed(key, "token", token)) if key else None
        if held is None:
            return None
        given = agent_from(self._here, held.signed_in)
        wanted: tuple[Role, ...] = (held.role, "reading")
        most = next((one for one in wanted if given.may(one, held.territory)), "none")
        return replace(given, roles={held.territory: most})
