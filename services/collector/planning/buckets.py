"""The buckets that requests are paid from: by credential, by host, or for all of us.

A bucket is named `network:who`, with `#quota` at its end where several quotas of a network are
counted apart (one an endpoint). A job may be paid from several: the tightest decides.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.jobs import JobEnded, JobSubject, Operation, Spent, account_of_owner, owner_bucket
from contracts.networks import BY_SLUG, Network, Quota
from libs.background import backoff
from services.collector.planning.quota import Bucket
from services.collector.planning.schedule import Subject

SHORT_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
CREDENTIAL_PAUSE = timedelta(hours=6)
OWNER_PAUSE = timedelta(minutes=1)
"""After a refused token of an owner: by then `connections` says whether it was the present one."""

OPERATION_PAUSE = timedelta(hours=6)
"""How long a bucket rests: after a limit (doubled at each, up to the longest), after a refused
credential, after an operation that it may not ask."""

REFUSALS_IN_A_ROW = 50
"""So many subjects in a row refused: it is the operation that is not permitted, not they."""

MOST_BUCKETS = 20_000
"""Kept in memory: those of owners and hosts come and go."""

INHERITED = "rate limited, an earlier leader was told"


class Group(NamedTuple):
    """Quotas of a network that are counted together: of the same operations, for the same `per`."""

    quotas: tuple[Quota, ...]
    suffix: str

    @property
    def per(self) -> str:
        """Return whose quotas they are."""
        return self.quotas[0].per

    def pays(self, operation: Operation) -> bool:
        """Tell whether an operation is paid from them."""
        return not self.quotas[0].operations or operation in self.quotas[0].operations


class Buckets:
    """All buckets, made when first needed.

    `same` names buckets that are one: two networks of Meta asked with one token share its quota.
    `budgets` are euros a day and credential, of networks whose reading is paid.
    """

    def __init__(
        self,
        credentials: Mapping[str, tuple[str, ...]],
        host_of: Callable[[str, JobSubject], str],
        same: Mapping[str, str] | None = None,
        budgets: Mapping[str, float] | None = None,
    ) -> None:
        self._credentials = credentials
        self._same = same or {}
        self._budgets = budgets or {}
        self._host_of = host_of
        self._groups: dict[str, tuple[Group, ...]] = {}
        self._buckets: dict[str, Bucket] = {}
        self._refusals: dict[tuple[str, Operation], int] = {}
        self._barred: dict[tuple[str, Operation], datetime] = {}
        self._strikes: dict[str, int] = {}
        self._asked: dict[str, datetime] = {}
        self._inherited: dict[str, datetime] = {}
        self._now: datetime | None = None

    def for_job(
        self,
        network: Network,
        operation: Operation,
        subject: JobSubject,
        *,
        owned: bool = False,
    ) -> tuple[str, list[Bucket]] | None:
        """Return who pays for a job (`network:who`), and all the buckets that it is paid from.

        Among credentials, that of its owner (`owned`), or the one that has most left; None when
        none may do it.
        """
        paying = self._paying(network, operation)
        if not paying:
            return None
        per = payer_of(paying)
        if per == "credential":
            names = list(self._credentials.get(network.slug, ()))
        else:
            names = ["all" if per == "all" else self._host_of(network.slug, subject)]
        payers = [f"{network.slug}:{name}" for name in names]
        if owned and per == "credential":
            payers = [owner_bucket(network.slug, subject.subject)]
        found = {
            payer: [self._of(network, group, payer, per, subject) for group in paying]
            for payer in payers
            if not self._is_barred(payer, operation)
        }
        if not found:
            return None
        best, now = next(iter(found)), self._now
        if now is not None and len(found) > 1:
            best = max(found, key=lambda payer: min(one.available(now) for one in found[payer]))
        return best, found[best]

    def has_credential(self, network: str) -> bool:
        """Tell whether we hold a credential of a network."""
        return bool(self._credentials.get(network))

    def tell(self, now: datetime) -> None:
        """Note the present instant, once a step."""
        self._now = now
        if len(self._buckets) > MOST_BUCKETS:
            idle = [name for name, bucket in self._buckets.items() if bucket.idle(now)]
            for name in idle:
                del self._buckets[name]
                self._strikes.pop(name, None)

    def by_host(self, network: Network, operation: Operation) -> bool:
        """Tell whether subjects of a network are paid from buckets of several hosts."""
        return any(group.per == "host" for group in self._paying(network, operation))

    def begin(self, network: Network, account: str) -> None:
        """Forget what was said of the credential of an account's owner who gave another."""
        payer = owner_bucket(network.slug, account)
        for group in self._groups_of(network):
            self._inherited.pop(payer + group.suffix, None)
            if (bucket := self._buckets.get(payer + group.suffix)) is not None:
                bucket.forget()

    def observe(self, ended: JobEnded, subjects: Mapping[str, Subject] | None = None) -> None:
        """Take what an outcome says of its buckets: what is left, a pause, a dead credential.

        What is said of a quota is said of that of the operation, where it has one of its own.
        By `subjects` is known whether the account's owner paid for it. Her refusals bar nothing:
        they are of one subject, which waits for itself.
        """
        owned = _paid_by_owner(ended, subjects or {})
        network = BY_SLUG.get(ended.network)
        paying = self._paying(network, ended.operation) if network else ()
        if network is None or not paying or ended.cause == "expired":
            return
        per = payer_of(paying)
        if not self.pays(network, per, ended.bucket, owned=owned):
            return
        own = next(group for group in paying if group.per == per)
        bucket = self._bucket(ended.bucket, own)
        key = (ended.bucket, ended.operation)
        if ended.quota_left is not None:
            bucket.observe(ended.quota_left, ended.ended_at)
        if ended.cause == "rate_limited":
            until = ended.retry_at or self._longer(bucket.name, ended.ended_at)
            bucket.pause(until, ended.detail or "rate limited")
            self._asked[bucket.name] = max(until, self._asked.get(bucket.name, until))
        elif ended.cause == "credential":
            until = ended.ended_at + (OWNER_PAUSE if owned else CREDENTIAL_PAUSE)
            for group in self._groups_of(network):
                if group.per == per:
                    self._bucket(ended.bucket, group).pause(until, ended.detail or "credential")
        elif ended.cause == "refused" and per == "credential" and not owned:
            self._refusals[key] = self._refusals.get(key, 0) + 1
            if self._refusals[key] >= REFUSALS_IN_A_ROW:
                self._barred[key] = ended.ended_at + OPERATION_PAUSE
        elif ended.cause in ("done", "unchanged", "gone"):
            self._strikes.pop(bucket.name, None)
            self._refusals.pop(key, None)

    def pays(self, network: Network, per: str, payer: str, *, owned: bool) -> bool:
        """Tell whether a job may have been paid so: what nobody pays from is no bucket to keep."""
        slug, _, who = payer.partition(":")
        if slug != network.slug:
            return False
        if per == "credential" and account_of_owner(payer) is not None:
            return owned
        named = ("all",) if per == "all" else self._credentials.get(slug, ())
        return per == "host" or who in named

    def to_keep(self, now: datetime) -> tuple[Spent, ...]:
        """Return what a later leader must know: hosts are many, and soon forget."""
        return tuple(entry for bucket in self._lasting() for entry in bucket.to_keep(now))

    def pauses(self) -> Mapping[str, datetime]:
        """Return, once, the pauses that networks have asked for since the last call: name, end.

        A later leader must keep them. It is not told of dead credentials: whoever replaces one
        restarts the collector, and the new one is tried at once.
        """
        asked, self._asked = self._asked, {}
        return asked

    def keep_pause(self, name: str, until: datetime, now: datetime) -> None:
        """Keep a pause that an earlier leader was asked for."""
        if until <= now:
            return
        payer, sign, quota = name.partition("#")
        name = self._same.get(payer, payer) + sign + quota
        if (bucket := self._buckets.get(name)) is not None:
            bucket.pause(until, INHERITED)
        else:
            self._inherited[name] = max(until, self._inherited.get(name, until))

    def restore(self, spent: Iterable[Spent]) -> None:
        """Take over what an earlier leader granted; quotas that are no more are passed over."""
        by_bucket: dict[str, list[Spent]] = {}
        for entry in spent:
            by_bucket.setdefault(entry.bucket, []).append(entry)
        for name, entries in by_bucket.items():
            payer = name.partition("#")[0]
            slug, _, who = payer.partition(":")
            network = BY_SLUG.get(slug)
            per = "all" if who == "all" else "credential"
            for group in self._groups_of(network) if network else ():
                if group.per == per and payer + group.suffix == name:
                    self._bucket(payer, group).restore(entries)

    def told(self) -> list[Bucket]:
        """Return the buckets of our credentials and of all of us: few, and worth watching."""
        return [one for one in self._lasting() if account_of_owner(one.name) is None]

    def _lasting(self) -> list[Bucket]:
        return [bucket for bucket in self._buckets.values() if bucket.per != "host"]

    def _groups_of(self, network: Network) -> tuple[Group, ...]:
        known = self._groups.get(network.slug)
        if known is None:
            bounded = network.within(self._budgets.get(network.slug))
            known = self._groups[network.slug] = groups_of(bounded)
        return known

    def _paying(self, network: Network, operation: Operation) -> tuple[Group, ...]:
        return tuple(group for group in self._groups_of(network) if group.pays(operation))

    def _of(
        self, network: Network, group: Group, payer: str, per: str, subject: JobSubject
    ) -> Bucket:
        """Return the bucket of a group, for a job that `payer` pays for."""
        if group.per == per:
            return self._bucket(payer, group)
        other = "all" if group.per == "all" else self._host_of(network.slug, subject)
        return self._bucket(f"{network.slug}:{other}", group)

    def _bucket(self, payer: str, group: Group) -> Bucket:
        name = self._same.get(payer, payer) + group.suffix
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(name, group.quotas)
            if (until := self._inherited.pop(name, None)) is not None:
                bucket.pause(until, INHERITED)
        return bucket

    def _is_barred(self, payer: str, operation: Operation) -> bool:
        until = self._barred.get((payer, operation))
        if until is None or self._now is None:
            return False
        if self._now >= until:
            del self._barred[payer, operation]
            self._refusals.pop((payer, operation), None)
            return False
        return True

    def _longer(self, bucket: str, now: datetime) -> datetime:
        """Return when to try again where a 429 says nothing: doubled at each, 15 min at most."""
        strikes = self._strikes[bucket] = self._strikes.get(bucket, 0) + 1
        return now + backoff(strikes, SHORT_PAUSE, LONGEST_PAUSE)


def groups_of(network: Network) -> tuple[Group, ...]:
    """Return the quotas of a network as they are counted, those of some operations first."""
    together: dict[tuple[str, tuple[Operation, ...]], dict[str, Quota]] = {}
    for name, quota in network.quotas.items():
        together.setdefault((quota.per, quota.operations), {})[name] = quota
    pers = [per for per, _ in together]
    groups = [
        Group(tuple(named.values()), f"#{next(iter(named))}" if pers.count(per) > 1 else "")
        for (per, _), named in together.items()
    ]
    return tuple(sorted(groups, key=lambda group: not group.quotas[0].operations))


def payer_of(paying: Iterable[Group]) -> str:
    """Return whose quota names a job's payer: a credential's, or else a host's, before all's."""
    return max((group.per for group in paying), key=("all", "host", "credential").index)


def _paid_by_owner(ended: JobEnded, subjects: Mapping[str, Subject]) -> bool:
    """Tell whether the owner of the account that a job was about paid for it."""
    account = account_of_owner(ended.bucket)
    if account is None or account not in (ended.subjects or (ended.subject,)):
        return False
    subject = subjects.get(account)
    return subject is not None and subject.owned and subject.network.slug == ended.network
