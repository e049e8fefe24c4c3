"""A server that answers with recorded bodies, over real HTTP, as the networks once did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aiohttp import web

from contracts.jobs import JobGranted
from contracts.posts import post_id
from libs.clock import SteppedClock
from libs.outbound.client import build_client
from libs.wire.wire import Wire
from services.collector.networks import reader_of
from services.collector.worker import Worker
from tests.collector.recordings import MAPPED
from tests.collector.recordings_manifest import Exchange, Figures, Mapped
from tests.collector.serving import served
from tests.suites.network import job_of

LEFT_OUT = {"content-encoding", "transfer-encoding", "content-length", "connection"}


@dataclass
class RecordedNetworks:
    """Answers what it was given last; notes what it was asked, host and path."""

    folder: Path
    url: str = ""
    exchange: Exchange = field(default_factory=lambda: Exchange(b"", 500))
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def play(self, mapped: Mapped) -> Exchange:
        """Answer the next request with a recording."""
        self.exchange = mapped.load(self.folder)
        self.asked.clear()
        return self.exchange

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        self.asked.append((request.host, request.path, dict(request.query)))
        headers = {k: v for k, v in self.exchange.headers.items() if k not in LEFT_OUT}
        return web.Response(body=self.exchange.body, status=self.exchange.status, headers=headers)


@asynccontextmanager
async def recorded_networks(folder: Path) -> AsyncIterator[RecordedNetworks]:
    """Serve recordings on a free port."""
    networks = RecordedNetworks(folder)
    async with served("/{path:.*}", networks.answer) as networks.url:
        yield networks


@dataclass(frozen=True)
class Replayed:
    """A recording that went through the collector onto the wire, and what must come out.

    ``accounts`` gives figures by account, ``posts`` by post, ``mentions`` how many; a null figure
    is null wherever it comes out. ``cause`` is how the job ended.
    """

    mapped: Mapped
    accounts: dict[str, Figures]
    posts: dict[str, Figures]
    mentions: int
    cause: str


async def replay_recordings(wire: Wire, folder: Path) -> list[Replayed]:
    """Send every mapped recording through the real collector onto a started wire.

    Each file is asked about accounts of its own, ``recorded-{number}-{subject}``; slot and
    observation are at the recording's own moment. What intake, engine and api then hold is to
    equal what this returns.
    """
    replayed: list[Replayed] = []
    async with (
        recorded_networks(folder) as networks,
        build_client(via=networks.url, contact="tests", public_only=False) as http,
    ):
        for number, mapped in enumerate(MAPPED):
            exchange = networks.play(mapped)
            worker = Worker(wire, http, SteppedClock(exchange.moment), reader_of, {})
            ended = await worker.run(recorded_job(wire, number, mapped, exchange.moment))
            prefix = f"recorded-{number}-"
            replayed.append(
                Replayed(
                    mapped,
                    {prefix + name: some for name, some in mapped.accounts(exchange).items()},
                    {post_id(mapped.slug, n): some for n, some in mapped.posts(exchange).items()},
                    mapped.mentions,
                    ended.cause,
                )
            )
    return replayed


def recorded_job(wire: Wire, number: int, mapped: Mapped, moment: datetime) -> JobGranted:
    """Return the job of a recording, about accounts of its own."""
    own = f"recorded-{number}"
    subjects = (
        one.model_copy(update={"subject": f"{own}-{one.subject}"}) for one in mapped.subjects
    )
    return job_of(
        mapped.slug, mapped.operation, *subjects, slot=moment, event_id=own, job=own,
        origin=wire.installation, cursor=mapped.cursor, confirm=mapped.confirm,
    )  # fmt: skip
