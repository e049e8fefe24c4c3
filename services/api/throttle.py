"""How often one address may do what costs: a bounded count for a while, told in the log."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from cachetools import TTLCache
from fastapi import HTTPException, Request

log = structlog.get_logger(__name__)

CLIENTS = 10_000
"""Addresses counted at once; the one counted first is forgotten first."""


class Throttle:
    """So many times at most within so many seconds from the first, for each client's address.

    Behind a proxy the address is what it says (`FORWARDED_ALLOW_IPS` names the proxies believed).
    """

    def __init__(
        self,
        what: str,
        most: int,
        seconds: float,
        said: str,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `said` is what is told in French to who did it too often."""
        made: Any = TTLCache
        self._counts: TTLCache[str, list[int]] = made(CLIENTS, seconds, timer)
        self._what = what
        self._most = most
        self._seconds = seconds
        self._said = said

    def check(self, request: Request, of: str = "") -> None:
        """Raise 429 for who did it too often already; `of` is what is counted instead of who."""
        counted = self._counts.get(of or _client(request))
        if counted is not None and counted[0] >= self._most:
            headers = {"Retry-After": str(round(self._seconds))}
            raise HTTPException(429, self._said, headers)

    def count(self, request: Request, of: str = "") -> None:
        """Count one more; the last that is permitted is logged."""
        client = of or _client(request)
        counted = self._counts.get(client)
        if counted is None:
            counted = self._counts[client] = [0]
        counted[0] += 1
        if counted[0] == self._most:
            log.warning("throttled", what=self._what, client=client, seconds=self._seconds)

    def take(self, request: Request, of: str = "") -> None:
        """Count one more, or raise 429."""
        self.check(request, of)
        self.count(request, of)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


class Throttles:
    """Those of one installation."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self.tokens = Throttle(
            "wrong tokens", 20, 60, "Trop de jetons faux : réessayez dans une minute.", timer
        )
        self.watches = Throttle(
            "watches made", 60, 3600, "Trop de veilles créées : réessayez dans une heure.", timer
        )
        self.previews = Throttle(
            "previews", 30, 60, "Trop d’aperçus demandés : réessayez dans une minute.", timer
        )
        self.exercises = Throttle(
            "exercises answered", 30, 3600, "Trop de réponses à des essais d’ici.", timer
        )
        self.links = Throttle(
            "sign-in links",
            30,
            3600,
            "Trop de liens demandés d’ici : réessayez dans une heure.",
            timer,
        )
        self.addresses = Throttle(
            "links of one address",
            5,
            3600,
            "Trop de liens demandés pour cette adresse : servez-vous du dernier, ou réessayez dans "
            "une heure.",
            timer,
        )
        self.wrong_links = Throttle(
            "wrong links", 20, 60, "Trop de liens faux : réessayez dans une minute.", timer
        )
        self.teams = Throttle(
            "invitations to a team",
            30,
            3600,
            "Trop d’invitations ou de demandes : réessayez dans une heure.",
            timer,
        )
        self.suggestions = Throttle(
            "suggestions", 600, 60, "Trop de propositions demandées : tapez Entrée.", timer
        )
        self.api = Throttle(
            "requests of the API", 1_200, 60, "Trop de requêtes : réessayez dans une minute.", timer
        )
        self.questions = Throttle(
            "questions of an account",
            60,
            60,
            "Trop de questions : réessayez dans une minute.",
            timer,
        )
        self.suspects = Throttle(
            "suspects", 10, 3600, "Trop de signalements : réessayez dans une heure.", timer
        )
        self.rights = Throttle(
            "requests of rights", 10, 3600, "Trop de demandes : réessayez dans une heure.", timer
        )
        self.contests = Throttle(
            "contests", 10, 3600, "Trop de contestations : réessayez dans une heure.", timer
        )
