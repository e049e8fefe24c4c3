"""Checks of every request: an allowed host, a bounded body, a form of our own pages.

And a fault of ours is answered here, within the headers that every answer carries.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.browsers import LOCAL, SAFE, known_host, name_of, sent_by_another_site
from services.api.declaring.sheets import LARGEST_FILE_BYTES
from services.api.declaring.sheets import TOO_LARGE as FILE_TOO_LARGE
from services.api.entering.recognising import SESSION_COOKIES

LARGEST_BODY = 256 * 1024
"""Bytes; 200 terms of 100 signs and 50 addresses take 60 KB as a form writes them."""

LARGEST_UPLOAD = LARGEST_FILE_BYTES + 64 * 1024
"""Bytes of a form that carries a file."""

TOO_LARGE = "Ce qui est envoyé dépasse {} Ko."
ELSEWHERE = "Ce formulaire vient d’un autre site."
UNKNOWN_HOST = "Ce serveur ne répond pas sous ce nom."
TWO_LENGTHS = "La longueur de ce qui est envoyé est dite deux fois."

_UPLOADS = re.compile(r"/equipe/[^/]+/declarer")
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")
"""An address of ours: browsers take `\\` for `/`, and leave out tabs and ends of lines."""

Respond = Callable[[Request, int, str], Response]
Fail = Callable[[Request, Exception], Awaitable[Response]]


class _TooLarge(Exception):
    """More was sent than is taken."""


class Gate:
    """ASGI middleware. `hosts` are the names (with or without port) by which we are called."""

    def __init__(
        self, app: ASGIApp, *, portal_url: str, hosts: Iterable[str], respond: Respond, fail: Fail
    ) -> None:
        """Prepare; `respond` writes a refusal, `fail` what is said of an error of ours."""
        self._app = app
        self._portal = urlsplit(portal_url).netloc
        self._hosts = {self._portal, name_of(self._portal), *LOCAL, *hosts}
        self._respond = respond
        self._fail = fail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        largest = LARGEST_UPLOAD if _UPLOADS.fullmatch(scope["path"]) else LARGEST_BODY
        if refused := self.refusal(request.method, request.headers, largest):
            await self._respond(request, *refused)(scope, receive, send)
            return
        started, size = False, 0

        async def bounded() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > largest:
                raise _TooLarge
            return message

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, bounded, note)
        except Exception as error:
            if started:
                raise
            if isinstance(error, _TooLarge):
                answer = self._respond(request, 413, _too_large(largest))
            else:
                answer = await self._fail(request, error)
            await answer(scope, receive, send)

    def refusal(self, method: str, headers: Headers, largest: int) -> tuple[int, str] | None:
        """Say why a request is not let in: the status, and the sentence; None when it is."""
        host = headers.get("host", "")
        if not known_host(host, self._hosts):
            return 421, UNKNOWN_HOST
        length = headers.get("content-length", "0")
        if "content-length" in headers and "transfer-encoding" in headers:
            return 400, TWO_LENGTHS
        if not length.isascii() or not length.isdigit() or int(length[:12]) > largest:
            return 413, _too_large(largest)
        if method not in SAFE and not self._from_here(host, headers):
            return 403, ELSEWHERE
        return None

    def _from_here(self, host: str, headers: Headers) -> bool:
        """Tell whether a browser sends this from a page of ours; programs say nothing of it.

        A proxy may have rewritten Host: the portal's own address is its site too. What comes with
        a session says where from: every browser that keeps it does.
        """
        if not {"origin", "sec-fetch-site"} & set(headers.keys()) and has_session(headers):
            return False
        return not sent_by_another_site(headers, (host, self._portal))


def _too_large(largest: int) -> str:
    if largest == LARGEST_UPLOAD:
        return FILE_TOO_LARGE
    return TOO_LARGE.format(largest // 1024)


def has_session(headers: Headers) -> bool:
    """Tell whether a request comes with the cookie of a session."""
    return not cookie_parser(headers.get("cookie", "")).keys().isdisjoint(SESSION_COOKIES)


def leads_here(address: str) -> bool:
    """Tell whether an address that was given is a page of ours, whatever a browser makes of it."""
    return _OWN_PATH.fullmatch(address) is not None
