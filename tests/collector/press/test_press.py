"""GDELT's files: what watches look for in the press, once, told when it is not read."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.mentions import MentionObserved, mention_id
from contracts.topics import COLLECT_OUTCOMES, COLLECT_PROGRESS, MENTIONS_OBSERVED
from contracts.watches import Query
from libs.clock import SteppedClock
from services.collector.press.following import MOST_FILES, PressFiles
from services.collector.press.gdelt import (
    EVERY,
    LARGEST_CONTENT,
    LIST,
    UnreadableFile,
    articles,
    file_of,
    last_of,
    missing,
)
from tests.alerts.builders import watched
from tests.collector.fakes import KeptWire

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
LAST = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def line(
    title: str,
    address: str = "https://www.laprovence-essai.example/a",
    language: str = "fra",
    collection: str = "1",
) -> str:
    columns = [""] * 27
    columns[0], columns[1], columns[2] = "20261124073000-T12", "20261124071500", collection
    columns[3], columns[4] = "laprovence-essai.example", address
    columns[25] = f"srclc:{language};eng:GT-FRA 1.0"
    columns[26] = f"<PAGE_LINKS>x</PAGE_LINKS><PAGE_TITLE>{title}</PAGE_TITLE>"
    return "\t".join(columns)


def packed(*lines: str, name: str = "a.csv") -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, "\n".join(lines))
    return into.getvalue()


FILE = packed(
    line("Essai-sur-Onde : l&#x27;eau est coupée &amp; revient ce soir"),
    line("Essai-sur-Onde, again", language="spa"),
    line("Ailleurs, rien", "https://b.example/1"),
    "a line\tthat is none",
    line("Essai-sur-Onde : le marché", "https://www.laprovence-essai.example/m?utm_source=x"),
    line("Essai-sur-Onde : non", "javascript:alert(1)"),
    line("Essai-sur-Onde : la radio", "https://radio.example/", collection="2"),
)


class Gdelt:
    """The files of a day; `files` by their moment, `asked` what was asked."""

    def __init__(self) -> None:
        self.last, self.files = LAST, {LAST: FILE}
        self.asked: list[str] = []
        self.status = 200
        self.failing: int | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.status != 200:
            return httpx.Response(self.status)
        if str(request.url) == LIST:
            sizes = "\n".join(
                f"123 abc {file_of(self.last).replace('gkg', kind)}" for kind in ("export", "gkg")
            )
            return httpx.Response(200, text=sizes)
        if self.failing:
            return httpx.Response(self.failing)
        for moment, body in self.files.items():
            if str(request.url) == file_of(moment):
                return httpx.Response(200, content=body)
        return httpx.Response(404)


class Place:
    def __init__(self, *words: str) -> None:
        self.gdelt, self.clock, self.wire = Gdelt(), SteppedClock(NOW), KeptWire()
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.gdelt))
        rows = {"w": watched(query=Query(any=words))} if words else {}
        self.press = PressFiles(self.wire, http, self.clock, lambda: rows)

    def said(self) -> list[MentionObserved]:
        return self.wire.of(MENTIONS_OBSERVED)


async def test_articles_in_french_that_a_watch_looks_for_are_mentions():
    place = Place("Essai-sur-Onde")
    await place.press.look()
    first, second = place.said()
    assert first.title == "Essai-sur-Onde : l'eau est coupée & revient ce soir"
    assert (first.network, first.source) == ("rss", "laprovence-essai.example")
    assert first.published_at == datetime(2026, 11, 24, 7, 15, tzinfo=UTC)
    assert second.address == "https://www.laprovence-essai.example/m"
    assert second.mention == mention_id(second.address)
    (row,) = place.wire.of(COLLECT_PROGRESS)
    assert row.cursor == LAST.isoformat()


async def test_what_nobody_watches_is_not_even_asked_for():
    place = Place()
    await place.press.look()
    assert (place.gdelt.asked, place.said()) == ([], [])


async def test_a_file_is_read_once_and_those_of_an_absence_after_it():
    place = Place("Essai-sur-Onde")
    await place.press.look()
    await place.press.look()
    assert place.gdelt.asked == [LIST, file_of(LAST), LIST]
    place.gdelt.last = LAST + 3 * EVERY
    place.gdelt.files |= {
        LAST + step * EVERY: packed(line(f"Essai-sur-Onde {step}", f"https://a.example/{step}"))
        for step in (1, 2, 3)
    }
    place.clock.step_to(NOW + timedelta(hours=1))
    await place.press.look()
    assert [one.address[-1] for one in place.said()[2:]] == ["1", "2", "3"]

    later = Place("Essai-sur-Onde")
    later.clock.step_to(NOW + timedelta(hours=1))
    later.gdelt.last = place.gdelt.last
    later.press.resume(place.wire.of(COLLECT_PROGRESS)[-1])
    await later.press.look()
    assert later.gdelt.asked == [LIST]


async def test_a_file_read_twice_gives_the_same_events():
    one, two = Place("Essai-sur-Onde"), Place("Essai-sur-Onde")
    await one.press.look()
    await two.press.look()
    assert [e.event_id for e in one.said()] == [e.event_id for e in two.said()]


@pytest.mark.parametrize("body", [b"", b"<html>", packed("x") + b"", packed(name="b.csv")])
async def test_a_file_that_is_none_is_told_or_empty_and_stops_nothing(body):
    place = Place("Essai-sur-Onde")
    place.gdelt.files = {LAST: body}
    await place.press.look()
    assert place.said() == []


async def test_a_source_that_fails_is_told_and_asked_again():
    place = Place("Essai-sur-Onde")
    place.gdelt.status = 503
    await place.press.look()
    (ended,) = place.wire.of(COLLECT_OUTCOMES)
    assert (ended.cause, ended.subject) == ("unavailable", "press:gdelt")
    assert "503" in (ended.detail or "")
    place.gdelt.status = 200
    await place.press.look()
    assert len(place.said()) == 2


@pytest.mark.parametrize("there", [{}, {LAST + EVERY: b"damaged"}])
async def test_a_file_that_is_not_there_holds_up_those_after_it_once(there):
    """GDELT skips some: nothing was read for two hours, and the press was told to be away."""
    place = Place("Essai-sur-Onde")
    await place.press.look()
    place.clock.step_to(NOW + timedelta(hours=1))
    place.gdelt.last = LAST + 2 * EVERY
    place.gdelt.files |= there | {
        place.gdelt.last: packed(line("Essai-sur-Onde 2", "https://a.example/2"))
    }
    await place.press.look()
    assert len(place.said()) == 2
    place.gdelt.asked.clear()
    await place.press.look()
    assert [one.title for one in place.said()[2:]] == ["Essai-sur-Onde 2"]
    assert place.gdelt.asked == [LIST, file_of(LAST + EVERY), file_of(LAST + 2 * EVERY)]
    assert place.wire.of(COLLECT_OUTCOMES) == []
    assert place.wire.of(COLLECT_PROGRESS)[-1].cursor == place.gdelt.last.isoformat()


async def test_a_network_that_is_away_is_no_file_that_is_not_there():
    place = Place("Essai-sur-Onde")
    await place.press.look()
    place.clock.step_to(NOW + timedelta(hours=1))
    place.gdelt.last = LAST + 2 * EVERY
    place.gdelt.failing = 503
    for _ in range(3):
        await place.press.look()
    place.gdelt.failing = None
    place.gdelt.files |= {
        LAST + step * EVERY: packed(line(f"Essai-sur-Onde {step}", f"https://a.example/{step}"))
        for step in (1, 2)
    }
    await place.press.look()
    assert [one.address[-1] for one in place.said()[2:]] == ["1", "2"]
    assert len(place.wire.of(COLLECT_OUTCOMES)) == 3


def test_a_bomb_is_not_opened():
    bomb = bytearray(packed("0" * 1_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as made:
        assert made.infolist()[0].file_size == 1_000_000
    size = (1_000_000).to_bytes(4, "little")
    lying = bytes(bomb).replace(size, (LARGEST_CONTENT + 1).to_bytes(4, "little"))
    with pytest.raises(UnreadableFile):
        list(articles(lying))


@given(st.binary(max_size=300))
def test_any_bytes_are_articles_or_no_file(body):
    with suppress(UnreadableFile):
        assert list(articles(body)) == []


@given(st.text(max_size=400))
def test_any_line_is_an_article_or_none(said):
    for one in articles(packed(said, line(said))):
        assert one.title
        assert one.address.startswith("https://")


@given(st.text(max_size=200))
def test_any_list_names_a_file_or_none(said):
    with suppress(UnreadableFile):
        assert isinstance(last_of(said), datetime)


def test_what_was_missed_is_bounded():
    assert missing(None, LAST, MOST_FILES) == [LAST]
    assert missing(LAST, LAST, MOST_FILES) == []
    assert missing(LAST - 2 * EVERY, LAST, MOST_FILES) == [LAST - EVERY, LAST]
    assert len(missing(LAST - timedelta(days=9), LAST, MOST_FILES)) == MOST_FILES
    assert missing(LAST + timedelta(days=9), LAST, MOST_FILES) == [LAST]
