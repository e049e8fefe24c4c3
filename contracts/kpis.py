"""The KPIs: what each is called and means, a line each; formulas are in `services/scorer/kpis/`.

A KPI that a later methodology gives up stays here, for the months that had it.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Unit = Literal["ratio", "per_day", "count"]

UNITS: dict[Unit, str] = {
    "ratio": "ratio (0,041 se lit 4,1 %)",
    "per_day": "par jour",
    "count": "nombre",
}
"""Units of values, as the codebook of the open files says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A KPI, with the French words of pages and files.

    `unit` is that of the raw value (a ratio is shown as a percentage), `whole` a count without
    decimals; `most` the value above which nothing is gained. `inherited` tells a stock gathered
    over years from the work of the month, `lever` what a community manager
    holds, `muted_in_elections` what is neither praised nor advised on in an electoral period.
    `raw`: a counter of the network, or what gives one back. Where terms ask, no value of a KPI
    leaves; a quartile does of one that is not `raw`.

    It has one name, `label`, on pages and, as `column`, in files (`says`, `file_unit`). It is shown
    `in_rankings`, and said by `helps` where it is what helps most, with `{value}` (empty: never
    praised). Lessons name the KPIs that they help.
    """

    slug: str
    label: str
    unit: Unit
    says: str
    whole: bool = False
    most: float | None = None
    inherited: bool = False
    lever: bool = False
    muted_in_elections: bool = False
    raw: bool = False
    file_unit: str = ""
    in_rankings: bool = False
    helps: str = ""

    @property
    def column(self) -> str:
        """Return the name of its column in files: « taux_d_engagement »."""
        plain = unicodedata.normalize("NFD", self.label.lower().replace("’", " "))
        return "_".join(re.findall("[a-z]+", plain.encode("ascii", "ignore").decode()))


ENGAGEMENT = Kpi(
    slug="engagement",
    label="Taux d’engagement",
    unit="ratio",
    lever=True,
    says="moyenne par publication des interactions sur les abonnés",
    in_rankings=True,
    helps="les publications font réagir ({value})",
)
REACH = Kpi(
    slug="reach",
    label="Portée",
    unit="ratio",
    inherited=True,
    raw=True,
    says="abonnés sur population",
    in_rankings=True,
    helps="les abonnés, d’ici ou d’ailleurs, sont nombreux pour la population ({value})",
)
FREQUENCY = Kpi(
    slug="frequency",
    label="Publications par jour",
    unit="per_day",
    most=1.0,
    lever=True,
    muted_in_elections=True,
    says="valeur comptée, plafonnée à 1 (méthodologie, 6.3)",
    in_rankings=True,
    helps="les publications sont régulières ({value})",
)
FOLLOWERS = Kpi(
    slug="followers",
    label="Abonnés",
    unit="count",
    whole=True,
    inherited=True,
    raw=True,
    says="abonnés de fin de mois",
    in_rankings=True,
    helps="l’audience est large ({value})",
)
FOLLOW_RATIO = Kpi(
    slug="follow_ratio",
    label="Ratio abonnés / abonnements",
    unit="count",
    inherited=True,
    raw=True,
    says="abonnés sur abonnements",
    file_unit="ratio",
)

KPIS: tuple[Kpi, ...] = (ENGAGEMENT, REACH, FREQUENCY, FOLLOWERS, FOLLOW_RATIO)

BY_SLUG: dict[str, Kpi] = {kpi.slug: kpi for kpi in KPIS}
