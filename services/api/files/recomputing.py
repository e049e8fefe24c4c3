"""What can be recomputed from open files, by the methodology and the terms of networks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.kpis import BY_SLUG as KPIS
from contracts.networks import NETWORKS, Network
from libs.french import of_name, series
from services.api.figures.month_rows import Indicator


def _scored(*, closed: bool) -> list[Network]:
    return [one for one in NETWORKS if one.scored and (one.redistribution != "counters") is closed]


def _names(networks: Iterable[Network]) -> str:
    return ", ".join(one.name for one in networks)


@dataclass(frozen=True, slots=True)
class Recomputing:
    """The indicators of a methodology that weigh, and what may be made from their columns."""

    indicators: Sequence[Indicator]

    open = _names(_scored(closed=False))
    """Scored networks whose counters are in the files, by name."""

    closed = _names(_scored(closed=True))
    of_closed = series(of_name(one.name) for one in _scored(closed=True))

    @property
    def weights(self) -> int:
        """Return the sum of the weights."""
        return sum(one.weight for one in self.indicators)

    @property
    def inherited(self) -> int:
        """Return what stocks gathered over years weigh."""
        return sum(one.weight for one in self.indicators if one.inherited)

    @property
    def formula(self) -> str:
        """Write how points make a score: « (5 × note_taux_d_engagement + …) ÷ 15 »."""
        terms = (f"{one.weight} × note_{KPIS[one.kpi].column}" for one in self.indicators)
        return f"({' + '.join(terms)}) ÷ {self.weights}"

    @property
    def left(self) -> str:
        """Write the indicators whose quartiles are in the files of closed networks."""
        return series(one.label.lower() for one in self.indicators if not KPIS[one.kpi].raw)
