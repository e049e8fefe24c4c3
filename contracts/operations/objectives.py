"""What the observatory promises, each as a ratio of errors that Prometheus can measure.

An objective is a share of good over thirty days; its budget is the rest. How fast the budget burns
is measured over a long and a short window together (Google, *The Site Reliability Workbook*, ch. 5,
« Alerting on SLOs », table 5-8): the long one says that it matters, the short one that it lasts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from contracts.operations.metrics import (
    ACCOUNTS,
    ALERTS_TOLD_AFTER_SECONDS,
    HTTP_REQUESTS,
    READING_LATE_RATIO,
)

RECORDED = "objective:observatoire_errors:ratio"
"""The rule that a window is recorded under, the window after it: `…:ratio_1h`."""

TOLD_WITHIN_SECONDS = 60.0

Waits = Literal["oui", "non"]
"""« Peut attendre lundi »: the label of an alert by which it is told at night or not."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise: `errors` gives the ratio of what is not good over a window, as PromQL."""

    slug: str
    title: str
    promise: str
    target: float
    errors: Callable[[str], str]

    @property
    def budget(self) -> float:
        """Return the ratio of errors that the promise leaves."""
        return round(1 - self.target, 6)


def ratio(bad: str, total: str) -> str:
    """Return the share of what is bad, 0 where there is nothing at all."""
    return f"({bad} or vector(0)) / ({total} > 0) or vector(0)"


def _unavailable(window: str) -> str:
    requests = HTTP_REQUESTS.shown
    return ratio(
        f'sum(rate({requests}{{status=~"5.."}}[{window}]))', f"sum(rate({requests}[{window}]))"
    )


def _told_late(window: str) -> str:
    told = ALERTS_TOLD_AFTER_SECONDS
    within = f"sum(rate({told.bucket(TOLD_WITHIN_SECONDS)}[{window}]))"
    every = f"sum(rate({told.count}[{window}]))"
    return ratio(f"({every} - {within})", every)


def _shown_late(window: str) -> str:
    late, accounts = READING_LATE_RATIO.shown, ACCOUNTS.shown
    return (
        f"sum(max by (network) (avg_over_time({late}[{window}])) "
        f"* max by (network) (avg_over_time({accounts}[{window}]))) "
        f"/ sum(max by (network) (avg_over_time({accounts}[{window}]))) or vector(0)"
    )


AVAILABILITY = Objective(
    "availability",
    "Disponibilité du portail",
    "99,5 % des pages et des réponses de l’API sont servies sans erreur de notre fait",
    0.995,
    _unavailable,
)
DELIVERY = Objective(
    "delivery",
    "Alertes à l’heure",
    "99 % des alertes sont reçues moins d’une minute après le moment où elles étaient dues",
    0.99,
    _told_late,
)
FRESHNESS = Objective(
    "freshness",
    "Fraîcheur de ce qui est montré",
    "95 % des comptes ont été relevés depuis moins de 24 h",
    0.95,
    _shown_late,
)
OBJECTIVES = (AVAILABILITY, DELIVERY, FRESHNESS)


@dataclass(frozen=True, slots=True)
class Burn:
    """A speed at which the budget burns, over two windows; `share` of it is then gone."""

    factor: float
    long: str
    short: str
    waits: Waits


BURNS = (
    Burn(14.4, "1h", "5m", "non"),
    Burn(6, "6h", "30m", "non"),
    Burn(3, "1d", "2h", "oui"),
    Burn(1, "3d", "6h", "oui"),
)


def windows() -> tuple[str, ...]:
    """Return the windows that are recorded, shortest first as they are written."""
    found = dict.fromkeys(w for burn in BURNS for w in (burn.short, burn.long))
    return tuple(found)
