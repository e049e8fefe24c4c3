"""The broker: FastStream publishes, consumers of our own read (consumer.py)."""

import asyncio
import logging
import struct
from collections.abc import Awaitable, Mapping, Sequence
from ssl import SSLContext
from typing import Any

import structlog
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaError,
    OutOfOrderSequenceNumber,
    UnknownProducerId,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram512

from contracts.topics import LARGEST_LETTER_BYTES
from libs.wire.backends.address import connection, context_of, servers_of
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.backends.log import Headers

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 3.0
"""Left to what was published and not acknowledged: nobody waits for it any more, and without a
broker the client would send it for ever, since what an idempotent producer holds never expires."""

ASKED = 0x0B5E4B0F
"""Of a question; its answer repeats it, and nothing else that has the port does."""

API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, ASKED, -1)
"""ApiVersions, version 0, without a client's name: what any broker answers to anybody."""

POISONED = (OutOfOrderSequenceNumber, UnknownProducerId, InvalidProducerEpoch)
"""What a producer is told for ever once a batch of its own was refused: its numbers have a gap."""


class KafkaLog:
    """A real broker (see `libs.wire.backends.log.Log`)."""

    def __init__(self, kafka_url: str, client_id: str = "observatoire") -> None:
        self._connection = connection(kafka_url)
        self._client_id = client_id
        self._renewing = asyncio.Lock()
        self._renewals = 0
        self._address = kafka_url
        self.broker = KafkaBroker(
            servers_of(kafka_url),
            security=_security(self._connection),
            client_id=client_id,
            # FastStream's own default is at most once.
            ack_policy=AckPolicy.NACK_ON_ERROR,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            # One batch at a time goes to a partition: at 16 KB, the client's default, a thousand
            # records of one key took a hundred round trips.
            max_batch_size=512 * 1024,
            max_request_size=LARGEST_LETTER_BYTES,
            logger=_BrokerErrors(client_id),
            # Nobody reads a correlation id; making one took a tenth of a busy publisher's time.
            id_generator=str,
        )

    async def start(self) -> None:
        """Connect the producer."""
        await self.broker.start()

    async def stop(self) -> None:
        """Let what was published be acknowledged, soon; then disconnect."""
        stopping = asyncio.ensure_future(self.broker.stop())
        try:
            ended, _ = await asyncio.wait({stopping}, timeout=FLUSH_SECONDS)
        finally:
            stopping.cancel()
        if not ended or stopping.cancelled() or stopping.exception() is not None:
            log.warning("producer left without its broker's word", client=self._client_id)

    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, headers: Headers = ()
    ) -> Awaitable[object]:
        """Hand a record over; what is returned ends when the broker has it, or raises."""
        renewals = self._renewals
        said = {name: (told or b"").decode() for name, told in headers} or None
        sent = await self.broker.publish(value, topic, key=key, headers=said, no_confirm=True)
        return self._acknowledged(sent, renewals)

    async def _acknowledged(self, sent: Awaitable[object], renewals: int) -> object:
        try:
            return await sent
        except POISONED as error:
            await self._renew(renewals, error)
            raise

    async def _renew(self, renewals: int, error: KafkaError) -> None:
        """Begin with a new producer: the old one is refused whatever it sends to a partition."""
        async with self._renewing:
            if renewals != self._renewals:
                return
            log.warning("producer begins again", client=self._client_id, error=repr(error))
            self._renewals += 1
            await self.stop()
            await self.broker.start()

    async def ping(self) -> None:
        """Return once one broker answers; raises `OSError` when none can."""
        await any_answer(servers_of(self._address), context_of(self._address))

    def consumer(self, group: str | None = None, **settings: Any) -> KafkaConsumer:
        """Return a consumer, not started, which commits only what it is told to."""
        return KafkaConsumer(
            **self._connection,
            client_id=self._client_id,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **settings,
        )


def _security(told: Mapping[str, Any]) -> BaseSecurity | None:
    """Return the same for FastStream, which has words of its own."""
    context = told.get("ssl_context")
    if context is None:
        return None
    if "sasl_plain_username" not in told:
        return BaseSecurity(ssl_context=context, use_ssl=True)
    return SASLScram512(
        told["sasl_plain_username"], told["sasl_plain_password"], ssl_context=context, use_ssl=True
    )


async def any_answer(servers: Sequence[str], context: SSLContext | None = None) -> None:
    """Return once one of these brokers (`host:port`) answers; raises `OSError` when none can.

    On a connection of its own: those of the clients may have been lost with what they wait for.
    """
    asking = {asyncio.create_task(_answer(server, context)) for server in servers}
    try:
        while asking:
            done, asking = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            errors = [error for task in done if (error := task.exception())]
            if len(errors) < len(done):
                return
            if not asking:
                raise errors[0]
    finally:
        for task in asking:
            task.cancel()


async def _answer(server: str, context: SSLContext | None) -> None:
    host, _, port = server.rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port), ssl=context)
    try:
        writer.write(API_VERSIONS)
        await writer.drain()
        _, answered = struct.unpack(">ii", await reader.readexactly(8))
        if answered != ASKED:
            raise ConnectionRefusedError(f"{server}: what answers there is no broker")
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError(f"{server}: closed") from error
    finally:
        writer.close()


class _BrokerErrors:
    """The logger given to FastStream: what the broker refuses to it is told, the rest is not."""

    def __init__(self, client: str) -> None:
        self._client = client

    def log(
        self,
        level: int,
        msg: object,
        /,
        *,
        exc_info: object = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell an error of the broker."""
        if level >= logging.ERROR and isinstance(exc_info, KafkaError):
            log.error("broker refuses", client=self._client, said=str(msg), error=repr(exc_info))
