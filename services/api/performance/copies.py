"""The same text on several networks: recognised by fingerprints, within a few days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from libs.matching.derived import SAME_BITS
from services.api.performance.posts import Post

COPIED_WITHIN = timedelta(days=3)
"""Between two posts of one text."""


def with_copies(posts: Sequence[Post], others: Sequence[tuple[str, Sequence[Post]]]) -> list[Post]:
    """Return posts with the networks on which the same text was told within three days.

    ``others`` are the territory's other accounts: the network of each, and its posts.
    """
    days: dict[int, list[tuple[int, Post, str]]] = {}
    for network, some in others:
        for post in some:
            if post.fingerprint is not None and not post.deleted:
                known = int(post.fingerprint, 16), post, network
                days.setdefault(post.published_at.toordinal(), []).append(known)
    return [_with(post, days) for post in posts]


def _with(post: Post, days: dict[int, list[tuple[int, Post, str]]]) -> Post:
    if post.fingerprint is None:
        return post
    own, day = int(post.fingerprint, 16), post.published_at.toordinal()
    found = {
        network
        for near in range(day - COPIED_WITHIN.days, day + COPIED_WITHIN.days + 1)
        for other, copy, network in days.get(near, ())
        if (own ^ other).bit_count() <= SAME_BITS
        and abs(copy.published_at - post.published_at) <= COPIED_WITHIN
    }
    return replace(post, elsewhere=tuple(sorted(found))) if found else post
