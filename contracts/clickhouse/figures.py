"""The KPIs of an account as flat columns, in SQL: written once, from `contracts/kpis.py`.

A view writes `{kpi_figures}`, `{kpi_points}` or a KPI's name (`{followers}`) in its list of
columns, over a row `s` of `scores`, which holds them in maps. Values are ratios, rates a day and
counts; points are of 100.
"""

from collections.abc import Mapping

from contracts.kpis import KPIS, Kpi

BILLION = 10**9


def kpi_columns() -> Mapping[str, str]:
    """Return each macro with its columns; what is not known is null."""
    return {
        **{f"{{{kpi.slug}}}": value(kpi) for kpi in KPIS},
        "{kpi_figures}": ",\n    ".join(f"{value(kpi)} AS {kpi.slug}" for kpi in KPIS),
        "{kpi_points}": ",\n    ".join(
            f"s.points['{kpi.slug}'] / 1e6 AS {kpi.slug}_points" for kpi in KPIS
        ),
    }


def value(kpi: Kpi) -> str:
    """Return the value of a KPI as people read it."""
    figure = f"s.figures['{kpi.slug}']"
    whole = f"CAST(intDiv({figure}, {BILLION}) AS Nullable(UInt64))"
    return whole if kpi.whole else f"{figure} / 1e9"
