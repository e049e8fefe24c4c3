"""The switch of a demonstration: a part is stopped and started on purpose, from the portal.

HTTP on this machine alone, for whoever holds the demonstration's token:
`GET /parts/scorer` says how it is, `POST /parts/scorer/stop` and `/start` ask and return at once.
"""

import json
import secrets
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Protocol

PAUSABLE = frozenset({"scorer"})
"""What may be stopped by a visitor: the part whose catching up is shown."""

Condition = Literal["running", "starting", "paused"]


class Switch(Protocol):
    """What starts and stops parts; its methods are called from threads of the server."""

    def condition(self, name: str) -> Condition | None:
        """Say how a part is, None when there is none of this name."""
        ...

    def pause(self, name: str) -> None:
        """Stop a part until `resume`."""
        ...

    def resume(self, name: str) -> None:
        """Start it again."""
        ...


class Control:
    """Serves a switch on a port of this machine."""

    def __init__(self, switch: Switch, port: int, token: str) -> None:
        class Handler(_Handler):
            pass

        Handler.switch, Handler.token = switch, token
        self.url = f"http://127.0.0.1:{port}"
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    switch: Switch
    token: str

    def do_GET(self) -> None:
        """Say how a part is."""
        self._answer(*self._served(self.path))

    def do_POST(self) -> None:
        """Stop or start a part."""
        path, _, verb = self.path.rpartition("/")
        status, name = self._served(path)
        if status is HTTPStatus.OK and verb == "stop":
            self.switch.pause(name)
        elif status is HTTPStatus.OK and verb == "start":
            self.switch.resume(name)
        elif status is HTTPStatus.OK:
            status = HTTPStatus.NOT_FOUND
        self._answer(status, name)

    def _served(self, path: str) -> tuple[HTTPStatus, str]:
        name = path.removeprefix("/parts/")
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return HTTPStatus.UNAUTHORIZED, name
        if name not in PAUSABLE or self.switch.condition(name) is None:
            return HTTPStatus.NOT_FOUND, name
        return HTTPStatus.OK, name

    def _answer(self, status: HTTPStatus, name: str) -> None:
        condition = self.switch.condition(name) if status is HTTPStatus.OK else None
        body = json.dumps({"part": name, "condition": condition}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Write nothing: the page asks every few seconds."""
