"""What is written on Bluesky, whoever reads it: records of posts, their keys and moments.

The AppView (``networks/bluesky.py``) and the stream (``stream.py``) show the same records.
"""

from base64 import b32encode

from simulation.country.days import iso
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.country.world import World
from simulation.serving.atproto import POSTS, cid, link_facets, tag_facet, tid
from simulation.serving.graph import Json


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
