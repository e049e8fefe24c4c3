"""The metrics of `contracts/operations/metrics.py`, as prometheus_client keeps them."""

from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from contracts.operations.metrics import BUILD_INFO, PREFIX, Metric

disable_created_metrics()  # they would double every counter


def counter(metric: Metric) -> Counter:
    """Make what only rises; `_total` is added to its name where it is shown."""
    return Counter(PREFIX + metric.name, metric.meaning, metric.labels)


def gauge(metric: Metric) -> Gauge:
    """Make what rises and falls."""
    return Gauge(PREFIX + metric.name, metric.meaning, metric.labels)


def histogram(metric: Metric) -> Histogram:
    """Make what is counted by size."""
    return Histogram(PREFIX + metric.name, metric.meaning, metric.labels, buckets=metric.buckets)


_BUILD = gauge(BUILD_INFO)


def tell_build(service: str) -> None:
    """Say which version of which service this process is."""
    _BUILD.labels(version("observatoire"), service).set(1)
