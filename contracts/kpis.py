"""The KPIs of the score: one line says what a figure is; its file in the scorer says how."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["ratio", "per_day", "count"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI: `label` in French; `unit` of the raw value (a ratio is shown as a percentage)."""

    slug: str
    label: str
    unit: Unit


ENGAGEMENT = Kpi("engagement", "Taux d’engagement", "ratio")
REACH = Kpi("reach", "Portée", "ratio")
FREQUENCY = Kpi("frequency", "Publications par jour", "per_day")
FOLLOWERS = Kpi("followers", "Abonnés", "count")
FOLLOW_RATIO = Kpi("follow_ratio", "Ratio abonnés / abonnements", "count")

KPIS: tuple[Kpi, ...] = (ENGAGEMENT, REACH, FREQUENCY, FOLLOWERS, FOLLOW_RATIO)

BY_SLUG: dict[str, Kpi] = {kpi.slug: kpi for kpi in KPIS}
