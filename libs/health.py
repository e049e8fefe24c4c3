"""What a process says of itself: that it lives, that it is ready, why not, its metrics.

    /healthz    503 once something that works in rounds ends none: only a restart brings it back
    /readyz     503 while what the service leans on is away, or a reader has stopped
    failures    all that is not well, a message that one host refuses too: it makes nobody unready

What answers for another part of the world is no reason to restart, nor to be sent nothing.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.operations.metrics import TROUBLES
from libs.metrics import gauge

log = structlog.get_logger(__name__)

_TROUBLES = gauge(TROUBLES)


class Service(Protocol):
    """What a service gives to be run: it starts, stops, and says how its parts are."""

    name: str

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes served beside health and metrics."""
        ...

    async def start(self) -> None:
        """Start; returns when the service is ready to work."""
        ...

    async def stop(self) -> None:
        """Finish what is in hand and stop."""
        ...

    def failures(self) -> dict[str, str]:
        """Return what is not well, part → what is wrong; empty when all is well."""
        ...

    def unready(self) -> dict[str, str]:
        """Return, of the same, what keeps the service from working at all."""
        ...

    def stalled(self) -> dict[str, str]:
        """Return what only a restart brings back, part → since when it stands still."""
        ...


class Health:
    """What a process says of itself: nothing is well before its service has started."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.started = False

    def failures(self) -> dict[str, str]:
        """Return what is not well, part → what is wrong."""
        return self.service.failures() if self.started else {self.service.name: "starting"}

    def unready(self) -> dict[str, str]:
        """Return why the service cannot work now, part → what is wrong."""
        return self.service.unready() if self.started else {self.service.name: "starting"}

    def routes(self, *, detailed: bool) -> list[BaseRoute]:
        """Return `/healthz` (alive), `/readyz` (able to work) and `/metrics` (Prometheus).

        Faults and counts are for the port of operations (`detailed`); visitors of the portal are
        told ready or not.
        """
        routes: list[BaseRoute] = [Route("/healthz", self._alive)]
        if not detailed:
            return [*routes, Route("/readyz", self._ready)]
        return [*routes, Route("/readyz", self._ready_and_why), Route("/metrics", self._metrics)]

    async def _alive(self, _: Request) -> Response:
        if self.started and (stalled := self.service.stalled()):
            log.error("stalled, to be restarted", service=self.service.name, parts=stalled)
            return PlainTextResponse("stalled\n", status_code=503)
        return PlainTextResponse("ok\n")

    async def _ready(self, _: Request) -> Response:
        unready = self.unready()
        return JSONResponse({"ready": not unready}, status_code=503 if unready else 200)

    async def _ready_and_why(self, _: Request) -> Response:
        unready = self.unready()
        said = {"service": self.service.name, "ready": not unready, "failures": self.failures()}
        return JSONResponse(said, status_code=503 if unready else 200)

    async def _metrics(self, _: Request) -> Response:
        _TROUBLES.set(len(self.failures()))
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
