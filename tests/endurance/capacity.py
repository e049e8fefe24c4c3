"""What the line can do on this machine: the highest load with which all its groups keep up.

Each step bears a load for a while, as its generator does beside it on the same cores: twice as much
at each, until some group is late or the generator itself writes less than it should; then twice
between the last that was borne and the first that was not.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

from tests.chaos.load import Load, Rates
from tests.deadlines import until_found
from tests.endurance.samples import Sampler

STEP_SECONDS = 20.0
LATE_SECONDS = 3.0
"""A group keeps up while it is no further behind than what comes in so long."""

FEW = 50
"""Records that are no delay, however little comes in."""

WRITTEN = 0.9
"""Of what a step should write; with less it is the generator that cannot."""

FINER = 2
MOST = 1_024.0
DRAIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Step:
    """A load that was tried: as many times the base, written a second, and who was late."""

    factor: float
    written: float
    late: tuple[str, ...]

    @property
    def borne(self) -> bool:
        """Whether all kept up."""
        return not self.late


class Search:
    """Tries loads on a line that runs; `steps` holds each."""

    def __init__(
        self,
        load: Load,
        sampler: Sampler,
        base: Rates,
        tell: Callable[[str], None],
        seconds: float = STEP_SECONDS,
    ) -> None:
        self.steps: list[Step] = []
        self._load = load
        self.sampler = sampler
        self._base = base
        self.tell = tell
        self._seconds = seconds

    async def capacity(self) -> float:
        """Return the highest load that was borne, as many times the base.

        Raises `RuntimeError` where the least is too much.
        """
        low, factor = 0.0, 1.0
        while factor <= MOST and await self._bears(factor):
            low, factor = factor, 2 * factor
        if not low:
            raise RuntimeError(f"this machine does not bear the least load: {self.steps[-1]}")
        high = factor
        for _ in range(FINER):
            await self._drained()
            middle = sqrt(low * high)
            if await self._bears(middle):
                low = middle
            else:
                high = middle
        await self._drained()
        return low

    async def _bears(self, factor: float) -> bool:
        rates = self._load.rates = self._base.times(factor)
        before, written = await self.sampler.lags(), self._load.ledger.written
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(self._seconds)
        lasted = loop.time() - began
        a_second = (self._load.ledger.written - written) / lasted
        late = ["the generator"] if a_second < WRITTEN * rates.posts else []
        for group, lag in (await self.sampler.lags()).items():
            coming = (lag.published - before[group].published) / lasted
            if lag.records > FEW + LATE_SECONDS * coming:
                late.append(group)
        if await self.sampler.to_be_told() > FEW + LATE_SECONDS * rates.mentions:
            late.append("couriers")
        step = Step(round(factor, 2), round(a_second), tuple(late))
        self.steps.append(step)
        self.tell(f"{rates.posts:.0f} posts, {rates.mentions:.1f} mentions a second: {step}")
        return step.borne

    async def _drained(self) -> None:
        """Wait under the least load until nobody is late."""
        self._load.rates = self._base

        async def left() -> int:
            lags = await self.sampler.lags()
            return max(lag.records for lag in lags.values())

        await until_found(left, lambda most: most <= 4 * FEW, DRAIN_SECONDS)
