"""What may not leave cannot be computed back from what does (decision 0026)."""

import csv
import io
import math
import random
from collections.abc import AsyncGenerator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.networks import BY_SLUG
from libs.verify.bareme import points
from libs.verify.score import score
from services.api.figures.month_rows import MonthLine
from services.api.files.month import MonthFiles
from services.scorer import methodologies
from tests.api.inversion import BILLION, DAYS, SCALE, Cell, feasible, known, over_months, value_of

ACCOUNTS, MONTHS = 40, 12
WEIGHTS = {"engagement": 5, "reach": 4, "frequency": 3, "followers": 2}
POPULATIONS = {
    "villages": (300, 2_000),
    "petites-villes": (2_000, 20_000),
    "villes-moyennes": (20_000, 100_000),
    "communautes-de-communes": (8_000, 40_000),
    "departements": (200_000, 1_500_000),
}
Made = list[MonthLine]


def cells() -> dict[str, Cell]:
    """Return the published barème of Facebook, by category."""
    rows = msgspec.json.decode(
        (Path(str(methodologies.__file__)).parent / "2026-2.seed.json").read_bytes(),
        type=list[dict[str, Any]],
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["network"] == "facebook":
            found.setdefault(row["cell"], {})[row["kpi"]] = row["knots"], row["worths"]
    return found


def between(chance: random.Random, ends: tuple[int, int]) -> int:
    return round(math.exp(chance.uniform(*map(math.log, ends))))


def account(name: str, chance: random.Random, of: Mapping[str, Cell]) -> Made:
    """Make twelve months of an account: it grows slowly, engagement and rhythm vary."""
    category = chance.choice(sorted(POPULATIONS))
    cell, population = of[category], between(chance, POPULATIONS[category])
    first = float(value_of(100 * chance.random(), cell["reach"])) / BILLION * population
    growth = 1 + chance.uniform(-0.002, 0.012)
    engaged = float(value_of(3 + 94 * chance.random(), cell["engagement"]))
    posts = chance.uniform(5, 40)
    return [
        line(
            name,
            category,
            cell,
            population,
            followers=round(max(15, first) * growth**month),
            engagement=round(engaged * math.exp(chance.gauss(0, 0.25))),
            spread=chance.uniform(0.1, 0.5),
            posts=max(4, round(posts * math.exp(chance.gauss(0, 0.2)))),
        )
        for month in range(MONTHS)
    ]


def line(
    name: str,
    category: str,
    cell: Cell,
    population: int,
    *,
    followers: int,
    engagement: int,
    spread: float,
    posts: int,
) -> MonthLine:
    values = {
        "engagement": engagement,
        "reach": round(followers / population * BILLION),
        "frequency": min(BILLION, round(posts / DAYS * BILLION)),
        "followers": followers * BILLION,
    }
    margin = round(engagement * spread)

    def notes(of_engagement: int) -> dict[str, int]:
        given = values | {"engagement": of_engagement}
        return {kpi: points(v, tuple(zip(*cell[kpi], strict=True))) for kpi, v in given.items()}

    def hundredths(of_engagement: int) -> Decimal:
        return Decimal(score(notes(of_engagement), WEIGHTS)) / 100

    worths = {f"{kpi}_points": worth / 1e6 for kpi, worth in notes(engagement).items()}
    return MonthLine.model_construct(
        **dict.fromkeys(MonthLine.model_fields)
        | {"account": name, "network": "facebook", "category": category, "origin": "simulation"}
        | {"population": population, "posts": posts, "measured": posts, "followers": followers}
        | {kpi: value / BILLION for kpi, value in values.items() if kpi != "followers"}
        | {"score": hundredths(engagement), **worths}
        | {"low": hundredths(max(0, engagement - margin)), "high": hundredths(engagement + margin)}
    )


class Kept:
    """Figures that are the lines of one month."""

    def __init__(self, lines: Made) -> None:
        self.lines = lines

    async def blocks(self, *_: object, **__: object) -> AsyncGenerator[Made]:
        yield self.lines


async def file_of(lines: Made) -> list[dict[str, str]]:
    """Return the lines of the file that the api makes of a month."""
    figures: Any = Kept(lines)
    files = MonthFiles(figures, simulation=True)
    written = b"".join([part async for part in files.csv("2026-10", "facebook", "standard")])
    return list(csv.DictReader(io.StringIO(written.decode())))


@pytest.fixture(scope="module")
def world() -> list[Made]:
    chance, of = random.Random(7), cells()
    return [account(f"compte-{number}", chance, of) for number in range(ACCOUNTS)]


async def feasible_months(world: list[Made], months: range) -> list[list[Any]]:
    """Return, for each account, the followers that each month's file allows."""
    of = cells()
    files = [await file_of([made[month] for made in world]) for month in months]
    return [
        [
            feasible(known(one, of[one["categorie"]]), of[one["categorie"]], int(one["population"]))
            for one in of_account
        ]
        for of_account in zip(*files, strict=True)
    ]


@pytest.mark.proof
async def test_the_followers_cannot_be_computed_back_from_twelve_months(world):
    """Whether followers are taken to change by 2 % a month at most, or 1.5 %."""
    allowed = await feasible_months(world, range(MONTHS))
    for drift in (0.02, 0.015):
        found = [over_months(months, drift) for months in allowed]
        true = [made[-1].followers or 0 for made in world]
        held = [f[0] * 0.99 <= t <= f[-1] * 1.01 for f, t in zip(found, true, strict=True)]
        wide = [len(f) * (SCALE[1] / SCALE[0] - 1) >= 0.25 for f in found]
        assert all(held)
        assert sum(wide) >= 0.75 * ACCOUNTS, sum(wide)


async def test_the_same_attack_finds_them_where_exact_figures_leave(world, monkeypatch):
    """So it is not a weak one: score, engagement and rhythm, as files once gave them."""
    policy = BY_SLUG | {"facebook": BY_SLUG["bluesky"]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)
    of, last = cells(), [made[-1] for made in world]
    found = 0
    for made, one in zip(last, await file_of(last), strict=True):
        bare = one | {"score_bas": "", "score_haut": ""}
        cell = of[one["categorie"]]
        allowed = SCALE[feasible(known(bare, cell), cell, int(one["population"]))]
        found += abs(math.sqrt(allowed[0] * allowed[-1]) / (made.followers or 0) - 1) < 0.01
    assert found >= 39
