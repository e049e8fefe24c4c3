"""The files of a month: one a network, and the text that the month's hash is of.

They are made from what is published when they are asked for, and are the same to the byte until
the month is computed anew: a digest can be checked.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from contracts.networks import SCORED
from services.api.columns import MONTH_LINES, closing
from services.api.csv_files import Variant, csv_file, file_name
from services.api.installation import Installation
from services.api.month_rows import MonthLine
from services.api.routes.redistribution import note, withheld
from services.api.views import MONTH_SCORES, PERIODS

FINGERPRINT = "empreinte"


@dataclass(frozen=True, slots=True)
class Published:
    """A file as it is served: its name, the SHA-256 of its bytes, its lines but the first."""

    name: str
    digest: str
    lines: int


async def month_file(
    here: Installation, period: str, network: str, variant: Variant
) -> tuple[str, bytes]:
    """Return the name and the bytes of the file of a network and a month."""
    lines = await here.figures.read(MONTH_SCORES, network=network, period=period)
    name = file_name(f"scores_{network}_{period}", simulation=here.simulation, variant=variant)
    content = await asyncio.to_thread(
        csv_file,
        lines,
        [*MONTH_LINES, *closing(period, note(network))],
        origin=lambda row: row.origin,
        variant=variant,
        withheld=withheld,
    )
    return name, content


async def hashed_text(here: Installation, period: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the text whose SHA-256 is the month's hash."""
    lines = await here.figures.read(MONTH_SCORES, network="", period=period)
    mark = "simulation_" if here.simulation else ""
    return f"{mark}{FINGERPRINT}_{period}.txt", text_of(lines).encode()


def text_of(lines: Sequence[MonthLine]) -> str:
    """Write the lines of a month as they are hashed (methodology, 12.1)."""
    return "\n".join(sorted(map(_hashed, lines), key=str.encode))


def _hashed(line: MonthLine) -> str:
    values = (
        line.account,
        line.network,
        line.territory,
        line.category,
        line.stratum,
        _hundredths(line.score),
        _hundredths(line.low),
        _hundredths(line.high),
        line.rank,
        line.ranked,
        line.stratum_rank,
        line.stratum_ranked,
        line.reason,
    )
    return ";".join("" if value is None else str(value) for value in values)


def _hundredths(points: Decimal | None) -> int | None:
    return None if points is None else int(points * 100)


async def digests(here: Installation, period: str) -> dict[tuple[str, Variant], Published]:
    """Return the name and digest of every file of a month, by network and variant.

    Kept until the month is computed anew: making the files costs a core half a second.
    """
    months = {one.period: one for one in await here.figures.read(PERIODS)}
    state = months[period].computed_at
    variants: tuple[Variant, ...] = ("standard", "excel")
    found: dict[tuple[str, Variant], Published] = {}
    for network in SCORED:
        for variant in variants:
            key = (period, state, network, variant)
            kept = here.digests.get(key)
            if kept is None:
                name, content = await month_file(here, period, network, variant)
                lines = content.count(b"\r\n") - 1
                kept = here.digests[key] = (name, sha256(content).hexdigest(), lines)
            found[network, variant] = Published(*kept)
    return found
