"""Identifiers and records of the AT protocol, whoever reads them.

The AppView (``networks/bluesky.py``) and the stream (``jetstream.py``) show the same records.
"""

from base64 import b32encode
from functools import lru_cache
from hashlib import blake2b

from simulation.country.days import iso
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.country.world import World
from simulation.serving.exchange import Json

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


def record(world: World, post: Post) -> Json:
    """The record that the account wrote."""
    text, tags, _ = world.text(post)
    record: Json = {
        "$type": POSTS,
        "createdAt": f"{iso(post.created)}.{millis(post):03d}Z",
        "langs": ["fr"],
        "text": text,
    }
    facets = [tag_facet(text, tag) for tag in tags] + link_facets(text)
    if facets:
        record["facets"] = facets
    if post.kind == "photo":
        link = cid(str(post.number)).replace("bafyrei", "bafkrei")
        record["embed"] = {
            "$type": "app.bsky.embed.images",
            "images": [
                {
                    "alt": "",
                    "image": {
                        "$type": "blob",
                        "ref": {"$link": link},
                        "mimeType": "image/jpeg",
                        "size": 200_000 + (post.words[3] & 0x7FFFF),
                    },
                }
            ],
        }
    return record


def mention_record(mention: Mention) -> Json:
    """The record of what a citizen says."""
    return {
        "$type": POSTS,
        "createdAt": f"{iso(mention.moment)}.{mention.number % 1000:03d}Z",
        "langs": ["fr"],
        "text": mention.text,
    }


def citizen(world: World, author: int) -> str:
    """The DID of an invented citizen."""
    return f"did:plc:{b32encode(world.chance.token('citizen', str(author))[:15]).decode().lower()}"


def micros_of_mention(mention: Mention) -> int:
    """When a mention is said, in microseconds; two of them differ."""
    return mention.moment * 1_000_000 + mention.number * 7919 % 1_000_000


def mention_key(mention: Mention) -> str:
    """The record key of a mention."""
    return tid(micros_of_mention(mention), mention.author & 0x3FF)


def rkey(post: Post) -> str:
    """The record key of a post: its moment in microseconds, sortable."""
    return tid(micros_of_post(post), post.number & 0x3FF)


def micros_of_post(post: Post) -> int:
    """When a post is written, in microseconds."""
    return post.created * 1_000_000 + millis(post) * 1000 + (post.words[3] & 0xFF)


def uri_of(post: Post) -> str:
    """The ``at://`` address of a post."""
    return f"at://{post.account.native_id}/{POSTS}/{rkey(post)}"


def millis(post: Post) -> int:
    """The milliseconds of a post's moment."""
    return post.words[1] % 1000
