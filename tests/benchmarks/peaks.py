"""Models of peaks on the same series, asked at each message: ours, two rules, two models of river.

`python -m tests.benchmarks.peaks FIRST LAST`, in the environment of .venv-bench, writes a line of
JSON: by model, the share of crises told within an hour, the median of the minutes until then, false
alarms of a watch in a month. Parameters of river were chosen on seeds 1000–1009 (decision 0047).
"""

import json
import math
import sys
from collections.abc import Callable
from datetime import datetime
from statistics import median, pstdev
from typing import Any

from river.anomaly import HalfSpaceTrees
from river.time_series import HoltWinters

from libs.deciding.peak import Counted
from tests.libs.deciding.peak_series import (
    BEGUN,
    PARIS,
    WINDOW,
    Alarm,
    last_hour,
    measure,
    ours,
    three_sigma,
)

LEAST = 5
"""Messages of an hour below which nobody is woken, whatever the model."""

WEEK = 7 * 24


class Learning:
    """A model of river as an alarm: it learns each hour that has ended, then judges the last one.

    A new one is made for each series; `score` says how far an hour is out of the ordinary.
    """

    def __init__(self, make: Callable[[], "Judge"], above: float) -> None:
        self._make = make
        self._above = above
        self._of: Counted | None = None
        self._judge = make()
        self._learnt = BEGUN

    def __call__(self, counted: Counted, now: datetime) -> bool:
        """Tell whether the last hour is a peak; five messages at least."""
        if counted is not self._of:
            self._of, self._judge, self._learnt = counted, self._make(), BEGUN
        while self._learnt + 2 * WINDOW <= now:  # the hour that is judged is not learnt yet
            ends = self._learnt + WINDOW
            self._judge.learn(ends, counted.count(self._learnt, ends))
            self._learnt = ends
        found = counted.count(now - WINDOW, now)
        return found >= LEAST and self._judge.score(now, found) > self._above


class Judge:
    """What learns hours and says how far one is out of the ordinary."""

    def learn(self, at: datetime, count: int) -> None:
        raise NotImplementedError

    def score(self, at: datetime, count: int) -> float:
        raise NotImplementedError


class Trees(Judge):
    """Half-space trees: the logarithm of the count, the hour, the weekend, each from 0 to 1."""

    def __init__(self) -> None:
        self._trees: Any = HalfSpaceTrees(n_trees=25, height=8, window_size=WEEK, seed=1)

    def learn(self, at: datetime, count: int) -> None:
        self._trees.learn_one(self._features(at, count))

    def score(self, at: datetime, count: int) -> float:
        return self._trees.score_one(self._features(at, count))

    @staticmethod
    def _features(at: datetime, count: int) -> dict[str, float]:
        local = at.astimezone(PARIS)
        weekend = float(local.weekday() > 4)
        return {"said": min(1.0, math.log1p(count) / 5), "hour": local.hour / 23, "end": weekend}


class Seasons(Judge):
    """Holt-Winters of 24 hours: how many deviations of its errors the count is above it.

    It learns one more than there is: it divides by the mean of its first day.
    """

    def __init__(self) -> None:
        self._model: Any = HoltWinters(alpha=0.3, beta=0.01, gamma=0.3, seasonality=24)
        self._errors: list[float] = []
        self._hours = 0

    def learn(self, at: datetime, count: int) -> None:
        if self._hours > 2 * 24:
            self._errors = [*self._errors, count - self._expected()][-WEEK:]
        self._model.learn_one(count + 1)
        self._hours += 1

    def score(self, at: datetime, count: int) -> float:
        return (count - self._expected()) / (pstdev(self._errors) or 1.0)

    def _expected(self) -> float:
        return self._model.forecast(1)[0] - 1


MODELS: dict[str, Alarm] = {
    "ours": ours("balanced"),
    "three_deviations": three_sigma,
    "last_hour_against_twelve": last_hour,
    "half_space_trees": Learning(Trees, 0.97),
    "holt_winters": Learning(Seasons, 5.0),
}


def main(first: int, last: int) -> None:
    """Write what each model did."""
    told: dict[str, dict[str, float]] = {}
    for name, alarm in MODELS.items():
        measured = measure(alarm, range(first, last + 1))
        told[name] = {
            "told_within_an_hour": 100 * measured.found,
            "minutes_to_tell": median(measured.delays),
            "false_a_month": measured.false_a_month,
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
