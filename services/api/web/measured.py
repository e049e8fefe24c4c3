"""Requests counted and timed, by the route that answered them."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api import metrics

NO_ROUTE = "(none)"
STATIC = "/static"
API = "/api/v1"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "(other)"
"""Whatever word a visitor calls a method by: each would be a metric of its own, for good."""


class Measured:
    """ASGI middleware: what was answered, with which status, after how long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and count it; one that fails is a 500, whoever answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = route_of(scope)
            method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
            metrics.REQUESTS.labels(route, method, str(status)).inc()
            metrics.REQUEST_SECONDS.labels(route).observe(time.perf_counter() - began)


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered: addresses themselves would never end."""
    route: Any = scope.get("route")
    if route is not None:
        # The template of a router that is included has not the prefix it is included under.
        return f"{API if scope['path'].startswith(f'{API}/') else ''}{route.path}"
    return STATIC if scope["path"].startswith(f"{STATIC}/") else NO_ROUTE
