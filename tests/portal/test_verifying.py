import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.kpis import KPIS
from libs.clock import SteppedClock
from libs.settings import Settings
from libs.verify.bareme import points
from services.api.figures.rows import BaremeKnots
from services.api.files.month import MonthFiles
from services.api.installation import Installation
from services.api.pages.recomputing import Recomputed, recompute
from services.api.words.standing.rulers import step
from tests.api.world import NOW
from tests.portal.test_pages import text_of


def figure(written: str) -> float:
    return float(re.sub(r"\s", "", written).replace(",", "."))


@pytest.fixture
async def found(places, figures, store) -> Recomputed:
    settings, files = Settings(installation="simulation"), MonthFiles(figures, simulation=True)
    here = Installation(settings, figures, files, places, SteppedClock(NOW), store)
    return await recompute(here, "00101-bluesky", "2026-10")


async def test_a_score_is_recomputed_from_what_was_observed(found):
    assert found.verdict.reason is None
    assert found.verdict.posts == 22
    assert found.readings == 22
    assert set(found.verdict.points) == {
        "engagement", "reach", "frequency", "followers", "follow_ratio",
    }  # fmt: skip
    assert found.score is not None
    assert found.difference == found.score - found.published.score


async def test_a_score_that_differs_is_told(portal):
    answer = await portal.get("/verifier/00101-bluesky?periode=2026-10")
    words = text_of(answer.text)
    assert "Recalculé à l’instant depuis 22 publications" in words
    assert "discordant" in words
    products = re.findall(
        r'<td class="n" data-label="Note × poids">([\d,\u202f]+)</td>', answer.text
    )
    foot = re.search(r"Score : somme ÷ poids ([\d ]+,\d\d) ÷ (\d+) = (\d+,\d\d)", words)
    total, weights, score = foot.groups()
    assert len(products) == 5
    assert sum(map(figure, products)) == pytest.approx(figure(total), abs=0.03)
    assert figure(total) / figure(weights) == pytest.approx(figure(score), abs=0.006)
    assert f"Somme {weights} {total}" in words
    assert re.search(r"l’engagement varie de ± \d+,\d\d points? de pourcentage \(", words)
    cells = re.findall(r'repères du barème">([^<]+)</td><td[^>]*>([\d,]+)<', answer.text)
    assert len(cells) == 5
    for way, note in cells:
        assert worked_out(way) == pytest.approx(figure(note), abs=0.02)


def worked_out(way: str) -> float:
    """What a person with a calculator gets from a step of a barème."""
    typed = re.sub(r"[\s\u202f\u00a0]", "", way.partition(", à partir")[0])
    assert re.fullmatch(r"[\d,()+×−÷]+", typed), way
    return eval(typed.translate(str.maketrans(",×−÷", ".*-/")))


@given(st.sampled_from(KPIS), st.integers(0, 12 * 10**12))
def test_a_step_of_a_barème_gives_the_points_of_the_second_reading(kpi, value):
    held = [n * 10**9 for n in (0, 12, 856, 1539, 2562, 12603)]
    if not kpi.whole:
        held = [one // 1000 for one in held]
        value //= 1000
    knots = BaremeKnots.model_construct(kpi=kpi.slug, knots=held, worths=[0, 25, 50, 75, 95, 100])
    if kpi.whole:
        value = value // 10**9 * 10**9
    pairs = tuple(zip(held, knots.worths, strict=True))
    assert worked_out(step(value, kpi, knots)) == pytest.approx(points(value, pairs) / 1e6, abs=0.3)


async def test_what_agrees_is_told(portal, figures, found):
    figures.changes.append(
        lambda row: {"score": found.score} if row.get("account") == "00101-bluesky" else {}
    )
    words = text_of((await portal.get("/verifier/00101-bluesky")).text)
    assert "concordant" in words
    assert "Écart : 0 ." in words


async def test_a_network_without_scores_agrees_on_why(portal):
    words = text_of((await portal.get("/verifier/00101-youtube")).text)
    assert "non classé. Même raison que celle publiée." in words


async def test_an_unknown_account_has_nothing_to_verify(portal):
    assert (await portal.get("/verifier/nobody")).status_code == 404
