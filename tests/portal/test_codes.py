"""No code of programs is left in what people read: pages, tables, files, dashboards."""

import csv
import io
import re
from collections import Counter
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest

from contracts import labels
from contracts.kpis import KPIS
from contracts.networks import KNOWN
from contracts.panels import DASHBOARDS
from services.api.files import codebook
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
EACH = 3
"""Addresses visited of one path but for its last part, and one set of parameters."""


def found(text: str, codes: set[str]) -> set[str]:
    """The codes that stand in a text as words of their own."""
    return set(re.findall(r"(?<![\w./@-])[a-z_]+(?![\w./@-])", text)) & codes


def kind(address: str) -> tuple[str, ...]:
    """What addresses have in common that lead to pages of one sort."""
    parts = urlsplit(address)
    folder, _, last = parts.path.rpartition("/")
    names = sorted(one.partition("=")[0] for one in parts.query.split("&"))
    return (re.sub(r"[0-9][^/.]*", "0", folder), last.rpartition(".")[2], *names)


async def walked(portal: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """Every sort of page and file that links lead to, from the pages of the portal on."""
    waiting, seen, sorts = [*PAGES], dict[str, httpx.Response](), Counter[tuple[str, ...]]()
    while waiting:
        address = waiting.pop(0)
        if address in seen or sorts[kind(address)] >= EACH:
            continue
        sorts[kind(address)] += 1
        seen[address] = answer = await portal.get(address)
        if answer.is_redirect:
            waiting.append(answer.headers["location"])
        if "html" in answer.headers.get("content-type", ""):
            links = re.findall(r'href="((?:/|\?)[^"#]*)', answer.text)
            path = urlsplit(address).path
            waiting += [unescape(one if one[0] == "/" else path + one) for one in links]
    return seen


@pytest.fixture
async def seen(portal) -> dict[str, httpx.Response]:
    return await walked(portal)


async def test_pages_and_files_say_no_code(seen):
    pages = {at: one.text for at, one in seen.items() if "html" in one.headers["content-type"]}
    files = {at: one.text for at, one in seen.items() if "csv" in one.headers["content-type"]}
    assert len(pages) > 40
    assert len(files) > 15
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
            assert re.search("code|nom|catégorie", one.says), one


@pytest.mark.parametrize("panel", [one for board in DASHBOARDS for one in board.panels])
def test_an_indicator_has_one_name_in_panels(panel):
    names = {kpi.slug: kpi.label for kpi in KPIS}
    assert {one.label for one in panel.fields if one.name in names} <= {*names.values()}


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.slug)
def test_an_indicator_has_one_name_in_files(kpi):
    columns = {one.column for one in codebook.entries()}
    assert {kpi.column, f"note_{kpi.column}"} <= columns
