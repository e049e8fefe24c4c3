"""Closes the catchers to pages of other sites, which a browser on this machine may have open."""

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.browsers import SAFE, known_host, sent_by_another_site


class Closed:
    """ASGI middleware. ``names`` are the hosts by which the catchers are called."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        """Prepare."""
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        app = self._app
        if scope["type"] == "http":
            request = Request(scope)
            host = request.headers.get("host", "")
            if not known_host(host, self._names):
                app = PlainTextResponse("unknown_host", 421)
            elif request.method not in SAFE and sent_by_another_site(request.headers, (host,)):
                app = PlainTextResponse("another_site", 403)
        await app(scope, receive, send)
