"""The networks of a world, without a server around them: hosts, ledger, faults, stream."""

from collections.abc import Mapping

from libs.clock import Clock
from simulation.country.world import World
from simulation.history.ledger import Ledger
from simulation.network import Fictional, network_named
from simulation.serving.exchange import Answer, Asked
from simulation.serving.faults import Fault, Faults, spoilt


class Networks:
    """The networks of a world, without a server: hosts, faults, ledger and control."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.ledger = Ledger()
        self.faults = Faults(world.chance)
        self.by_name = {slug: network_named(slug)(world, self.ledger) for slug in world.networks}
        self._hosts: dict[str, list[Fictional]] = {}
        for network in self.by_name.values():
            for host in network.hosts:
                self._hosts.setdefault(host, []).append(network)
        self._others = [network for network in self.by_name.values() if not network.hosts]
        self.streams = {
            place: network for network in self.by_name.values() for place in network.streams
        }
        self.started = self.moment()

    def moment(self) -> int:
        """The world's present, in seconds."""
        return int(self.clock.now().timestamp())

    def micros(self) -> int:
        """The world's present, in microseconds."""
        return int(self.clock.now().timestamp() * 1_000_000)

    def asked(
        self, method: str, host: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Asked:
        """A request made now."""
        path, _, query = target.partition("?")
        return Asked(method, host, path, query, headers, self.moment(), body)

    def ask(
        self, method: str, host: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[Answer, Fault | None]:
        """The answer to a request, as the faults in force leave it."""
        asked = self.asked(method, host, target, headers, body)
        network, fault = self._network(asked), self.faults.strike(asked)
        if fault is None:
            return network.answer(asked), None
        if fault.kind == "429":
            return network.throttled(fault.seconds), fault
        if fault.kind == "expired_token":
            return network.expired(), fault
        # What breaks after having been let in is charged: a quota counts requests, not answers.
        return spoilt(fault, network.answer(asked)), fault

    @property
    def listeners(self) -> int:
        """How many subscribers the streams have."""
        return sum(network.listeners for network in self.by_name.values())

    def _network(self, asked: Asked) -> Fictional:
        """The network that a request is for."""
        known = self._hosts.get(asked.host, self._others)
        return next(network for network in known if network.claims(asked))
