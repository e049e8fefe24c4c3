"""« Versions côte à côte » at the desk: what each version says of an account, and what changed."""

from decimal import Decimal
from typing import Any

import pytest

from libs.settings import Settings
from services.api.figures.month_rows import TerritoryMonth, VersionPart
from services.api.figures.views import TERRITORY_MONTHS
from services.api.words.versions import side_by_side
from tests.api.answers import RecordedFigures
from tests.api.conftest import client_of
from tests.portal.test_pages import text_of

PAGE = "/bureau/versions"
MONTH, ACCOUNT, OLD, NEW = "2026-10", "00101-bluesky", "2026-1", "2026-2"


def part(methodology: str, kpi: str, points: float | None, weight: int) -> VersionPart:
    label = {"engagement": "Taux d’engagement", "reach": "Portée"}.get(kpi, kpi)
    return VersionPart(
        methodology=methodology, kpi=kpi, label=label, unit="%", value=None, points=points,
        weight=weight,
    )  # fmt: skip


PARTS = [
    part(OLD, "engagement", 80.0, 5), part(OLD, "reach", 50.0, 5),
    part(NEW, "engagement", 84.0, 6), part(NEW, "reach", 50.0, 4),
]  # fmt: skip


@pytest.fixture
async def lines(figures: RecordedFigures) -> list[TerritoryMonth]:
    """The months of a territory, October also by another version, in which its score is less."""
    found = await figures.read(TERRITORY_MONTHS, territory="00101")
    beside = [
        one.model_copy(
            update={
                "methodology": OLD,
                "score": one.score and one.score - Decimal("5.40"),
                "rank": one.rank and one.rank + 3,
            }
        )
        for one in found
        if one.period == MONTH
    ]
    return [*found, *beside]


def one_of(lines: list[TerritoryMonth], methodology: str, **changes: Any) -> TerritoryMonth:
    line = next(
        one
        for one in lines
        if (one.account, one.period, one.methodology) == (ACCOUNT, MONTH, methodology)
    )
    return line.model_copy(update=changes)


async def test_what_each_kpi_brings_explains_the_difference(lines):
    found = side_by_side(one_of(lines, OLD), one_of(lines, NEW), PARTS)
    assert found.moved == pytest.approx(5.4)
    assert [round(one.moved, 2) for one in found.pairs] == [10.4, -5.0]
    assert sum(one.moved for one in found.pairs) == pytest.approx(5.4)
    first, weight = found.changes[:2]
    assert "Taux d’engagement" in first
    assert "10,40" in first
    assert "5 puis 6" in weight
    assert "rang" in found.changes[-1]


async def test_an_account_that_a_version_does_not_rank_moves_by_nothing(lines):
    gone = one_of(lines, NEW, score=None, reason="few_posts", rank=None)
    found = side_by_side(one_of(lines, OLD), gone, [*PARTS, part(NEW, "frequency", 1.0, 1)])
    assert found.moved is None
    assert "non classé" in found.changes[0]
    assert any("compté" in one for one in found.changes)


async def test_nothing_is_told_of_what_is_the_same(lines):
    line = one_of(lines, NEW)
    again = line.model_copy(update={"methodology": OLD})
    same = [part(OLD, "reach", 50.0, 1), part(NEW, "reach", 50.0, 1)]
    assert side_by_side(again, line, same).changes == []


async def test_the_desk_sees_two_versions_of_a_month(portal, figures, lines):
    figures.given |= {"territory_months": lines, "account_versions": PARTS}
    page = (await portal.get(PAGE, params={"collectivite": "Essai-sur-Onde"})).text
    words = text_of(page)
    assert "publiée pour ce mois" in words
    assert "calculée à côté, non publiée" in words
    assert "+5,40" in words
    assert "84,00 × 6" in words
    assert "Révision 1 par 2026-2" in words
    assert "2026-1" in words.split("Ce que le public lit")[1]
    back = {"collectivite": "00101", "periode": MONTH, "avant": NEW, "apres": OLD}
    assert "5,40" in text_of((await portal.get(PAGE, params=back)).text)
    assert (await portal.get(PAGE, params={"collectivite": "Nulle-Part"})).status_code == 422


async def test_that_nothing_can_be_compared_says_how_it_could(portal):
    assert "Choisissez" in text_of((await portal.get(PAGE)).text)
    words = text_of((await portal.get(PAGE, params={"collectivite": "00101"})).text)
    assert "--beside" in words


async def test_it_is_the_teams(places, figures, store):
    live = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(live, places, figures, store) as client:
        assert (await client.get(PAGE)).status_code == 401
