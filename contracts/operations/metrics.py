"""The metrics of all processes: one list, from which rules, dashboards and documents take names.

A service makes those it shows (`libs/metrics.py`, its own `metrics.py`). Every name begins with
`observatoire_`, and ends with its unit, a counter's with `_total` after it. Labels hold words of
ours (networks, topics, groups, routes): never an account, a watch, a host or an address of others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PREFIX = "observatoire_"

Kind = Literal["counter", "gauge", "histogram"]
Unit = Literal["", "seconds", "bytes", "ratio", "records", "timestamp_seconds"]
"""What a value is in, and its name ends with; a plain number of things has none."""

FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Buckets of a request or of one insertion (seconds)."""

JOBS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40)
"""Buckets of a job, which waits for a network (seconds)."""

DRAWING = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1)
"""Buckets of a picture (seconds)."""

TELLING = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600)
"""Buckets of a message on its way to somebody (seconds, to an hour)."""

RECORDS = (1, 10, 100, 1_000, 5_000, 10_000, 20_000, 50_000, 100_000)
"""Buckets of a batch (records)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: what it is called, what it counts in, what it means, by which labels."""

    name: str
    kind: Kind
    unit: Unit
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.unit and not self.name.endswith(f"_{self.unit}"):
            raise ValueError(f"{self.name} does not end with its unit, {self.unit}")
        if (self.kind == "histogram") != bool(self.buckets):
            raise ValueError(f"{self.name}: buckets are a histogram's, and it has some")

    @property
    def shown(self) -> str:
        """Return its name for Prometheus: the counter's own, the family of a histogram."""
        return PREFIX + self.name + ("_total" if self.kind == "counter" else "")

    def bucket(self, most: float) -> str:
        """Return the selector of what took at most so long; `ValueError` where no bucket ends."""
        if most not in self.buckets:
            raise ValueError(f"{self.name} has no bucket that ends at {most}")
        return f'{self.shown}_bucket{{le="{float(most)}"}}'

    @property
    def count(self) -> str:
        """Return the name of the number of what a histogram counts."""
        return f"{self.shown}_count"


BUILD_INFO = Metric(
    "build_info", "gauge", "", "1, with the version and the service.", ("version", "service")
)

TROUBLES = Metric(
    "troubles", "gauge", "",
    "Things that are not well, as `failures` of `/readyz` names them on the port of operations.",
)  # fmt: skip

# The api
HTTP_REQUESTS = Metric(
    "http_requests", "counter", "", "Requests answered, by route.", ("route", "method", "status")
)
HTTP_REQUEST_SECONDS = Metric(
    "http_request_seconds", "histogram", "seconds", "From request to whole answer.",
    ("route",), FAST,
)  # fmt: skip
CHART_SECONDS = Metric(
    "chart_seconds", "histogram", "seconds", "Time to draw a panel.", ("panel",), DRAWING
)
OUTBOX_TOLD = Metric(
    "outbox_told", "counter", "", "Keys whose present state was told to their topic."
)
OUTBOX_FAILURES = Metric(
    "outbox_failures", "gauge", "", "Failures of the relay since it last succeeded."
)
OUTBOX_WAITING = Metric("outbox_waiting", "gauge", "", "Keys that wait to be told.")
OUTBOX_OLDEST_SECONDS = Metric(
    "outbox_oldest_seconds", "gauge", "seconds", "How long the oldest of them has waited."
)

# What the api asks of broker and engine for all
GROUP_LAG_RECORDS = Metric(
    "group_lag_records", "gauge", "records", "Records not yet read by a group.", ("group",)
)
GROUP_LAG_SECONDS = Metric(
    "group_lag_seconds", "gauge", "seconds",
    "How long ago the next record to be read by a group was published, 0 where all is read.",
    ("group",),
)  # fmt: skip
GROUP_MEMBERS = Metric("group_members", "gauge", "", "Members of a group.", ("group",))
DEAD_LETTERS = Metric(
    "dead_letters_records", "gauge", "records", "Records that the topic of dead letters holds."
)
ACCOUNTS = Metric("accounts", "gauge", "", "Verified accounts, by network.", ("network",))
READING_AGE_SECONDS = Metric(
    "reading_age_seconds", "gauge", "seconds",
    "Age of the last reading of accounts, that is of what is shown, by network and quantile.",
    ("network", "quantile"),
)  # fmt: skip
READING_LATE_RATIO = Metric(
    "reading_late_ratio", "gauge", "ratio",
    "Share of the accounts of a network whose last reading is older than its target.",
    ("network",),
)  # fmt: skip
MONTH_COMPUTED_TIMESTAMP_SECONDS = Metric(
    "month_computed_timestamp_seconds", "gauge", "timestamp_seconds",
    "When the newest published month was computed (Unix time of the installation's clock).",
)  # fmt: skip
DISK_FREE_BYTES = Metric(
    "disk_free_bytes", "gauge", "bytes", "What is free on a disk of a store.", ("store", "disk")
)
DISK_SIZE_BYTES = Metric(
    "disk_size_bytes", "gauge", "bytes", "What a disk of a store holds in all.", ("store", "disk")
)
LOOKED_TIMESTAMP_SECONDS = Metric(
    "looked_timestamp_seconds", "gauge", "timestamp_seconds",
    "When broker, engine and outbox were last asked with success (Unix time of the machine).",
    ("of",),
)  # fmt: skip

# Every reader of topics
BAD_RECORDS = Metric(
    "bad_records", "counter", "", "Records that a reader could not use.", ("reader", "topic")
)

