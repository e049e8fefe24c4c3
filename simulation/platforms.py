"""The networks of a world, without a server around them: hosts, ledger, faults, stream."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.clock import Clock
from simulation.exchange import Answer, Asked, answered
from simulation.faults import Fault, Faults, spoilt
from simulation.graph import HOST as GRAPH
from simulation.graph import Gate, expired, throttled
from simulation.ledger import Ledger
from simulation.networks.bluesky import Bluesky
from simulation.networks.facebook import Facebook
from simulation.networks.instagram import Instagram
from simulation.networks.mastodon import Mastodon
from simulation.networks.rss import Rss
from simulation.networks.youtube import API, Youtube
from simulation.stream import Jetstream
from simulation.world import World


class Network(Protocol):
    """A fictional network: hosts that are its own, and an answer to each request."""

    @property
    def hosts(self) -> Sequence[str]:
        """The hosts that are this network's own."""
        ...

    def answer(self, asked: Asked) -> Answer:
        """Answer one request; never raises for what a client sends."""
        ...


class Networks:
    """The networks of a world, without a server: hosts, faults, ledger and control."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.ledger = Ledger()
        self.faults = Faults(world.chance)
        self.bluesky = Bluesky(world, self.ledger)
        self.feeds = Rss(world, self.ledger)
        gate = Gate(self.ledger)
        self._instagram = Instagram(world, gate)
        self._facebook = Facebook(world, gate)
        networks: list[Network] = [
            self.bluesky,
            Mastodon(world, self.ledger),
            Youtube(world, self.ledger),
        ]
        self._hosts = {host: network for network in networks for host in network.hosts}
        self.jetstream = Jetstream(world, self.bluesky)
        self.started = self.moment()

    def moment(self) -> int:
        """The world's present, in seconds."""
        return int(self.clock.now().timestamp())

    def micros(self) -> int:
        """The world's present, in microseconds."""
        return int(self.clock.now().timestamp() * 1_000_000)

    def ask(
        self, method: str, host: str, target: str, headers: Mapping[str, str]
    ) -> tuple[Answer, Fault | None]:
        """The answer to a request, as the faults in force leave it."""
        path, _, query = target.partition("?")
        asked = Asked(method, host, path, query, headers, self.moment())
        fault = self.faults.strike(asked)
        if fault is not None and fault.kind == "429" and host == GRAPH:
            return throttled(), fault
        if fault is not None and fault.kind == "429":
            return spoilt(fault, Answer(200, b"")), fault
        if fault is not None and fault.kind == "expired_token":
            return refused_credential(host), fault
        # What breaks after having been let in is charged: a quota counts requests, not answers.
        answer = self._network(asked).answer(asked)
        return (spoilt(fault, answer), fault) if fault is not None else (answer, None)

    def _network(self, asked: Asked) -> Network:
        """The network that a request is for: Instagram and Facebook share a host."""
        if asked.host == GRAPH:
            return self._instagram if self._instagram.claims(asked) else self._facebook
        return self._hosts.get(asked.host, self.feeds)


def refused_credential(host: str) -> Answer:
    """What a network answers to a credential that has expired."""
    if host == GRAPH:
        return expired()
    if host == API:
        return answered({"error": {"code": 401, "message": "Invalid Credentials"}}, 401)
    return answered({"error": "ExpiredToken", "message": "Token has expired"}, 401)
