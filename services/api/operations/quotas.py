"""What is used of the quotas of networks, left, and renewed when: from the jobs that ended.

A bucket is what pays: all of us, a credential, a host. Of its quotas the tightest is told. What
the scheduler has granted and nobody has done yet is not here: its own gauge has it, and decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.jobs import account_of_owner
from contracts.networks import DAY, NETWORKS, Network, Quota
from services.api.figures.ops_rows import QuotaUse

SHORTEST = 60
"""Seconds over which a quota of less is told: nobody looks at one second."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a bucket has spent of its tightest quota, over `seconds`.

    `used` and `left` are null where it is not in requests that the network counts; `told`: the
    network said what is left. `who` is empty where all of us pay together. `renewed_at` is when
    the first of these requests counts no more, or when the network lets us come back (`paused`).
    """

    network: str
    who: str
    allowed: int
    seconds: int
    used: int | None
    left: int | None
    told: bool
    renewed_at: datetime | None
    paused: bool

    @property
    def share(self) -> float:
        """Return how much of what is allowed is gone, 1 where nothing may be asked."""
        if self.paused:
            return 1.0
        return 0.0 if self.left is None else 1 - self.left / max(1, self.allowed)


def lengths() -> tuple[int, ...]:
    """Return the seconds over which something is asked of `quota_uses`, a day among them."""
    return tuple(sorted({DAY} | {_length(q) for one in NETWORKS for q in one.quotas.values()}))


def spendings(rows: Mapping[int, Sequence[QuotaUse]], now: datetime) -> list[Spending]:
    """Return what each bucket has spent that paid for anything in a day, the tightest first.

    `rows` are those of `quota_uses` by the seconds over which it was asked.
    """
    found = [one for network in NETWORKS for one in _of(network, rows, now)]
    return sorted(found, key=lambda one: (-one.share, one.network, one.who))


def _of(
    network: Network, rows: Mapping[int, Sequence[QuotaUse]], now: datetime
) -> Iterable[Spending]:
    """Yield the spendings of a network, bucket by bucket."""
    together: dict[tuple[str, tuple[str, ...]], list[Quota]] = {}
    for quota in network.quotas.values():
        together.setdefault((quota.per, quota.operations), []).append(quota)
    for quotas in together.values():
        theirs = {
            length: [one for one in asked if one.network == network.slug and _pays(quotas[0], one)]
            for length, asked in rows.items()
        }
        for who in sorted({_who(quotas[0], one) for one in theirs[DAY]}):
            paid = {
                length: [one for one in asked if _who(quotas[0], one) == who]
                for length, asked in theirs.items()
            }
            yield max(
                (_spending(network, who, quota, paid, now) for quota in quotas),
                key=lambda one: (one.share, one.seconds),
            )


def _spending(
    network: Network,
    who: str,
    quota: Quota,
    paid: Mapping[int, Sequence[QuotaUse]],
    now: datetime,
) -> Spending:
    length = _length(quota)
    allowed = quota.requests * length // quota.seconds
    asked = paid[length]
    used = None if network.costs else sum(one.used for one in asked)
    left = None if used is None else max(0, allowed - used)
    longest = quota.seconds == max(each.seconds for each in network.quotas.values())
    told = max(
        ((one.told_at, one.told_left) for one in asked if one.told_at and longest), default=None
    )
    if told is not None:
        left = told[1]
    paused = max((one.paused_until for one in paid[DAY] if one.paused_until), default=now)
    first = min((one.first_at for one in asked), default=None)
    renewed = first + timedelta(seconds=length) if first else None
    return Spending(
        network.name, who, allowed, length, used, left, told is not None,
        paused if paused > now else renewed, paused > now,
    )  # fmt: skip


def _length(quota: Quota) -> int:
    return max(SHORTEST, quota.seconds)


def _pays(quota: Quota, use: QuotaUse) -> bool:
    """Whether a quota is one that paid: a host has a dot in its name, a credential has none."""
    if account_of_owner(use.bucket) is not None:
        return False
    if quota.operations and use.operation not in quota.operations:
        return False
    return quota.per == "all" or ("." in _named(use)) == (quota.per == "host")


def _who(quota: Quota, use: QuotaUse) -> str:
    return "" if quota.per == "all" else _named(use)


def _named(use: QuotaUse) -> str:
    return use.bucket.partition(":")[2]
