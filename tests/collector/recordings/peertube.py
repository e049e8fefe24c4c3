"""Recorded answers of instances of PeerTube (framatube.org and others, July 2025)."""

from typing import Any

from tests.collector.recordings_manifest import Exchange, Figures, Mapped, body, extracted, one

VIDEO = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
_ELSEWHERE = "a channel as another instance shows it: its home is asked"


def actor(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a channel or an account."""
    return {"s0": {"followers": body(exchange)["followersCount"], "following": None}}


def videos(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a page of videos, or of one."""
    found: list[dict[str, Any]] = body(exchange).get("data", [body(exchange)])
    names = ("likes", "comments", "views")
    return {video["uuid"]: {name: video[name] for name in names} for video in found}


MAPPED = (
    Mapped(
        ("peertube/account.json",), "profile", "framatube.org", "/api/v1/accounts/framasoft",
        extracted("peertube/account.json"), subjects=(one("a/framasoft@framatube.org"),),
        accounts=actor,
    ),
    Mapped(
        ("peertube/channel_2.json",), "profile", "kolektiva.media",
        "/api/v1/video-channels/documentary_channel", extracted("peertube/channel_2.json"),
        subjects=(one("documentary_channel@kolektiva.media", "2994"),), accounts=actor,
    ),
    Mapped(
        ("peertube/account_videos_p1.json",), "posts", "framatube.org",
        "/api/v1/accounts/framasoft/videos", extracted("peertube/account_videos_p1.json"),
        subjects=(one("a/framasoft@framatube.org"),), posts=videos, next_cursor="12",
    ),
    Mapped(
        ("peertube/video.json",), "readings", "framatube.org", f"/api/v1/videos/{VIDEO}",
        extracted("peertube/video.json"), confirm=True, posts=videos,
        subjects=(one("joinpeertube@framatube.org", "2215", VIDEO),),
    ),
)  # fmt: skip

NOT_OURS = {
    "peertube/account_channels.json": "channels of an account: each is registered by itself",
    "peertube/channel_remote.json": _ELSEWHERE,
    "peertube/channel_videos_p1.json": _ELSEWHERE,
    "peertube/comments_p.json": "it lists persons: we count, we do not profile",
    "peertube/sepiasearch_p1.json": "we search for nobody: accounts come from the registry",
    "peertube/videos_trending.json": "the trends of an instance concern no territory",
}
