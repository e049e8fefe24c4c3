"""A server on this machine that tells what it was asked: a proxy, or what must not be reached."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Listener:
    """A server on this machine; `asked` holds the first line of each request, `heads` the rest."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list[str])
    heads: list[str] = field(default_factory=list[str])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readline()).decode())
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listener(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Listener]:
    listening = Listener(tls=tls)
    server = await asyncio.start_server(listening.answer, "127.0.0.1", 0, ssl=tls)
    listening.port = server.sockets[0].getsockname()[1]
    yield listening
    server.close()
