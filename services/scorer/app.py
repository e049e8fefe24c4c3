"""The scorer's wiring: intake of every stored topic, and what computes the months."""

import gc
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog
from starlette.routing import BaseRoute

from libs.background import Background
from libs.clock import Clock
from libs.engine.client import connect, connect_to_compute
from libs.pulse import Pulse
from libs.settings import Settings
from libs.wire.wire import Wire
from services.scorer.intake.erasing import Erasing, Suppressor
from services.scorer.intake.intake import Intake
from services.scorer.intake.sink import EngineSink
from services.scorer.month.announce import announce
from services.scorer.month.monthly import Monthly

log = structlog.get_logger(__name__)


Part = Callable[[], Coroutine[Any, Any, None]]
"""Something that runs as long as the service does."""


class Scorer:
    """The scorer as a service: it stores what travels, and computes what is due."""

    name = "scorer"
    routes: Sequence[BaseRoute] = ()

    def __init__(
        self,
        wire: Wire,
        sink: EngineSink,
        intake: Intake,
        erasing: Erasing,
        parts: Mapping[str, Part],
    ) -> None:
        self._wire = wire
        self._sink = sink
        self._intake = intake
        self._erasing = erasing
        self._parts = {"erasing": self._erase, **parts}
        self._background = Background()
        self._pulse = Pulse({"engine": sink.ping})

    async def start(self) -> None:
        """Subscribe, and start the parts; the engine is waited for at the first insert.

        What is erased is known before the first record is read.
        """
        await self._erasing.start()
        self._intake.subscribe()
        await self._wire.start()
        self._pulse.start()
        for name, part in self._parts.items():
            self._background.spawn(name, part())

    async def stop(self) -> None:
        """Finish the batch in hand, then disconnect."""
        await self._pulse.stop()
        await self._background.stop()
        await self._wire.stop()
        await self._erasing.stop()
        await self._sink.close()

    def failures(self) -> dict[str, str]:
        """Return what is not well."""
        return self._intake.failures() | self.unready()

    def unready(self) -> dict[str, str]:
        """Return what it leans on and is away, and what reads no more."""
        failures = self._background.failures() | self._wire.unready()
        if self._intake.waiting:  # it answers, and takes no row
            failures["engine"] = self._intake.waiting
        failures |= self._pulse.failures()
        return failures | ({"erasures": self._erasing.failed} if self._erasing.failed else {})

    def stalled(self) -> dict[str, str]:
        """Return the lanes that stand still."""
        return self._wire.stalled()

    async def _erase(self) -> None:
        await self._erasing.run(self._intake.settle)


def build(
    settings: Settings,
    *,
    broker: Wire | None = None,
    clock: Clock | None = None,
) -> Scorer:
    """Wire the scorer of an installation."""
    clock = clock or settings.clock()
    wire = broker or settings.wire("scorer", clock.now)
    sink = EngineSink(
        settings.clickhouse_url, settings.database, cluster=settings.clickhouse_cluster
    )
    suppressor = Suppressor()
    erasing = Erasing(
        wire,
        suppressor,
        lambda: connect(settings.clickhouse_url, settings.database),
    )
    intake = Intake(
        wire,
        sink,
        batch_records=settings.intake_batch,
        block_records=settings.intake_block,
        ceiling_ratio=settings.intake_ceiling,
        instance=settings.instance,
        suppressor=suppressor,
    )
    monthly = Monthly(
        intake,
        lambda: connect_to_compute(
            settings.clickhouse_url, settings.database, cluster=settings.clickhouse_cluster
        ),
        lambda client, month: announce(client, wire, month),
        clock,
        settings.installation,
    )
    return Scorer(wire, sink, intake, erasing, {"months": monthly.run})


def tune_gc() -> None:
    """Let the garbage collector look less often: intake makes many objects and no cycles.

    Its default, every 700 objects, took a third of the reading's time (measured).
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
