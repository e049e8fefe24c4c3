"""The ledger beside what the line holds: rows, figures, alerts, deliveries, letters."""

import asyncio
import base64
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import httpx

from contracts.topics import (
    ALERTS_DELIVERED,
    ALERTS_RAISED,
    DEAD_LETTERS,
    ERASURES,
    MENTIONS_MATCHED,
    Topic,
)
from libs.wire.codec import validated
from tests.chaos.line import Line
from tests.chaos.load import READERS, TOKEN, Ledger
from tests.chaos.mails import MailServer
from tests.chaos.refusal import REASON
from tests.topics import offsets, read_records

DATABASE = "observatoire_simulation"

GROUPS: dict[str, list[Topic]] = {
    group: [
        topic
        for topic, groups in READERS.items()
        if group in groups and topic not in (ALERTS_RAISED, ERASURES)
    ]
    for group in dict.fromkeys(chain.from_iterable(READERS.values()))
    if group != "scorer-erasures"
}
"""What each group commits as it reads. Of the groups that deliver the log says what they have told:
they commit an alert when its event is over. Erasures are a table, read without a group."""


@dataclass
class Report:
    """What is not as it should be, by name (none: all is), and what is to be told beside it."""

    wrong: dict[str, Any] = field(default_factory=dict[str, Any])
    counted: dict[str, Any] = field(default_factory=dict[str, Any])

    def check(self, name: str, found: Any) -> None:
        """Note what was found that should not be."""
        self.counted[name] = len(found)
        if found:
            self.wrong[name] = sorted(map(str, found))[:5]


async def settled(line: Line, ledger: Ledger, seconds: float) -> tuple[float, dict[str, int]]:
    """Return once nothing is behind and all is told, or after so many seconds.

    With the seconds that it took, and how far behind each group was at the last look: collecting
    goes on, and a moment later some are again.
    """
    began, late = time.monotonic(), dict[str, int]()
    while time.monotonic() - began < seconds:
        late = {group: lag for group, lag in (await lags(line)).items() if lag}
        matched = {token for one in await _matches(line) for token in TOKEN.findall(one.excerpt)}
        delivered = await _delivered(line)
        raised = {one.alert for one in await _events(line, ALERTS_RAISED)}
        if not late and ledger.mentions.keys() <= matched and raised <= delivered.keys():
            break
        await asyncio.sleep(1.0)
    return time.monotonic() - began, late


async def _matches(line: Line) -> list[Any]:
    return list({one.event_id: one for one in await _events(line, MENTIONS_MATCHED)}.values())


async def _delivered(line: Line) -> dict[str, str]:
    """The message that told each alert."""
    log = await _events(line, ALERTS_DELIVERED)
    return {one.alert: one.message_id or "" for one in log if one.outcome == "delivered"}


async def lags(line: Line) -> dict[str, int]:
    """How many records each group has not committed."""
    found: dict[str, int] = {}
    for group, topics in GROUPS.items():
        done, published = await offsets(line.kafka_url, "simulation", group, topics)
        found[group] = published - done
    return found


async def compare(line: Line, ledger: Ledger, mails: MailServer) -> Report:
    """Compare everything."""
    report = Report()
    await _rows(line, ledger, report)
    await _told(line, ledger, mails, report)
    await _letters(line, ledger, report)
    return report


async def asked(line: Line, sql: str) -> list[list[Any]]:
    """Rows of the engine's answer."""
    async with httpx.AsyncClient(timeout=60) as http:
        answer = await http.post(
            line.clickhouse_url, params={"database": DATABASE}, content=f"{sql} FORMAT JSONCompact"
        )
    answer.raise_for_status()
    return json.loads(answer.text)["data"]


