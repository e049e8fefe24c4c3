"""The topics: what each carries, its key, who writes and reads it, how long it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from contracts.accounts import AccountConnected, AccountObserved, AccountRegistered, AccountRenewed
from contracts.alerts import (
    AlertComposed,
    AlertDecided,
    AlertDelivered,
    AlertRaised,
    DeciderState,
)
from contracts.dead_letters import DeadLetter
from contracts.erasures import Erased
from contracts.event import Event
from contracts.jobs import JobEnded, JobGranted, Progress
from contracts.mentions import MentionMatched, MentionObserved
from contracts.messages import MessageDue
from contracts.networks import NETWORKS, Network, network_of
from contracts.posts import PostObserved, TextObserved
from contracts.scores import ScoreComputed
from contracts.watches import Watched

Service = Literal["collector", "scorer", "alerts", "api", "replay"]

DAY_MS = 24 * 3600 * 1000
THREE_DAYS = 3 * DAY_MS
THIRTY_DAYS = 30 * DAY_MS
THIRTEEN_MONTHS = 396 * DAY_MS

PARTITIONS = 6
"""Partitions of a topic that is not keyed by watch."""

WATCH_PARTITIONS = 12
"""Topics keyed by watch have the same number, never changed within a version."""


LARGEST_LETTER_BYTES = 4 * 1024 * 1024
"""A dead letter holds its record and key whole, a third longer (base64); brokers take records of
1 MiB by default."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; `retention_ms` is None where the topic is compacted.

    `largest_bytes` is set where a record may be larger than the broker's default,
    `compacted_after_ms` where older records of a key are kept beside the last one for a time. What
    is `ours` follows no network's terms: scores, which a network whose terms forbid them has not.

    Records of a topic with a `table` are stored: its columns bear the names of the event's fields,
    but for those `left_out` (contracts/clickhouse/tables/).
    """

    name: str
    event: type[Event]
    says: str
    key: str
    made_by: tuple[Service, ...]
    read_by: tuple[Service, ...]
    partitions: int = PARTITIONS
    retention_ms: int | None = THIRTEEN_MONTHS
    largest_bytes: int | None = None
    ours: bool = False
    compacted_after_ms: int = 0
    table: str | None = None
    left_out: frozenset[str] = frozenset()

    @property
    def compacted(self) -> bool:
        """Tell whether the topic is a table: the latest record of a key is its state."""
        return self.retention_ms is None

    @property
    def version(self) -> int:
        """Return the version that the name ends with."""
        return int(self.name.rsplit(".v", 1)[1])

    def on(self, namespace: str) -> str:
        """Return the name on the wire: its prefix is the installation (in tests, a name apart)."""
        return f"{namespace}.{self.name}"

    @property
    def parts(self) -> "tuple[Topic, ...]":
        """Return what is to be read: this topic, and the short one of networks with terms."""
        short = _short_of(self)
        return (self, short) if short else (self,)

    def for_network(self, slug: str) -> "Topic":
        """Return the part where what comes from a network is published, as its terms say."""
        short = _short_of(self)
        if short is None or (days := network_of(slug).retention_days) is None:
            return self
        return short if days * DAY_MS < (self.retention_ms or 0) else self

    @property
    def config(self) -> dict[str, str]:
        """Return the broker's settings of the topic.

        A broker deletes whole segments, by the age of their last record: where the law or a network
        says 30 days or less, a segment lasts a day, and counts in them. What a compacted topic no
        longer says is gone a day later.
        """
        largest = {"max.message.bytes": str(self.largest_bytes)} if self.largest_bytes else {}
        kept = kept_ms(self)
        if kept is None:
            after = self.compacted_after_ms
            lag = {"min.compaction.lag.ms": str(after)} if after else {}
            most = {"max.compaction.lag.ms": str(DAY_MS)}
            return {"cleanup.policy": "compact"} | lag | most | largest
        segment: dict[str, str] = {}
        if DAY_MS < kept <= THIRTY_DAYS:
            kept, segment = kept - DAY_MS, {"segment.ms": str(DAY_MS)}
        return {"cleanup.policy": "delete", "retention.ms": str(kept)} | segment | largest


def kept_ms(topic: Topic, networks: Iterable[Network] = NETWORKS) -> int | None:
    """Return how long a topic keeps its records, None where the last of each key is kept.

    A topic of thirty days or less keeps all its records no longer than the shortest term of the
    networks that it carries; a longer one has a part of its own for these networks.
    """
    kept, terms = topic.retention_ms, _terms(topic, networks)
    return min(kept, *terms) if kept is not None and kept <= THIRTY_DAYS and terms else kept


def shortened(topic: Topic, networks: Iterable[Network] = NETWORKS) -> Topic | None:
    """Return the part of a topic for networks whose terms end before it, None where none do.

    It is kept as long as the shortest of their terms: one part, however many networks.
    """
    kept, terms = topic.retention_ms, _terms(topic, networks)
    if kept is None or kept <= max(THIRTY_DAYS, min(terms, default=kept)):
        return None
    stem, version = topic.name.rsplit(".v", 1)
    says = f"{topic.says}; of networks whose terms end sooner"
    return replace(topic, name=f"{stem}.short.v{version}", says=says, retention_ms=min(terms))


def _terms(topic: Topic, networks: Iterable[Network]) -> list[int]:
    """Return how long the networks that a topic carries let their records be kept."""
    if topic.ours or "network" not in topic.event.model_fields:
        return []
    return [n.retention_days * DAY_MS for n in networks if n.retention_days is not None]


_short_of = cache(shortened)

ACCOUNTS_REGISTERED = Topic(
    "accounts.registered.v1",
    AccountRegistered,
    "an account to observe as it is now: handle, native id, owners, state",
    "account",
    ("api",),
    ("collector", "scorer", "alerts", "api"),
    retention_ms=None,
    table="accounts",
)
ACCOUNTS_CONNECTED = Topic(
    "accounts.connected.v1",
    AccountConnected,
    "an account that its owner lets us read: its token, sealed to the collector, or withdrawn",
    "account",
    ("api",),
    ("collector",),
    retention_ms=None,
)
ACCOUNTS_RENEWED = Topic(
    "accounts.renewed.v1",
    AccountRenewed,
    "what became of a connection: its token renewed, sealed likewise, or refused",
    "account",
    ("collector",),
    ("collector", "api"),
    retention_ms=None,
)
COLLECT_JOBS = Topic(
    "collect.jobs.v1",
    JobGranted,
    "one request's worth of work, granted, with an end",
    "subject",
    ("collector",),
    ("collector",),
    retention_ms=DAY_MS,
)
COLLECT_OUTCOMES = Topic(
    "collect.outcomes.v1",
    JobEnded,
    "how a job ended: cause, quota left, next page",
    "subject",
    ("collector",),
    ("collector", "scorer", "alerts"),
    retention_ms=THIRTY_DAYS,
    table="collect_outcomes",
    # What the scheduler alone needs.
    left_out=frozenset(
        {"next_cursor", "etag", "last_modified", "alone", "items", "native_ids", "readings"}
        | {"missing", "deleted", "followers"}
    ),
)
COLLECT_PROGRESS = Topic(
    "collect.progress.v1",
    Progress,
    "cursors, validators, what is due again",
    "subject",
    ("collector",),
    ("collector",),
    retention_ms=None,
)
ACCOUNTS_OBSERVED = Topic(
    "accounts.observed.v1",
    AccountObserved,
    "counters of an account at a moment",
    "account",
    ("collector",),
    ("scorer",),
    table="account_observations",
)
POSTS_OBSERVED = Topic(
    "posts.observed.v1",
    PostObserved,
    "a post, its counters at a moment and what is derived from its text",
    "account",
    ("collector",),
    ("scorer", "alerts"),
    table="post_observations",
)
TEXTS_OBSERVED = Topic(
    "texts.observed.v1",
    TextObserved,
    "the text of a post, kept 30 days",
    "account",
    ("collector",),
    ("scorer", "alerts"),
    retention_ms=THIRTY_DAYS,
    table="post_texts",
)
MENTIONS_OBSERVED = Topic(
    "mentions.observed.v1",
    MentionObserved,
    "something public said by somebody else, present or deleted",
    "mention",
    ("collector",),
    ("scorer", "alerts"),
    retention_ms=THIRTY_DAYS,
    table="mentions",
)
MENTIONS_MATCHED = Topic(
    "mentions.matched.v1",
    MentionMatched,
    "this mention concerns that watch, and why",
    "watch",
    ("alerts",),
    ("alerts", "scorer"),
    partitions=WATCH_PARTITIONS,
    retention_ms=THIRTY_DAYS,
    table="matches",
)
SCORES_COMPUTED = Topic(
    "scores.computed.v1",
    ScoreComputed,
    "score and rank for a period and a methodology, for whoever follows them",
    "account",
    ("scorer",),
    ("api",),
    ours=True,
)
WATCHES = Topic(
    "watches.v1",
    Watched,
    "a watch as it is now",
    "watch",
    ("api",),
    ("alerts", "collector", "api"),
    partitions=WATCH_PARTITIONS,
    retention_ms=None,
)
ALERTS_RAISED = Topic(
    "alerts.raised.v1",
    AlertRaised,
    "worth telling a person: a match, a peak, a failed source; with the texts that show it",
    "mark of the recipient, else watch",
    ("alerts",),
    ("alerts",),
    partitions=WATCH_PARTITIONS,
    retention_ms=THIRTY_DAYS,
)
ALERTS_DECIDED = Topic(
    "alerts.decided.v1",
    AlertDecided,
    "the same without the texts: what is kept of an alert",
    "watch",
    ("alerts",),
    ("scorer",),
    partitions=WATCH_PARTITIONS,
    table="alerts_raised",
)
ALERTS_COMPOSED = Topic(
    "alerts.composed.v1",
    AlertComposed,
    "a message as it is about to be handed over, so that a repeat is the same",
    "recipient",
    ("alerts",),
    ("alerts",),
    # What is older than two days is told to nobody (`TELL_WITHIN`).
    retention_ms=THREE_DAYS,
)
ALERTS_DELIVERED = Topic(
    "alerts.delivered.v1",
    AlertDelivered,
    "told whom, through what, with what outcome; or silent, and why",
    "watch",
    ("alerts",),
    ("alerts", "scorer"),
    partitions=WATCH_PARTITIONS,
    table="alerts_delivered",
)
ALERTS_STATE = Topic(
    "alerts.state.v1",
    DeciderState,
    "snapshot of a decider: counts by hour, open groups, offsets covered",
    "watch",
    ("alerts",),
    ("alerts",),
    partitions=WATCH_PARTITIONS,
    retention_ms=None,
    # A decider that was paused may write an older snapshot last; by then the one that replaced it
    # has written its own again (services/alerts/deciding/deciders.py).
    compacted_after_ms=DAY_MS // 2,
)
MESSAGES_DUE = Topic(
    "messages.due.v1",
    MessageDue,
    "a mail the api or the alerts want sent",
    "recipient",
    ("api", "alerts"),
    ("alerts",),
    retention_ms=THIRTY_DAYS,
)
ERASURES = Topic(
    "erasures.v1",
    Erased,
    "an account, a mention or an author of whom nothing may be kept, for ever",
    "kind and subject",
    ("api",),
    ("scorer", "alerts"),
    retention_ms=None,
)
DEAD_LETTERS = Topic(
    "dead.letters.v1",
    DeadLetter,
    "a record that could not be used, whole, with reason and origin",
    "topic of origin",
    ("collector", "scorer", "alerts"),
    ("replay",),
    retention_ms=THIRTY_DAYS,
    largest_bytes=LARGEST_LETTER_BYTES,
)

DECLARED: tuple[Topic, ...] = (
    ACCOUNTS_REGISTERED,
    ACCOUNTS_CONNECTED,
    ACCOUNTS_RENEWED,
    COLLECT_JOBS,
    COLLECT_OUTCOMES,
    COLLECT_PROGRESS,
    ACCOUNTS_OBSERVED,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
    MENTIONS_OBSERVED,
    MENTIONS_MATCHED,
    SCORES_COMPUTED,
    WATCHES,
    ALERTS_RAISED,
    ALERTS_DECIDED,
    ALERTS_COMPOSED,
    ALERTS_DELIVERED,
    ALERTS_STATE,
    MESSAGES_DUE,
    ERASURES,
    DEAD_LETTERS,
)

TOPICS: tuple[Topic, ...] = tuple(part for topic in DECLARED for part in topic.parts)
"""The topics on a broker: those that are declared, and their short parts."""

BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
