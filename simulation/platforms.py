"""The networks of a world, without a server around them: hosts, ledger, faults, stream."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.clock import Clock
from simulation.exchange import Answer, Asked
from simulation.faults import Fault, Faults, spoilt
from simulation.ledger import Ledger
from simulation.networks.bluesky import Bluesky
from simulation.networks.rss import Rss
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
        networks: list[Network] = [self.bluesky]
        self._hosts: dict[str, Network] = {
            host: network for network in networks for host in network.hosts
        }
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
        if fault is not None and fault.kind in ("429", "500", "503", "html"):
            return spoilt(fault, Answer(200, b"")), fault
        answer = self._hosts.get(host, self.feeds).answer(asked)
        return (spoilt(fault, answer), fault) if fault is not None else (answer, None)
