"""What a process says of itself: that it lives, that it is ready, why not, its metrics."""

from collections.abc import Sequence
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route


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


class Health:
    """What a process says of itself: nothing is well before its service has started."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.started = False

    def failures(self) -> dict[str, str]:
        """Return what is not well, part → what is wrong."""
        return self.service.failures() if self.started else {self.service.name: "starting"}

    def routes(self, *, detailed: bool) -> list[BaseRoute]:
        """Return `/healthz` (alive), `/readyz` (able to work) and `/metrics` (Prometheus).

        What is wrong, and how much of what is done, is for the port of operations (`detailed`):
        whoever visits the portal is told ready or not.
        """
        routes: list[BaseRoute] = [Route("/healthz", self._alive)]
        if not detailed:
            return [*routes, Route("/readyz", self._ready)]
        return [*routes, Route("/readyz", self._ready_and_why), Route("/metrics", self._metrics)]

    async def _alive(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _ready(self, _: Request) -> Response:
        failures = self.failures()
        return JSONResponse({"ready": not failures}, status_code=503 if failures else 200)

    async def _ready_and_why(self, _: Request) -> Response:
        failures = self.failures()
        said = {"service": self.service.name, "ready": not failures, "failures": failures}
        return JSONResponse(said, status_code=503 if failures else 200)

    async def _metrics(self, _: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
