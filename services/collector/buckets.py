"""The buckets that requests are paid from: by credential, by host, or for all of us."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from contracts.jobs import JobEnded, JobSubject, Operation, Spent
from contracts.networks import BY_SLUG, Network, Quota
from services.collector.quota import Bucket

SHORT_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
CREDENTIAL_PAUSE = timedelta(hours=6)
OPERATION_PAUSE = timedelta(hours=6)
REFUSALS_IN_A_ROW = 50
"""So many subjects in a row refused: it is the operation that is not permitted, not they."""

MOST_BUCKETS = 20_000
INHERITED = "rate limited, an earlier leader was told"


class Buckets:
    """All buckets, made when first needed.

    `same` names buckets that are one: two networks of Meta asked with one token share its quota.
    """

    def __init__(
        self,
        credentials: Mapping[str, tuple[str, ...]],
        host_of: Callable[[str, JobSubject], str],
        same: Mapping[str, str] | None = None,
    ) -> None:
        self._credentials = credentials
        self._same = same or {}
        self._host_of = host_of
        self._buckets: dict[str, Bucket] = {}
        self._refusals: dict[tuple[str, Operation], int] = {}
        self._barred: dict[tuple[str, Operation], datetime] = {}
        self._strikes: dict[str, int] = {}
        self._asked: dict[str, datetime] = {}
        self._inherited: dict[str, datetime] = {}
        self._now: datetime | None = None

    def for_job(
        self, network: Network, operation: Operation, subject: JobSubject
    ) -> tuple[str, Bucket] | None:
        """Return the bucket that pays for a job, by its name; None when no credential may do it.

        Among credentials, the one that has most left.
        """
        quotas = quotas_of(network, operation)
        if not quotas:
            return None
        per = quotas[0].per
        if per == "all":
            names = ["all"]
        elif per == "host":
            names = [self._host_of(network.slug, subject)]
        else:
            names = list(self._credentials.get(network.slug, ()))
        usable = [
            f"{network.slug}:{name}"
            for name in names
            if not self._is_barred(f"{network.slug}:{name}", operation)
        ]
        if not usable:
            return None
        now = self._now
        best = usable[0]
        if now is not None and len(usable) > 1:
            best = max(usable, key=lambda name: self._bucket(name, quotas).available(now))
        return best, self._bucket(best, quotas)

    def tell(self, now: datetime) -> None:
        """Note the present instant, once a step."""
        self._now = now
        if len(self._buckets) > MOST_BUCKETS:
            idle = [name for name, bucket in self._buckets.items() if bucket.idle(now)]
            for name in idle:
                del self._buckets[name]

    def by_host(self, network: Network, operation: Operation) -> bool:
        """Tell whether subjects of a network are paid from buckets of several hosts."""
        quotas = quotas_of(network, operation)
        return bool(quotas) and quotas[0].per == "host"

    def observe(self, ended: JobEnded) -> None:
        """Take what an outcome says of its bucket: what is left, a pause, a dead credential."""
        network = BY_SLUG.get(ended.network)
        quotas = quotas_of(network, ended.operation) if network else ()
        if not quotas or ended.cause == "expired":
            return
        bucket = self._bucket(ended.bucket, quotas)
        key = (ended.bucket, ended.operation)
        if ended.quota_left is not None:
            bucket.observe(ended.quota_left, ended.ended_at)
        if ended.cause == "rate_limited":
            until = ended.retry_at or self._longer(ended)
            bucket.pause(until, ended.detail or "rate limited")
            self._asked[bucket.name] = max(until, self._asked.get(bucket.name, until))
        elif ended.cause == "credential":
            bucket.pause(ended.ended_at + CREDENTIAL_PAUSE, ended.detail or "credential")
        elif ended.cause == "refused" and quotas[0].per == "credential":
            self._refusals[key] = self._refusals.get(key, 0) + 1
            if self._refusals[key] >= REFUSALS_IN_A_ROW:
                self._barred[key] = ended.ended_at + OPERATION_PAUSE
        elif ended.cause in ("done", "unchanged", "gone"):
            self._strikes.pop(ended.bucket, None)
            self._refusals.pop(key, None)

    def to_keep(self, now: datetime) -> tuple[Spent, ...]:
        """Return what a later leader must know: hosts are many, and soon forget."""
        return tuple(entry for bucket in self.told() for entry in bucket.to_keep(now))

    def pauses(self) -> Mapping[str, datetime]:
        """Return, once, the pauses that networks have asked for since the last call: name, end.

        A later leader must keep them. Of a dead credential it knows nothing: whoever mends one
        starts the collector again, and the new one is tried at once.
        """
        asked, self._asked = self._asked, {}
        return asked

    def keep_pause(self, name: str, until: datetime, now: datetime) -> None:
        """Keep a pause that an earlier leader was asked for."""
        if until <= now:
            return
        if (bucket := self._buckets.get(self._same.get(name, name))) is not None:
            bucket.pause(until, INHERITED)
        else:
            self._inherited[name] = max(until, self._inherited.get(name, until))

    def restore(self, spent: Iterable[Spent]) -> None:
        """Take over what an earlier leader granted."""
        by_bucket: dict[str, list[Spent]] = {}
        for entry in spent:
            by_bucket.setdefault(entry.bucket, []).append(entry)
        for name, entries in by_bucket.items():
            network = BY_SLUG.get(name.split(":")[0])
            if network is None:
                continue
            # Only quotas of a minute or more are kept, and a network has them in one bucket.
            longest = max(network.quotas.values(), key=lambda quota: quota.seconds)
            operation: Operation = "profile" if not longest.operations else "readings"
            self._bucket(name, quotas_of(network, operation)).restore(entries)

    def told(self) -> list[Bucket]:
        """Return the buckets of credentials and of all of us: few, and worth watching."""
        names = [f"{slug}:{name}" for slug, names in self._credentials.items() for name in names]
        names += [f"{slug}:all" for slug in BY_SLUG]
        return [self._buckets[name] for name in dict.fromkeys(names) if name in self._buckets]

    def _bucket(self, name: str, quotas: tuple[Quota, ...]) -> Bucket:
        name = self._same.get(name, name)
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(name, quotas)
            if (until := self._inherited.pop(name, None)) is not None:
                bucket.pause(until, INHERITED)
        return bucket

    def _is_barred(self, bucket: str, operation: Operation) -> bool:
        until = self._barred.get((bucket, operation))
        if until is None or self._now is None:
            return False
        if self._now >= until:
            del self._barred[bucket, operation]
            self._refusals.pop((bucket, operation), None)
            return False
        return True

    def _longer(self, ended: JobEnded) -> datetime:
        """Return when to try again where a 429 says nothing: doubled at each, 15 min at most."""
        strikes = self._strikes[ended.bucket] = self._strikes.get(ended.bucket, 0) + 1
        return ended.ended_at + min(LONGEST_PAUSE, SHORT_PAUSE * 2 ** min(strikes, 12))


def quotas_of(network: Network, operation: Operation) -> tuple[Quota, ...]:
    """Return the quotas that pay for an operation of a network."""
    return tuple(
        quota
        for quota in network.quotas.values()
        if not quota.operations or operation in quota.operations
    )
