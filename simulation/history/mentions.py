"""Mentions of the past as events: what the collector would have kept for those who watch."""

from collections.abc import Iterator, Set

import msgspec

from contracts.event import hashed_id
from contracts.mentions import mention_id
from contracts.topics import MENTIONS_OBSERVED
from simulation.country.days import iso
from simulation.country.mentions import Mention
from simulation.country.world import World
from simulation.history.history import Record
from simulation.network import network_named

_encode = msgspec.json.Encoder().encode


def mention_records(
    world: World, since: int, until: int, codes: Set[str]
) -> Iterator[tuple[bytes, Record]]:
    """(key, event) of the mentions of some territories in [since, until), day after day."""
    for mention in world.mentions.about(codes, since, until):
        if since <= mention.moment < until:
            yield told(world, mention)


def told(world: World, mention: Mention) -> tuple[bytes, Record]:
    """The event of a mention, as it is observed when it is said."""
    heard = network_named(mention.network).hear(world, mention)
    text = mention.text.replace("\u00a0", " ")
    moment = f"{iso(mention.moment)}Z"
    key = mention_id(heard.address)
    event = {
        "event_id": heard.event_id or hashed_id("mention observed", key, heard.title or "", text),
        "origin": "simulation",
        "mention": key,
        "network": mention.network,
        "address": heard.address,
        "source": heard.source,
        "state": "present",
        "published_at": moment,
        "observed_at": moment,
        "title": heard.title,
        "text": text,
        "language": "fr",
        "author": heard.author,
    }
    return key.encode(), (MENTIONS_OBSERVED, _encode(event))
