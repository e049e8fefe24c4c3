"""No code of programs is left in what people read: pages, tables, files, dashboards."""

import csv
import io
import re
from html import unescape

import pytest

from contracts.kpis import KPIS
from contracts.networks import KNOWN
from contracts.panels import DASHBOARDS, labels
from services.api.files import codebook
from tests.api.routes.test_codebook import EXAMPLES, FILES, QUERIES
from tests.portal.test_pages import PAGES, text_of

WORDS: set[str] = set().union(
    *(one.values() for one in (*labels.SHOWN.values(), labels.ABSENCES, labels.SCOPES))
)
CODES = {
    *(code for name, known in labels.SHOWN.items() if name != "network" for code in known),
    *labels.ORIGINS, *labels.ABSENCES, *labels.COUNTERS, *labels.SCOPES,
    *(kpi.slug for kpi in KPIS), "per_day", "count",
} - WORDS - {"engagement", "simulation"}  # fmt: skip
"""Those that are no French words too."""

SLUGS = {one.slug for one in KNOWN}
OF_CODES = {"reseau", "reseaux", "categorie", "groupe", "strate"}
"""Columns that the codebook says to be codes, or that give the slug of an address."""
OPAQUE = {"identifiant", "releve", "publication", "lecture", "adresse", "compte", "fichier", "sens"}
SHOWN = [*PAGES, "/comparer/00101?reseau=bluesky", "/verifier/00101-bluesky", "/apprendre"]


def found(text: str, codes: set[str]) -> set[str]:
    """The codes that stand in a text as words of their own."""
    return set(re.findall(r"(?<![\w./@-])[a-z_]+(?![\w./@-])", text)) & codes


async def test_pages_and_files_say_no_code(portal):
    """All the pages, and every file that they lead to or that the codebook describes."""
    pages = {at: (await portal.get(at)).text for at in SHOWN}
    links = {
        unescape(one)
        for page in pages.values()
        for one in re.findall(r'href="(/[^"]+csv[^"]*)"', page)
        if "/accounts/" not in one or "/00101-bluesky" in one
    } | {f"/api/v1/{file.format(**EXAMPLES)}{QUERIES.get(file, '')}" for file in FILES}
    files = {at: (await portal.get(at)).text for at in links}
    assert len(files) > 25
    said = {
        at: codes
        for at, page in pages.items()
        if (codes := found(text_of(unescape(re.sub(r"(?s)<code>.*?</code>", " ", page))), CODES))
    }
    assert said == {}
    left = {
        (at.partition("?")[0], column, code)
        for at, text in files.items()
        for line in csv.DictReader(
            io.StringIO(text.removeprefix("\ufeff")), delimiter=";" if "excel" in at else ","
        )
        for column, cell in line.items()
        if column not in OPAQUE
        for code in found(f"{column} {cell}", CODES | (set() if column in OF_CODES else SLUGS))
    }
    assert left == set()


def test_columns_of_codes_are_said_to_be():
    for one in codebook.entries():
        if one.column in OF_CODES:
            assert re.search("code|nom|catégorie", f"{one.says} {one.unit}"), one


@pytest.mark.parametrize("panel", [one for board in DASHBOARDS for one in board.panels])
def test_an_indicator_has_one_name_in_panels(panel):
    names = {kpi.slug: kpi.label for kpi in KPIS}
    assert {one.label for one in panel.fields if one.name in names} <= {*names.values()}


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.slug)
def test_an_indicator_has_one_name_in_files(kpi):
    columns = {one.column for one in codebook.entries()}
    assert {kpi.column, f"note_{kpi.column}"} <= columns
