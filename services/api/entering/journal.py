"""The journal of what people change: one place notes every act that succeeds, new pages' too.

What is read is not noted. What an act is about is what its address names beside the territory, or
what its page says (`about`); one between two territories is in the journal of both (`between`).
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.entering.agent import OPERATOR, Agent
from services.api.installation import Installation

log = structlog.get_logger(__name__)


ACTS = {
    "acts.pause": "a mis une veille en pause",
    "acts.resume": "a repris une veille",
    "acts.end": "a terminé une veille",
    "acts.try_out": "a envoyé un message d’essai",
    "acts.invite": "a invité un destinataire à une veille",
    "acts.invite_again": "a redemandé l’accord d’un destinataire",
    "acts.remove": "a retiré un destinataire d’une veille",
    "alerts.looked": "a vu une alerte",
    "watches.create": "a créé une veille",
    "watches.modified": "a modifié une veille",
    "watches.pause": "a mis une veille en pause",
    "watches.resume": "a repris une veille",
    "watches.end": "a terminé une veille",
    "declaring.declare": "a déposé des chiffres déclarés",
    "declaring.remove": "a supprimé des chiffres déclarés",
    "circumstances.say_staff": "a dit les moyens",
    "circumstances.say_unusual": "a dit d’un mois s’il est hors norme",
    "delegating.ask": "a demandé une délégation",
    "delegating.show_as": "a changé le nom ou le logo montrés aux communes",
    "delegating.leave": "a rendu une délégation",
    "delegating.answer": "a répondu à une demande de délégation, ou mis fin à une délégation",
    "notes.write": "a écrit une note sur une courbe",
    "notes.change": "a modifié une note sur une courbe",
    "notes.erase": "a effacé une note sur une courbe",
    "settings.want": "a demandé les cinq minutes du lundi",
    "settings.stop": "a arrêté les cinq minutes du lundi",
    "elections.answer": "a répondu à la question électorale",
    "connecting.begin": "a demandé à connecter un compte",
    "connecting.back": "a connecté un compte",
    "connecting.withdraw": "a retiré la connexion d’un compte",
    "publishing.announce": "a annoncé qu’un mois sera définitif",
    "publishing.withdraw": "a retiré l’annonce d’un mois",
    "embargoes.make": "a fait une copie sous embargo",
    "embargoes.close": "a fermé une copie sous embargo",
    "candidates.decide": "a décidé d’un compte à examiner",
    "impostors.decide_suspect": "a décidé d’un compte suspect",
    "candidates.undo": "a annulé une décision sur un compte",
    "candidates.claim": "a demandé qu’un compte soit reconnu",
    "rights.close": "a répondu à une demande de droits",
    "contesting.answer": "a répondu à une contestation",
    "team.invite": "a donné un rôle à une adresse",
    "team.change": "a changé le rôle d’un agent",
    "team.ask": "a demandé un rôle",
    "team.answer": "a répondu à une demande de rôle",
    "tokens.make": "a créé un jeton",
    "tokens.end": "a fermé un jeton",
    "reports.send": "a demandé une page du mois par messagerie",
    "sessions.leave": "est sorti",
    "sessions.end": "a fermé une session",
    "sessions.end_all": "a fermé toutes ses sessions",
}
"""What each act is called, by the module and the function of its page."""


def act_of(endpoint: Callable[..., Any]) -> str:
    """Return how the journal keeps what a page does: « acts.pause »."""
    return f"{endpoint.__module__.rpartition('.')[2]}.{endpoint.__name__}"


def about(request: Request, what: str) -> None:
    """Say what the act of a request is about, where its address does not: an identifier."""
    request.state.acts_about = what


def between(request: Request, territory: str) -> None:
    """Say that an act is between its own territory and another, about one another."""
    request.state.acts_with = territory


class Journal:
    """ASGI middleware, within the one that recognises who asks: notes what they changed."""

    def __init__(self, app: ASGIApp, *, here: Installation) -> None:
        self._app = app
        self._here = here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, then note; an act that cannot be noted is told by the log."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, sent)
        endpoint = scope.get("endpoint")
        if status < 400 and endpoint is not None and (act := act_of(endpoint)) in ACTS:
            await self._note(scope, act)

    async def _note(self, scope: Scope, act: str) -> None:
        state = cast("dict[str, Any]", scope.get("state", {}))
        agent: Agent | None = state.get("agent")
        territory: str | None = state.get("acts_for", "")
        if territory is None or (agent is None and not state.get("operator")):
            return
        named = [str(one) for one in scope.get("path_params", {}).values()]
        beside = [one for one in reversed(named) if one != territory]
        what: str = state.get("acts_about") or next(iter(beside), "")
        other: str = state.get("acts_with", "")
        who = agent.shown if agent else OPERATOR
        add = self._here.store.journal.add
        try:
            await asyncio.to_thread(add, who, act, territory, other or what)
            if other:
                await asyncio.to_thread(add, who, act, other, territory)
        except SQLAlchemyError as error:
            log.error("an act is not in the journal", act=act, who=who, exc_info=error)
