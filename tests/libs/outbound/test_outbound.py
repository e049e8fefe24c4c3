"""The guarded client: what it reaches, and what it must not, with a listener that would tell."""

import asyncio
import socket
import ssl
from base64 import b64encode
from pathlib import Path

import aiohttp
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.outbound.client import build_client, channels_client_of, session_of
from libs.outbound.public import Forbidden, check, is_public
from libs.settings import Settings
from tests.authority import certificate
from tests.listener import listener

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


async def test_a_live_channel_reaches_public_addresses_and_what_settings_name():
    """A watch's hook is typed by a stranger: it must lead to no service of ours."""
    async with listener() as ours:
        inside, named = f"http://localhost:{ours.port}/", f"http://127.0.0.1:{ours.port}/"
        live = Settings(installation="live", channel_urls={"slack": named})
        async with channels_client_of(live) as client:
            with pytest.raises((Forbidden, httpx.TransportError)):
                await client.post(inside)
            assert ours.asked == []
            assert (await client.post(named)).text == "ok"
        async with channels_client_of(Settings(installation="live")) as client:
            with pytest.raises((Forbidden, httpx.TransportError)):
                await client.post(named)


async def test_the_name_and_password_of_an_address_go_as_a_header():
    """As a gateway of the installation's own wants; no request with them was sent at all."""
    async with listener() as ours, build_client(contact="x", public_only=False) as client:
        answer = await client.get(f"http://someone:a%2Fb@127.0.0.1:{ours.port}/x")
        assert answer.text == "ok"
    assert ours.asked == ["GET /x HTTP/1.1\r\n"]
    assert f"authorization: Basic {b64encode(b'someone:a/b').decode()}\r\n" in ours.heads[0]
    assert "someone" not in ours.heads[0]


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


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A PEM file: the key and the certificate of localhost, by an authority of ours."""
    return certificate(tmp_path / "ca.pem", "localhost")


async def test_a_session_trusts_the_authority_of_the_installation(authority):
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(authority)
    settings = Settings(installation="simulation", ca_file=authority)
    async with listener(tls) as ours:
        async with session_of(settings) as session, session.get(ours.url) as answer:
            assert await answer.text() == "ok"
        async with session_of(settings.model_copy(update={"ca_file": None})) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(ours.url)


async def test_a_live_session_reaches_public_addresses_only_but_where_it_is_led():
    live = Settings(installation="live")
    async with listener() as ours:
        async with session_of(live) as session:
            with pytest.raises(aiohttp.ClientConnectorError, match="public"):
                await session.get(ours.url)
        assert ours.asked == []
        async with session_of(live, via=ours.url) as session, session.get(ours.url) as answer:
            assert await answer.text() == "ok"
