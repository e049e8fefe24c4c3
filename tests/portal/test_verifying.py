import re

import pytest

from libs.clock import SteppedClock
from libs.settings import Settings
from services.api.files.month import MonthFiles
from services.api.installation import Installation
from services.api.pages.recomputing import Recomputed, recompute
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
    assert re.search(r"l’engagement varie de ± \d+,\d\d points? \(", words)


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
