"""The networks of a world, without a server around them: hosts, ledger, faults, stream."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from libs.clock import Clock
from simulation import networks as files
from simulation.exchange import Answer, Asked
from simulation.faults import Fault, Faults, spoilt
from simulation.ledger import Ledger
from simulation.stream import Jetstream
from simulation.world import World


class Network(Protocol):
    """A fictional network: one file of ``simulation/networks/``, whose ``NETWORK`` makes it.

    ``NETWORK`` is called with the world and the ledger that counts what is asked.
    """

    @property
    def hosts(self) -> Sequence[str]:
        """The hosts that it answers at; none for the one that has all hosts of nobody else."""
        ...

    def claims(self, asked: Asked) -> bool:
        """Whether a request to one of its hosts is for it: two networks may share a host."""
        ...

    def answer(self, asked: Asked) -> Answer:
        """Answer one request; never raises for what a client sends."""
        ...

    def throttled(self, seconds: int) -> Answer:
        """How it refuses one call too many, to come back in so many seconds."""
        ...

    def expired(self) -> Answer:
        """How it refuses a credential that has expired."""
        ...


def every_network(world: World, ledger: Ledger) -> Iterator[tuple[str, Network]]:
    """(name of the file, network) of each file of ``simulation/networks/``."""
    for found in iter_modules(files.__path__, f"{files.__name__}."):
        make = cast("Callable[[World, Ledger], Network]", import_module(found.name).NETWORK)
        yield found.name.rpartition(".")[2], make(world, ledger)


class Networks:
    """The networks of a world, without a server: hosts, faults, ledger and control."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.ledger = Ledger()
        self.faults = Faults(world.chance)
        self.by_name = dict(every_network(world, self.ledger))
        self._hosts: dict[str, list[Network]] = {}
        for network in self.by_name.values():
            for host in network.hosts:
                self._hosts.setdefault(host, []).append(network)
        self._others = [network for network in self.by_name.values() if not network.hosts]
        self.jetstream = Jetstream(world)
        self.started = self.moment()

    def moment(self) -> int:
        """The world's present, in seconds."""
        return int(self.clock.now().timestamp())

    def micros(self) -> int:
        """The world's present, in microseconds."""
        return int(self.clock.now().timestamp() * 1_000_000)

    def asked(self, method: str, host: str, target: str, headers: Mapping[str, str]) -> Asked:
        """A request made now."""
        path, _, query = target.partition("?")
        return Asked(method, host, path, query, headers, self.moment())

    def ask(
        self, method: str, host: str, target: str, headers: Mapping[str, str]
    ) -> tuple[Answer, Fault | None]:
        """The answer to a request, as the faults in force leave it."""
        asked = self.asked(method, host, target, headers)
        network, fault = self._network(asked), self.faults.strike(asked)
        if fault is None:
            return network.answer(asked), None
        if fault.kind == "429":
            return network.throttled(fault.seconds), fault
        if fault.kind == "expired_token":
            return network.expired(), fault
        # What breaks after having been let in is charged: a quota counts requests, not answers.
        return spoilt(fault, network.answer(asked)), fault

    def _network(self, asked: Asked) -> Network:
        """The network that a request is for."""
        known = self._hosts.get(asked.host, self._others)
        return next(network for network in known if network.claims(asked))
