"""The yearly barometer, the same in page, PDF and file; who rose; whom a jury looks at."""

import csv
import re

import msgspec
import pytest

from contracts.territories import Kind, Territory, Zone
from services.api.figures.barometer_rows import BarometerCell, Progression
from services.api.figures.views import BAROMETER, PERIODS
from services.api.pages.sheets.barometer import barometer_pdf
from services.api.reports.yearly import (
    Year,
    by_category,
    counted,
    headlines,
    lines_of,
    nominees,
    years_of,
)
from tests.api.conftest import enter_as
from tests.api.world import NOW
from tests.portal.test_pages import text_of


def cell(network: str = "bluesky", category: str = "villages", **figures: object) -> BarometerCell:
    known = dict.fromkeys(("score", "followers", "engagement", "frequency"), 1.0)
    counts = {"present": 60, "accounts": 61, "scored": 55}
    named = {"network": network, "category": category, "methodology": "2026-2"}
    given = named | counts | known | figures
    return BarometerCell.model_validate(given)


def risen(number: int, category: str = "villages", **fields: object) -> Progression:
    now = {"score": 60 + number, "low": 58, "high": 66}
    then = {"previous_score": 40, "previous_low": 38, "previous_high": 44}
    named = {"handle": "v", "address": "https://v.example/", "origin": "simulation"}
    place = {"territory": "00101", "territory_name": f"Essai {9 - number}"}
    account = {"account": f"a{number}", "network": "bluesky", "category": category}
    return Progression.model_validate(account | place | named | now | then | fields)


def test_a_year_is_its_last_month_beside_the_same_of_the_year_before():
    final = dict.fromkeys(("2025-10", "2025-11", "2026-09"), "final")
    assert years_of(final | {"2026-10": "provisional"}) == [
        Year("2026", "2026-10", "2025-10", provisional=True),
        Year("2025", "2025-11", "2025-10", provisional=False),
    ]
    assert [one.before for one in years_of({"2026-10": "final"})] == [None]
    assert years_of({"2026-08": "final", "2026-10": "final"})[0].before == "2026-08"
    assert years_of({}) == []


def test_presence_is_a_share_and_what_few_accounts_keep_is_kept():
    few = cell("instagram", scored=49)
    (line,) = lines_of([few], [cell("instagram", present=50, score=0.5)], {"villages": 120})
    assert (line.share, line.gained, line.rose) == (0.5, 10, 0.5)
    assert (line.cell.score, line.cell.followers, line.cell.engagement) == (1.0, None, None)
    (open_one,) = lines_of([cell(scored=12)], [], {})
    assert (open_one.cell.followers, open_one.share, open_one.gained) == (1.0, None, None)
    (many,) = lines_of([cell("instagram", scored=50)], [], {})
    assert many.cell.followers == 1.0
    (all_of_them,) = lines_of([cell(category="")], [], {"villages": 120})
    assert all_of_them.territories == 120


def test_presence_is_of_every_network_of_the_registry_and_feeds_are_none():
    none = dict.fromkeys(("score", "followers", "engagement", "frequency"))
    unread = [cell(one, scored=0, **none) for one in ("linkedin", "whatsapp", "rss", "tomorrow")]
    lines = lines_of([cell(), *unread], [], {"villages": 120})
    assert [one.network for one in lines] == ["bluesky", "linkedin", "whatsapp"]
    assert [one.scored for one in lines] == [True, False, False]
    year = Year("2026", "2026-11", None, provisional=False)
    pdf = barometer_pdf(lines, year, address="https://v.example", now=NOW, simulation=False)
    assert pdf[:5] == b"%PDF-"


def test_medians_of_two_methodologies_are_not_compared():
    (line,) = lines_of([cell()], [cell(methodology="2026-1", score=0.5)], {})
    assert (line.gained, line.rose) == (0, None)


