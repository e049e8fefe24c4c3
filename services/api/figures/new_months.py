"""A month that was computed is shown at once, and what is erased no more: topics tell it."""

import asyncio
import time
from collections.abc import Callable

import structlog

from contracts.erasures import Erased
from contracts.scores import ScoreComputed
from contracts.topics import ERASURES, SCORES_COMPUTED
from libs.wire.tail import Tail
from libs.wire.wire import Wire

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 5.0


class NewMonths:
    """Calls `look_anew` once for each month computed from now on, `keep_less` for what is erased.

    Without a broker months are seen all the same, some seconds later (`MONTHS_SEEN_SECONDS`), and
    something may have been erased.
    """

    def __init__(
        self, wire: Wire, look_anew: Callable[[], None], keep_less: Callable[[], None]
    ) -> None:
        self._wire = wire
        self._look_anew = look_anew
        self._keep_less = keep_less
        self._heard: tuple[object, ...] = ()

    async def run(self) -> None:
        """Hear until cancelled; a broker that is away is asked again."""
        while True:
            since_ms = int(time.time() * 1000)
            told = Tail(self._wire, SCORES_COMPUTED, ScoreComputed, self._hear, since_ms)
            erased = Tail(self._wire, ERASURES, Erased, self._hear_erased, since_ms)
            try:
                await told.start()
                await erased.start()
                while not (told.failed or erased.failed):  # noqa: ASYNC110 — what ends it is in the client
                    await asyncio.sleep(AGAIN_SECONDS)
            except Exception as error:  # whatever it is: months are seen all the same
                log.warning("new months are not heard", error=repr(error))
            finally:
                await told.stop()
                await erased.stop()
            self._keep_less()
            await asyncio.sleep(AGAIN_SECONDS)

    def _hear(self, score: ScoreComputed) -> None:
        month = (score.period, score.methodology, score.computed_at)
        if month != self._heard:
            self._heard = month
            self._look_anew()

    def _hear_erased(self, _: Erased) -> None:
        self._keep_less()
