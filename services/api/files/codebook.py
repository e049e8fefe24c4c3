"""The codebook of the open files: what each column says, its unit, whether it may be handed on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.networks import NETWORKS
from services.api.files import columns
from services.api.files.csv import Column, origin

YES = "oui"


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A kind of file: its address under `/api/v1`, what a line is, its columns.

    `counted`: networks whose counters may not leave have no such file at all.
    """

    address: str
    line: str
    columns: Sequence[Column[Any]]
    counted: bool = False


TABLES = (
    OpenTable(
        "months/{period}/{network}.csv",
        "un compte, noté ou non, d’un réseau et d’un mois",
        [*columns.MONTH_LINES, *columns.closing("", None)],
    ),
    OpenTable(
        "years/{year}/{network}.csv",
        "un compte, noté ou non, d’un réseau et d’un mois de l’année",
        [*columns.MONTH_LINES, *columns.closing("", None)],
    ),
    OpenTable("rankings.csv", "un compte noté", [*columns.RANKING, *columns.closing("", None)]),
    OpenTable("territories/{code}.csv", "un compte de la collectivité", columns.HELD_ACCOUNTS),
    OpenTable("territories.csv", "une collectivité trouvée", columns.FOUND),
    OpenTable("accounts/{account}.csv", "un mois du compte", columns.ACCOUNT_MONTHS),
    OpenTable(
        "accounts/{account}/observations.csv", "un relevé", columns.OBSERVATIONS, counted=True
    ),
    OpenTable(
        "accounts/{account}/posts.csv",
        "une publication, à sa dernière lecture",
        columns.POSTS,
        counted=True,
    ),
    OpenTable(
        "accounts/{account}/readings.csv",
        "une lecture d’une publication",
        columns.READINGS,
        counted=True,
    ),
    OpenTable("months.csv", "une révision d’un mois", columns.REVISIONS),
    OpenTable("methodologies/{methodology}/indicators.csv", "un indicateur", columns.INDICATORS),
    OpenTable("methodologies/{methodology}/bareme.csv", "un nœud du barème", columns.KNOTS),
)


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """A column of a file: what it says, its unit, whether it may be handed on."""

    file: str
    place: int
    column: str
    says: str
    unit: str
    text: str
    redistributable: str


ENTRIES: tuple[Column[CodebookEntry], ...] = (
    Column("fichier", "file", "adresse du fichier, sous /api/v1/"),
    Column("place", "place", "place de la colonne, depuis 1"),
    Column("colonne", "column", "nom de la colonne"),
    Column("sens", "says", "ce qu’elle dit"),
    Column("unite", "unit", "son unité"),
    Column("texte", "text", "oui : un code, dont les zéros de tête comptent"),
    Column("rediffusable", "redistributable", "oui, ou pour quels réseaux non"),
)


def entries() -> Iterator[CodebookEntry]:
    """Return the codebook: every column of every file, itself included."""
    own = OpenTable("codebook.csv", "une colonne d’un fichier", ENTRIES)
    for table in (*TABLES, own):
        for place, one in enumerate((*table.columns, origin(str)), 1):
            yield CodebookEntry(
                table.address,
                place,
                one.name,
                said(one),
                one.unit,
                YES if one.code else "non",
                redistributable(one, whole_file=table.counted),
            )


def said(column: Column[Any]) -> str:
    """Say what a column holds, and the words that it is written in where they are few."""
    if column.labels is None or column.name == "origine":
        return column.says
    return f"{column.says} : {', '.join(column.labels.values())}"


def redistributable(column: Column[Any], *, whole_file: bool) -> str:
    """Say whether a column may be handed on; where not, for which networks, and what is done."""
    if not (column.raw or column.widened or whole_file):
        return YES
    closed = [one.name for one in NETWORKS if one.redistribution != "counters"]
    done = "colonne vide" if column.raw else "élargie à la dizaine"
    if whole_file:
        done = "pas de fichier"
    return f"oui ; non pour {', '.join(closed)} : {done}"
