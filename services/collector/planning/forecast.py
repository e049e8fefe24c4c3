"""What observing a registry asks of a network and costs: pure arithmetic of facts and quotas.

Reckoned as the scheduler plans: targets times `READ_AT`, requests as full as the network takes
them, quotas times the share of them that we use. It is the least: batches are not always full, and
first sights read thirty days back. Units are what the quotas count (requests, or objects).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from contracts.jobs import Operation
from contracts.networks import DAY, Network
from services.collector.planning.buckets import Group, groups_of
from services.collector.planning.quota import QUOTA_USED
from services.collector.planning.schedule import READ_AT


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be observed of a network: accounts by the host that is asked, posts a day in all.

    `credentials` is how many may ask, where credentials pay; `shared` what other networks ask of
    them a day, in units (one token of Meta asks Instagram and Facebook).
    """

    hosts: Mapping[str, int]
    posts: float = 0.0
    credentials: int = 0
    shared: float = 0.0

    @property
    def accounts(self) -> int:
        """Return how many accounts there are."""
        return sum(self.hosts.values())


@dataclass(frozen=True, slots=True)
class Need:
    """What an operation asks for a day: requests, and units of the quotas that pay for it."""

    requests: float
    units: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a day of a network asks and gives.

    `coverage` is the share of it that quotas allow, `age` how old the counters of an account grow
    (seconds; None when nothing is read), `euros` what is spent a day.
    """

    network: Network
    load: Load
    needs: Mapping[Operation, Need] = field(default_factory=dict[Operation, Need])
    coverage: float = 0.0
    euros: float = 0.0

    @property
    def requests(self) -> float:
        """Return the requests of a day that would keep all within freshness."""
        return sum(need.requests for need in self.needs.values())

    @property
    def covered(self) -> int:
        """Return how many accounts are kept within freshness."""
        return int(self.load.accounts * self.coverage)

    @property
    def age(self) -> float | None:
        """Return how old counters of an account grow at most, in seconds."""
        target = self.network.freshness
        period = READ_AT * (target.posts if self.network.paced else target.profile)
        return period / self.coverage if self.coverage else None


def forecast(network: Network, load: Load) -> Forecast:
    """Return what a day of a network asks, within its quotas; a budget is said by `within`."""
    needs = needs_of(network, load)
    coverage = min((_coverage(group, load, needs) for group in groups_of(network)), default=1.0)
    units = sum(need.units for need in needs.values())
    return Forecast(network, load, needs, coverage, coverage * units * network.unit_price)


def one_more(known: Forecast) -> Forecast | None:
    """Return the same with another credential; None where credentials pay for nothing."""
    if not known.network.needs_token:
        return None
    return forecast(known.network, replace(known.load, credentials=known.load.credentials + 1))


def needs_of(network: Network, load: Load) -> Mapping[Operation, Need]:
    """Return what each operation asks a day, for everything to be within freshness."""
    target, accounts = network.freshness, load.accounts
    turns = DAY / (target.posts * READ_AT)
    if network.paced:
        return {"feed": Need(turns * accounts, turns * accounts)}
    needs: dict[Operation, Need] = {
        "posts": _need(network, "posts", turns * accounts, turns * accounts)
    }
    if network.profiles_per_request and network.account_counters:
        turns = DAY / (target.profile * READ_AT)
        batches = ceil(accounts / network.profiles_per_request)
        needs["profile"] = _need(network, "profile", turns * batches, turns * accounts)
    if network.posts_per_request and target.readings:
        readings = load.posts * len(target.readings)
        batches = readings / network.posts_per_request
        needs["readings"] = _need(network, "readings", batches, readings)
    return needs


def _need(network: Network, operation: Operation, requests: float, objects: float) -> Need:
    each = network.costs.get(operation)
    return Need(requests, requests if each is None else each * objects)


def _coverage(group: Group, load: Load, needs: Mapping[Operation, Need]) -> float:
    """Return the share of what is needed that a group of quotas pays for."""
    asked = sum(need.units for operation, need in needs.items() if group.pays(operation))
    if not asked:
        return 1.0
    allowed = min(quota.requests * DAY / quota.seconds for quota in group.quotas) * QUOTA_USED
    if group.per == "host":
        return sum(_shares(load, allowed, asked)) / load.accounts
    if group.per == "credential":
        return min(1.0, allowed * load.credentials / (asked + load.shared))
    return min(1.0, allowed / asked)


def _shares(load: Load, allowed: float, asked: float) -> Iterable[float]:
    """Yield how many accounts of each host are covered: each host has a quota of its own."""
    for accounts in load.hosts.values():
        yield min(accounts, allowed * load.accounts / asked)