# The scorer
SCORER_STORED = Metric(
    "scorer_stored", "counter", "", "Rows that ClickHouse has acknowledged.", ("table",)
)
SCORER_BATCH_RECORDS = Metric(
    "scorer_batch_records", "histogram", "records", "Records read together.", buckets=RECORDS
)
SCORER_INSERT_SECONDS = Metric(
    "scorer_insert_seconds", "histogram", "seconds", "Until ClickHouse acknowledged a block.",
    buckets=FAST,
)  # fmt: skip
SCORER_ACKNOWLEDGED_TIMESTAMP_SECONDS = Metric(
    "scorer_acknowledged_timestamp_seconds", "gauge", "timestamp_seconds",
    "When ClickHouse last acknowledged a block (Unix time of the machine).",
)  # fmt: skip
SCORER_WAITING = Metric(
    "scorer_waiting", "gauge", "", "1 while intake waits for the engine, else 0."
)

MONTH_OVERDUE_SECONDS = Metric(
    "month_overdue_seconds", "gauge", "seconds",
    "Since when a month has been due that is not published, 0 where all are.",
)  # fmt: skip

# The collector
COLLECTOR_REQUESTS = Metric(
    "collector_requests", "counter", "", "Requests made, by the cause of the outcome.",
    ("network", "operation", "cause"),
)  # fmt: skip
COLLECTOR_JOBS_GRANTED = Metric(
    "collector_jobs_granted", "counter", "", "Jobs granted.", ("network", "operation")
)
COLLECTOR_JOBS_DROPPED = Metric(
    "collector_jobs_dropped", "counter", "",
    "Jobs that a worker dropped: `expired`, or `fenced` (an older leader's).", ("why",),
)  # fmt: skip
COLLECTOR_JOB_SECONDS = Metric(
    "collector_job_seconds", "histogram", "seconds", "From a job's grant to its outcome.",
    ("network",), JOBS,
)  # fmt: skip
COLLECTOR_JOBS_IN_FLIGHT = Metric(
    "collector_jobs_in_flight", "gauge", "", "Jobs granted and awaited."
)
COLLECTOR_EVENTS = Metric("collector_events", "counter", "", "Events published.", ("topic",))
COLLECTOR_SKIPPED = Metric(
    "collector_skipped", "counter", "",
    "Things read that are none of ours (reposts, replies…).", ("network", "why"),
)  # fmt: skip
COLLECTOR_SUBJECTS_SET_ASIDE = Metric(
    "collector_subjects_set_aside", "counter", "",
    "Times a subject was left for an hour, since no job could be made of what is known of it.",
)  # fmt: skip
COLLECTOR_QUOTA_LEFT = Metric(
    "collector_quota_left", "gauge", "",
    "Requests that may still be granted, by what they are paid from (a credential, all of us).",
    ("bucket",),
)  # fmt: skip
COLLECTOR_QUOTA_LEFT_RATIO = Metric(
    "collector_quota_left_ratio", "gauge", "ratio",
    "The same as a share of what the tightest quota allows.", ("bucket",),
)  # fmt: skip
COLLECTOR_OVERDUE_SECONDS = Metric(
    "collector_overdue_seconds", "gauge", "seconds",
    "By how much the most overdue subject of the plan is late (not the age of what is shown).",
    ("network", "operation"),
)  # fmt: skip
COLLECTOR_SUBJECTS = Metric("collector_subjects", "gauge", "", "Subjects observed.", ("network",))
COLLECTOR_LEADING = Metric(
    "collector_leading", "gauge", "", "1 while this process leads the scheduling."
)
COLLECTOR_STREAM_EVENTS = Metric(
    "collector_stream_events", "counter", "", "Stream events read, by what was done with them.",
    ("stream", "what"),
)  # fmt: skip
COLLECTOR_STREAM_LAG_SECONDS = Metric(
    "collector_stream_lag_seconds", "gauge", "seconds", "Between a stream event and now.",
    ("stream",),
)  # fmt: skip

# The alert service
ALERTS_TEXTS_READ = Metric(
    "alerts_texts_read", "counter", "", "Texts compared with the watches.", ("kind",)
)
ALERTS_MATCHES = Metric("alerts_matches", "counter", "", "Matches published.", ("kind", "state"))
ALERTS_RAISED = Metric("alerts_raised", "counter", "", "Alerts raised.", ("kind",))
ALERTS_SILENCED = Metric(
    "alerts_silenced", "counter", "", "What was not told, by reason.", ("reason",)
)
ALERTS_WATCHES = Metric(
    "alerts_watches", "gauge", "", "Active watches that this process decides for."
)
ALERTS_SNAPSHOTS = Metric("alerts_snapshots", "counter", "", "Snapshots of deciders written.")
ALERTS_RAISED_AFTER_SECONDS = Metric(
    "alerts_raised_after_seconds", "histogram", "seconds",
    "From the newest evidence's publication to the alert; `held` on purpose (cooldown, quiet "
    "hours) or not.",
    ("held",), TELLING,
)  # fmt: skip
ALERTS_TOLD_AFTER_SECONDS = Metric(
    "alerts_told_after_seconds", "histogram", "seconds",
    "From the alert, when it is due, to the recipient's acceptance.", ("channel",), TELLING,
)  # fmt: skip
ALERTS_DELIVERIES = Metric(
    "alerts_deliveries", "counter", "", "Deliveries by outcome.", ("channel", "outcome")
)
ALERTS_DELIVERY_RETRIES = Metric(
    "alerts_delivery_retries", "counter", "", "Attempts to be made again.", ("channel", "why")
)
ALERTS_DELIVERIES_WAITING = Metric(
    "alerts_deliveries_waiting", "gauge", "", "Deliveries not yet done.", ("channel",)
)


def all_metrics() -> Iterator[Metric]:
    """Yield every metric, in the order of this file."""
    yield from (one for one in globals().values() if isinstance(one, Metric))
