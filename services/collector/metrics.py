"""The collector's metrics: the one list of their names, with what each means."""

from typing import Literal, get_args

from prometheus_client import Counter, Gauge, Histogram

Name = Literal[
    # Requests made, by network, operation and cause of the outcome.
    "collector_requests_total",
    # Jobs granted by the scheduler, by network and operation.
    "collector_jobs_granted_total",
    # Jobs that a worker dropped: `expired`, or `fenced` (an older leader's).
    "collector_jobs_dropped_total",
    # Events published, by topic.
    "collector_events_total",
    # Things read that are none of ours (reposts, replies…), by network and reason.
    "collector_skipped_total",
    # Seconds from a job's grant to its outcome, by network.
    "collector_job_seconds",
    # Requests that a bucket may still grant, by bucket of a credential or of all.
    "collector_quota_left",
    # Seconds by which the most overdue subject is late, by network and operation.
    "collector_freshness_lag_seconds",
    # Jobs granted and awaited.
    "collector_jobs_in_flight",
    # Subjects observed, by network.
    "collector_subjects",
    # One while this process leads the scheduling.
    "collector_leading",
    # Stream events read, by stream and by what was done with them.
    "collector_stream_events_total",
    # Seconds between a stream event and now, by stream.
    "collector_stream_lag_seconds",
]

NAMES: tuple[Name, ...] = get_args(Name)


def _counter(name: Name, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels)


def _gauge(name: Name, says: str, *labels: str) -> Gauge:
    return Gauge(name, says, labels)


def _histogram(name: Name, says: str, *labels: str) -> Histogram:
    return Histogram(name, says, labels, buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40))


REQUESTS = _counter("collector_requests_total", "Requests made.", "network", "operation", "cause")
GRANTED = _counter("collector_jobs_granted_total", "Jobs granted.", "network", "operation")
DROPPED = _counter("collector_jobs_dropped_total", "Jobs dropped.", "why")
EVENTS = _counter("collector_events_total", "Events published.", "topic")
SKIPPED = _counter(
    "collector_skipped_total", "Things read that are none of ours.", "network", "why"
)
JOB_SECONDS = _histogram("collector_job_seconds", "From grant to outcome.", "network")
QUOTA_LEFT = _gauge("collector_quota_left", "Requests that a bucket may still grant.", "bucket")
FRESHNESS_LAG = _gauge(
    "collector_freshness_lag_seconds", "Lateness of the most overdue.", "network", "operation"
)
IN_FLIGHT = _gauge("collector_jobs_in_flight", "Jobs granted and awaited.")
SUBJECTS = _gauge("collector_subjects", "Subjects observed.", "network")
LEADING = _gauge("collector_leading", "One while this process leads the scheduling.")
STREAM_EVENTS = _counter("collector_stream_events_total", "Stream events.", "stream", "what")
STREAM_LAG = _gauge("collector_stream_lag_seconds", "Age of the last stream event.", "stream")
