"""Identifiers and records of the AT protocol, as Bluesky and its stream write them."""

from base64 import b32encode
from functools import lru_cache
from hashlib import blake2b

from simulation.serving.graph import Json

POSTS = "app.bsky.feed.post"


SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


_PAIRS = [left + right for left in SORTABLE for right in SORTABLE]


def commit(did: str, key: str, micros: int, operation: str, record: Json | None) -> Json:
    """A Jetstream event of a commit."""
    body: Json = {"rev": tid(micros, 7), "operation": operation, "collection": POSTS, "rkey": key}
    if record is not None:
        body |= {"record": record, "cid": cid(f"at://{did}/{POSTS}/{key}")}
    return {"did": did, "time_us": micros, "kind": "commit", "commit": body}


def tid(micros: int, clock: int) -> str:
    """A timestamp identifier: 13 characters that sort as the moments do."""
    number = micros << 10 | clock
    # Two letters at a time: a stream writes thousands a second.
    pairs = (_PAIRS[number >> shift & 1023] for shift in (55, 45, 35, 25, 15, 5))
    return "".join(pairs) + SORTABLE[number & 31]


def tid_moment(text: str) -> int:
    """The moment (seconds) of a timestamp identifier; 0 for what is not one."""
    number = 0
    for letter in text:
        place = SORTABLE.find(letter)
        if place < 0:
            return 0
        number = number << 5 | place
    return (number >> 10) // 1_000_000


@lru_cache(maxsize=100_000)
def cid(subject: str) -> str:
    """A content identifier: the same for the same subject."""
    return (
        "bafyrei"
        + b32encode(blake2b(subject.encode(), digest_size=33).digest()).decode().lower()[:52]
    )


def tag_facet(text: str, tag: str) -> Json:
    """The facet of a hashtag; facets index bytes."""
    start = len(text[: text.index("#" + tag)].encode())
    return {
        "index": {"byteStart": start, "byteEnd": start + len(tag.encode()) + 1},
        "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}],
    }


def link_facets(text: str) -> list[Json]:
    """The facet of the first link of a text, if it has one."""
    at = text.find("https://")
    if at < 0:
        return []
    link = text[at:].split()[0]
    start = len(text[:at].encode())
    return [
        {
            "index": {"byteStart": start, "byteEnd": start + len(link)},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": link}],
        }
    ]
