"""Recorded answers of Vimeo (test fixtures of its own client, values masked in part)."""

from tests.collector.recordings_manifest import Exchange, Figures, Mapped, body, one, whole


def account(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of an account."""
    about = body(exchange)["metadata"]["connections"]
    names = {"followers": "followers", "following": "following", "posts": "videos"}
    return {"s0": {name: about[theirs]["total"] for name, theirs in names.items()}}


MAPPED = (
    Mapped(
        ("vimeo/user_live.json",), "profile", "api.vimeo.com", "/users/mock_uri",
        whole("vimeo/user_live.json"), subjects=(one("mock_link", "mock_uri"),), accounts=account,
    ),
)  # fmt: skip

NOT_OURS = {
    "vimeo/album-response.json": "an album: an account's videos are asked for, whatever holds them",
    "vimeo/categories-animation-response.json": "a category of the site concerns no territory",
    "vimeo/clip.json": "a video whose dates and address are masked: none of ours can be read in it",
}
