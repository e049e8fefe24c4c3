from datetime import UTC, datetime, timedelta

import pytest

from services.api.words.month_state import expected, final_from
from tests.portal.test_sentences import plain

PERIODS = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]


@pytest.mark.parametrize("period", PERIODS)
def test_a_month_says_what_is_true_on_the_day_it_is_read(period):
    """A year after, a month that nobody went through does not promise « un mois plus tard »."""
    due = datetime.combine(final_from(period), datetime.min.time(), UTC)
    assert due.day == 9
    assert (due.year * 12 + due.month) - (int(period[:4]) * 12 + int(period[5:])) == 2
    before = plain(expected(period, "provisional", due - timedelta(days=1)))
    late = plain(expected(period, "provisional", due + timedelta(days=1)))
    assert str(due.year) in before
    assert "au plus tôt" in before
    assert "n’est pas faite" in late
    assert "au plus tôt" not in late
    assert "révision" in expected(period, "final", due)


@pytest.mark.parametrize("period", ["2026-08", "2026-09", "2026-10"])
async def test_pages_of_each_month_say_its_own(portal, period):
    for path in ("/territoires/00101", "/rapports/mensuel/00101"):
        page = (await portal.get(f"{path}?periode={period}")).text
        assert "un mois plus tard" not in page
