"""What a request's text asks: statements, formats and errors, read without the engine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

_COMMENT = rb"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_INSERT = re.compile(rb"\A" + _COMMENT + rb"INSERT\s+INTO\b", re.IGNORECASE | re.DOTALL)
_INSERT_HEAD = re.compile(
    rb"\A(?P<statement>"
    + _COMMENT
    + rb"INSERT\s+INTO\b.{0,65536}?)\bFORMAT\s+(?P<format>\w+)\s*?(?:;|\n|\Z| |\t)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 70_000
"""Bytes of the longest statement that is looked for at the head of a body."""
_READS = re.compile(rb"\b(?:SELECT|VALUES)\b", re.IGNORECASE)
_SETTINGS = re.compile(r"\bSETTINGS\s+\w+\s*=.*", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*(?:SETTINGS\b[^']*)?;?\s*\Z", re.IGNORECASE)
_SESSION = re.compile(
    r"\A" + _COMMENT.decode() + r"(?:SET|USE|CREATE\s+TEMPORARY|BEGIN)\b", re.IGNORECASE | re.DOTALL
)
_ERROR = re.compile(r"Code: (\d+)\. DB::Exception:.*", re.DOTALL)

CONTENT_TYPES = {
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TabSeparatedWithNames": "text/tab-separated-values; charset=UTF-8; header=present",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "Native": "application/octet-stream",
    "RowBinary": "application/octet-stream",
    "Parquet": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT whose rows come as bytes: its text, its SETTINGS clause, its format, the rows.

    Rows stay in the pieces in which they came: a body of megabytes is never copied into one.
    """

    statement: str
    settings: str
    format: str
    rows: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the engine as the HTTP interface tells it."""

    code: int
    message: str

    @property
    def status(self) -> int:
        """The HTTP status that a ClickHouse server gives this code."""
        return _STATUS.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)


_STATUS: dict[int, int] = {
    **dict.fromkeys(
        # Bad arguments, unparsable values and syntax errors.
        (6, 26, 27, 36, 38, 41, 42, 43, 53, 62, 69, 70, 72, 117, 321, 457),
        HTTPStatus.BAD_REQUEST,
    ),
    # Unknown table, function, identifier, type, storage, database, setting, format.
    **dict.fromkeys((46, 47, 50, 56, 60, 73, 78, 81, 115), HTTPStatus.NOT_FOUND),
    48: HTTPStatus.NOT_IMPLEMENTED,
    159: HTTPStatus.REQUEST_TIMEOUT,
    164: HTTPStatus.FORBIDDEN,
    202: HTTPStatus.SERVICE_UNAVAILABLE,
    223: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


def insert_with_rows(query: str, body: Sequence[bytes]) -> Insert | None:
    """Return the INSERT that carries its rows as bytes, or None for every other statement.

    The statement is either the ``query`` parameter, the rows being the body, or the head of the
    body itself up to its FORMAT clause. An INSERT … SELECT and an INSERT … VALUES written as text
    are ordinary statements.
    """
    text, rest = (query.encode(), body) if query else _head(body)
    if _INSERT.match(text) is None:
        return None
    head = _INSERT_HEAD.match(text)
    if head is None or _READS.search(head["statement"]):
        return None
    statement, settings = _without_settings(head["statement"].decode())
    first = text[head.end() :]
    rows = (first, *rest) if first else tuple(rest)
    return Insert(statement, settings, head["format"].decode(), rows)


def _without_settings(statement: str) -> tuple[str, str]:
    clause = _SETTINGS.search(statement)
    return (statement, "") if clause is None else (statement[: clause.start()], clause[0])


def _head(body: Sequence[bytes]) -> tuple[bytes, Sequence[bytes]]:
    """Part a body into its beginning, long enough for any statement, and the pieces that follow."""
    size = 0
    for number, piece in enumerate(body, start=1):
        size += len(piece)
        if size > _LONGEST:
            return b"".join(body[:number]), body[number:]
    return b"".join(body), ()


def answer_format(statement: str, default: str) -> str:
    """Return the format of the answer: the statement's own clause, else the default."""
    clause = _FORMAT.search(statement)
    return clause[1] if clause else default


def keeps_state(statement: str) -> bool:
    """Tell whether the statement changes its connection (SET, USE, temporary table)."""
    return _SESSION.match(statement) is not None


def refusal(error: BaseException, version: str) -> Refusal:
    """Read the engine's error: code 1002 (unknown exception) when it carries none."""
    text = str(error)
    found = _ERROR.search(text)
    message = found[0] if found else f"Code: 1002. DB::Exception: {text}"
    if "(version " not in message:
        message = f"{message} (version {version} (chDB))"
    return Refusal(int(found[1]) if found else 1002, message)
