"""Erasing: what the tables hold of somebody goes, and what is read again does not bring it back.

Two halves, so that neither order of events leaves a row behind:

1. from the moment an erasure is known, intake passes over its records (`Spare`), those of a rebuild
   too: the topic of erasures is read whole before the first record is
2. batches that were under way then are waited for, and the rows deleted

Every scorer does both; a scorer that was killed between deletes again at its next start.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from contracts.codec import struct_of
from contracts.erasures import Erased, Suppressions
from contracts.topics import ALERTS_RAISED, ERASURES, Topic
from libs.wire.table import Table
from services.scorer.deletion import erase
from services.scorer.sink import first_line

log = structlog.get_logger(__name__)

T = TypeVar("T")

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


class _AlertNamed(msgspec.Struct, gc=False):
    evidence: tuple[_Named, ...] = ()


_named = msgspec.json.Decoder(_Named).decode
_alert_named = msgspec.json.Decoder(_AlertNamed).decode
_whole_alert = msgspec.json.Decoder(struct_of(ALERTS_RAISED.event)).decode


class Spare:
    """Keeps from the tables what is erased; costs nothing while nothing is."""

    def __init__(self) -> None:
        self.suppressions = Suppressions()

    def __call__(
        self, topic: Topic, records: list[bytes], sources: list[T]
    ) -> tuple[list[bytes], list[T]]:
        """Return the records (canonical JSON) that may be stored, with the sources beside them."""
        if not self.suppressions:
            return records, sources
        if topic is ALERTS_RAISED:
            return [self._without_evidence(record) for record in records], sources
        kept = [
            (record, source)
            for record, source in zip(records, sources, strict=True)
            if not self._erased(_named(record))
        ]
        return [record for record, _ in kept], [source for _, source in kept]

    def _erased(self, named: _Named) -> bool:
        return self.suppressions.holds(
            account=named.account or named.source,
            subject=named.mention or named.subject,
            address=named.address,
        )

    def _without_evidence(self, record: bytes) -> bytes:
        """Return an alert that was told, without the texts that must not be kept."""
        if not any(map(self._erased, _alert_named(record).evidence)):
            return record
        alert: Any = _whole_alert(record)
        alert.evidence = tuple(
            item
            for item in alert.evidence
            if not self.suppressions.holds(subject=item.subject, address=item.address)
        )
        return _encode(alert)


class Settling(Protocol):
    """What has batches under way: intake."""

    async def settle(self) -> None:
        """Return when the batches that are under way now have ended."""
        ...


class Erasing:
    """Follows the topic of erasures: `start` returns when all that it says is passed over."""

    def __init__(
        self, kafka_url: str, namespace: str, spare: Spare, connect: Callable[[], Any]
    ) -> None:
        """Prepare; `connect` opens the engine, and is awaited anew after a failure."""
        self._spare = spare
        self._connect = connect
        self._pending: list[Erased] = []
        self._news = asyncio.Event()
        self._table = Table(kafka_url, namespace, ERASURES, Erased, on_change=self._take)

    @property
    def failed(self) -> str | None:
        """Say why erasures are no longer heard of, or None while they are."""
        return self._table.failed

    async def start(self) -> None:
        """Read the topic whole."""
        await self._table.start()

    async def stop(self) -> None:
        """Hear no more."""
        await self._table.stop()

    async def run(self, intake: Settling) -> None:
        """Delete the rows of what is erased, at the start all of it, then as it comes."""
        while True:
            await self._news.wait()
            self._news.clear()
            due, self._pending = self._pending, []
            await intake.settle()
            try:
                engine = await self._connect()
                try:
                    await erase(engine, Suppressions(due))
                finally:
                    await engine.close()
            except Exception as error:  # of the engine, whatever it is: nothing is forgotten
                log.warning("erasing again later", error=first_line(error))
                self._pending = [*due, *self._pending]
                await asyncio.sleep(AGAIN_SECONDS)
                self._news.set()
            else:
                log.info("erased", count=len(due))

    def _take(self, _: str, erased: Erased | None) -> None:
        if erased is not None:
            self._spare.suppressions.add(erased)
            self._pending.append(erased)
            self._news.set()
