"""What a collector sees of posts and accounts on each network, in the words of our events.

The networks' answers (``networks/``) and the history written directly (``history.py``) are two ways
to the same events; this module says what the second must hold, and a test compares both.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from contracts.networks import BY_SLUG
from simulation import records, videos
from simulation.accounts import INSTANCES, Account
from simulation.days import iso
from simulation.networks import facebook, instagram, mastodon, rss
from simulation.posts import Post
from simulation.texts import Written
from simulation.world import World

POST_COUNTERS = ("likes", "comments", "shares", "quotes", "views")
ACCOUNT_COUNTERS = ("followers", "following", "posts", "likes", "views")
LANGUAGE = "fr"
SILENT = ("facebook", "instagram")
"""Networks that do not say the language of a post."""


class Sight(NamedTuple):
    """A post as a collector sees it; ``absent`` says why a counter is null."""

    native_id: str
    address: str
    kind: str
    published_at: str
    text: str
    hashtags: tuple[str, ...]
    language: str | None
    absent: Mapping[str, str]


def observable(account: Account) -> bool:
    """Whether a collector without special permissions gets anything of the account."""
    match account.network:
        case "facebook":
            return account.form == "page"
        case "instagram":
            return account.form == "professional"
        case "mastodon":
            return account.host != INSTANCES[-1]
        case _:
            return account.role != "mayor"


def _bluesky(world: World, post: Post, moment: int) -> Sight:
    uri = records.uri_of(post)
    address = f"https://bsky.app/profile/{post.account.native_id}/post/{records.rkey(post)}"
    kind = "photo" if post.kind == "photo" else "text"
    return _sight(post, uri, address, kind, world.writer.post(post), post.words[1] % 1000)


def _instagram(world: World, post: Post, moment: int) -> Sight:
    text = world.writer.post(post, moment)
    return _sight(post, instagram.media_id(post), instagram.permalink(post), post.kind, text)


def _facebook(world: World, post: Post, moment: int) -> Sight:
    text = world.writer.post(post, moment)
    return _sight(post, facebook.post_id(post), facebook.permalink(post), post.kind, text)


def _mastodon(world: World, post: Post, moment: int) -> Sight:
    native, account = mastodon.status_id(post), post.account
    address = f"https://{account.host}/@{account.handle_at(moment)}/{native}"
    kind = "photo" if post.kind == "photo" else "text"
    return _sight(
        post, native, address, kind, world.writer.post(post, moment), post.words[1] % 1000
    )


def _youtube(world: World, post: Post, moment: int) -> Sight:
    video, written = videos.video_id(post), world.writer.post(post)
    address = f"https://www.youtube.com/watch?v={video}"
    said = Written(f"{videos.title_of(post.account, written)}\n{written.text}", written.hashtags)
    return _sight(post, video, address, "video", said)


def _rss(world: World, post: Post, moment: int) -> Sight:
    written, link = world.writer.post(post, moment), rss.link_of(post)
    said = Written(f"{written.title}\n{rss.told(written.text)}", written.hashtags)
    return _sight(post, link, link, "link", said)


_SIGHTS: Mapping[str, Callable[[World, Post, int], Sight]] = {
    "bluesky": _bluesky,
    "instagram": _instagram,
    "facebook": _facebook,
    "mastodon": _mastodon,
    "youtube": _youtube,
    "rss": _rss,
}
_ABSENT: Mapping[str, dict[str, str]] = {
    slug: {str(name): str(why) for name, why in network.absent_post_counters().items()}
    for slug, network in BY_SLUG.items()
}
_ACCOUNT_ABSENT: Mapping[str, dict[str, str]] = {
    slug: {str(name): str(why) for name, why in network.absent_account_counters().items()}
    for slug, network in BY_SLUG.items()
}


def seen(world: World, post: Post, moment: int) -> Sight:
    """A post as it is seen at a moment."""
    return _SIGHTS[post.account.network](world, post, moment)


def absent_of(account: Account) -> dict[str, str]:
    """Why counters of an account are null."""
    absent = dict(_ACCOUNT_ABSENT[account.network])
    if account.network == "youtube" and account.hidden:
        absent["followers"] = "hidden"
    return absent


def shown_followers(world: World, account: Account, moment: int) -> int:
    """Followers as the network shows them."""
    found = world.followers(account, moment)
    return videos.rounded(found) if account.network == "youtube" else found


def _sight(
    post: Post, native: str, address: str, kind: str, said: Written, millis: int = 0
) -> Sight:
    absent = _ABSENT[post.account.network]
    if post.likes_hidden:
        absent = absent | {"likes": "hidden"}
    if post.account.comments_closed:
        absent = absent | {"comments": "hidden"}
    fraction = f".{millis:03d}000" if millis else ""
    # Collectors keep single ordinary spaces, and each hashtag once in lower case.
    tidy = said.text.replace("\u00a0", " ")
    tags = tuple(dict.fromkeys(tag.lower() for tag in said.hashtags)) if said.hashtags else ()
    published = f"{iso(post.created)}{fraction}Z"
    language = None if post.account.network in SILENT else LANGUAGE
    return Sight(native, address, kind, published, tidy, tags, language, absent)
