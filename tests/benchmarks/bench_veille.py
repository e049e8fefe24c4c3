"""The veille: texts matched a second on one core; from publication to the mail server's acceptance.

Watches: 10,000 of the language, drawn by a seed: half on a commune whose name is a common word too,
beside words of the place, a tenth on two words near one another, the others on subjects in a town.
Texts have some 130 characters; one in twenty names a town, one in five has such a common word.

Matching: one process, no broker.

Latency: real broker, collector and alerts in processes of their own, a mail server that keeps the
moment at which it accepted; 1,500 more watches are told, each of one post: a second one would be of
the same event, and wait for its update. At 500 posts a second one in ten concerns a
watch (50 mails a second), at 5,000 one in fifty (100 a second). Each that concerns one is a
measure: from the moment when a network's stream (Jetstream's form) sends it to that of the first
mail that tells it; and, said apart, from the moment it is handed to Kafka by us.
"""

import asyncio
import email
import email.policy
import logging
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
from aiohttp import web

from contracts.topics import MENTIONS_OBSERVED, WATCHES
from contracts.watches import Query, Recipient, Watched
from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import free_port
from libs.matching.language.fields import About
from libs.matching.match import Matcher
from libs.matching.names import HOMONYMS
from libs.matching.query import query_of
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.alerts.builders import mention, watched
from tests.benchmarks.figures import Figure

WATCHED = 10_000
TEXTS = 50_000
TOLD = 1_500
SECONDS = 12
TICK = 0.02

FIRST_NAMES = ("Essai", "Port", "Ville", "Mont", "Roche", "Pont", "Val", "Bois", "Neuville", "Font")
LAST_NAMES = ("Onde", "Mirage", "Rive", "Plage", "Colline", "Marais", "Moulin", "Chêne", "Étang")
SUBJECTS = (
    *("coupure d’eau", "inondation", "panne d’électricité", "conseil municipal", "travaux"),
    *("déchets", "crèche", "marché", "stationnement", "piste cyclable"),
)
WORDS = (
    *("le", "la", "les", "de", "des", "du", "un", "une", "à", "en", "pour", "avec", "ce", "soir"),
    *("demain", "matin", "rue", "place", "mairie", "habitants", "fête", "école", "d’été", "l’eau"),
    *("j’ai", "c’est", "très", "bien", "merci", "bonjour", "été", "déjà", "après", "🎉", "2026"),
)
COMMON = [name.decode() for name in HOMONYMS if len(name) > 2]
PLACES = ("Pas-de-Calais", "Indre-et-Loire", "Somme", "Drôme", "Yonne", "Gers", "Var", "Ain")
MENTION = re.compile(r"/post/(\d+)")


TOWNS = [
    f"{first}-sur-{last}-{number}"
    for number in range(28)
    for first in FIRST_NAMES
    for last in LAST_NAMES
]


def queries(chance: random.Random) -> list[tuple[str, Query]]:
    found: list[tuple[str, Query]] = []
    for number in range(WATCHED):
        town, subjects = chance.choice(TOWNS), chance.sample(SUBJECTS, 3)
        if number % 2:
            name = chance.choice(COMMON).capitalize()
            beside = " OU ".join((*chance.sample(PLACES, 2), f"« mairie de {name} »", town))
            query = query_of(f"{name} ET ({beside})", "", "exercice")
        elif number % 10 == 0:
            query = query_of(f"« {subjects[0]} » PROCHE/5 « {town} »")
        else:
            asked = " OU ".join(f"« {one} »" for one in subjects)
            query = query_of(f"({asked} OU inond*) ET « {town} » SAUF exercice")
        found.append((f"w{number}", query))
    return found


def texts(chance: random.Random) -> list[str]:
    found: list[str] = []
    for _ in range(TEXTS):
        said = [chance.choice(WORDS) for _ in range(chance.randint(10, 40))]
        if chance.random() < 0.05:
            said.insert(3, chance.choice(TOWNS))
        if chance.random() < 0.2:
            said.insert(5, chance.choice(COMMON))
        found.append(" ".join(said))
    return found


def matched_per_second() -> float:
    """Return texts matched a second of this process's time: what else runs does not count."""
    chance = random.Random(7)
    matcher, said = Matcher(queries(chance)), texts(chance)
    began = time.process_time()
    hits = sum(len(matcher.match(text, About("bluesky"))) for text in said)
    spent = time.process_time() - began
    if not hits:
        raise RuntimeError("nothing matched: the load is not what it says")
    return TEXTS / spent


