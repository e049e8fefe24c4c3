"""The KPIs of the score: one line says what a figure is; its file in the scorer says how."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["ratio", "per_day", "count"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI: `label` in French; `unit` of the raw value (a ratio is shown as a percentage).

    `inherited` tells a stock gathered over years from the work of the month (users, "unfair").
    """

    slug: str
    label: str
    unit: Unit
    inherited: bool = False


ENGAGEMENT = Kpi("engagement", "Taux d’engagement", "ratio")
REACH = Kpi("reach", "Portée", "ratio", inherited=True)
FREQUENCY = Kpi("frequency", "Publications par jour", "per_day")
FOLLOWERS = Kpi("followers", "Abonnés", "count", inherited=True)
FOLLOW_RATIO = Kpi("follow_ratio", "Ratio abonnés / abonnements", "count", inherited=True)

KPIS: tuple[Kpi, ...] = (ENGAGEMENT, REACH, FREQUENCY, FOLLOWERS, FOLLOW_RATIO)

BY_SLUG: dict[str, Kpi] = {kpi.slug: kpi for kpi in KPIS}
