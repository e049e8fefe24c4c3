"""What Grafana may read of the engine: the views of its panels, and the tables under them.

Views read with the rights of who asks: without its tables a view answers nobody.
"""

import re
from pathlib import Path

from contracts.panels import DASHBOARDS, annotations

ENGINE = Path(__file__).parents[2] / "contracts/clickhouse"
ONLY = {"mentions": "mention, network, observed_at"}
"""Of what others wrote, that it was read: never the text, its author, its address."""

_NAMED = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")


def readable() -> tuple[str, ...]:
    """Return the names of views and tables, sorted."""
    views = {path.stem: path for path in ENGINE.glob("views/*.sql")}
    tables = {path.stem.partition("_")[2] for path in ENGINE.glob("tables/*.sql")}
    found: set[str] = set()
    waiting = [one.view for board in DASHBOARDS for one in (*board.panels, *board.variables)]
    waiting.append(annotations.VIEW)
    while waiting:
        name = waiting.pop()
        if name in found or name not in views.keys() | tables:
            continue  # one of the view's own, by WITH
        found.add(name)
        if name in views:
            text = views[name].read_text(encoding="utf-8")
            waiting += _NAMED.findall(re.sub(r"--[^\n]*", "", text))
    return tuple(sorted(found))


def grants(database: str) -> list[str]:
    """Return the statements that let a user read that, and nothing else."""
    return [
        f"GRANT SELECT{f'({ONLY[name]})' if name in ONLY else ''} ON {database}.{name}"
        for name in readable()
    ]
