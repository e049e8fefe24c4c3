"""The month that is due computes itself: on the 9th at 09:00, Europe/Paris (methodology, 4.2).

    finish    what a run cut short left half told (placing.py beside), whatever the day; and what
              methodologies weigh, where this version tells more of it
    wait      until the 9th, or not at all for a month that was due while no scorer ran
    look      published already, or taken away since? then nothing is left to do, whoever did it
    hold      until the history is stored: every record that was published at the first look is
              committed, and accounts are measured around the first day of the month
    compute   provisional; then tell it (scores.computed)

What was published is in ClickHouse, so that a scorer started again does nothing twice; one killed
before the month was in place begins again, one killed before all was told is told by hand
(`observatoire score month`). A month due for more than a week is left to a person, like what makes
a month final: an installation that receives its past (a demonstration, a rebuild) publishes none
of it by itself. Of several scorers, the one that reads the first partition of posts computes.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from contracts.event import Installation
from libs.clock import PARIS, Clock
from libs.engine.client import Engine
from services.scorer import metrics
from services.scorer.intake.intake import Intake
from services.scorer.methodologies import CURRENT
from services.scorer.month.bareme_table import BaremeError
from services.scorer.month.methodology_tables import store_published_methodologies
from services.scorer.month.month import Computed, answered_for, compute
from services.scorer.month.period import Month
from services.scorer.month.placing import finish

log = structlog.get_logger(__name__)

HOUR = 9
"""Hour of Paris at which people find the month: after its ninth day began, before they look."""

CATCH_UP = timedelta(days=7)
AGAIN_SECONDS = 60.0
MEASURED_WITHIN = timedelta(days=3)
"""How near the first instant of a month its accounts must be measured (methodology, 6)."""


class Monthly:
    """Computes each month when it is due (see the module)."""

    def __init__(
        self,
        intake: Intake,
        connect: Callable[[], Awaitable[Engine]],
        announce: Callable[[Engine, Computed], Awaitable[Any]],
        clock: Clock,
        installation: Installation,
    ) -> None:
        """Prepare; `connect` opens the engine anew for each look, `announce` tells a month."""
        self._intake = intake
        self._connect = connect
        self._announce = announce
        self._clock = clock
        self._installation: Installation = installation
        self._untold: dict[str, Computed] = {}
        self._until: tuple[Month, Mapping[Any, int]] | None = None

    async def run(self) -> None:
        """Look after each month, for as long as the service runs."""
        while not await self._finished():
            await self._clock.sleep(AGAIN_SECONDS)
        while True:
            month = latest_due(self._clock.now())
            if self._clock.now() < due(month) + CATCH_UP and not await self._done(month):
                await self._clock.sleep(AGAIN_SECONDS)
            else:
                await self._clock.sleep_until(due(month.plus(1)))

    async def _finished(self) -> bool:
        """Tell what was put in place and not told; return whether the engine let us look."""
        try:
            async with await self._connect() as client:
                await finish(client)
                await store_published_methodologies(client)
        except Exception as error:  # of the engine, whatever it is: it is tried again
            log.warning("months looked at later", error=repr(error))
            return False
        return True

    async def _done(self, month: Month) -> bool:
        """Compute a month if it can be; return whether it is published. Errors are for later."""
        try:
            return await self.look(month)
        except BaremeError as error:
            log.warning("month without a barème", period=str(month), error=str(error))
        except Exception as error:  # of the engine or the broker, whatever it is: it is tried again
            log.warning("month tried again later", period=str(month), error=repr(error))
        return False

    async def look(self, month: Month) -> bool:
        """Compute a month unless it is published or not to be computed yet; return if it is."""
        if not self._intake.leads():
            return False
        late = self._clock.now() - due(month)
        metrics.MONTH_OVERDUE.set(max(0.0, late.total_seconds()))
        if not await self._publish(month):
            return False
        metrics.MONTH_OVERDUE.set(0)
        return True

    async def _publish(self, month: Month) -> bool:
        async with await self._connect() as client:
            told = await self._tell(client)
            if str(month) not in self._untold and not await answered_for(client, month):
                behind = await self._behind(month)
                if behind or not await _measured(client, month):
                    log.info("month waits for its history", period=str(month), behind=behind)
                    return False
                self._untold[str(month)] = await compute(
                    client, month, CURRENT, self._clock, installation=self._installation
                )
                told = await self._tell(client)
        return told

    async def _tell(self, client: Engine) -> bool:
        """Tell the months that are computed and not told; return whether all are.

        One that cannot be told holds up no other: it stays for the next look.
        """
        for period, month in list(self._untold.items()):
            try:
                await self._announce(client, month)
            except Exception as error:  # of the engine or the broker, whatever it is
                log.warning("month told later", period=period, error=repr(error))
            else:
                del self._untold[period]
        return not self._untold

    async def _behind(self, month: Month) -> int:
        """Return how many records are to be stored of those there were at the first look.

        Records never cease to come: a month that waited for the last of them would wait for ever.
        """
        if self._until is None or self._until[0] != month:
            self._until = (month, await self._intake.ends())
        return await self._intake.behind(self._until[1])


def due(month: Month) -> datetime:
    """Return the instant at which a month computes itself, UTC."""
    opens = month.provisional_from.astimezone(PARIS)
    return opens.replace(hour=HOUR).astimezone(month.provisional_from.tzinfo)


def latest_due(now: datetime) -> Month:
    """Return the last month that is due at an instant."""
    here = now.astimezone(PARIS)
    month = Month(here.year, here.month).plus(-1)
    return month if due(month) <= now else month.plus(-1)


async def _measured(client: Engine, month: Month) -> bool:
    found = await client.query(
        "SELECT 1 FROM account_observations WHERE slot >= {since:DateTime64(3, 'UTC')}"
        " AND slot < {until:DateTime64(3, 'UTC')} LIMIT 1",
        {"since": month.start - MEASURED_WITHIN, "until": month.start + MEASURED_WITHIN},
    )
    return bool(found.result_rows)
