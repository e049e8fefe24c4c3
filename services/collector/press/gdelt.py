"""GDELT's files: each quarter of an hour, the articles that were seen, with their titles (pure).

Global Knowledge Graph 2.1, the translated stream: articles that are not in English (codebook of
GKG 2.1; data.gdeltproject.org, read in November 2026). Made from documentation, nothing of it is
recorded. A list names the last file; names are moments, so that those before it are known. A file
holds a line an article, of 27 columns parted by tabs; its language stands in the translation
column, its title in the last one. No text is given.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import IO
from urllib.parse import urlsplit

from services.collector.parsing.feed import canonical
from services.collector.parsing.text import tidy

FILES = "https://data.gdeltproject.org/gdeltv2/"
LIST = f"{FILES}lastupdate-translation.txt"
EVERY = timedelta(minutes=15)
LARGEST_FILE_BYTES = 30 * 1024 * 1024
LARGEST_CONTENT = 200 * 1024 * 1024
"""Bytes; a quarter of an hour is some 10 MB, and 40 once it is opened."""

LARGEST_LINE_BYTES = 1024 * 1024
"""A longer file or line is no file of theirs."""

LANGUAGE = "fra"
COLUMNS = 27
"""Of a line; below, the places of those that are used."""

DATE, COLLECTION, SOURCE, ADDRESS, TRANSLATED, EXTRAS = 1, 2, 3, 4, 25, 26
WEB = "1"
_NAME = re.compile(r"/(\d{14})\.translation\.gkg\.csv\.zip$")
_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", re.DOTALL)
_LANGUAGE = re.compile(r"(?:^|;)srclc:([a-z]{3})")


class UnreadableFile(ValueError):
    """A list or a file that is not what GDELT documents."""


class AbsentFile(UnreadableFile):
    """A file that is not there, or is none: those after it may be read all the same."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article that was seen at a moment (UTC): where, of which site, under which title."""

    address: str
    source: str
    title: str
    seen_at: datetime


def last_of(text: str) -> datetime:
    """Return the moment of the last file that a list names. Raises `UnreadableFile`."""
    for line in text.splitlines()[:100]:
        address = line.rpartition(" ")[2]
        if (found := _NAME.search(address)) and (moment := _moment(found[1])):
            return moment
    raise UnreadableFile("a list without a file of articles")


def file_of(moment: datetime) -> str:
    """Return the address of the file of a moment."""
    return f"{FILES}{moment:%Y%m%d%H%M%S}.translation.gkg.csv.zip"


def missing(after: datetime | None, last: datetime, most: int) -> list[datetime]:
    """Return the moments of the files after the one read last, oldest first; the newest `most`.

    Without any read, the last alone.
    """
    if after is None or after >= last:
        return [] if after == last else [last]
    count = min(most, int((last - after) / EVERY))
    return [last - EVERY * back for back in range(count - 1, -1, -1)]


def articles(packed: bytes) -> Iterator[Article]:
    """Yield the articles in French of a file; a line that is none is passed over.

    Raises `AbsentFile` for what is no such file, or holds more than it should.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as opened:
            names = opened.infolist()
            if len(names) != 1 or names[0].file_size > LARGEST_CONTENT:
                raise AbsentFile("not one file of a reasonable size")
            with opened.open(names[0]) as lines:
                yield from _articles(lines)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise AbsentFile(f"{type(error).__name__}: {error}") from error


def _articles(lines: IO[bytes]) -> Iterator[Article]:
    read = 0
    while line := lines.readline(LARGEST_LINE_BYTES):
        read += len(line)
        if read > LARGEST_CONTENT:
            raise AbsentFile("more than it said")
        if (found := _article(line.decode("utf-8", "replace").rstrip("\r\n"))) is not None:
            yield found


def _article(line: str) -> Article | None:
    columns = line.split("\t")
    if len(columns) != COLUMNS or columns[COLLECTION] != WEB:
        return None
    language = _LANGUAGE.search(columns[TRANSLATED])
    title, moment = _TITLE.search(columns[EXTRAS]), _moment(columns[DATE])
    address = canonical(columns[ADDRESS].strip())
    if language is None or language[1] != LANGUAGE or not title or not moment or not address:
        return None
    source = columns[SOURCE].strip().lower() or (urlsplit(address).hostname or "")
    said = tidy(unescape(title[1]))
    return Article(address, source, said, moment) if said and source else None


def _moment(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
