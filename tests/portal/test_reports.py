"""Reports: the sentences and panels of one account and month, on one sheet."""

import html
import re

import msgspec
import pytest

from contracts.territories import Territories
from libs.settings import Settings
from services.api.reports import REPORTS
from services.api.reports.report import Report
from tests.api.conftest import client_of
from tests.portal.test_pages import text_of

AUTHOR = "auteur du lien"
PAGE = "/rapports/mensuel/00105"
every_report = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)


async def test_the_page_of_a_territory_leads_to_its_page_of_the_month(portal):
    page = (await portal.get("/territoires/00105")).text
    (link,) = re.findall(r'href="(/rapports/mensuel/[^"]+)"', page)
    assert (await portal.get(link.replace("&amp;", "&"))).status_code == 200


@every_report
async def test_a_report_says_whom_it_is_for_and_draws_its_panels(portal, report: Report):
    answer = await portal.get(f"/rapports/{report.slug}/00105?periode=2026-10")
    assert answer.status_code == 200
    words = text_of(answer.text)
    assert report.title in words
    assert f"pour {report.audience}" in words
    assert " sur 100" in words
    drawn = set(re.findall(r'"/graphiques/(\w+)/', answer.text))
    assert drawn == {panel.slug for panel in report.panels}
    assert "SIMULATION" in words
    assert "None" not in words


async def test_the_page_of_the_month_says_standing_and_trend(portal):
    words = text_of((await portal.get(f"{PAGE}?periode=2026-10")).text)
    assert "habitants notées sur Bluesky" in words
    assert re.search("Stable|Score en", words)


@every_report
async def test_an_account_without_score_has_no_advice(portal, report: Report):
    answer = await portal.get(f"/rapports/{report.slug}/00103")
    assert answer.status_code == 200
    words = text_of(answer.text)
    assert "Cette semaine" not in words
    assert "None" not in words


async def test_an_account_without_score_has_a_reason(portal):
    assert "publications" in text_of((await portal.get("/rapports/mensuel/00103")).text)


@pytest.mark.parametrize(
    "path", ["/rapports/autre/00105", "/rapports/mensuel/99999", "/rapports/mensuel/62498"]
)
async def test_no_report_of_the_unknown_nor_of_a_real_place(portal, path):
    assert (await portal.get(path)).status_code == 404


@pytest.mark.parametrize("code", ["00101", "00103", "00105", "00106", "00230", "000000001"])
async def test_three_remarks_are_proposed_and_answers_given(portal, code):
    page = (await portal.get(f"/rapports/mensuel/{code}")).text
    words = text_of(page)
    for one in REPORTS["mensuel"].remarks:
        assert one.title in words
    assert page.count("<textarea") == 3
    back = page.partition('class="back"')[2].partition("</section>")[0]
    assert back.count("<dt>") >= 3
    assert "Pourquoi" in back
    assert "None" not in words


async def test_an_address_keeps_what_was_edited(portal):
    given = {"reussite": "Le <b>marché</b> & la fête", "decider": "x" * 500, "rang": "non"}
    page = (await portal.get(PAGE, params=given)).text
    assert "Le &lt;b&gt;marché&lt;/b&gt; &amp; la fête" in page
    assert "x" * 241 not in page
    assert "<b>" not in page
    again = (await portal.get(PAGE, params=given)).text
    assert again == page


def cards_of(page: str) -> list[str]:
    return page.partition('class="remarks"')[2].partition("</section>")[0].split('"card"')[1:]


async def test_a_remark_of_who_made_the_link_is_said_to_be_theirs(portal):
    given = {"reussite": "Un mot", "decider": " "}
    rewritten = [AUTHOR in one for one in cards_of((await portal.get(PAGE, params=given)).text)]
    assert rewritten == [one.slug == "reussite" for one in REPORTS["mensuel"].remarks]


@pytest.mark.parametrize("code", ["00101", "00103", "00105", "00106", "00230"])
async def test_a_remark_sent_as_it_was_proposed_is_nobodys(portal, code):
    """The form sends all three, edited or not."""
    path = f"/rapports/mensuel/{code}"
    boxes = re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)<', (await portal.get(path)).text)
    given = {name: html.unescape(said) for name, said in boxes}
    assert len(given) == 3
    assert AUTHOR not in (await portal.get(path, params=given)).text


async def test_engines_of_search_keep_no_page_with_remarks_of_others(places, figures, store):
    one = msgspec.structs.replace(places.get("00105"), origin="registry")
    real = Territories([one], places.manifests)
    async with client_of(Settings(installation="live"), real, figures, store) as live:
        assert "noindex" not in (await live.get(PAGE)).text
        assert "noindex" in (await live.get(PAGE, params={"decider": "Un mot"})).text


async def test_the_other_networks_are_said_with_their_score_or_without(portal):
    words = text_of((await portal.get("/rapports/mensuel/00101?reseau=bluesky")).text)
    told = words.partition("autres réseaux ?")[2].partition(" ?")[0]
    assert re.search(r"Mastodon : \d+,\d", told)
    assert re.search("Facebook.*sans score", told)
    assert "Bluesky" not in told


async def test_a_hidden_rank_is_nowhere(portal):
    words = text_of((await portal.get(PAGE)).text)
    hidden = text_of((await portal.get(PAGE, params={"rang": "non"})).text)
    assert re.search(r"\d+ᵉ|seconde moitié|milieu|premi", words)
    shown = hidden.partition("Modifier les remarques")[0] + hidden.rpartition("Ce que disent")[2]
    assert not re.search(r"\d[ᵉʳ]+ place|seconde moitié|du milieu|Devant qui", shown)
    assert "/graphiques/peers" not in (await portal.get(PAGE, params={"rang": "non"})).text


async def test_what_a_tool_by_day_would_say_follows_from_the_figures(portal):
    words = text_of((await portal.get(PAGE)).text)
    found = re.search(
        r"publication, par abonné : ([\d,]+) ?%.*?dirait ([\d,]+) ?%.*?× (\d+).*?÷ (\d+)", words
    )
    assert found is not None
    each, daily, posts, days = (float(one.replace(",", ".")) for one in found.groups())
    assert daily == pytest.approx(each * posts / days, abs=0.02 * posts / days)


async def test_a_curve_is_drawn_from_three_months_on(portal, figures):
    assert "/graphiques/score_history/" in (await portal.get(PAGE)).text
    figures.changes.append(
        lambda row: (
            {"score": None, "low": None, "high": None} if row.get("period") == "2026-08" else {}
        )
    )
    assert "/graphiques/score_history/" not in (await portal.get(PAGE)).text
