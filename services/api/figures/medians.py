"""The median of each KPI beside an account's own: of its network and category, kept a month."""

from collections.abc import Mapping, Sequence

from services.api.figures.queries import Figures
from services.api.figures.rows import AccountScore, KpiPart, KpiShare
from services.api.figures.views import MONTH_MEDIANS


async def medians_of(figures: Figures, score: AccountScore) -> Mapping[str, float | None]:
    """Return the medians beside which an account stands, by KPI. Raises `EngineUnavailable`."""
    found = await figures.read(MONTH_MEDIANS, period=score.period)
    cell = (score.network, score.category)
    return {one.kpi: one.median for one in found if (one.network, one.category) == cell}


def shares(parts: Sequence[KpiPart], medians: Mapping[str, float | None]) -> list[KpiShare]:
    """Return the parts of a score, each with the median."""
    return [KpiShare(**dict(one), cell_median=medians.get(one.kpi)) for one in parts]
