"""Erasing: what the tables hold of somebody goes, and what is read again does not bring it back.

Two halves, so that neither order of events leaves a row behind:

1. from the moment an erasure is known, intake passes over its records (`Suppressor`), those of a
   rebuild too: the topic of erasures is read whole before the first record is
2. batches that were under way then are waited for, and the rows deleted

Every scorer does both; a scorer that was killed between deletes again at its next start, and one
that starts looks for the rows of no order that was applied long ago (`deletion.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import structlog

from contracts.erasures import Erased, Suppressions
from contracts.topics import COLLECT_OUTCOMES, ERASURES, Topic
from libs.wire.backends.log import Bad
from libs.wire.codec import struct_of
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.scorer.intake.deletion import erase, not_settled, note_applied
from services.scorer.intake.sink import first_line

log = structlog.get_logger(__name__)

T = TypeVar("T")

GROUP = "scorer-erasures"

AGAIN_SECONDS = 10.0
"""Until erasing is tried again after the engine was away."""

_encode = msgspec.json.Encoder().encode


class _Named(msgspec.Struct, gc=False):
    """The fields by which a record names an account, a subject, an address."""

    account: str | None = None
    mention: str | None = None
    subject: str | None = None
    source: str | None = None
    address: str | None = None


class _OutcomeNamed(msgspec.Struct, gc=False):
    subjects: tuple[str, ...] = ()
    subject: str = ""


_named = msgspec.json.Decoder(_Named).decode
_outcome_named = msgspec.json.Decoder(_OutcomeNamed).decode
_whole_outcome = msgspec.json.Decoder(struct_of(COLLECT_OUTCOMES.event)).decode


class Suppressor:
    """Leaves out of what is stored the records of what is erased; does nothing while nothing is."""

    def __init__(self) -> None:
        self.suppressions = Suppressions()

    def __call__(
        self, topic: Topic, records: Sequence[bytes], sources: Sequence[T]
    ) -> tuple[Sequence[bytes], Sequence[T]]:
        """Return the records (canonical JSON) that may be stored, with the sources beside them."""
        if not self.suppressions:
            return records, sources
        left = self._left_of_outcome if topic is COLLECT_OUTCOMES else self._left
        kept = [
            (rest, source)
            for record, source in zip(records, sources, strict=True)
            if (rest := left(record)) is not None
        ]
        return [record for record, _ in kept], [source for _, source in kept]

    def _left(self, record: bytes) -> bytes | None:
        return None if self._erased(_named(record)) else record

    def _erased(self, named: _Named) -> bool:
        return self.suppressions.holds(
            account=named.account or named.source,
            subject=named.mention or named.subject,
            address=named.address,
        )

    def _left_of_outcome(self, record: bytes) -> bytes | None:
        """Return how a job ended without what it says of accounts that are erased, None if all."""
        named = _outcome_named(record)
        erased = self.suppressions.accounts.intersection((*named.subjects, named.subject))
        if not erased:
            return record
        if erased.issuperset(named.subjects):
            return None
        outcome: Any = _whole_outcome(record)
        outcome.subjects = tuple(each for each in outcome.subjects if each not in erased)
        outcome.subject = outcome.subjects[0]
        for told in (outcome.gone, outcome.absences, outcome.renamed):
            for account in erased & told.keys():
                del told[account]
        return _encode(outcome)


class Erasing:
    """Follows the topic of erasures: `start` returns when all that it says is passed over."""

    def __init__(
        self,
        wire: Wire,
        suppressor: Suppressor,
        connect: Callable[[], Any],
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        """Prepare; `connect` opens the engine, and is awaited anew after a failure."""
        self._again_seconds = again_seconds
        self._wire = wire
        self._suppressor = suppressor
        self._connect = connect
        self._earlier: list[Erased] = []
        self._pending: list[Erased] = []
        self._news = asyncio.Event()
        self._bad: list[Bad] = []
        self._table = Table(wire, ERASURES, Erased, on_change=self._take, on_bad=self._refuse)

    @property
    def failed(self) -> str | None:
        """Say why erasures are no longer heard of, or None while they are."""
        return self._table.failed

    async def start(self) -> None:
        """Read the topic whole."""
        await self._table.start()
        self._earlier, self._pending = self._pending, []

    async def stop(self) -> None:
        """Hear no more."""
        await self._table.stop()

    async def run(self, settle: Callable[[], Awaitable[None]]) -> None:
        """Delete the rows of what is erased: what the start found not applied, then as it comes.

        `settle` returns when the batches of intake that are under way have ended.
        """
        while True:
            await self._news.wait()
            self._news.clear()
            earlier, self._earlier = self._earlier, []
            due, self._pending = self._pending, []
            bad, self._bad = self._bad, []
            try:
                if bad:
                    await self._wire.dead_letters(bad, GROUP)
                if due or earlier:
                    await settle()
                    await self._erase(earlier, due)
            except Exception as error:  # of engine or broker, whatever it is: nothing is forgotten
                log.warning("erasing again later", error=first_line(error))
                self._earlier, self._pending = earlier, [*due, *self._pending]
                self._bad = [*bad, *self._bad]
                await asyncio.sleep(self._again_seconds)
                self._news.set()

    async def _erase(self, earlier: list[Erased], due: list[Erased]) -> None:
        async with await self._connect() as engine:
            if orders := [*(await not_settled(engine, earlier)), *due]:
                await erase(engine, Suppressions(orders))
                await note_applied(engine, orders)
                log.info("erased", count=len(orders))

    def _refuse(self, bad: Bad) -> None:
        """Keep an erasure that cannot be obeyed for somebody to look at."""
        self._bad.append(bad)
        self._news.set()

    def _take(self, _: str, erased: Erased | None) -> None:
        if erased is not None:
            self._suppressor.suppressions.add(erased)
            self._pending.append(erased)
            self._news.set()
