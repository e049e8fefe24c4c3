"""One run: find what the line can do, have it do half of it for hours, say what is flat."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.supervision.children import free_port
from tests.chaos.compare import asked
from tests.chaos.line import SERVICES, Line
from tests.chaos.load import Ledger, Load, Rates
from tests.chaos.mails import MailServer
from tests.chaos.running import while_it_runs
from tests.deadlines import until_found
from tests.endurance.capacity import STEP_SECONDS, Search, Step
from tests.endurance.samples import Sample, Sampler, samples, series
from tests.endurance.trend import BLOCKS, Trend, Verdict, halves, trend

BASE = Rates(posts=100.0, mentions=2.0, poison=0.05)
"""As `make chaos`, fifty readings of posts to a mention. One bad record in twenty seconds: five
hundred with nothing good between stop a reader by design."""

HALF = 0.5
SAMPLE_SECONDS = 10.0
SETTLE_SECONDS = 600.0

ALLOWED: Mapping[str, Callable[[float], float]] = {
    "memory": lambda level: max(0.03 * level, 4.0),
    "handles": lambda _: 3.0,
    "lag": lambda level: max(0.5 * level, 200.0),
}
"""By how much a series may rise over the last half and be flat, by its level there: MB, handles,
records. Of what does rise by the hour, two hours would show more."""


class Counted(Ledger):
    """A ledger that counts posts: millions of them would be the largest thing on the machine."""

    def add(self, posts: Sequence[Any]) -> None:
        self.written += len(posts)


@dataclass(frozen=True, slots=True)
class Judged:
    """A series: its trend in the first and in the last half, and what is said of the last."""

    kind: str
    name: str
    first: Trend
    last: Trend
    verdict: Verdict

    def __str__(self) -> str:
        return (
            f"{self.verdict:9} {self.kind:8} {self.name:22} {self.last} (first half: {self.first})"
        )


@dataclass
class Endured:
    """What a run found; `wrong` is empty where all stayed as it was and nothing was lost."""

    steps: list[Step]
    factor: float
    samples: list[Sample]
    judged: list[Judged]
    wrong: list[str] = field(default_factory=list[str])
    counted: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def rates(self) -> Rates:
        """What was written a second."""
        return BASE.times(self.factor)


def run(
    folder: Path,
    seed: int,
    minutes: float,
    tell: Callable[[str], None],
    step_seconds: float = STEP_SECONDS,
    every: float = SAMPLE_SECONDS,
    factor: float | None = None,
) -> Endured:
    """Run it; with a `factor` (times `BASE`) no capacity is looked for."""
    port = free_port()
    line = Line(folder, port, seed)

    async def work() -> Endured:
        mails = MailServer(keeps=False)
        await mails.start(port)
        try:
            load = Load(line, seed, BASE, Counted())
            await load.watch()
            async with Sampler.opened(line) as sampler:
                search = Search(load, sampler, BASE, tell, step_seconds)
                ended = await _endure(load, search, factor, minutes * 60, every)
                await _counted(line, load.ledger, sampler, ended)
                ended.counted["mails"] = mails.taken
                return ended
        finally:
            mails.stop()

    return while_it_runs(line, work)


async def _endure(
    load: Load, search: Search, factor: float | None, seconds: float, every: float
) -> Endured:
    loading = asyncio.create_task(load.run())
    try:
        factor = factor or HALF * await search.capacity()
        load.rates = BASE.times(factor)
        search.tell(f"now {factor:.2f} times the base, for {seconds / 60:g} minutes")
        found = await samples(search.sampler, seconds, every)
    finally:
        load.over.set()
        await loading
    ended = Endured(search.steps, factor, found, judged(found))
    ended.wrong += [f"{one}" for one in ended.judged if one.verdict == "rises"]
    return ended


def judged(found: Sequence[Sample]) -> list[Judged]:
    """Say of each series whether it is flat in the last half."""
    said: list[Judged] = []
    for kind, allowed in ALLOWED.items():
        for name, points in series(found, kind).items():
            if len(points) < 2 * BLOCKS:
                continue  # of a part that was hardly there, which is told
            first, last = map(trend, halves(points))
            said.append(Judged(kind, name, first, last, last.verdict(allowed(last.level))))
    return said


async def _counted(line: Line, ledger: Ledger, sampler: Sampler, ended: Endured) -> None:
    """Count what came of what was written, once nobody is behind."""

    async def left() -> dict[str, int]:
        lags = await sampler.lags()
        return {group: lag.records for group, lag in lags.items() if lag.records}

    try:
        await until_found(left, lambda late: not late, SETTLE_SECONDS)
    except TimeoutError as error:
        ended.wrong.append(f"groups behind at the end: {error}")
    # Each reading has likes of its own, and a key of its own.
    ((likes, keys),) = await asked(
        line,
        "SELECT uniqExact(likes), uniqExact(account, post, slot) FROM post_observations"
        " WHERE account LIKE 'ledger-%'",
    )
    if not ledger.written == int(likes) == int(keys):
        ended.wrong.append(f"{ledger.written} readings written, {likes} stored under {keys} keys")
    ended.wrong += [
        f"{name} began again: {len(pids)} processes" for name, pids in sampler.pids.items()
        if len(pids) > 1
    ]  # fmt: skip
    ended.wrong += [f"{name} is not ready" for name in SERVICES if not await line.ready(name)]
    ended.counted = {
        "readings written": ledger.written, "mentions said": len(ledger.mentions),
        "bad records": len(ledger.poison),
    }  # fmt: skip
