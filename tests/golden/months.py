"""Three months that were fixed once: what was observed, and the scores and hashes it gave.

Made from a seed, by a script that was thrown away, and scored by the code at commit c80512f;
never made again, whatever becomes of the code: a month that was published keeps its figures. They
depend neither on the simulated world nor on the seed barème of the methodology. In each file, one
JSON object a line:

    territories         rows of the registry's table, 2026 and 2027
    accounts, account_observations, post_observations
                        events as they travel: four scored networks and one that is not, months
                        around a new year and a change of the clock, with counters hidden or not
                        asked, gaps, deletions, repeats, declared figures, ties, counts beyond the
                        ceiling, homes that change, cells under and above fifty accounts, and
                        lists of more and of fewer than ten
    bareme              rows of the barème, drawn from the first of the months
    scores              every column of every account, values in billionths, points in millionths
    months              the hash of each month
"""

import lzma
from pathlib import Path
from typing import Any

import msgspec

from libs.engine.client import Engine

FOLDER = Path(__file__).parent
METHODOLOGY = "2026-1"
PERIODS = ("2026-12", "2027-01", "2027-03")


def lines(name: str) -> list[bytes]:
    """Return the lines of a file."""
    return lzma.decompress((FOLDER / f"{name}.jsonl.xz").read_bytes()).splitlines()


def rows(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file."""
    return [msgspec.json.decode(line) for line in lines(name)]


_KPIS = ("engagement", "reach", "frequency", "followers", "follow_ratio")
FLAT = {
    **{slug: f"figures['{slug}']" for slug in _KPIS},
    "followers": "intDiv(figures['followers'], 1000000000)",
    **{f"{slug}_points": f"points['{slug}']" for slug in _KPIS},
}
"""Columns of that day that are in maps since, as they are read from the table."""


async def kept_scores(engine: Engine, period: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the scores of a month in the engine, and as they were, by account."""
    expected = {row["account"]: row for row in rows("scores") if row["period"] == period}
    columns = next(iter(expected.values()))
    read = ", ".join(f"{FLAT.get(name, name)} AS {name}" for name in columns)
    found = await engine.query(
        f"SELECT {read} FROM scores WHERE period = {{period:String}}", {"period": period}
    )
    scores = [dict(zip(columns, row, strict=True)) for row in found.result_rows]
    return {row["account"]: row for row in scores}, expected
