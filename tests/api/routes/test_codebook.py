import csv
import io

import pytest

from contracts.networks import NETWORKS
from services.api.files import codebook
from services.api.files.csv import FORMULA_SIGNS, Column, csv_file
from tests.api.world import METHODOLOGY

EXAMPLES = {
    "period": "2026-10",
    "year": "2026",
    "network": "bluesky",
    "code": "00101",
    "account": "00101-bluesky",
    "methodology": METHODOLOGY,
}
QUERIES = {"rankings.csv": "?network=bluesky", "territories.csv": "?q=essai"}
FILES = [one.address for one in codebook.TABLES] + ["codebook.csv"]


@pytest.mark.parametrize("file", FILES)
async def test_every_column_of_a_file_is_in_the_codebook(portal, file):
    answer = await portal.get(f"/api/v1/{file.format(**EXAMPLES)}{QUERIES.get(file, '')}")
    assert answer.status_code == 200, answer.text
    header, *lines = csv.reader(io.StringIO(answer.text))
    assert lines
    described = [one for one in codebook.entries() if one.file == file]
    assert header == [one.column for one in described]
    assert len(set(header)) == len(header)
    assert all(one.says for one in described)


async def test_it_says_what_may_be_handed_on(portal):
    entries = (await portal.get("/api/v1/codebook")).json()
    told = {(one["file"], one["column"]): one["redistributable"] for one in entries}
    month = "months/{period}/{network}.csv"
    closed = [one.name for one in NETWORKS if one.redistribution != "counters"]
    assert told[month, "score"] == "oui"
    assert told[month, "abonnes"].endswith("colonne vide")
    assert told["accounts/{account}/posts.csv", "publie_le"].endswith("pas de fichier")
    for name in closed:
        assert name in told[month, "abonnes"]
    lines = csv.DictReader(io.StringIO((await portal.get("/api/v1/codebook.csv")).text))
    assert [line["rediffusable"] for line in lines] == [one["redistributable"] for one in entries]


COLUMNS: tuple[Column[str], ...] = (
    Column("texte", lambda row: row, ""),
    Column("code", lambda _: "00101", "", code=True),
)


HIDDEN = (
    "\t",
    "\r",
    "\n=",
    " =",
    "\u00a0@",
    "\u200b=",
    "\ufeff+",
    "＝",
    "＋",
    "－",
    "＠",
    " \x01=",
)
"""Formulas behind a blank, an end of line, a sign that nobody sees, or in a wide form."""


@pytest.mark.parametrize("sign", [*FORMULA_SIGNS, *HIDDEN])
@pytest.mark.parametrize(
    ("variant", "before"), [("standard", ""), ("excel", "'")], ids=["standard", "excel"]
)
def test_only_the_file_for_spreadsheets_defuses_a_formula(sign, variant, before):
    """The standard one is faithful: the page of open data warns of it."""
    written = csv_file(
        [f"{sign}1+1"], COLUMNS, origin=lambda _: "simulation", variant=variant
    ).decode("utf-8-sig")
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=";" if before else ",")
    _, line = reader
    assert line[0] == f"{before}{sign}1+1"
    assert line[1] == ('="00101"' if before else "00101")


def test_neither_a_list_nor_a_code_hides_a_formula_from_a_spreadsheet():
    columns: tuple[Column[object], ...] = (
        Column("liste", lambda _: ["=1+1", "a"], ""),
        Column("code", lambda _: '1"&cmd()&"', "", code=True),
        Column("nom", lambda _: "Lens = ville", ""),
    )
    written = csv_file([None], columns, origin=lambda _: "simulation", variant="excel").decode()
    _, line = csv.reader(io.StringIO(written, newline=""), delimiter=";")
    assert line[:3] == ["'=1+1 a", '1"&cmd()&"', "Lens = ville"]
