"""What the catchers answer over HTTP: any channel, messages as JSON, a page to read them."""

import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.channels import BY_SCHEME
from libs.clock import PARIS, Clock
from simulation.catchers.faults import Fault, Faults
from simulation.catchers.messages import Message, Tray, inline_part
from simulation.catchers.posted import Unreadable, blocks, read, texts
from simulation.catchers.slack import marked

_INLINE = re.compile(r"""(src\s*=\s*["']?)cid:""", re.IGNORECASE)
_MARK = {"X-Observatoire-Origin": "simulation", "X-Robots-Tag": "noindex"}
_READER = {
    # A mail's own page runs nothing and fetches nothing; its links open beside it.
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox;"
    " default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
}


def _in_paris(moment: datetime) -> datetime:
    return moment.astimezone(PARIS)


class Planned(msgspec.Struct):
    """What `/faults` is sent: so many failures of mail or of a scheme."""

    of: str
    times: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    status: Annotated[int, msgspec.Meta(ge=100, le=599)]
    retry_after: int | None = None


class Routes:
    """The handlers, over one tray."""

    def __init__(self, tray: Tray, faults: defaultdict[str, Faults], clock: Clock) -> None:
        self._tray = tray
        self._faults = faults
        self._clock = clock
        self._pages = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters = cast(dict[str, Any], self._pages.filters)
        filters.update(paris=_in_paris, marked=marked, blocks=blocks, label=self._label)

    def table(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/", self.inbox),
            Route("/messages", self.messages),
            Route("/messages", self.clear, methods=["DELETE"]),
            Route("/messages/{number:int}", self.message),
            Route("/messages/{number:int}/html", self.mail_body),
            Route("/messages/{number:int}/parts/{content_id:path}", self.part),
            Route("/messages/{number:int}/raw", self.raw),
            Route("/faults", self.plan, methods=["POST"]),
            Route("/catch/{scheme}{path:path}", self.catch, methods=["POST", "PUT"]),
        ]

    async def inbox(self, request: Request) -> Response:
        """The page: messages, newest first."""
        kind = request.query_params.get("kind", "")
        shown = [m for m in self._tray.newest_first() if kind in ("", m.kind)]
        tabs = [
            (name, self._label(name), len(self._tray.select(name)))
            for name in dict.fromkeys(("", "mail", *(m.kind for m in self._tray)))
        ]
        return self._page("inbox.html", messages=shown[:200], kind=kind, tabs=tabs)

    async def messages(self, request: Request) -> Response:
        """The same as JSON, oldest first; ``?kind=`` and ``?to=`` narrow."""
        wanted = self._tray.select(
            request.query_params.get("kind", ""), request.query_params.get("to", "")
        )
        return JSONResponse([message.as_json() for message in wanted], headers=_MARK)

    async def clear(self, _: Request) -> Response:
        """Forget messages and planned failures."""
        self._tray.clear()
        for faults in self._faults.values():
            faults.clear()
        return Response(status_code=204)

    async def message(self, request: Request) -> Response:
        """One message: a page for people, JSON for who asks for it."""
        found = self._found(request)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(found.as_json(), headers=_MARK)
        view = request.query_params.get("vue", "html" if found.html else "texte")
        own = (f"{found.kind}.html",) if found.kind in ("mail", "slack") else ()
        return self._page(*own, "posted.html", message=found, view=view)

    async def mail_body(self, request: Request) -> Response:
        """The HTML of a mail, alone, in a sandbox; links open in a new tab."""
        found = self._found(request)
        body = _INLINE.sub(rf"\1/messages/{found.number}/parts/", found.html)
        return HTMLResponse(f'<base target="_blank">{body}', headers=_MARK | _READER)

    async def part(self, request: Request) -> Response:
        """An inline image of a mail."""
        part = inline_part(self._found(request), request.path_params["content_id"])
        if part is None or not part[1].startswith("image/"):
            raise HTTPException(404)
        return Response(part[0], media_type=part[1], headers=_READER)

    async def raw(self, request: Request) -> Response:
        """The mail as it was received, to save or open elsewhere."""
        found = self._found(request)
        headers = {"Content-Disposition": f'attachment; filename="simulation_{found.number}.eml"'}
        return Response(found.raw, media_type="message/rfc822", headers=_MARK | headers)

    async def plan(self, request: Request) -> Response:
        """Plan failures: ``{"of": "mail" or a scheme, "times": 3, "status": 503}``."""
        try:
            asked = msgspec.convert(await read(request), Planned)
        except (Unreadable, msgspec.ValidationError) as error:
            raise HTTPException(400, str(error)) from error
        self._faults[asked.of].plan(Fault(asked.status, asked.retry_after), asked.times)
        return Response(status_code=204)

    async def catch(self, request: Request) -> Response:
        """Any channel, by its scheme: keeps any JSON that says something, and answers ``ok``."""
        scheme, path = request.path_params["scheme"], request.path_params["path"]
        if fault := self._faults[scheme].take():
            wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return PlainTextResponse("simulation_fault", fault.status, headers=wait | _MARK)
        try:
            payload = await read(request)
        except Unreadable:
            payload = None
        if not payload:  # as hooks answer to whoever asks only whether they are there
            return PlainTextResponse("invalid_payload", 400, headers=_MARK)
        text = next(texts(payload), "")
        self._tray.keep(
            Message(
                number=self._tray.next_number(),
                kind=scheme,
                at=self._clock.now(),
                sender="webhook",
                recipients=[path],
                subject=text.partition("\n")[0][:200],
                text=text,
                payload=payload,
            )
        )
        return PlainTextResponse("ok", headers=_MARK)

    def _found(self, request: Request) -> Message:
        message = self._tray.find(request.path_params["number"])
        if message is None:
            raise HTTPException(404, "Message inconnu ou effacé.")
        return message

    @staticmethod
    def _label(kind: str) -> str:
        contract = BY_SCHEME.get(kind)
        return contract.label if contract else {"": "Tous", "mail": "Courriel"}.get(kind, kind)

    def _page(self, *templates: str, **values: object) -> Response:
        page = self._pages.select_template(templates).render(values)
        return HTMLResponse(page, headers=_MARK)
