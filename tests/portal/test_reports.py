"""Reports: the sentences and panels of one account and month, on one sheet."""

import re

import pytest

from services.api.reports import REPORTS
from tests.portal.test_pages import text_of

PAGE = "/rapports/mensuel/00105"


async def test_the_page_of_a_territory_leads_to_its_page_of_the_month(portal):
    page = (await portal.get("/territoires/00105")).text
    (link,) = re.findall(r'href="(/rapports/mensuel/[^"]+)"', page)
    assert (await portal.get(link.replace("&amp;", "&"))).status_code == 200


async def test_a_report_says_score_standing_and_trend_and_draws_its_panels(portal):
    page = (await portal.get(f"{PAGE}?periode=2026-10")).text
    words = text_of(page)
    assert " sur 100" in words
    assert "habitants notées sur Bluesky" in words
    assert re.search("Stable|Score en", words)
    drawn = set(re.findall(r'"/graphiques/(\w+)/', page))
    assert drawn == {panel.slug for panel in REPORTS["mensuel"].panels}
    assert "SIMULATION" in words


async def test_an_account_without_score_has_a_reason_and_no_advice(portal):
    words = text_of((await portal.get("/rapports/mensuel/00103")).text)
    assert "publications" in words
    assert "Cette semaine" not in words
    assert "None" not in words


@pytest.mark.parametrize(
    "path", ["/rapports/autre/00105", "/rapports/mensuel/99999", "/rapports/mensuel/62498"]
)
async def test_no_report_of_the_unknown_nor_of_a_real_place(portal, path):
    assert (await portal.get(path)).status_code == 404
