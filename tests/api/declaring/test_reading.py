"""Exports of tools, read by their columns: figures, or each wrong cell by line and column."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.networks import network_of
from services.api.declaring.cells import CellError, count, days
from services.api.declaring.exports import tools
from services.api.declaring.reading import RefusedError, read
from services.api.declaring.samples import SAMPLES
from services.api.declaring.sheets import LARGEST_FILE_BYTES, MOST_ROWS, UnreadableError

TODAY = date(2026, 11, 24)
TIKTOK = "Video link,Post time,Total likes,Total comments,Total shares,Total views\n"
FACEBOOK = "Post ID,Page name,Publish time,Reactions,Comments,Shares,Views\n"


def told(text: str):
    return read(text.encode(), TODAY)


def workbook(**sheets: list[list[object]]) -> bytes:
    """A workbook, as a spreadsheet writes it."""
    from openpyxl import Workbook

    book, made = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_says_that_it_is_made_up_and_is_read_as_a_real_one(name):
    assert "fabriqué" in SAMPLES[name].decode().splitlines()[0]
    done = read(SAMPLES[name], TODAY)
    (one,) = done.told
    assert name == f"exemple-{one.network}.csv"
    assert one.posts
    assert done.unknown == []


def test_every_export_has_a_network_and_says_where_it_comes_from():
    assert {tool.slug for tool in tools()} == {"meta-business-suite", "linkedin", "tiktok"}
    assert all(tool.how and tool.source for tool in tools())
    assert all(network_of(e.network).route != "open" for tool in tools() for e in tool.exports)


def test_interactions_are_the_sum_of_the_tool_else_of_counters_that_are_all_said():
    (one,) = read(SAMPLES["exemple-facebook.csv"], TODAY).told
    # The third has no reactions and no shares: not said, so no sum; the first has the tool's own.
    assert [post.interactions for post in one.posts] == [61, 152, None, 57]
    assert [post.day.month for post in one.posts] == [11, 11, 11, 10]
    (other,) = read(SAMPLES["exemple-tiktok.csv"], TODAY).told
    assert [post.interactions for post in other.posts] == [568, None]


def test_columns_are_told_as_read_left_or_unknown():
    header = FACEBOOK.replace("Views", "Views,Title,Reach,Couleur")
    done = told(header + "1,P,11/02/2026,1,2,3,4,t,9,x\n")
    assert [name for name, _ in done.kept] == FACEBOOK.strip().split(",")
    assert (done.ignored, done.unknown) == (["Title", "Reach"], ["Couleur"])


@pytest.mark.parametrize(
    ("cells", "line", "column"),
    [
        ("a,19 novembre,1.2k,1,1,9", 3, "Total likes"),
        ("a,19 novembre,-4,1,1,9", 3, "Total likes"),
        ("a,31 novembre,4,1,1,9", 3, "Post time"),
        ("a,2031-01-01,4,1,1,9", 3, "Post time"),
        (",2026-11-02,4,1,1,9", 3, "Video link"),
        ("a,2026-11-02,4,1,1,99999999999999999999", 3, "Total views"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_kept(cells, line, column):
    with pytest.raises(RefusedError) as refused:
        told(f"{TIKTOK}ok,2026-11-01,1,1,1,1\n{cells}\n")
    assert f"igne {line}, colonne « {column} »" in refused.value.problems[0]


def test_many_wrong_cells_are_counted():
    rows = "".join(f"p{n},2026-11-01,x,1,1,1\n" for n in range(40))
    with pytest.raises(RefusedError) as refused:
        told(TIKTOK + rows)
    assert len(refused.value.problems) == 9
    assert "32" in refused.value.problems[-1]


def test_a_post_that_a_daily_export_repeats_is_refused_and_a_repeated_line_is_not():
    line = "1,P,11/02/2026,1,2,3,4\n"
    assert len(told(FACEBOOK + line + line).told[0].posts) == 1
    with pytest.raises(RefusedError, match="ligne 2"):
        told(FACEBOOK + line + line.replace(",4", ",5"))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "vide"),
        (b"nom;ville\nA;B\n", "« nom »"),
        (TIKTOK.encode(), "en-têtes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", ".xls"),
        (b"PK\x03\x04 broken", "ne se lit pas"),
        (b"\x81\x8d" * 50, "UTF-8"),
        (b"x" * (LARGEST_FILE_BYTES + 1), "2 Mo"),
        ((TIKTOK + "a,2026-11-01,1,1,1,1\n" * (MOST_ROWS + 1)).encode(), "lignes"),
        (b"Video link," * 300 + b"\n", "colonnes"),
        (b'Video link,"' + b"x" * 200_000, "Ligne 1"),
    ],
)
def test_what_is_no_export_is_refused_with_what_to_do(content, word):
    with pytest.raises(UnreadableError) as refused:
        read(content, TODAY)
    assert word in str(refused.value)


def archive(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as to:
        for name, content in parts.items():
            to.writestr(name, content)
    return made.getvalue()


def stuffed(part: str, before: bytes, with_: bytes) -> bytes:
    """A workbook with so many elements before one of a part."""
    with zipfile.ZipFile(io.BytesIO(workbook(A=[["a"]]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[part] = parts[part].replace(before, with_ + before, 1)
    return archive(**parts)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (archive(**{"Content.csv": TIKTOK.encode()}), "archive"),
        (archive(**{"xl/workbook.xml": b"0" * (40 * 1024**2)}), "32"),
        (stuffed("xl/styles.xml", b"<cellXfs", b"<xf/>" * 220_000), "styles.xml"),
        (stuffed("xl/worksheets/sheet1.xml", b"<sheetData", b"<c/>" * 1_000_001), "sheet1.xml"),
        (archive(**{"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "aucun tableur"),
        (
            archive(**{"xl/workbook.xml": b"<x/>", "a": "<!DOCTYPE x>".encode("utf-16")}),
            "aucun tableur",
        ),
        (archive(**{"xl/workbook.xml": b"<x/>"}), "ne se lit pas"),
    ],
    ids=["zip", "bomb", "styles", "elements", "entities", "entities-utf-16", "broken"],
)
def test_a_hostile_workbook_is_refused(content, word):
    with pytest.raises(UnreadableError, match=word):
        read(content, TODAY)


def test_a_workbook_is_read_sheet_by_sheet_and_says_which_is_wrong():
    header = ["Post link", "Created date", "Likes", "Comments", "Reposts", "Impressions"]
    good = [
        "https://l/1",
        datetime(2026, 11, 3),  # noqa: DTZ001
        4,
        1,
        2.0,
        310,
    ]
    followers = [["Date", "Organic followers", "Total followers"], ["11/02/2026", 3, 5]]
    made = workbook(Metrics=[["Date"], [1]], All_posts=[["2026"], header, good], New=followers)
    posts, per_day = read(made, TODAY).told
    assert (posts.posts[0].interactions, posts.posts[0].views) == (7, 310)
    assert (per_day.days[0].day, per_day.days[0].gained) == (date(2026, 11, 2), 5)
    far = workbook(All_posts=[header, *[[]] * 50_000, good])
    with pytest.raises(UnreadableError, match="vides"):
        read(far, TODAY)
    with pytest.raises(RefusedError) as refused:
        read(workbook(All_posts=[header, [*good[:2], "beaucoup", 1, 1, 1]]), TODAY)
    assert "« All posts », ligne 2, colonne « Likes »" in refused.value.problems[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_dialect_of_csv_is_read(encoding, separator):
    header = "Identifiant de la publication,Nom de la Page,Heure de publication,Réactions"
    text = f"{header}\r\n1,É,03/06/2026 19:00,4\r\n"
    done = read(text.replace(",", separator).encode(encoding), TODAY)
    assert (done.told[0].account, done.told[0].posts[0].day) == ("É", date(2026, 6, 3))


def test_a_day_is_read_in_the_order_of_its_column():
    def first(*cells: str, day_first: bool = False):
        return days(list(cells), TODAY, day_first=day_first)[0]

    assert first("03/06/2026") == date(2026, 3, 6)
    assert first("03/06/2026", day_first=True) == date(2026, 6, 3)
    assert first("03/06/2026", "13/06/2026") == date(2026, 6, 3)
    assert first("28 août") == first("28 August") == first("Aug 28, 2026") == date(2026, 8, 28)
    assert first("25 novembre") == date(2025, 11, 25)
    assert isinstance(first("25/11/2026", day_first=True), CellError)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1 234", 1234), ("1\u202f234", 1234), ("12,345", 12345), ("1.234.567", 1234567), (7.0, 7),
     ("7.0", 7), ("1234.000", 1234), ("1234,00000", 1234), ("1 000 000", 1_000_000), ("0", 0),
     ("", None), (None, None), ("undefined", None), ("-", None)],
)  # fmt: skip
def test_a_count_is_read_as_tools_write_it_and_an_absence_is_no_zero(cell, number):
    assert count(cell) == number


@pytest.mark.parametrize("cell", [12.345, 0.5, "12.345,678", "9" * 5000, float("nan"), True])
def test_what_is_no_whole_number_is_refused(cell):
    with pytest.raises(CellError):
        count(cell)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda one: (TIKTOK + one).encode()))
@example(b"")
@example(b'sep="\na"b')
def test_any_bytes_are_figures_or_a_refusal(content):
    try:
        done = read(content, TODAY)
    except (UnreadableError, RefusedError):
        return
    assert done.told
