"""The barème as it is kept: computed from a reference month, or the seed of a simulation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import structlog

from contracts.event import Installation
from libs.clock import Clock
from libs.engine.client import Engine
from libs.engine.insert import create_staging, drop, insert
from services.scorer.methodologies import FOLDER, Methodology
from services.scorer.month.bareme import knots, quantiles
from services.scorer.month.period import Month

log = structlog.get_logger(__name__)

TABLE = "bareme"
LONG_QUERY = (
    "SETTINGS max_execution_time = 600, max_memory_usage = 0,"
    " short_circuit_function_evaluation = 'disable'"
)
"""A month may take longer than a page. Lazy branches are off: the engine then evaluates what they
share once, instead of once a branch (measured: 12 s of processor against 0.8)."""


class BaremeError(Exception):
    """There is no barème to score by, or it may not be used or replaced here."""


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the table: the knots of a KPI in a cell (values in billionths)."""

    methodology: str
    reference: str
    origin: Installation
    network: str
    scope: Literal["category", "family", "network"]
    cell: str
    kpi: str
    accounts: int
    knots: tuple[int, ...]
    worths: tuple[int, ...]
    computed_at: str


@dataclass(frozen=True, slots=True)
class Established:
    """What a computation of the barème gave."""

    reference: str
    cells: int
    accounts: Mapping[str, int]
    """Ranked accounts of the reference month, by network."""


async def establish(
    client: Engine,
    reference: Month,
    rules: Methodology,
    clock: Clock,
    installation: Installation,
) -> Established:
    """Compute the barème of a methodology from a reference month, and put it in place.

    Raises `BaremeError` when a final month was published by it, or nobody was ranked.
    """
    if await _frozen(client, rules):
        raise BaremeError(
            f"a final month was published by {rules.version}: its barème is frozen; "
            "a new barème is a new version of the methodology"
        )
    found = await client.query(f"{quantiles(reference, rules)} {LONG_QUERY}")
    now = instant(clock)
    cells: list[Cell] = []
    for network, scope, cell, kpi, count, values in found.result_rows:
        drawn = knots(kpi, tuple(values), rules.bareme)
        cells.append(
            Cell(
                methodology=rules.version,
                reference=str(reference),
                origin=installation,
                network=network,
                scope=scope,
                cell=cell,
                kpi=kpi,
                accounts=count,
                knots=tuple(value for value, _ in drawn),
                worths=tuple(worth for _, worth in drawn),
                computed_at=now,
            )
        )
    if not cells:
        raise BaremeError(f"no account is ranked in {reference}: nothing to draw a barème from")
    await _replace(client, rules, cells)
    accounts = {cell.network: cell.accounts for cell in cells if cell.scope == "network"}
    log.info("barème established", methodology=rules.version, reference=str(reference))
    return Established(str(reference), len(cells), accounts)


async def ensure(
    client: Engine, rules: Methodology, clock: Clock, installation: Installation
) -> str:
    """Return the reference of the barème in place; a simulation without one gets the seed.

    Raises `BaremeError` in a live installation without one, or with the seed of a simulation.
    """
    kept = await client.query(
        f"SELECT DISTINCT reference, origin FROM {TABLE}"  # noqa: S608
        " WHERE methodology = {methodology:String}",
        parameters={"methodology": rules.version},
    )
    for reference, origin in kept.result_rows:
        if origin != installation:
            raise BaremeError(
                f"the barème of {rules.version} is marked « {origin} »: this installation is "
                f"« {installation} »; run `observatoire score bareme --reference MONTH`"
            )
        return str(reference)
    cells = seed(rules) if installation == "simulation" else ()
    if not cells:
        raise BaremeError(
            f"no barème for {rules.version}: run `observatoire score bareme --reference MONTH`"
        )
    now = instant(clock)
    await _replace(
        client, rules, [msgspec.structs.replace(cell, computed_at=now) for cell in cells]
    )
    log.info("seed barème", methodology=rules.version, reference=cells[0].reference)
    return cells[0].reference


def seed(rules: Methodology) -> tuple[Cell, ...]:
    """Return the seed barème of a methodology, marked simulation; empty when none is shipped."""
    path = FOLDER / f"{rules.version}.seed.json"
    if not path.exists():
        return ()
    return msgspec.json.decode(path.read_bytes(), type=tuple[Cell, ...])


async def export(client: Engine, rules: Methodology) -> bytes:
    """Return the barème in place as the file of a seed (JSON, one cell a line)."""
    names = ", ".join(Cell.__struct_fields__)
    kept = await client.query(
        f"SELECT {names.replace('computed_at', 'toString(computed_at)')} FROM {TABLE}"  # noqa: S608
        " WHERE methodology = {methodology:String} ORDER BY network, scope, cell, kpi",
        parameters={"methodology": rules.version},
    )
    cells = [Cell(*row) for row in kept.result_rows]
    return b"[\n" + b",\n".join(msgspec.json.encode(cell) for cell in cells) + b"\n]\n"


async def _frozen(client: Engine, rules: Methodology) -> bool:
    final = await client.query(
        "SELECT count() FROM months FINAL WHERE methodology = {methodology:String}"
        " AND state = 'final' AND published",
        parameters={"methodology": rules.version},
    )
    return int(final.result_rows[0][0]) > 0


async def _replace(client: Engine, rules: Methodology, cells: Sequence[Cell]) -> None:
    staging = f"{TABLE}_{rules.version.replace('-', '_')}_loading"
    await create_staging(client, staging, TABLE)
    await insert(client, staging, cells)
    await client.command(f"ALTER TABLE {TABLE} REPLACE PARTITION '{rules.version}' FROM {staging}")
    await drop(client, staging)


def instant(clock: Clock) -> str:
    """Return the present instant as the engine reads it."""
    return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
