"""Clients of the broker beside the lane: for who asks it, reads it to an end, or writes much."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import create_conn
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed

from libs.wire.backends.address import connection
from libs.wire.backends.consumer import KafkaConsumer

C = TypeVar("C", AIOKafkaAdminClient, AIOKafkaProducer, KafkaConsumer)


def admin_of(kafka_url: str, **settings: Any) -> AIOKafkaAdminClient:
    """Return what asks a broker about its topics and groups, not started."""
    return AIOKafkaAdminClient(**connection(kafka_url), **settings)


def consumer_of(kafka_url: str, group: str | None = None, **settings: Any) -> KafkaConsumer:
    """Return a consumer, not started, which commits only what it is told to."""
    return KafkaConsumer(
        **connection(kafka_url),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **settings,
    )


def producer_of(kafka_url: str, **settings: Any) -> AIOKafkaProducer:
    """Return a producer, not started: each record once, held by all replicas in touch."""
    return AIOKafkaProducer(
        **connection(kafka_url), acks="all", enable_idempotence=True, **settings
    )


async def refuses_password(kafka_url: str) -> bool:
    """Whether a broker refuses the user: of a refusal, clients say that none could be reached."""
    given = connection(kafka_url)
    for server in given.pop("bootstrap_servers"):
        host, _, port = server.rpartition(":")
        try:
            opened = await create_conn(host, int(port), request_timeout_ms=3000, **given)
        except (AuthenticationFailedError, SaslAuthenticationFailed):
            return True
        except (KafkaError, OSError, TimeoutError):
            continue
        opened.close()
    return False


@asynccontextmanager
async def opened(client: C) -> AsyncGenerator[C]:
    """Start a client, and stop it at the end or where it cannot start."""
    try:
        await client.start()
        yield client
    finally:
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
