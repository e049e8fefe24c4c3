"""The fictional networks behind one port: the Host header says which one is asked.

What the server itself offers (its ledger, faults, staged crises, the clock) is under
``/__world__/``, the pages of networks that a browser is led to under ``/__world__/at/``, then the
host and the path; every answer bears ``X-Simulation: la France d'essai``.
"""

import asyncio

from aiohttp import WSMsgType, web

from libs.browsers import SAFE, sent_by_another_site
from libs.outbound.fictional import PAGES
from simulation.network import Fictional
from simulation.serving.control import control
from simulation.serving.exchange import Answer
from simulation.serving.faults import spoilt
from simulation.serving.front import front, wants_page
from simulation.serving.platforms import Networks

MARK = {"X-Simulation": "la France d'essai"}
CONTROL = "/__world__/"


async def respond(networks: Networks, request: web.BaseRequest) -> web.StreamResponse:
    """Answer one HTTP request, or open a stream."""
    target = request.path_qs
    if target.startswith(CONTROL):
        name = target.removeprefix(CONTROL).partition("?")[0]
        if request.method not in SAFE and sent_by_another_site(request.headers, (request.host,)):
            return web.Response(status=403, text="sent by another site\n")
        if target.startswith(PAGES):
            host, _, path = target.removeprefix(PAGES).partition("/")
            body = await request.read()
            return _response(
                networks.ask(request.method, host, f"/{path}", request.headers, body)[0]
            )
        if wants_page(request.method, name, request.headers.get("Accept", "")):
            return _response(front(networks, f"http://{request.host}"))
        return _response(control(networks, request.method, name, await request.read()))
    host = request.host.partition(":")[0].lower()
    stream = networks.streams.get(host + request.path.rstrip("/"))
    if stream is not None:
        return await _stream(networks, request, host, stream)
    body = await request.read()
    answer, fault = networks.ask(request.method, host, target, request.headers, body)
    if fault is not None and fault.kind == "slow":
        await asyncio.sleep(fault.delay)
    if fault is not None and fault.kind == "closed" and request.transport is not None:
        request.transport.close()
    return _response(answer)


def _response(answer: Answer) -> web.Response:
    headers = MARK | answer.headers
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=answer.status, body=answer.body, headers=headers)


class _Left(Exception):
    """A subscriber went away."""


async def _stream(
    networks: Networks, request: web.BaseRequest, host: str, stream: Fictional
) -> web.StreamResponse:
    """A stream, as the faults in force leave it: refused, late, or cut after its first events."""
    fault = networks.faults.strike(
        networks.asked(request.method, host, request.path_qs, request.headers)
    )
    if fault is None:
        return await _subscribe(networks, request, stream)
    if fault.kind == "closed":
        return await _subscribe(networks, request, stream, cut=True)
    if fault.kind in ("slow", "expired_token"):
        # A stream without a credential cannot have an expired one.
        await asyncio.sleep(fault.delay if fault.kind == "slow" else 0)
        return await _subscribe(networks, request, stream)
    if fault.kind == "429":
        return _response(stream.throttled(fault.seconds))
    return _response(spoilt(fault, Answer(200, b"")))


async def _subscribe(
    networks: Networks, request: web.BaseRequest, stream: Fictional, *, cut: bool = False
) -> web.StreamResponse:
    """A subscription to a stream: filters in the query, then events as they come."""
    socket = web.WebSocketResponse(heartbeat=30, max_msg_size=10_000_000)
    await socket.prepare(request)
    subscription = stream.subscribe(request.path_qs.partition("?")[2], networks.moment())

    async def send() -> None:
        while not socket.closed:
            for event in subscription.due(networks.micros()):
                await socket.send_bytes(event) if subscription.binary else await socket.send_str(
                    event.decode()
                )
                if cut and request.transport is not None:
                    request.transport.abort()
                    raise _Left
            await asyncio.sleep(0.05)

    async def listen() -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                subscription.update(message.data)
        raise _Left

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send())
            tasks.create_task(listen())
    except* (_Left, ConnectionError):
        pass
    finally:
        stream.leave(subscription)
    return socket


async def serve(
    networks: Networks, host: str = "127.0.0.1", port: int = 0
) -> tuple[web.ServerRunner, int]:
    """Start the server; returns its runner (to clean up) and the port it listens to."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await respond(networks, request)

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound: int = runner.addresses[0][1]
    return runner, bound
