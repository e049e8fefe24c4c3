"""The engine by TLS, its certificate signed by an authority of one's own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.backup.tables import connected
from libs.engine.client import address, connect
from tests.libs.wire.test_secure import certified


@pytest.mark.parametrize(
    ("url", "port", "ca"),
    [
        ("https://u:p@engine.example?ca=/run/ca.pem", 8443, "/run/ca.pem"),
        ("https://engine.example:9443", 9443, None),
        ("http://engine.example", 8123, None),
    ],
)
def test_a_url_says_how_it_is_reached(url, port, ca):
    told = address(url)
    assert (told["port"], told.get("ca_cert")) == (port, ca)
    assert told["interface"] == urlsplit(url).scheme


@asynccontextmanager
async def by_tls(engine: str, folder: Path) -> AsyncIterator[int]:
    """Stand before an engine with the certificate of a folder; the port."""
    behind = urlsplit(engine)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_connection(behind.hostname, behind.port)
        await asyncio.gather(carry(reader, asks), carry(answers, writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "broker.pem")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.proof
@pytest.mark.engine
async def test_the_engine_is_reached_by_an_authority_of_ours_alone(clickhouse_url, tmp_path):
    certified(tmp_path)
    async with by_tls(clickhouse_url, tmp_path) as port:
        url = f"https://localhost:{port}"
        async with await connect(f"{url}?ca={tmp_path}/ca.pem") as client:
            assert (await client.query("SELECT 1")).result_rows[0][0] == 1
        with pytest.raises(Exception, match=r"(?i)certificate"):
            await connect(url)
        client = await asyncio.to_thread(connected, f"{url}?ca={tmp_path}/ca.pem", "default")
        assert (await asyncio.to_thread(client.query, "SELECT 1")).result_rows[0][0] == 1
        client.close()
