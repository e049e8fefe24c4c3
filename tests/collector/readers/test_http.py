"""How a network is reached: redirections, limits, private addresses, secrets."""

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from libs.clock import SteppedClock
from libs.outbound.client import Guarded, build_client, user_agent
from services.collector.readers.http import fetch
from services.collector.readers.reader import Answer, Failure, Request, redacted
from tests.collector.tiny import TinyBluesky, tiny_bluesky

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
CLOCK = SteppedClock(NOW)


def answering(handler: httpx.MockTransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=handler)


def moves(*hops: tuple[int, str]) -> httpx.MockTransport:
    """Redirect along `hops` (status, target), then answer."""
    steps = {f"/{number}": hop for number, hop in enumerate(hops)}

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path in steps:
            status, target = steps[request.url.path]
            return httpx.Response(status, headers={b"location": target.encode()})
        return httpx.Response(200, text="found", headers={"X-Seen": str(dict(request.headers))})

    return httpx.MockTransport(handle)


FEED = Request("https://a.example/0", follows_redirects=True)


@pytest.mark.parametrize(
    ("hops", "moved_to"),
    [
        (((301, "https://b.example/end"),), "https://b.example/end"),
        (((308, "/end"),), "https://a.example/end"),
        (((302, "https://b.example/end"),), None),
        (((307, "/end"),), None),
        (((301, "/1"), (302, "/end")), "https://a.example/1"),
        (((302, "/1"), (301, "/end")), None),
    ],
)
async def test_a_permanent_redirection_is_remembered_and_a_temporary_one_is_not(hops, moved_to):
    answer = await fetch(answering(moves(*hops)), FEED, CLOCK)
    assert isinstance(answer, Answer)
    assert (answer.body, answer.moved_to) == (b"found", moved_to)
    assert answer.requests == len(hops) + 1


async def test_redirections_have_an_end():
    endless = moves(*((302, f"/{number + 1}") for number in range(20)))
    failure = await fetch(answering(endless), FEED, CLOCK)
    assert isinstance(failure, Failure)
    assert failure.cause == "unavailable"


async def test_a_redirection_is_not_followed_where_it_is_not_allowed():
    answer = await fetch(
        answering(moves((302, "https://evil.example"))), Request("https://a.example/0"), CLOCK
    )
    assert isinstance(answer, Answer)
    assert answer.status == 302


async def test_secrets_do_not_follow_a_redirection():
    request = Request(
        "https://a.example/0",
        secret_headers=(("Authorization", "Bearer s3cret"),),
        follows_redirects=True,
    )
    answer = await fetch(answering(moves((301, "https://b.example/end"))), request, CLOCK)
    assert isinstance(answer, Answer)
    assert "s3cret" not in answer.headers["x-seen"]


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_body_that_is_too_large_is_abandoned(compressed):
    body = b"x" * 2_000_000
    headers = {"content-encoding": "gzip"} if compressed else {}
    sent = gzip.compress(body) if compressed else body
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=sent, headers=headers))
    request = Request("https://a.example/feed", largest=1_000_000)
    failure = await fetch(answering(transport), request, CLOCK)
    assert isinstance(failure, Failure)
    assert failure.cause == "refused"
    assert "1000000" in failure.detail


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("no route"), httpx.ReadTimeout("slow"), httpx.ReadError("cut"),
     httpx.RemoteProtocolError("garbage"), OSError("down")],
)  # fmt: skip
async def test_a_network_that_does_not_answer_is_for_later(error):
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    failure = await fetch(answering(httpx.MockTransport(fail)), FEED, CLOCK)
    assert isinstance(failure, Failure)
    assert failure.cause == "unavailable"


@pytest.mark.parametrize("url", ["http://127.0.0.1/feed", "http://127。0。0。1/feed", "file:///x"])
async def test_our_own_network_is_never_asked(url):
    """Not by a redirection either; which addresses are ours: tests/libs/outbound."""
    for transport, asked in (
        (moves(), Request(url, follows_redirects=True)),
        (moves((301, url)), FEED),
    ):
        async with httpx.AsyncClient(transport=Guarded(transport)) as client:
            failure = await fetch(client, asked, CLOCK)
        assert isinstance(failure, Failure)
        assert failure.cause == "refused"


async def test_everything_goes_via_one_address_when_told_so():
    async with tiny_bluesky(TinyBluesky(1, 1, NOW)) as tiny:
        client = build_client(via=tiny.url, contact="https://o.example", public_only=True)
        async with client:
            request = Request(
                "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfiles", (("actors", "v0"),)
            )
            answer = await fetch(client, request, CLOCK)
    assert isinstance(answer, Answer)
    assert answer.status == 200
    assert tiny.agents == {user_agent("https://o.example")}


def test_texts_for_logs_hold_no_secret():
    told = redacted(
        "GET https://graph.facebook.com/x?access_token=EAAGsecret&limit=1 key=AIza123 "
        "Authorization: Bearer abc.def said my-own-token",
        ["my-own-token"],
    )
    for secret in ("EAAGsecret", "AIza123", "abc.def", "my-own-token"):
        assert secret not in told
    assert "limit=1" in told


@pytest.mark.parametrize("status", [301, 303, 307])
async def test_what_is_sent_goes_where_it_was_meant_and_nowhere_else(status):
    seen: list[tuple[str, bytes]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.content))
        return httpx.Response(status, headers={"location": "https://evil.example/"})

    request = Request("https://a.example/0", method="POST", body=b"x=1", follows_redirects=True)
    answer = await fetch(answering(httpx.MockTransport(handle)), request, CLOCK)
    assert isinstance(answer, Answer)
    assert (answer.status, seen) == (status, [("POST", b"x=1")])
