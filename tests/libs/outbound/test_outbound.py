"""The guarded client: what it reaches, and what it must not, with a listener that would tell."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.outbound.client import build_client
from libs.outbound.public import Forbidden, check, is_public

PRIVATE = (
    "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1",
    "239.255.255.250", "255.255.255.255", "192.88.99.1", "::", "::1", "::127.0.0.1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8")


@pytest.mark.parametrize("address", [*PRIVATE, *PUBLIC])
def test_an_address_is_public_or_not(address):
    assert is_public(address) is (address in PUBLIC)


@pytest.mark.parametrize("url", [
    *(f"http://[{ip}]/" if ":" in ip else f"http://{ip}/" for ip in PRIVATE),
    "http://127。0。0。1/", "http://127．0｡0．1/", "http://127.1/", "http://2130706433/",
    "http://0x7f000001/", "http://0177.0.0.1/", "http://127.0.0.1./", "http://me:x@127.0.0.1/",
    "https://", "file:///etc/passwd", "ftp://a.example/", "gopher://a.example/",
])  # fmt: skip
def test_an_address_written_oddly_is_refused(url):
    with pytest.raises((Forbidden, httpx.InvalidURL)):
        check(httpx.URL(url))


@given(st.lists(st.sampled_from(".。．｡"), min_size=3, max_size=3))
def test_whatever_the_dots(dots):
    host = "".join(map("".join, zip(("127", "0", "0"), dots, strict=True))) + "1"
    with pytest.raises(Forbidden):
        check(httpx.URL(f"http://{host}/"))


@dataclass
class Listener:
    """A server on this machine; `asked` holds the first line of each request."""

    port: int = 0
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readline()).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listener() -> AsyncGenerator[Listener]:
    listening = Listener()
    server = await asyncio.start_server(listening.answer, "127.0.0.1", 0)
    listening.port = server.sockets[0].getsockname()[1]
    yield listening
    server.close()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127。0。0。1", "127.1", "localhost", "2130706433", "[::ffff:7f00:1]"]
)
async def test_a_listener_of_this_machine_is_not_reached(host):
    async with listener() as ours, build_client(contact="x", public_only=True) as client:
        with pytest.raises((Forbidden, httpx.TransportError), match=r"private|public"):
            await client.get(f"http://{host}:{ours.port}/")
        assert ours.asked == []


async def test_each_address_of_a_name_is_checked_when_it_is_called(monkeypatch):
    """One that is public does not open the way to the next."""
    loop, found = asyncio.get_running_loop(), ("93.184.216.34", "127.0.0.1")

    async def resolve(_: str, port: int, **__: int) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    async with listener() as ours, build_client(contact="x", public_only=True) as client:
        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        with pytest.raises(httpx.HTTPError):
            await client.get(f"http://two.example:{ours.port}/", timeout=1)
        assert ours.asked == []


async def test_what_the_installation_names_itself_is_reached():
    async with (
        listener() as ours,
        build_client(contact="x", public_only=True, trusted={"127.0.0.1"}) as client,
    ):
        assert (await client.get(f"http://127.0.0.1:{ours.port}/")).text == "ok"
        with pytest.raises((Forbidden, httpx.TransportError)):
            await client.get(f"http://localhost:{ours.port}/")


async def test_behind_a_proxy_names_go_to_it_and_numbers_of_ours_nowhere():
    async with listener() as proxy:
        client = build_client(contact="x", public_only=True, proxy=f"http://localhost:{proxy.port}")
        async with client:
            assert (await client.get("http://feeds.example/a")).text == "ok"
            assert proxy.asked == ["GET http://feeds.example/a HTTP/1.1\r\n"]
            for url in ("http://127.0.0.1/", "http://127.1/", "http://10.0.0.1/"):
                with pytest.raises(Forbidden):
                    await client.get(url)
        assert len(proxy.asked) == 1
