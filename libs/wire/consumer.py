"""Consumers of the broker that can be stopped, whether or not the broker still answers."""

import asyncio
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer

log = structlog.get_logger(__name__)

STOP_SECONDS = 5.0
"""Left to say goodbye to a broker that does not answer."""


class Consumer(AIOKafkaConsumer):
    """The client's consumer, but for its end.

    The client (0.14) awaits the tasks that it cancels: one that waits for a lost broker raises
    `CancelledError` into whoever stops the consumer, who seems cancelled and dies without a word;
    connections stay open. A broker that hangs is waited for as long as any request.
    """

    async def stop(self) -> None:
        """Leave the group and disconnect, within `STOP_SECONDS`; what fails is told, not raised."""
        stopping = asyncio.ensure_future(super().stop())
        try:
            ended, _ = await asyncio.wait({stopping}, timeout=STOP_SECONDS)
        finally:
            stopping.cancel()
        if ended and not stopping.cancelled() and stopping.exception() is None:
            return
        log.warning("consumer left without its broker's word", stopping=repr(stopping))
        await cast("Any", self)._client.close()
