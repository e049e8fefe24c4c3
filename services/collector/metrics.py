"""The metrics of the collector: one line each, with its meaning."""

from libs.metrics import counter, gauge, histogram

REQUESTS = counter(
    "collector_requests",
    "Requests made, by network, operation and cause of the outcome.",
    "network",
    "operation",
    "cause",
)
GRANTED = counter(
    "collector_jobs_granted", "Jobs granted by the scheduler.", "network", "operation"
)
DROPPED = counter(
    "collector_jobs_dropped",
    "Jobs that a worker dropped: `expired`, or `fenced` (an older leader's).",
    "why",
)
EVENTS = counter("collector_events", "Events published.", "topic")
SKIPPED = counter(
    "collector_skipped",
    "Things read that are none of ours (reposts, replies…), by network and reason.",
    "network",
    "why",
)
JOB_SECONDS = histogram(
    "collector_job_seconds",
    "Seconds from a job's grant to its outcome.",
    "network",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40),
)
SET_ASIDE = counter(
    "collector_subjects_set_aside",
    "Times a subject was left for an hour, since no job could be made of what is known of it.",
)
QUOTA_LEFT = gauge(
    "collector_quota_left",
    "Requests that a bucket may still grant, by bucket of a credential or of all.",
    "bucket",
)
FRESHNESS_LAG = gauge(
    "collector_freshness_lag_seconds",
    "Seconds by which the most overdue subject is late.",
    "network",
    "operation",
)
IN_FLIGHT = gauge("collector_jobs_in_flight", "Jobs granted and awaited.")
SUBJECTS = gauge("collector_subjects", "Subjects observed.", "network")
LEADING = gauge("collector_leading", "One while this process leads the scheduling.")
STREAM_EVENTS = counter(
    "collector_stream_events", "Stream events read, by what was done with them.", "stream", "what"
)
STREAM_LAG = gauge(
    "collector_stream_lag_seconds", "Seconds between a stream event and now.", "stream"
)
