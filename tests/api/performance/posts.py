"""Posts for tests: one a day at noon, read at seven days."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.api.performance.posts import Post, Reading

FIRST = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
"""A Monday, noon in Paris."""

WEEK = timedelta(days=7)


def post(place: int, interactions: int | None = 100, **changes: Any) -> Post:
    """A photo of day `place`, of an account of 1,000 followers."""
    known: dict[str, Any] = {
        "post": f"post-{place:04}",
        "network": "bluesky",
        "published_at": FIRST + timedelta(days=place),
        "kind": "photo",
        "readings": (Reading(WEEK, interactions),),
        "followers": 1000,
        "text_length": 120,
    }
    return Post(**(known | changes))
