"""A file → what it declares, or every cell that is wrong, by line and column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from libs import french
from services.api.declaring.cells import CellError, count, days, text
from services.api.declaring.exports import WORDS, Counter, Field, Placed, Tool, recognise, tools
from services.api.declaring.sheets import Row, Sheet, UnreadableError, read_sheets
from services.api.store.agents.declarations import DeclaredDay, DeclaredFigures, DeclaredPost

HEADER_WITHIN = 15
"""Rows before which a header stands: tools write a title and a period above it."""

PROBLEMS_TOLD = 8
COLUMNS_NAMED = 12
"""How many faults of a file, and how many of its columns, a refusal names."""

LONGEST_ID = 512


class RefusedError(ValueError):
    """A file whose cells are wrong: each is told, in French."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0])
        left = len(problems) - PROBLEMS_TOLD
        more = [f"Et {french.plural(left, 'autre')}."] if left > 0 else []
        self.problems = problems[:PROBLEMS_TOLD] + more


@dataclass(slots=True)
class Read:
    """What a file said: its figures, and what was made of each of its columns (French)."""

    told: list[DeclaredFigures] = field(default_factory=list[DeclaredFigures])
    kept: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    ignored: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])


def read(content: bytes, today: date) -> Read:
    """Read an export. Raises `UnreadableError` for no export, `RefusedError` for a wrong one."""
    sheets = read_sheets(content)
    done, problems = Read(), list[str]()
    for sheet in sheets:
        head = [[text(cell) for cell in row.cells] for row in sheet.rows[:HEADER_WITHIN]]
        if (found := recognise(head)) is None:
            continue
        index, tool, placed = found
        rows = sheet.rows[index + 1 :]
        _Columns(head[index], placed, sheet.name, today, problems).take(tool, rows, done)
    if problems:
        raise RefusedError(problems)
    if not done.kept:
        raise UnreadableError(_unknown(sheets))
    if not done.told:
        raise UnreadableError("Ce fichier n’a que des en-têtes : aucune ligne à lire.")
    return done


@dataclass(slots=True)
class _Columns:
    """The columns of one sheet that are read, and where what is wrong is written down."""

    header: list[str]
    placed: Placed
    sheet: str
    today: date
    problems: list[str]

    def take(self, tool: Tool, rows: tuple[Row, ...], done: Read) -> None:
        """Add what the rows say."""
        export = self.placed.export
        done.kept += [(self.header[at], WORDS[one]) for one, at in self.placed.at.items()]
        done.ignored += self.placed.ignored
        done.unknown += self.placed.unknown
        rows = tuple(row for row in rows if any(text(self._cell(row, one)) for one in export.needs))
        when = days(
            [self._cell(row, "day") for row in rows], self.today, day_first=self.placed.day_first
        )
        dated = [(row, self._day(row, one)) for row, one in zip(rows, when, strict=True)]
        accounts: dict[str, list[tuple[Row, date]]] = {}
        for row, day in dated:
            if day is not None:
                accounts.setdefault(text(self._cell(row, "account"))[:LONGEST_ID], []).append(
                    (row, day)
                )
        for account, theirs in accounts.items():
            posts = self._posts(theirs) if export.rows == "posts" else ()
            per_day = self._days(theirs) if export.rows == "days" else ()
            done.told.append(
                DeclaredFigures(
                    network=export.network,
                    account=account,
                    tool=tool.slug,
                    posts=tuple(posts),
                    days=tuple(per_day),
                )
            )

    def _posts(self, rows: list[tuple[Row, date]]) -> Iterable[DeclaredPost]:
        known: dict[str, tuple[int, DeclaredPost]] = {}
        for row, day in rows:
            name = text(self._cell(row, "post"))
            if not name or len(name) > LONGEST_ID:
                self._wrong(row, "post", "il manque de quoi reconnaître la publication")
                continue
            post = DeclaredPost(
                id=name, day=day, interactions=self._sum(row), views=self._count(row, "views")
            )
            line, other = known.setdefault(name, (row.line, post))
            if other != post:
                self._wrong(
                    row,
                    "post",
                    f"la même publication, avec d’autres chiffres, est ligne {line} ; exportez le "
                    "total de chaque publication, et non le jour par jour",
                )
        return [post for _, post in known.values()]

    def _days(self, rows: list[tuple[Row, date]]) -> Iterable[DeclaredDay]:
        for row, day in rows:
            yield DeclaredDay(
                day=day,
                followers=self._count(row, "followers"),
                gained=self._count(row, "gained"),
            )

    def _sum(self, row: Row) -> int | None:
        """Return the interactions: the tool's own sum, else that of counters that are all said."""
        given = self._count(row, "interactions")
        parts = [self._count(row, one) for one in self.placed.export.interactions]
        if given is not None:
            return given
        known = [one for one in parts if one is not None]
        return sum(known) if len(known) == len(parts) else None

    def _count(self, row: Row, column: Counter | Field) -> int | None:
        try:
            return count(self._cell(row, column))
        except CellError as error:
            self._wrong(row, column, str(error))
            return None

    def _day(self, row: Row, day: date | CellError) -> date | None:
        if isinstance(day, CellError):
            self._wrong(row, "day", f"{day} entre 2004 et aujourd’hui")
            return None
        return day

    def _cell(self, row: Row, column: Field):
        at = self.placed.at.get(column)
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def _wrong(self, row: Row, column: Field, why: str) -> None:
        where = f"Feuille « {self.sheet} », ligne" if self.sheet else "Ligne"
        name = self.header[self.placed.at[column]]
        self.problems.append(f"{where} {row.line}, colonne « {name} » : {why}.")


def _unknown(sheets: list[Sheet]) -> str:
    """Say what was found where no tool is known, and what is read."""
    head = max(
        (row for sheet in sheets for row in sheet.rows[:HEADER_WITHIN]),
        key=lambda row: sum(bool(text(cell)) for cell in row.cells),
        default=None,
    )
    names = [one for cell in (head.cells if head else ()) if (one := text(cell))]
    found = ", ".join(f"« {one[:40]} »" for one in names[:COLUMNS_NAMED]) or "aucune"
    more = "…" if len(names) > COLUMNS_NAMED else ""
    asked = french.series((tool.name for tool in tools()), " ou ")
    return (
        f"Aucun export connu dans ce fichier. Colonnes trouvées : {found}{more}. "
        f"Nous lisons les exports de {asked}, tels qu’ils sont téléchargés ; "
        "les colonnes attendues sont en bas de cette page."
    )


def expected() -> Sequence[tuple[Tool, list[tuple[str, list[tuple[str, str]]]]]]:
    """Return, of each tool, what each export is, and its columns with what they are read as."""
    return [
        (
            tool,
            [
                (
                    export.what,
                    [(" / ".join(names), WORDS[one]) for one, names in export.columns.items()],
                )
                for export in tool.exports
            ],
        )
        for tool in tools()
    ]
