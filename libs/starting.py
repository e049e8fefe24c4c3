"""Starts a service once the broker that it depends on answers."""

import asyncio
from collections.abc import Callable

import structlog

from libs.health import Service
from libs.pulse import Ask, why_silent

log = structlog.get_logger(__name__)

WITHIN_SECONDS = 5.0
"""Left to the broker to answer, before it is asked again."""


class Starting:
    """Waits for the broker, then starts a service; alive and not ready meanwhile.

    So a broker that is away ends no process, and who keeps it has nothing to give up.
    """

    def __init__(
        self,
        service: Service,
        broker: Ask,
        died: Callable[[str], None],
        every: float = 1.0,
    ) -> None:
        """Prepare; `broker` returns once it answers, `died` is told of a start that failed."""
        self.name = service.name
        self.routes = service.routes
        self._service = service
        self._broker = broker
        self._died = died
        self._every = every
        self._why: dict[str, str] = {service.name: "starting"}
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to wait."""
        self._starting = asyncio.create_task(self._start(), name="start")

    async def stop(self) -> None:
        """Wait no more; stop what was started."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._service.stop()

    def failures(self) -> dict[str, str]:
        """Return what is not well."""
        return self._why or self._service.failures()

    def unready(self) -> dict[str, str]:
        """Return why it cannot work now."""
        return self._why or self._service.unready()

    def stalled(self) -> dict[str, str]:
        """Return what stands still; nothing before it has started."""
        return {} if self._why else self._service.stalled()

    async def _start(self) -> None:
        try:
            while why := await why_silent(self._broker, WITHIN_SECONDS):
                if "broker" not in self._why:
                    log.warning("waits for the broker", service=self.name, error=why)
                self._why = {"broker": why}
                await asyncio.sleep(self._every)
            self._why = {self.name: "starting"}
            await self._service.start()
        except Exception as error:
            self._why = {self.name: repr(error)}
            log.exception("not started", service=self.name)
            self._died("start")
            return
        self._why = {}
        log.info("started", service=self.name)
