"""The veille: texts matched a second on one core; from publication to the mail server's acceptance.

Matching: 5,000 watches (half on a town's name, half on three subjects in a town), texts of about
130 characters of which one in twenty names a town; one process, no broker.

Latency: real broker, the service in its own process, a mail server that keeps the moment at which
it accepted; 500 watches told at once. At 500 mentions a second one in ten concerns a watch (50
mails a second), at 5,000 one in fifty (100 a second). Each mention that concerns a watch is one
measure, from the moment it is handed to Kafka to that of the first mail that tells it.
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
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from contracts.topics import MENTIONS_OBSERVED, WATCHES
from contracts.watches import Query, Recipient, Watched
from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import free_port
from libs.matching.language.fields import About
from libs.matching.match import Matcher
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.alerts.builders import mention, watched
from tests.benchmarks.figures import Figure

WATCHED = 5_000
TEXTS = 50_000
TOLD = 500
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
        town = chance.choice(TOWNS)
        if number % 2:
            query = Query(any=(town, f"mairie de {town}"))
        else:
            query = Query(any=tuple(chance.sample(SUBJECTS, 3)), all=(town,), none=("exercice",))
        found.append((f"w{number}", query))
    return found


def texts(chance: random.Random) -> list[str]:
    found: list[str] = []
    for _ in range(TEXTS):
        said = [chance.choice(WORDS) for _ in range(chance.randint(10, 40))]
        if chance.random() < 0.05:
            said.insert(3, chance.choice(TOWNS))
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
        watch=f"w{number}",
        query=Query(any=(f"ville{number}",)),
        cooldown_minutes=0,
        recipients=(Recipient(address=f"mailto:w{number}@essai.example", confirmed=True),),
    )


async def latencies(kafka_url: str, rate: int, one_in: int) -> list[float]:
    """Return the seconds from publication to acceptance of every mention that concerns a watch."""
    namespace, server = f"bench-veille-{rate}", MailServer()
    await create_topics(kafka_url, namespace)
    wire = Wire(kafka_url, "simulation", namespace=namespace)
    await wire.start()
    await wire.publish_all(WATCHES, [a_watch(number) for number in range(TOLD)])
    port = free_port()
    environment = {
        **os.environ,
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "KAFKA_URL": kafka_url,
        "SMTP_URL": f"smtp://127.0.0.1:{await server.start()}",
        "OBSERVATOIRE_TOPIC_NAMESPACE": namespace,
        "OBSERVATOIRE_OPS_PORT": str(port),
        "OBSERVATOIRE_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-c", "from services.cli import main; main()", "alerts", "run"]
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        await _ready(f"http://127.0.0.1:{port}/readyz")
        warm = await _publish(wire, rate, one_in, 0, 2)  # what is slow once is not measured
        await _until_told(server, len(warm))
        server.accepted.clear()
        published = await _publish(wire, rate, one_in, 2 * rate, SECONDS)
        await _until_told(server, len(published))
    finally:
        process.terminate()
        await process.wait()
        await wire.stop()
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
                await asyncio.sleep(0.1)


async def _publish(
    wire: Wire, rate: int, one_in: int, first: int, seconds: float
) -> dict[int, float]:
    """Publish so many mentions a second; return those that concern a watch, and when they left."""
    concern: dict[int, float] = {}
    began, sent = time.monotonic(), first
    while (elapsed := time.monotonic() - began) < seconds:
        numbers = range(sent, first + int(elapsed * rate))
        concerned = [number for number in numbers if number % one_in == 0]
        concern |= dict.fromkeys(concerned, time.time())
        batch = [mention(n, _text(n, one_in), published_at=datetime.now(UTC)) for n in numbers]
        await wire.publish_all(MENTIONS_OBSERVED, batch)
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
    """Measure matching, then latency at two rates."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    yield Figure("veille", "texts_matched_per_second", matched_per_second(), "1/s")
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            for rate, one_in in ((500, 10), (5_000, 50)):
                seconds = asyncio.run(latencies(broker.url, rate, one_in))
                yield Figure("veille", f"published_to_smtp_p99_at_{rate}", p99(seconds), "s")
        finally:
            broker.stop()
