"""GDELT's files are followed by the process that leads: what some watch may concern is published.

1. what a file gives is published
2. then its moment is remembered; killed between the two, it is read again, ids are the same
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import httpx
import structlog

from contracts.event import hashed_id
from contracts.jobs import JobEnded, Progress
from contracts.mentions import MentionObserved, mention_id
from contracts.topics import COLLECT_OUTCOMES, COLLECT_PROGRESS, MENTIONS_OBSERVED
from contracts.watches import Watched
from libs.clock import Clock
from libs.matching.sieve import CurrentSieve, Sieve
from libs.wire.wire import Wire
from services.collector import metrics
from services.collector.press.gdelt import (
    LARGEST_FILE_BYTES,
    LIST,
    AbsentFile,
    UnreadableFile,
    articles,
    file_of,
    last_of,
    missing,
)
from services.collector.readers.http import fetch
from services.collector.readers.reader import Failure, Request

log = structlog.get_logger(__name__)

SUBJECT = "press:gdelt"
NETWORK = "rss"
"""Articles of the press: the same one heard of by a feed is the same mention."""

LOOK_EVERY_SECONDS = 300.0
MOST_FILES = 8
"""Read at once after an absence: two hours."""


class PressFiles:
    """Follows the files; `run` never returns. `watches` gives the watches as they are now."""

    def __init__(
        self,
        wire: Wire,
        http: httpx.AsyncClient,
        clock: Clock,
        watches: Callable[[], Mapping[str, Watched]],
    ) -> None:
        self._wire = wire
        self._http = http
        self._clock = clock
        self._watches = watches
        self._sieve = CurrentSieve(NETWORK, watches)
        self._read: datetime | None = None
        self._absent: datetime | None = None
        self._revision = 0

    def resume(self, row: Progress | None) -> None:
        """Go on from what an earlier leader remembered."""
        if row is None or not row.cursor:
            return
        try:
            moment = datetime.fromisoformat(row.cursor).astimezone(UTC)
        except ValueError:
            return
        if moment <= self._clock.now():
            self._read, self._revision = moment, row.revision

    async def run(self, look_every: float = LOOK_EVERY_SECONDS) -> None:
        """Look for new files for ever."""
        while True:
            await self.look()
            await asyncio.sleep(look_every)

    async def look(self) -> None:
        """Read the files that there are since the last look; what fails is told and asked again."""
        if all(one.state != "active" for one in self._watches().values()):
            return
        try:
            last = last_of((await self._fetched(LIST, 65_536)).decode("ascii", "replace"))
            for moment in missing(self._read, last, MOST_FILES):
                if not await self._take_or_pass(moment, last):
                    break
        except UnreadableFile as error:
            log.warning("press not read", why=str(error))
            await self._tell(str(error))

    async def _take_or_pass(self, moment: datetime, last: datetime) -> bool:
        """Read a file; tell whether those after it are next.

        One that is not there, asked twice, is passed over: GDELT skips some. That of the list is
        waited for until another one stands in its place.
        """
        try:
            await self._take(moment, self._sieve.get())
        except AbsentFile as error:
            if moment == last:
                raise
            log.warning("a file of the press is not there", moment=str(moment), why=str(error))
            if self._absent != moment:
                self._absent = moment
                return False
            await self._go_on_from(moment)
        return True

    async def _take(self, moment: datetime, sieve: Sieve) -> None:
        packed = await self._fetched(file_of(moment), LARGEST_FILE_BYTES)
        # A file takes a second to read: the loop has others to serve meanwhile.
        found = await asyncio.to_thread(self._mentions, packed, sieve)
        await self._wire.publish_all(MENTIONS_OBSERVED, found)
        metrics.EVENTS.labels(MENTIONS_OBSERVED.name).inc(len(found))
        await self._go_on_from(moment)

    async def _go_on_from(self, moment: datetime) -> None:
        """Remember what was read last, here and for the next leader."""
        self._read = moment
        self._revision += 1
        row = Progress(
            event_id=f"{SUBJECT}@{moment.isoformat()}",
            origin=self._wire.installation,
            subject=SUBJECT,
            network=NETWORK,
            revision=self._revision,
            cursor=moment.isoformat(),
            changed_at=self._clock.now(),
        )
        await self._wire.publish(COLLECT_PROGRESS, row)

    def _mentions(self, packed: bytes, sieve: Sieve) -> list[MentionObserved]:
        now, found = self._clock.now(), dict[str, MentionObserved]()
        for one in articles(packed):
            mention = mention_id(one.address)
            if mention in found or not sieve.passes(one.title):
                continue
            found[mention] = MentionObserved(
                event_id=hashed_id("mention observed", mention, one.title, ""),
                origin=self._wire.installation,
                mention=mention,
                network=NETWORK,
                address=one.address,
                source=one.source,
                published_at=min(one.seen_at, now),
                observed_at=now,
                title=one.title[:500],
                text="",
                language="fr",
            )
        return list(found.values())

    async def _fetched(self, address: str, largest: int) -> bytes:
        """Return what an address gives. Raises `UnreadableFile`, `AbsentFile` for good."""
        answer = await fetch(self._http, Request(address, largest=largest), self._clock)
        if isinstance(answer, Failure):
            raise (AbsentFile if answer.cause == "refused" else UnreadableFile)(answer.detail)
        if answer.status != 200:
            later = answer.status in (408, 429) or answer.status >= 500
            raise (UnreadableFile if later else AbsentFile)(f"HTTP {answer.status}")
        return answer.body

    async def _tell(self, why: str) -> None:
        """Say that the press failed: a source that fails is told."""
        origin, now = self._wire.installation, self._clock.now()
        ended = JobEnded.unheard(origin, NETWORK, SUBJECT, why, now)
        await self._wire.publish(COLLECT_OUTCOMES, ended)
