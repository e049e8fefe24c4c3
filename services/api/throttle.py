"""How often one address may do what costs: a bounded count for a while, told in the log."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from cachetools import TTLCache
from fastapi import HTTPException, Request

log = structlog.get_logger(__name__)

MINUTE, HOUR = 60, 3_600
"""Seconds."""
IN_A_MINUTE, IN_AN_HOUR = "réessayez dans une minute.", "réessayez dans une heure."

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
        self.most = most
        self._seconds = seconds
        self._said = said

    def check(self, request: Request, of: str = "") -> None:
        """Raise 429 for who did it too often already; `of` is what is counted instead of who."""
        counted = self._counts.get(of or _client(request))
        if counted is not None and counted[0] >= self.most:
            headers = {"Retry-After": str(round(self._seconds))}
            raise HTTPException(429, self._said, headers)

    def count(self, request: Request, of: str = "") -> None:
        """Count one more; the last that is permitted is logged."""
        client = of or _client(request)
        counted = self._counts.get(client)
        if counted is None:
            counted = self._counts[client] = [0]
        counted[0] += 1
        if counted[0] == self.most:
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
        """Make them; `timer` counts seconds."""

        def limit(most: int, seconds: float, what: str, said: str) -> Throttle:
            return Throttle(what, most, seconds, said, timer)

        self.tokens = limit(20, MINUTE, "wrong tokens", f"Trop de jetons faux : {IN_A_MINUTE}")
        self.watches = limit(60, HOUR, "watches made", f"Trop de veilles créées : {IN_AN_HOUR}")
        self.previews = limit(30, MINUTE, "previews", f"Trop d’aperçus demandés : {IN_A_MINUTE}")
        self.exercises = limit(
            30, HOUR, "exercises answered", "Trop de réponses à des essais d’ici."
        )
        self.links = limit(
            30, HOUR, "sign-in links", f"Trop de liens demandés d’ici : {IN_AN_HOUR}"
        )
        self.addresses = limit(
            5,
            HOUR,
            "links of one address",
            f"Trop de liens demandés pour cette adresse : servez-vous du dernier, ou {IN_AN_HOUR}",
        )
        self.wrong_links = limit(20, MINUTE, "wrong links", f"Trop de liens faux : {IN_A_MINUTE}")
        self.teams = limit(
            30, HOUR, "invitations to a team", f"Trop d’invitations ou de demandes : {IN_AN_HOUR}"
        )
        self.suggestions = limit(
            600, MINUTE, "suggestions", "Trop de propositions demandées : tapez Entrée."
        )
        self.api = limit(1_200, MINUTE, "requests of the API", f"Trop de requêtes : {IN_A_MINUTE}")
        self.questions = limit(
            60, MINUTE, "questions of an account", f"Trop de questions : {IN_A_MINUTE}"
        )
        self.suspects = limit(10, HOUR, "suspects", f"Trop de signalements : {IN_AN_HOUR}")
        self.rights = limit(10, HOUR, "requests of rights", f"Trop de demandes : {IN_AN_HOUR}")
        self.contests = limit(10, HOUR, "contests", f"Trop de contestations : {IN_AN_HOUR}")