class MailServer:
    """A mail server that keeps what it accepts, with the moment."""

    def __init__(self) -> None:
        self.accepted: list[tuple[float, bytes]] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 bench\r\n")
        try:
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"QUIT":
                    break
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    writer.write(b"250 ok\r\n")
                    self.accepted.append((time.time(), body))
                else:
                    writer.write(b"250 ok\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    def told(self) -> dict[int, float]:
        """Return the mentions told, and when the first mail that tells each was accepted."""
        first: dict[int, float] = {}
        for at, raw in self.accepted:
            part = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
            for number in MENTION.findall(str(part.get_content()) if part else ""):
                first.setdefault(int(number), at)
        return first


def a_watch(number: int) -> Watched:
    return watched(
        watch=f"told{number}",
        query=query_of(f"(« coupure d’eau » OU inond*) ET ville{number}"),
        cooldown_minutes=0,
        recipients=(Recipient(address=f"mailto:w{number}@essai.example", confirmed=True),),
    )


Say = Callable[[range, int], Awaitable[None]]
"""Says posts of these numbers, of which one in so many concerns a watch."""


class Stream:
    """A network that sends each post to whoever listens, in the form of Jetstream."""

    def __init__(self) -> None:
        self.listening = asyncio.Event()
        self._listeners: set[web.WebSocketResponse] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Listen; yields the address."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._listen)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port := free_port())
        await site.start()
        yield f"http://127.0.0.1:{port}"
        await runner.cleanup()

    async def say(self, numbers: range, one_in: int) -> None:
        """Send posts."""
        for number in numbers:
            line = _line(number, _text(number, one_in))
            for listener in self._listeners:
                await listener.send_str(line)

    async def _listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._listeners.add(socket)
        self.listening.set()
        async for _ in socket:
            pass
        self._listeners.discard(socket)
        return socket


def _line(number: int, text: str) -> str:
    now = datetime.now(UTC)
    record = {"text": text, "langs": ["fr"], "createdAt": now.isoformat()}
    commit = {
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": str(number),
        "rev": f"r{number}",
        "record": record,
    }
    moment = int(now.timestamp() * 1_000_000)
    said = {"did": "did:plc:voisine", "time_us": moment, "kind": "commit", "commit": commit}
    return msgspec.json.encode(said).decode()


@asynccontextmanager
async def running(environment: dict[str, str], *command: str) -> AsyncIterator[None]:
    """Run a service in a process of its own; yields once it is ready."""
    port = free_port()
    environment = {**os.environ, **environment, "OBSERVATOIRE_OPS_PORT": str(port)}
    main = [sys.executable, "-c", "from services.cli import main; main()", *command]
    process = await asyncio.create_subprocess_exec(*main, env=environment)
    try:
        await _ready(f"http://127.0.0.1:{port}/readyz")
        yield
    finally:
        process.terminate()
        await process.wait()


async def latencies(kafka_url: str, rate: int, one_in: int, *, at_network: bool) -> list[float]:
    """Return the seconds from publication to acceptance of every post that concerns a watch."""
    begins = "network" if at_network else "kafka"
    namespace, server, stream = f"bench-veille-{begins}-{rate}", MailServer(), Stream()
    await create_topics(kafka_url, namespace)
    environment = {
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "KAFKA_URL": kafka_url,
        "SMTP_URL": f"smtp://127.0.0.1:{await server.start()}",
        "OBSERVATOIRE_TOPIC_NAMESPACE": namespace,
        "OBSERVATOIRE_LOG_LEVEL": "WARNING",
    }
    drawn = queries(random.Random(11))
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(Wire(kafka_url, "simulation", namespace=namespace))
        known = [watched(watch=name, query=query, recipients=()) for name, query in drawn]
        await wire.publish_all(WATCHES, [*known, *map(a_watch, range(TOLD))])
        await stack.enter_async_context(running(environment, "alerts", "run"))
        say: Say = stream.say
        if at_network:
            via = await stack.enter_async_context(stream.serving())
            parts = ("--part", "scheduler", "--part", "streams")
            environment |= {"OBSERVATOIRE_NETWORKS_VIA": via}
            await stack.enter_async_context(running(environment, "collector", "run", *parts))
            await asyncio.wait_for(stream.listening.wait(), 60)
        else:

            async def to_kafka(numbers: range, one_in: int) -> None:
                now = datetime.now(UTC)
                batch = [mention(n, _text(n, one_in), published_at=now) for n in numbers]
                await wire.publish_all(MENTIONS_OBSERVED, batch)

            say = to_kafka
        warm = await _publish(say, rate, one_in, 0, 2)  # what is slow once is not measured
        await _until_told(server, len(warm))
        server.accepted.clear()
        published = await _publish(say, rate, one_in, 2 * rate, SECONDS)
        await _until_told(server, len(published))
    server.close()
    told = server.told()
    return [told[number] - at for number, at in published.items()]


async def _ready(url: str) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(60):
        while True:
            try:
                if (await http.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


async def _publish(
    say: Say, rate: int, one_in: int, first: int, seconds: float
) -> dict[int, float]:
    """Say so many posts a second; return those that concern a watch, and when they left."""
    concern: dict[int, float] = {}
    began, sent = time.monotonic(), first
    while (elapsed := time.monotonic() - began) < seconds:
        numbers = range(sent, first + int(elapsed * rate))
        concerned = [number for number in numbers if number % one_in == 0]
        concern |= dict.fromkeys(concerned, time.time())
        await say(numbers, one_in)
        sent = numbers.stop
        await asyncio.sleep(max(0.0, TICK - (time.monotonic() - began - elapsed)))
    return concern


def _text(number: int, one_in: int) -> str:
    concerns = number % one_in == 0
    said = f"Coupure d’eau à ville{number // one_in % TOLD}, appel {number}"
    return said if concerns else "Bonjour à tous"


async def _until_told(server: MailServer, mentions: int) -> None:
    async with asyncio.timeout(60):
        while len(server.told()) < mentions:  # noqa: ASYNC110 — told from outside
            await asyncio.sleep(0.5)


def p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def measure() -> Iterator[Figure]:
    """Measure matching, then latency at two rates, from the network and from Kafka."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    yield Figure("veille", "texts_matched_per_second", matched_per_second(), "1/s")
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            for begins, at_network in (("published", True), ("kafka", False)):
                for rate, one_in in ((500, 10), (5_000, 50)):
                    found = latencies(broker.url, rate, one_in, at_network=at_network)
                    seconds = p99(asyncio.run(found))
                    yield Figure("veille", f"{begins}_to_smtp_p99_at_{rate}", seconds, "s")
        finally:
            broker.stop()