async def _rows(line: Line, ledger: Ledger, report: Report) -> None:
    """Raw rows as they are read, then figures: posts, readings and likes of each account."""
    found = Counter[tuple[str, str, datetime]]()
    likes: dict[tuple[str, str, datetime], int] = {}
    for account, post, slot, liked in await asked(
        line,
        "SELECT account, post, formatDateTime(slot, '%FT%TZ'), toInt64(likes)"
        " FROM post_observations FINAL WHERE account LIKE 'ledger-%'",
    ):
        key = (str(account), str(post), datetime.fromisoformat(str(slot)))
        found[key] += 1
        likes[key] = int(liked)
    report.counted["posts written"] = len(ledger.posts)
    report.counted["posts written again"] = ledger.repeated
    report.check("posts lost", ledger.posts.keys() - found.keys())
    report.check("posts of nobody", found.keys() - ledger.posts.keys())
    report.check("posts twice", [key for key, times in found.items() if times > 1])
    wrong = [key for key, value in ledger.posts.items() if likes.get(key, value) != value]
    report.check("posts changed", wrong)
    expected: dict[str, list[Any]] = {}
    for (account, post, _), liked in ledger.posts.items():
        figures = expected.setdefault(account, [set(), 0, 0])
        figures[0].add(post)
        figures[1] += 1
        figures[2] += liked
    rows = await asked(
        line,
        "SELECT account, uniqExact(post), count(), sum(likes) FROM post_observations FINAL"
        " WHERE account LIKE 'ledger-%' GROUP BY account",
    )
    figures = {str(row[0]): tuple(map(int, row[1:])) for row in rows}
    wanted = {account: (len(p), n, total) for account, (p, n, total) in expected.items()}
    report.check("figures wrong", [a for a in wanted if figures.get(a) != wanted[a]])


async def _told(line: Line, ledger: Ledger, mails: MailServer, report: Report) -> None:
    """Each mention is matched once and in one alert; each alert is stored, delivered, a mail."""
    matched = Counter(t for one in await _matches(line) for t in TOKEN.findall(one.excerpt))
    report.counted["mentions said"] = len(ledger.mentions)
    report.check("mentions not matched", ledger.mentions.keys() - matched.keys())
    report.check("mentions matched twice", [t for t, times in matched.items() if times > 1])
    alerts = {one.alert: one for one in await _events(line, ALERTS_RAISED)}
    said, totals = Counter(ledger.mentions.values()), Counter[str]()
    for one in alerts.values():
        totals[one.watch] += one.total
    report.check("watches told too little", said - totals)
    report.check("watches told too much", totals - said)
    shown = Counter(
        token
        for one in alerts.values()
        for evidence in one.evidence
        for token in TOKEN.findall(evidence.excerpt)
    )
    report.check("mentions in two alerts", [t for t, times in shown.items() if times > 1])
    delivered = await _delivered(line)
    report.counted["alerts"] = len(alerts)
    report.counted["mails"] = len(mails.accepted)
    report.counted["mails repeated"] = mails.repeats
    report.check("alerts not delivered", alerts.keys() - delivered.keys())
    sent = {delivered[alert] for alert in alerts.keys() & delivered.keys()}
    report.check("mails not in the box", sent - mails.accepted.keys())
    report.check("mails of no alert", mails.accepted.keys() - sent)
    stored = {str(row[0]) for row in await asked(line, "SELECT DISTINCT alert FROM alerts_raised")}
    report.check("alerts not stored", alerts.keys() - stored)


async def _letters(line: Line, ledger: Ledger, report: Report) -> None:
    """Each bad record is a letter of each of its readers, whole; no other record is one.

    But for what a deployment that refuses everything put aside: it is given back before.
    """
    refused, kept = set[tuple[bytes, str]](), set[tuple[bytes, str]]()
    for letter in await _events(line, DEAD_LETTERS):
        what = (base64.b64decode(letter.value), letter.consumer)
        (refused if letter.reason == REASON else kept).add(what)
    report.counted["records refused by a deployment"] = len(refused)
    wanted = {(value, group) for value, topic in ledger.poison.items() for group in READERS[topic]}
    report.counted["poison"] = len(ledger.poison)
    report.check("letters missing", [(v[:80], g) for v, g in wanted - kept - refused])
    report.check("letters of good records", [(v[:80], g) for v, g in kept - wanted])


async def _events(line: Line, topic: Topic) -> list[Any]:
    records = await read_records(line.kafka_url, "simulation", topic)
    read = (validated(topic.event, record.value, "simulation") for _, record in records)
    return [one for one in read if not isinstance(one, str)]
