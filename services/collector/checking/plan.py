"""The plan of a registry as it is: what each network asks a day, who pays, how old figures are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import quantiles

from contracts.addresses import Identity
from contracts.jobs import JobSubject, Progress
from contracts.networks import BY_SLUG, NETWORKS
from contracts.topics import COLLECT_PROGRESS
from libs.french import NO_BREAK, age, number, percent, plural, typography
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.collector.looking.look import subject_of
from services.collector.planning.forecast import Forecast, Load, forecast, needs_of, one_more

MEASURED = timedelta(days=7)
"""Over which the rhythm of posts is counted, of those that are still to be read again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of an account: when it was last (UTC), and how many posts of the last days."""

    network: str
    read_at: datetime | None
    posts: int


async def seen(wire: Wire, now: datetime) -> list[Seen]:
    """Return what the scheduler remembers of accounts. Raises `KafkaError` without a broker."""
    rows: dict[str, Progress] = {}

    def take(row: Progress) -> None:
        known = rows.get(row.subject)
        if row.network in BY_SLUG and (known is None or row.revision >= known.revision):
            rows[row.subject] = row.model_copy(update={"readings": _recent(row, now)})

    progress = Tail(wire, COLLECT_PROGRESS, Progress, take)
    await progress.start()
    await progress.stop()
    return [
        Seen(
            row.network,
            max((at for at in (row.profile_at, row.posts_at) if at), default=None),
            len(row.readings),
        )
        for row in rows.values()
    ]


def planned(
    accounts: Mapping[str, Sequence[Identity]],
    looks: Iterable[Seen],
    names: Mapping[str, tuple[str, ...]],
    same: Mapping[str, str],
    budgets: Mapping[str, float],
    host_of: Callable[[str, JobSubject], str],
) -> list[Forecast]:
    """Return what each network that has accounts asks a day, with the credentials named (pure).

    Those of which owners alone let an account be read are left out: each pays for her own.
    """
    posts = Counter[str]()
    for look in looks:
        posts[look.network] += look.posts
    loads: dict[str, Load] = {}
    for network in NETWORKS:
        if (known := accounts.get(network.slug)) and not network.by_owner:
            by_host = any(quota.per == "host" for quota in network.quotas.values())
            hosts = Counter(
                host_of(network.slug, subject_of(one)) if by_host else "" for one in known
            )
            rhythm = posts[network.slug] / MEASURED.days
            loads[network.slug] = Load(hosts, rhythm, len(names.get(network.slug, ())))
    asked = {
        slug: sum(need.units for need in needs_of(BY_SLUG[slug], load).values())
        for slug, load in loads.items()
    }
    sharing = _sharing(same)
    return [
        forecast(
            BY_SLUG[slug].within(budgets.get(slug)),
            replace(load, shared=sum(asked.get(other, 0) for other in sharing[slug])),
        )
        for slug, load in loads.items()
    ]


def told(one: Forecast, looks: Iterable[Seen], now: datetime) -> list[str]:
    """Return the lines that say of a network what a day of it asks and gives, in French."""
    network, load = one.network, one.load
    tokens = f", {plural(load.credentials, 'jeton')}" if network.needs_token else ""
    operations = ", ".join(
        f"{WORDS[name]} {number(round(need.requests))}" for name, need in one.needs.items()
    )
    lines = [
        f"{network.name} : {plural(load.accounts, 'compte')}{tokens}",
        f"   Demandes : {number(round(one.requests))} par jour ({operations})",
        f"   Couverture : {percent(one.coverage, 0)} dans le délai visé, {_age(one)}",
        f"   Constaté : {_found([look for look in looks if look.network == network.slug], now)}",
    ]
    if network.unit_price:
        lines.append(f"   Coût : {number(one.euros, 2)}{NO_BREAK}€ par jour")
    if (more := one_more(one)) is not None:
        lines.append(f"   Un jeton de plus : {_gain(one, more)}")
    return [typography(line) for line in lines]


WORDS = {
    "profile": "comptes", "posts": "publications", "readings": "relectures", "feed": "flux",
}  # fmt: skip


def _recent(row: Progress, now: datetime) -> tuple[object, ...]:
    return tuple(one for one in row.readings if one.published_at >= now - MEASURED)


def _sharing(same: Mapping[str, str]) -> defaultdict[str, set[str]]:
    """Return which networks are asked by the same credential as another."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for bucket, other in same.items():
        one, two = bucket.partition(":")[0], other.partition(":")[0]
        if one != two:
            found[one].add(two)
            found[two].add(one)
    return found


def _age(one: Forecast) -> str:
    if one.age is None:
        return "rien n’est lu"
    return f"compteurs de {age(one.age)} au plus"


def _found(looks: Sequence[Seen], now: datetime) -> str:
    ages = sorted((now - look.read_at).total_seconds() for look in looks if look.read_at)
    if not ages:
        return "rien n’a encore été lu"
    half, most = (ages[0], ages[0]) if len(ages) == 1 else _quantiles(ages)
    late = len([look for look in looks if look.read_at is None])
    never = f", {plural(late, 'compte')} jamais" if late else ""
    return f"la moitié lus depuis {age(half)} au plus, 95 % depuis {age(most)}{never}"


def _quantiles(ages: Sequence[float]) -> tuple[float, float]:
    cut = quantiles(ages, n=20, method="inclusive")
    return cut[9], cut[18]


def _gain(one: Forecast, more: Forecast) -> str:
    gained = more.covered - one.covered
    if not gained:
        return "rien, tout est couvert"
    paid = more.euros - one.euros
    cost = f", pour {number(paid, 2)}{NO_BREAK}€ de plus par jour" if paid else ""
    return f"{plural(gained, 'compte')} de plus dans le délai visé{cost}"
