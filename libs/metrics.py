"""How a metric is declared: by one line of its service's `metrics.py`, which is the whole list.

Every name begins with `observatoire_`; kind and meaning stand beside it.
"""

from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

PREFIX = "observatoire_"


def counter(name: str, meaning: str, *labels: str) -> Counter:
    """Declare what only rises; `_total` is added to its name where it is shown."""
    return Counter(PREFIX + name, meaning, labels)


def gauge(name: str, meaning: str, *labels: str) -> Gauge:
    """Declare what rises and falls."""
    return Gauge(PREFIX + name, meaning, labels)


def histogram(name: str, meaning: str, *labels: str, buckets: Sequence[float]) -> Histogram:
    """Declare what is counted by size."""
    return Histogram(PREFIX + name, meaning, labels, buckets=buckets)
