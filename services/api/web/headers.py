"""What every answer carries: its origin, how long it may be kept, its ETag, what it may load."""

import hashlib
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.entering.recognising import SESSION_COOKIES

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
FIGURES_KEPT = "public, max-age=60"
ASSETS_KEPT = "public, max-age=86400"
ASKED_ANEW = "no-cache"
PUBLIC = frozenset(
    (
        "",
        "accessibilite",
        "apprendre",
        "donnees",
        "favicon.ico",
        "graphiques",
        "mentions-legales",
        "methodologie",
        "palmares",
        "rapports",
        "recherche",
        "robots.txt",
        "sources",
        "static",
        "territoires",
        "verifier",
        "vos-droits",
        "api/v1/accounts",
        "api/v1/catalog",
        "api/v1/codebook",
        "api/v1/methodologies",
        "api/v1/months",
        "api/v1/openapi.json",
        "api/v1/rankings",
        "api/v1/registry",
        "api/v1/territories",
        "api/v1/years",
    )
)
"""Where addresses begin whose answers are the same for everybody; nobody keeps any other."""


OWN = frozenset(("", "territoires"))
OWN_COOKIE, VIEW_COOKIE = "ma_collectivite", "vue"
"""Pages that depend on what a reader chose (their own territory, how much is shown), and the
cookies that keep these choices."""


A_YEAR = 365 * 86_400
"""Seconds for which a browser keeps what was chosen."""


def keep_choice(answer: Response, cookie: str, value: str) -> None:
    """Have the browser keep a choice that is no secret, from one page to the next."""
    answer.set_cookie(cookie, value, A_YEAR, httponly=True, samesite="lax")


def asked_anew(answer: Response, *, when: bool) -> Response:
    """Have a page asked again at each visit while what it waits for, an act of ours, may come."""
    if when:
        answer.headers["Cache-Control"] = ASKED_ANEW
    return answer


class AnswerHeaders:
    """ASGI middleware: origin, `noindex`, caching and ETags of whole answers, security."""

    def __init__(self, app: ASGIApp, *, simulation: bool) -> None:
        self._app = app
        self._simulation = simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, holding the answer back until its ETag is known.

        An answer without a length is being made while it is sent: it goes as it comes. HEAD is
        answered as GET would be, without the body.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        started: Message | None = None
        passing = False
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal started, passing
            if message["type"] == "http.response.start":
                started = message
                passing = "content-length" not in Headers(raw=message["headers"])
                if passing:
                    await send(self._complete(scope, started))
                return
            if passing:
                await send({**message, "body": b""} if scope["method"] == "HEAD" else message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body") or started is None:
                return
            await _send_whole(scope, send, self._complete(scope, started), bytes(body))

        await self._app(asked, receive, hold)

    def _complete(self, scope: Scope, start: Message) -> Message:
        headers = MutableHeaders(raw=list(start["headers"]))
        if self._simulation:
            headers["X-Observatoire-Origine"] = "simulation"
            headers["X-Robots-Tag"] = "noindex"
        headers.setdefault("Cache-Control", kept(scope["method"], scope["path"], start["status"]))
        headers["X-Content-Type-Options"] = "nosniff"
        if scope["path"].startswith("/api/") and _beginning(scope["path"]) in PUBLIC:
            # Whatever site a browser is on may read it; no cookie goes with such a request.
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "Link, X-Total-Count"
        headers["Referrer-Policy"] = "same-origin"
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.add_vary_header("Accept")
        if headers.get("content-type", "").startswith("text/html"):  # its menu says who is there
            headers.add_vary_header("Cookie")
            if headers["Cache-Control"] != "no-store" and _known(scope):
                headers["Cache-Control"] = "private, no-cache"
        return {**start, "headers": headers.raw}


def _known(scope: Scope) -> bool:
    """Tell whether the page speaks to somebody: signed in, or who chose what pages keep."""
    given = cookie_parser(Headers(scope=scope).get("cookie", ""))
    kept_here = not given.keys().isdisjoint((OWN_COOKIE, VIEW_COOKIE))
    own = kept_here and _beginning(scope["path"]) in OWN
    return own or not given.keys().isdisjoint(SESSION_COOKIES)


def kept(method: str, path: str, status: int) -> str:
    """Return how long an answer may be kept, and by whom (`Cache-Control`): nobody by default."""
    if method not in ("GET", "HEAD") or status >= 400 or _beginning(path) not in PUBLIC:
        return "no-store"
    return ASSETS_KEPT if path.startswith("/static/") else FIGURES_KEPT


def _beginning(path: str) -> str:
    """Return the first segment of a page's address, the resource of one of the API."""
    first, *rest = path.removeprefix("/").split("/")
    if first != "api":
        return first
    return "/".join((first, *rest[:2])).removesuffix(".csv").removesuffix(".atom")


async def _send_whole(scope: Scope, send: Send, start: Message, body: bytes) -> None:
    headers = MutableHeaders(raw=start["headers"])
    if scope["method"] in ("GET", "HEAD") and start["status"] == 200:
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = etag
        if matches(Headers(scope=scope).getlist("if-none-match"), etag):
            del headers["content-length"]
            await send({**start, "status": 304, "headers": headers.raw})
            await send({"type": "http.response.body", "body": b""})
            return
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def matches(given: Iterable[str], etag: str) -> bool:
    """Whether one of the lines `If-None-Match` names this ETag."""
    tags = [tag.strip().removeprefix("W/") for line in given for tag in line.split(",")]
    return etag in tags or "*" in tags
