"""Kinds of answers that nobody recorded: how they are obtained, and what their description says."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulation.networks.mastodon import INSTANCES
from tests.simulation.asking import GRAPH, XRPC, YOUTUBE, Asking

ERROR = {"message": "text", "type": "text", "code": "number", "fbtrace_id": "text"}
YOUTUBE_ERROR = {"message": "text", "domain": "text", "reason": "text"}
USER_ERROR = {"error_user_title": "text", "error_user_msg": "text"}


class Unrecorded(NamedTuple):
    """An answer that nobody recorded: how it is obtained, and what the description says of it."""

    ask: Callable[[Asking], Any]
    status: int
    shape: Mapping[str, object]
    source: str


WITHOUT_RECORDING: Mapping[str, Unrecorded] = {
    "instagram: error 110, no such professional account": Unrecorded(
        lambda a: a.get(f"{GRAPH}178?access_token=t&fields=business_discovery.username(no){{id}}"),
        400,
        {"error": ERROR | USER_ERROR | {"error_subcode": "number", "is_transient": "boolean"}},
        "Graph API: errors; Business Discovery",
    ),
    "instagram: error 10, not permitted": Unrecorded(
        lambda a: a.get(f"{GRAPH}ig_hashtag_search?access_token=t&q=fete"),
        400,
        {"error": ERROR},
        "Graph API: errors",
    ),
    "facebook: error 190, an expired token": Unrecorded(
        lambda a: a.get(f"{GRAPH}178?access_token=expired&fields=id"),
        400,
        {"error": ERROR | {"error_subcode": "number"}},
        "Graph API: errors",
    ),
    "facebook: error 4, one call too many": Unrecorded(
        lambda a: a.over("graph", f"{GRAPH}178?access_token=worn&fields=id"),
        400,
        {"error": ERROR | {"error_subcode": "number", "is_transient": "boolean"}},
        "Graph API: errors",
    ),
    "facebook: error 803, no such name": Unrecorded(
        lambda a: a.get(f"{GRAPH}nobody?access_token=t&fields=id"),
        400,
        {"error": ERROR},
        "Graph API reference; general knowledge",
    ),
    "bluesky: 429": Unrecorded(
        lambda a: a.over("bluesky", f"{XRPC}app.bsky.actor.getProfiles?actors=nobody.example"),
        429,
        {"error": "text", "message": "text"},
        "docs.bsky.app",
    ),
    "bluesky: an actor that is nobody": Unrecorded(
        lambda a: a.get(f"{XRPC}app.bsky.feed.getAuthorFeed?actor=nobody.example"),
        400,
        {"error": "text", "message": "text"},
        "docs.bsky.app",
    ),
    "bluesky: a deletion in the stream": Unrecorded(
        lambda a: a.event("delete"),
        200,
        {
            "did": "text",
            "time_us": "number",
            "kind": "text",
            "commit": {"rev": "text", "operation": "text", "collection": "text", "rkey": "text"},
        },
        "Jetstream: its README",
    ),
    "bluesky: a new handle in the stream": Unrecorded(
        lambda a: a.event("identity"),
        200,
        {
            "did": "text",
            "time_us": "number",
            "kind": "text",
            "identity": {"did": "text", "handle": "text", "seq": "number", "time": "text"},
        },
        "github.com/bluesky-social/jetstream",
    ),
    "bluesky: an account that is no more, in the stream": Unrecorded(
        lambda a: a.event("account"),
        200,
        {
            "did": "text",
            "time_us": "number",
            "kind": "text",
            "account": {
                "active": "boolean",
                "did": "text",
                "seq": "number",
                "status": "text",
                "time": "text",
            },
        },
        "github.com/bluesky-social/jetstream",
    ),
    "mastodon: 401 of an instance closed to the anonymous": Unrecorded(
        lambda a: a.get(f"https://{INSTANCES[-1]}/api/v1/accounts/1"),
        401,
        {"error": "text"},
        "docs.joinmastodon.org",
    ),
    "mastodon: 429": Unrecorded(
        lambda a: a.over("mastodon", f"https://{INSTANCES[0]}/api/v1/accounts/1"),
        429,
        {"error": "text"},
        "docs.joinmastodon.org",
    ),
    "youtube: quotaExceeded": Unrecorded(
        lambda a: a.over("youtube", f"{YOUTUBE}channels?key=worn&part=id&id=UC"),
        403,
        {"error": {"code": "number", "message": "text", "errors": [YOUTUBE_ERROR]}},
        "YouTube Data API v3: reference",
    ),
    "youtube: playlistNotFound": Unrecorded(
        lambda a: a.get(f"{YOUTUBE}playlistItems?key=k&part=snippet&playlistId=UUnobody"),
        404,
        {"error": {"code": "number", "message": "text", "errors": [YOUTUBE_ERROR]}},
        "YouTube Data API v3: reference",
    ),
    "youtube: an expired key": Unrecorded(
        lambda a: a.struck("expired_token", f"{YOUTUBE}channels?key=k&part=id&id=UC"),
        401,
        {"error": {"code": "number", "message": "text", "errors": [YOUTUBE_ERROR]}},
        "YouTube Data API v3: reference",
    ),
}
"""Kinds of answers that nobody recorded, and from what they were written."""