def test_a_share_is_of_the_territories_whose_accounts_the_view_counts():
    town = Territory(code="00101", nom="Essai", kind=Kind.COMMUNE, year=2026, population=900)
    empty = msgspec.structs.replace(town, population=0)
    unknown = msgspec.structs.replace(town, population=None)
    overseas = msgspec.structs.replace(town, zone=Zone.COM)
    assert counted([town, empty, unknown, overseas]) == {town.category: 1}


@pytest.mark.parametrize(("then", "said"), [(59, "1 de plus"), (72, "12 de moins"), (60, "autant")])
def test_what_is_to_be_remembered_says_what_changed(then, said):
    lines = lines_of([cell(category="")], [cell(category="", present=then)], {"villages": 120})
    year = Year("2026", "2026-11", "2025-11", provisional=False)
    assert f"{said} qu’en novembre 2025" in headlines(lines, year)[0]


async def test_page_file_and_pdf_say_the_same(portal, figures):
    page = text_of((await portal.get("/barometre")).text)
    cells = {
        (one.network, one.category): one for one in await figures.read(BAROMETER, period="2026-10")
    }
    answer = await portal.get("/barometre.csv")
    assert "simulation_barometre_2026.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert {(one["reseau"], one["categorie"]) for one in rows} <= set(cells)
    small = next(
        one for one in rows if (one["reseau"], one["categorie"]) == ("bluesky", "petites-villes")
    )
    assert int(small["presentes"]) == cells["bluesky", "petites-villes"].present == 44
    assert float(small["part"]) == pytest.approx(44 / int(small["collectivites"]))
    assert small["origine"] == "simulation"
    assert f"44 sur {small['collectivites']}" in page
    assert "provisoire" in page
    watched = [one for one in rows if one["reseau"] == "youtube"]
    assert {(one["notes"], one["score_median"]) for one in watched} == {("0", "")}
    assert f"YouTube : {watched[-1]['presentes']} sur {watched[-1]['collectivites']}" in page
    pdf = await portal.get("/barometre.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "simulation_barometre_2026.pdf" in pdf.headers["content-disposition"]
    assert b"pdfuaid" in pdf.content
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.content)) >= 1
    assert (await portal.get("/barometre?annee=2019")).status_code == 404
    assert (await portal.get("/barometre?annee=hier")).status_code == 422


def test_a_jury_is_given_names_and_no_order():
    found = [risen(number) for number in range(8)] + [risen(9, "metropoles")]
    groups = nominees(found, frozenset({"a0"}))
    names = [one.territory_name for one in groups["villages"]]
    assert (len(names), names) == (5, sorted(names))
    assert "a0" not in {one.account for group in groups.values() for one in group}
    assert list(by_category(found)) == ["villages", "metropoles"]


@pytest.mark.parametrize(
    ("methodologies", "word"),
    [(["2026-2"], "deux mois"), (["2026-2", "2026-1"], "méthode"), (["2026-2"] * 2, "marges")],
)
async def test_nobody_rose_for_a_reason(portal, figures, methodologies, word):
    months = (await figures.read(PERIODS))[: len(methodologies)]
    figures.given["periods"] = [
        one.model_copy(update={"methodology": methodology})
        for one, methodology in zip(months, methodologies, strict=True)
    ]
    figures.given["progressions"] = figures.given["barometer"] = []
    for path in ("/palmares/progression", "/bureau/nommes"):
        said = re.search(r'<p class="empty">.*?</p>', (await portal.get(path)).text)
        assert said, path
        assert word in text_of(said[0]), path


async def test_who_rose_is_public_and_whom_a_jury_looks_at_is_the_teams(visitor, figures, store):
    figures.given["progressions"] = [risen(number) for number in range(3)]
    page = (await visitor.get("/palmares/progression")).text
    assert "Essai 9" in page
    assert "+22,0" in page
    refused = await visitor.get("/bureau/nommes")
    assert refused.status_code == 303
    await enter_as(visitor, "exploitation")
    store.contests.contest("a0", "2026-10", "score")
    shown = (await visitor.get("/bureau/nommes")).text
    assert "Essai 8" in shown
    assert "Essai 9" not in shown
