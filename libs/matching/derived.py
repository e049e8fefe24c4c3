"""What is derived from the text of a post and kept when the text is not: topics and a fingerprint.

The fingerprint is the simhash of its words (Charikar, « Similarity estimation techniques from
rounding algorithms », 2002): texts that differ by few words have fingerprints that differ by few of
64 bits. Links and hashtags are no part of it, since they differ from one network to the other.
No text can be read back from either.
"""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

from contracts.posts import POST_TOPICS
from libs.matching.words import fold

TOPICS_AT_MOST = 3
"""Of a text that speaks of everything, those that most of its words are of."""

FEWEST_WORDS = 5
"""Words that are read (three letters, or a number) without which texts are alike, and no copies:
« Bonne année à tous »."""

MOST_WORDS = 120
"""Words that are read of a text, and of its hashtags: a lane below counts to 255."""

SAME_BITS = 6
"""Fingerprints that differ by so many bits at most are of one text: a word of thirty more. (Manku,
Jain, Das Sarma, « Detecting near-duplicates for web crawling », 2007, take 3 for whole pages.)"""

_LEFT_OUT = re.compile(r"https?://\S+|#\w+")
_LANE = 8
_BITS = 64
"""A fingerprint has so many bits; each is counted in a lane of `_LANE` bits of one number."""


class Derived(NamedTuple):
    """What is kept of a text: slugs of its topics, 16 hexadecimal digits (None: too short)."""

    topics: tuple[str, ...]
    fingerprint: str | None


def derive(text: str, hashtags: Iterable[str] = ()) -> Derived:
    """Return what is derived from a text and its hashtags (without #)."""
    if "#" in text or "://" in text:
        text = _LEFT_OUT.sub(" ", text)
    words = fold(text)[:MOST_WORDS]
    total = sum(map(_WORDS.__getitem__, words))
    count = total >> _LANE * _BITS & 255
    named = total >> _LANE * (_BITS + 1)
    if hashtags:
        tags = fold(" ".join(hashtags))[:MOST_WORDS]
        named += sum(map(_WORDS.__getitem__, tags)) >> _LANE * (_BITS + 1)
    fingerprint = None
    if count >= FEWEST_WORDS:
        counts = (total & _HASHES).to_bytes(_BITS, "big")
        fingerprint = f"{int(counts.translate(_majority(count)), 2):016x}"
    return Derived(_topics(named) if named else (), fingerprint)


def bits_apart(one: str, other: str) -> int:
    """Return by how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _topics(counted: int) -> tuple[str, ...]:
    counts = counted.to_bytes(len(POST_TOPICS), "little")
    found = sorted((-count, rank) for rank, count in enumerate(counts) if count)
    return tuple(POST_TOPICS[rank].slug for _, rank in found[:TOPICS_AT_MOST])


class _Words(dict[bytes, int]):
    """What a word says, filled as they are met: lanes of 8 bits, which sums of words then count.

    64 for the bits of its hash, one that counts it, then one for each topic. Words of one or two
    letters (« à », « de », « y ») are left out of the hash.
    """

    def __missing__(self, word: bytes) -> int:
        if len(self) >= _WORDS_REMEMBERED:
            self.clear()
        hashed = int.from_bytes(blake2b(word, digest_size=8).digest())
        whole = word.decode() + " "
        lanes = 0
        if len(word) > 2 or word.isdigit():
            lanes = sum((hashed >> bit & 1) << _LANE * bit for bit in range(_BITS))
            lanes |= 1 << _LANE * _BITS
        for rank, topic in enumerate(POST_TOPICS):
            if whole.startswith(topic.begins):
                lanes |= 1 << _LANE * (_BITS + 1 + rank)
        self[word] = lanes
        return lanes


_WORDS_REMEMBERED = 50_000
"""Words whose hash is kept."""

_WORDS = _Words()
_HASHES = (1 << _LANE * _BITS) - 1


@cache
def _majority(words: int) -> bytes:
    """The digit that each count becomes: 1 where more than half of the words have the bit."""
    return bytes(b"01"[2 * count > words] for count in range(256))
