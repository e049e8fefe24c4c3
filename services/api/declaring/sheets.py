"""A file that somebody uploads → rows of cells: CSV of any dialect, or a workbook of Excel.

A file may be hostile: its size, rows, columns and unpacked size are bounded. What is wrong with it
is said in French, with what to do.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from libs import french

Cell = str | int | float | date | datetime | bool | None

LARGEST_FILE_BYTES = 2 * 1024 * 1024
TOO_LARGE = (
    f"Ce fichier dépasse {LARGEST_FILE_BYTES // 1024**2} Mo : exportez moins de mois à la fois."
)
MOST_ROWS = 5_000
"""Posts or days of one file."""

MOST_LINES = 50_000
"""Of a sheet, empty ones too: a cell at the last line of all is a million lines to pass over."""

MOST_COLUMNS = 200
"""Columns of one sheet."""

LARGEST_UNPACKED = 32 * 1024 * 1024
"""Bytes of all parts of a workbook."""

LARGEST_PART = 1024 * 1024
"""Bytes of a part that is neither a sheet nor the table of its texts: styles, names, relations."""

MOST_ELEMENTS = 1_000_000
"""Elements of XML in all parts: each is an object or more in memory, of up to a kilobyte."""

ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
SEPARATORS = ",;\t"
SHARED_TEXTS = "xl/sharedStrings.xml"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Excel before 2007 begin."""

LOOKED_AT = 20
"""Lines in which a separator is looked for."""


class UnreadableError(ValueError):
    """A file that cannot be read; its message is French, and says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and the line of the file (of the sheet) on which it begins."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with something in them; `name` is empty for a CSV."""

    name: str
    rows: tuple[Row, ...]


def read_sheets(content: bytes) -> list[Sheet]:
    """Return the sheets of a file. Raises `UnreadableError`."""
    if not content.strip():
        raise UnreadableError("Ce fichier est vide.")
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableError(TOO_LARGE)
    if content.startswith(OLD_WORKBOOK):
        raise UnreadableError(
            "Ce fichier est d’un ancien Excel (.xls). Ouvrez-le dans votre tableur, puis "
            "« Enregistrer sous » : « Classeur Excel (.xlsx) » ou « CSV UTF-8 »."
        )
    if content.startswith(b"PK\x03\x04"):
        return list(_workbook(content))
    return [Sheet("", _bounded(_csv(_text(content))))]


def _text(content: bytes) -> str:
    known = next((name for mark, name in ENCODINGS if content.startswith(mark)), None)
    for encoding in (known,) if known else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(
        "Ce fichier n’est ni un CSV ni un classeur Excel : ses caractères ne se lisent pas. "
        "Enregistrez-le en « CSV UTF-8 »."
    )


def _csv(text: str) -> Iterator[Row]:
    lines = text.splitlines()
    declared = lines[0].strip().lower() if lines else ""
    if declared.startswith("sep=") and declared[4:] in SEPARATORS:
        separator = declared[4]
    else:
        head = lines[:LOOKED_AT]
        often = {one: max((line.count(one) for line in head), default=0) for one in SEPARATORS}
        separator = max(SEPARATORS, key=often.__getitem__)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins = 1
    try:
        for cells in reader:
            yield Row(begins, cells)
            begins = reader.line_num + 1
    except csv.Error:
        raise UnreadableError(
            f"Ligne {begins} : ce n’est pas du CSV (guillemets ou caractères inattendus)."
        ) from None


def _workbook(content: bytes) -> Iterator[Sheet]:
    # Loading it takes 0.2 s, which a portal that nobody declares anything to need not wait for.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bomb(archive)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file says of its own size is not believed
            rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
            yield Sheet(sheet.title, _bounded(_rows(rows)))
    except UnreadableError:
        raise
    except Exception:  # of the library, whatever a broken or hostile workbook makes it raise
        raise UnreadableError(
            "Ce classeur ne se lit pas. Ouvrez-le dans votre tableur, puis « Enregistrer sous » : "
            "« CSV UTF-8 »."
        ) from None


def _rows(rows: Iterable[Sequence[Cell]]) -> Iterator[Row]:
    """Number rows, without the empty cells that they are filled up with."""
    for line, cells in enumerate(rows, 1):
        if line > MOST_LINES:
            raise UnreadableError(
                f"Ce classeur a plus de {french.number(MOST_LINES)} lignes, vides pour la plupart "
                ": enregistrez-le en « CSV UTF-8 »."
            )
        width = next((n for n in range(len(cells), 0, -1) if cells[n - 1] is not None), 0)
        yield Row(line, cells[:width])


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if "xl/workbook.xml" not in archive.namelist():
        raise UnreadableError(
            "Ce fichier est une archive : ouvrez-la, puis déposez le fichier CSV ou Excel qui s’y "
            "trouve."
        )
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise UnreadableError(
            f"Ce classeur, une fois ouvert, dépasse {LARGEST_UNPACKED // 1024**2} Mo : exportez "
            "moins de mois à la fois."
        )
    elements = 0
    for part in parts:
        content = archive.read(part).replace(b"\0", b"")  # UTF-16 has one beside each of its signs
        # Entities have no place in a workbook: the one use of them is to grow without end.
        if b"<!DOCTYPE" in content:
            raise UnreadableError(
                "Ce classeur contient ce qu’aucun tableur n’écrit : il est refusé. Ouvrez-le "
                "et enregistrez-le en « CSV UTF-8 »."
            )
        elements += content.count(b"<") - content.count(b"</")
        long = part.filename.startswith("xl/worksheets/") or part.filename == SHARED_TEXTS
        if elements > MOST_ELEMENTS or (part.file_size > LARGEST_PART and not long):
            raise UnreadableError(
                f"Ce classeur est trop chargé ({part.filename[:60]}) : enregistrez la feuille en "
                "« CSV UTF-8 »."
            )


def _bounded(rows: Iterable[Row]) -> tuple[Row, ...]:
    filled = (row for row in rows if any(cell not in (None, "") for cell in row.cells))
    kept = tuple(islice(filled, MOST_ROWS + 1))
    if len(kept) > MOST_ROWS:
        raise UnreadableError(
            f"Ce fichier a plus de {french.number(MOST_ROWS)} lignes : exportez moins de mois à la "
            "fois."
        )
    if wide := next((row for row in kept if len(row.cells) > MOST_COLUMNS), None):
        raise UnreadableError(
            f"Ligne {wide.line} : plus de {MOST_COLUMNS} colonnes. Déposez l’export tel qu’il est "
            "téléchargé."
        )
    return kept
