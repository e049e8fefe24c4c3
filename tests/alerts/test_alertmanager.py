"""The first hour of `test_first_hour.py`, given to a real Alertmanager beside us.

Its own waits (30 s before the first message of a group, five minutes between two), sixty times
shorter: an hour takes a minute. Each text is an alert; they are grouped by territory, the nearest
that it has to one event. `docs/first-hour.md` has both.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from deploy.local.supervision.children import Child, answers, free_port, start
from libs.deciding.preview import preview
from tests.alerts.builders import NOW
from tests.alerts.delivery.test_first_hour import CASES, HOUR, PAGE, decided, told
from tests.deadlines import until, until_now
from tests.debian import installed

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.proof, pytest.mark.timeout(240)]

FASTER = 60
LAST = HOUR - timedelta(minutes=6)
"""What is said later may be told after the hour."""
KILLED = "300 texts in two minutes, one watch"


@dataclass
class Heard:
    """What one receiver was sent: when (seconds after the first text), and the texts of each."""

    at: list[float] = field(default_factory=list[float])
    texts: set[str] = field(default_factory=set[str])


class Alertmanager:
    """A process of it, one group a case, and the hook that hears it."""

    def __init__(self, folder: Path, command: str) -> None:
        self._folder = folder
        self._command = command
        self._port, self._hook = free_port(), free_port()
        self._child: Child | None = None
        self._http = httpx.AsyncClient()
        self.began = datetime.now(UTC)
        self.heard: defaultdict[str, Heard] = defaultdict(Heard)

    def start(self) -> None:
        """Start it with its default waits, shortened."""
        told = {
            "route": {
                "receiver": "hook", "group_by": ["case", "territory"], "group_wait": "500ms",
                "group_interval": "5s", "repeat_interval": "4m",
            },
            "receivers": [
                {
                    "name": "hook",
                    "webhook_configs": [
                        {"url": f"http://127.0.0.1:{self._hook}/", "send_resolved": False}
                    ],
                }
            ],
        }  # fmt: skip
        (self._folder / "alertmanager.yaml").write_text(yaml.safe_dump(told))
        command = [
            self._command, "--cluster.listen-address=", "--log.level=warn",
            f"--config.file={self._folder}/alertmanager.yaml",
            f"--web.listen-address=127.0.0.1:{self._port}",
            f"--storage.path={self._folder}/alertmanager",
        ]  # fmt: skip
        self._child = start(command, self._folder / "alertmanager.log", dict(os.environ))
        until_now(lambda: answers(self._port, "/-/ready"), 30)

    def kill(self) -> None:
        """Kill -9."""
        if self._child:
            self._child.kill()

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Listen to what it tells."""
        server = await asyncio.start_server(self._hear, "127.0.0.1", self._hook)
        async with server:
            yield

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                said = json.loads(await reader.readexactly(int(length[1]) if length else 0))
                one = self.heard[said["groupLabels"]["case"]]
                one.at.append((datetime.now(UTC) - self.began).total_seconds() * FASTER)
                one.texts |= {alert["labels"]["text"] for alert in said["alerts"]}
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def give(self, *alerts: dict[str, Any]) -> None:
        """Give it alerts."""
        url = f"http://127.0.0.1:{self._port}/api/v2/alerts"
        (await self._http.post(url, json=alerts)).raise_for_status()

    async def held(self) -> list[Any]:
        """Return the alerts that it knows."""
        answer = await self._http.get(f"http://127.0.0.1:{self._port}/api/v2/alerts")
        return answer.raise_for_status().json()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Alertmanager]:
    """Run one, and listen to it."""
    other = Alertmanager(folder, installed("prometheus-alertmanager"))
    other.start()
    try:
        async with other.hearing():
            yield other
    finally:
        other.kill()


class Found(NamedTuple):
    """A text that a watch finds, seconds after the first."""

    at: float
    watch: str
    text: str

    def alert(self, case: str, ends: datetime) -> dict[str, Any]:
        labels = {"alertname": self.watch, "case": case, "territory": "00101", "text": self.text}
        return {"labels": labels, "endsAt": ends.isoformat()}


def found(case: str) -> list[Found]:
    """Return what the watches of a case find, in order."""
    watches, texts, *_ = CASES[case]
    looks = ((one, preview(one, texts, "Essai-sur-Onde", until=NOW + HOUR)) for one in watches)
    return sorted(
        Found((one.published_at - NOW).total_seconds(), watch.watch, one.subject)
        for watch, look in looks
        for one in look.found
    )


async def happen(other: Alertmanager, case: str, texts: list[Found]) -> None:
    """Give each text when it is said."""
    ends = other.began + HOUR / FASTER
    for one in texts:
        due = other.began + timedelta(seconds=one.at) / FASTER
        await until(lambda due=due: datetime.now(UTC) >= due, 90)
        await other.give(one.alert(case, ends))


async def test_the_same_hour_given_to_alertmanager(tmp_path):
    texts = {case: found(case) for case in CASES}
    async with running(tmp_path) as other:
        other.began = datetime.now(UTC)
        ends = other.began + HOUR / FASTER
        await asyncio.gather(*(happen(other, case, texts[case]) for case in CASES))
        await until(lambda: datetime.now(UTC) >= ends, 90)
    page = PAGE.read_text()
    for case, (watches, said, *_) in CASES.items():
        alerts, heard = decided(watches, said), other.heard[case]
        ours = sum(await told(alerts))
        first = (alerts[0].raised_at - said[0].published_at).total_seconds()
        waits = {one.text for one in texts[case] if one.at > LAST.total_seconds()}
        assert heard.texts >= {one.text for one in texts[case]} - waits
        held = sum(preview(one, said, "Essai-sur-Onde", until=NOW + HOUR).held for one in watches)
        counted = sum(one.total for one in alerts) + held
        assert counted == len(texts[case])
        assert first < 2
        assert 30 <= heard.at[0] < 90, "its wait, and what the machine takes, sixty times longer"
        theirs = len({one.text for one in texts[case]} - heard.texts)
        log.warning(
            "%s | %s after %.1f s, %s wait | %s after %.0f s, %s wait",
            *(case, ours, first, held, len(heard.at), heard.at[0], theirs),
        )
        row = re.search(rf"\| {re.escape(case)} \| (\d+) \| 0\.6 s \| (\d+) \|", page)
        assert row, f"{PAGE.name} has no line for this case"
        assert int(row[1]) == ours
        assert abs(int(row[2]) - len(heard.at)) <= 1, "a flush more or less at the hour's end"


async def test_what_alertmanager_was_given_and_had_not_told_is_lost_when_it_is_killed(tmp_path):
    """Prometheus would give it again; a stream of texts does not. Ours: `test_killed.py`."""
    async with running(tmp_path) as other:
        ends = datetime.now(UTC) + HOUR
        await other.give(*(one.alert("kill", ends) for one in found(KILLED)))
        assert len(await other.held()) == len(CASES[KILLED][1])
        other.kill()
        other.start()
        assert await other.held() == []
    assert "kill" not in other.heard
