"""Invented weeks of messages on one subject, with crises whose beginning is known, by seed.

Rates follow the hour and the day, vary from hour to hour more than a Poisson's would (a gamma), and
now and then something small is talked about which is no crisis. No clock, no machine's own chance.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean, pstdev
from zoneinfo import ZoneInfo

from contracts.watches import SENSITIVITIES, SensitivityName
from libs.deciding.peak import Counted, verdict_of

BEGUN = datetime(2026, 9, 7, tzinfo=UTC)
WARMING = timedelta(weeks=5)
TOLD = timedelta(weeks=4)
WINDOW = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")

HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 11, 10, 9, 9, 11, 10, 8, 8, 9, 11, 13, 14, 13, 10, 7, 4)
"""How much is said in each hour of the day, out of 179."""

APART = timedelta(hours=3)
"""Alarms nearer than that are one."""


@dataclass(frozen=True, slots=True)
class Series:
    """When messages were published (UTC, seconds of the epoch), and when crises began."""

    at: Sequence[float]
    crises: Sequence[datetime]


def series(seed: int) -> Series:
    """Return nine weeks of messages; crises are in the last four."""
    chance = random.Random(seed)
    by_day = chance.choice((0.5, 2, 6, 20, 60))
    at: list[float] = []
    hour = BEGUN
    while hour < BEGUN + WARMING + TOLD:
        share = HOURS[hour.astimezone(PARIS).hour] / sum(HOURS)
        weekend = 0.7 if hour.weekday() > 4 else 1.0
        rate = by_day * share * weekend * chance.gammavariate(2.0, 0.5)
        if chance.random() < 0.002:
            rate += chance.uniform(1, 3)
        at += _spread(chance, hour.timestamp(), 3600, _poisson(chance, rate))
        hour += timedelta(hours=1)
    crises: list[datetime] = []
    for week in range(2):
        begins = BEGUN + WARMING + timedelta(weeks=2 * week, days=chance.uniform(1, 12))
        size = chance.randint(12, 60) + int(by_day / 4)
        # Half of a crisis in its first forty minutes, as an outage is told of: fast, then less.
        minutes = [chance.expovariate(1 / 50) for _ in range(size)]
        at += [begins.timestamp() + 60 * one for one in (0.0, *minutes)]
        crises.append(begins)
    return Series(sorted(at), crises)


def _spread(chance: random.Random, start: float, length: float, number: int) -> list[float]:
    return [start + chance.random() * length for _ in range(number)]


def _poisson(chance: random.Random, rate: float) -> int:
    limit, number, product = math.exp(-rate), 0, chance.random()
    while product > limit:
        number += 1
        product *= chance.random()
    return number


Alarm = Callable[[Counted, datetime], bool]


def ours(sensitivity: SensitivityName) -> Alarm:
    """Return the model of the deciders."""
    settings = SENSITIVITIES[sensitivity]
    return lambda counted, now: verdict_of(counted, now, WINDOW, PARIS, settings).peak


def three_sigma(counted: Counted, now: datetime) -> bool:
    """Tell an hour three deviations above the mean of a week's; five messages at least."""
    found = counted.count(now - WINDOW, now)
    hours = [counted.count(now - n * WINDOW, now - (n - 1) * WINDOW) for n in range(2, 170)]
    return found >= 5 and found > fmean(hours) + 3 * pstdev(hours)


def last_hour(counted: Counted, now: datetime) -> bool:
    """Tell an hour above three times the mean of the twelve before; five messages at least."""
    found = counted.count(now - WINDOW, now)
    return found >= 5 and found > 3 * counted.count(now - 13 * WINDOW, now - WINDOW) / 12


@dataclass(slots=True)
class Measured:
    """What an alarm did over some series: crises found of how many, after how many minutes each,
    false alarms, months looked at."""

    crises: int = 0
    delays: tuple[float, ...] = ()
    false: int = 0
    months: float = 0

    @property
    def found(self) -> float:
        """Share of the crises that were told within an hour."""
        return len(self.delays) / self.crises

    @property
    def false_a_month(self) -> float:
        """False alarms of a watch in a month."""
        return self.false / self.months


def measure(alarm: Alarm, seeds: Sequence[int]) -> Measured:
    """Ask an alarm at each message, as live."""
    measured = Measured()
    for seed in seeds:
        known = series(seed)
        at = known.at

        def count(after: datetime, until: datetime, at: Sequence[float] = at) -> int:
            return bisect_right(at, until.timestamp()) - bisect_right(at, after.timestamp())

        counted = Counted(count, BEGUN)
        moments = (datetime.fromtimestamp(one, UTC) for one in at)
        raised = [one for one in moments if one >= BEGUN + WARMING and alarm(counted, one)]
        measured.months += TOLD / timedelta(days=30)
        measured.crises += len(known.crises)
        told: set[datetime] = set()
        last = BEGUN
        for one in raised:
            crisis = next((c for c in known.crises if c <= one < c + timedelta(hours=6)), None)
            if crisis is None:
                measured.false += one - last > APART
                last = one
            elif crisis not in told:
                told.add(crisis)
                if one - crisis <= WINDOW:
                    measured.delays += ((one - crisis).total_seconds() / 60,)
    return measured
