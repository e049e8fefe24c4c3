"""Mentions of the past as events: what the collector would have kept for those who watch."""

from collections.abc import Iterator, Set

import msgspec

from contracts.event import hashed_id
from contracts.mentions import mention_id
from contracts.topics import MENTIONS_OBSERVED
from simulation import records
from simulation.atproto import POSTS, tid
from simulation.days import iso
from simulation.history import Record
from simulation.mentions import Mention
from simulation.networks import mastodon, rss
from simulation.world import World

_encode = msgspec.json.Encoder().encode


def mention_records(
    world: World, since: int, until: int, codes: Set[str]
) -> Iterator[tuple[bytes, Record]]:
    """(key, event) of the mentions of some territories in [since, until), day after day."""
    for mention in world.murmur.about(codes, since, until):
        if since <= mention.moment < until:
            yield told(world, mention)


def told(world: World, mention: Mention) -> tuple[bytes, Record]:
    """The event of a mention, as it is observed when it is said."""
    address, source, event_id, title, author = _where(world, mention)
    text = mention.text.replace("\u00a0", " ")
    moment = f"{iso(mention.moment)}Z"
    key = mention_id(address)
    event = {
        "event_id": event_id or hashed_id("mention observed", key, title or "", text),
        "origin": "simulation",
        "mention": key,
        "network": mention.network,
        "address": address,
        "source": source,
        "state": "present",
        "published_at": moment,
        "observed_at": moment,
        "title": title,
        "text": text,
        "language": "fr",
        "author": author,
    }
    return key.encode(), (MENTIONS_OBSERVED, _encode(event))


def _where(world: World, mention: Mention) -> tuple[str, str, str | None, str | None, str | None]:
    """(address, source, id of the event where it has its own, title, author)."""
    if mention.network == "rss":
        title = (mention.title or "").replace("\u00a0", " ")
        return rss.press_link(mention), mention.source, None, title, rss.paper_title(mention.source)
    if mention.network == "mastodon":
        host = mastodon.INSTANCES[int(mention.source)]
        native = mastodon.mention_id(mention)
        return f"https://{host}/@citoyen{mention.author}/{native}", host, None, None, None
    did = records.citizen(world, mention.author)
    key = records.mention_key(mention)
    revision = tid(records.micros_of_mention(mention), 7)
    event_id = hashed_id(f"at://{did}/{POSTS}/{key}", "create", revision)
    return f"https://bsky.app/profile/{did}/post/{key}", "jetstream", event_id, None, None
