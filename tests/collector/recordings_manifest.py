"""Every recorded file of our networks: the request of ours that it answers, or why it is none.

`MAPPED` are served over HTTP to the real collector, which must give exactly what they hold; the
expected figures are taken from the files here, by other means than the collector's readers.
`NOT_OURS` are answers to calls that we do not make. A test walks the folders in both directions.
"""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import yaml

from contracts.jobs import JobSubject, Operation, PostReading

FOLDERS = ("bluesky", "rss", "mentions", "instagram", "facebook", "mastodon", "youtube")
LATER = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
"""The moment of a recording that bears no date."""

Figures = dict[str, int | None]


@dataclass(frozen=True)
class Exchange:
    """What was recorded of one call."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def moment(self) -> datetime:
        """When it was recorded."""
        date = self.headers.get("date")
        return parsedate_to_datetime(date) if date else LATER


@dataclass(frozen=True)
class Mapped:
    """A file, the request of ours that it answers, and what it holds.

    `path` is the one that must be asked of `host`. `posts` gives figures by native id, `accounts`
    by subject; `mentions` how many. `skipped` are what was read and is none of ours, by reason;
    `cause` the named refusal where the answer is one. `joined` tells that bodies were put together.
    """

    files: tuple[str, ...]
    operation: Operation
    host: str
    path: str
    load: Callable[[Path], Exchange]
    network: str = ""
    subjects: tuple[JobSubject, ...] = ()
    cursor: str | None = None
    confirm: bool = False
    accounts: Callable[[Exchange], dict[str, Figures]] = lambda _: {}
    posts: Callable[[Exchange], dict[str, Figures]] = lambda _: {}
    mentions: int = 0
    absent: dict[str, str] = field(default_factory=dict[str, str])
    skipped: Callable[[Exchange], dict[str, int]] = lambda _: {}
    cause: str = "done"
    why: str | None = None
    deleted: tuple[str, ...] = ()
    next_cursor: str | None = None
    joined: str | None = None

    @property
    def slug(self) -> str:
        """Return the network."""
        return self.network or self.files[0].split("/")[0]


def whole(
    name: str, content_type: str = "application/json", status: int = 200
) -> Callable[[Path], Exchange]:
    """Return a body alone."""
    headers = {"content-type": content_type}
    return lambda folder: Exchange((folder / name).read_bytes(), status, headers)


def cassette(name: str, uri: str) -> Callable[[Path], Exchange]:
    """Return the exchange of a VCR cassette whose address ends so."""

    def load(folder: Path) -> Exchange:
        tape: dict[str, Any] = yaml.safe_load((folder / name).read_text())
        for one in tape.get("interactions") or tape["http_interactions"]:
            request, response = one["request"], one["response"]
            if request["method"] == "GET" and request["uri"].endswith(uri):
                status = response["status"]
                return Exchange(
                    response["body"]["string"].encode(),
                    status["code"] if isinstance(status, dict) else status,
                    {
                        key.lower(): value[0] if isinstance(value, list) else str(value)
                        for key, value in response["headers"].items()
                    },
                )
        raise LookupError(f"{name}: no GET …{uri}")

    return load


def extracted(name: str) -> Callable[[Path], Exchange]:
    """Return the exchange of a JSON file that holds request, status, headers and body."""

    def load(folder: Path) -> Exchange:
        recorded = json.loads((folder / name).read_text())["response"]
        headers = {key: values[0] for key, values in recorded["responseHeaders"].items()}
        return Exchange(recorded["responseBody"].encode(), recorded["responseCode"], headers)

    return load


def joined_discovery(folder: Path) -> Exchange:
    """Join two recorded bodies of one call: ours asks for profile and media at once."""
    user = json.loads((folder / "instagram/business_discovery_user.json").read_text())
    media = json.loads((folder / "instagram/business_discovery_media_p1.json").read_text())
    user["business_discovery"] |= media["business_discovery"]
    return Exchange(json.dumps(user).encode(), 200, {"content-type": "application/json"})


def known(*native_ids: str) -> tuple[PostReading, ...]:
    """Return posts that the collector knows already."""
    return tuple(
        PostReading(native_id=one, published_at=datetime(2015, 1, 1, tzinfo=UTC))
        for one in native_ids
    )


def body(exchange: Exchange) -> Any:
    """Return a JSON body."""
    return json.loads(exchange.body)


def counted(one: dict[str, Any], *hidden: str, **names: str) -> Figures:
    """Return figures by our names from theirs, as numbers; null those that they have not."""
    found: Figures = {ours: one.get(theirs) for ours, theirs in names.items()}
    return {ours: None if n is None else int(n) for ours, n in found.items()} | dict.fromkeys(
        hidden
    )


def sky_posts(views: list[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of Bluesky posts."""
    names = {"likes": "likeCount", "comments": "replyCount", "shares": "repostCount"}
    return {one["uri"]: counted(one, "views", **names, quotes="quoteCount") for one in views}


def sky_own_posts(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of the feed's own posts: neither reposts nor replies."""
    items = [item for item in body(exchange)["feed"] if "reason" not in item]
    return sky_posts([item["post"] for item in items if "reply" not in item["post"]["record"]])


def sky_others(exchange: Exchange) -> dict[str, int]:
    """Count what is none of the account's own posts, by reason."""
    items = body(exchange)["feed"]
    reposts = sum(1 for item in items if "reason" in item)
    replies = len(items) - reposts - len(sky_own_posts(exchange))
    return {"repost of somebody else's post": reposts, "reply": replies}


def toots(statuses: list[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of Mastodon's own posts."""
    names = {"likes": "favourites_count", "comments": "replies_count", "shares": "reblogs_count"}
    return {
        one["id"]: counted(one, "views", **names, quotes="quotes_count")
        for one in statuses
        if one["reblog"] is None and one["in_reply_to_account_id"] in (None, one["account"]["id"])
    }


def toots_for_others(exchange: Exchange) -> dict[str, int]:
    """Count what is none of the account's own, by reason."""
    boosts = sum(1 for one in body(exchange) if one["reblog"] is not None)
    replies = len(body(exchange)) - boosts - len(toots(body(exchange)))
    found = {"boost of somebody else's post": boosts, "reply to somebody else": replies}
    return {why: count for why, count in found.items() if count}


def toot_account(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a Mastodon account."""
    names = {"followers": "followers_count", "following": "following_count"}
    return {"s0": counted(body(exchange), **names, posts="statuses_count")}


def pages(*found: dict[str, Any]) -> dict[str, Figures]:
    """Return the figures of Facebook pages: followers were not asked for in these years."""
    names = {"followers": "followers_count", "likes": "fan_count"}
    return {f"s{number}": counted(one, **names) for number, one in enumerate(found)}


def page_posts(found: Iterable[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of posts of pages; absent shares are 0 beside reactions.

    Comments are in a summary, or a bare count where there is none.
    """
    figures: dict[str, Figures] = {}
    for one in found:
        edge, asked = one.get("comments", {}), "reactions" in one
        figures[one["id"]] = {
            "likes": one["reactions"]["summary"]["total_count"] if asked else None,
            "comments": edge["summary"]["total_count"] if "summary" in edge else edge.get("count"),
            "shares": one.get("shares", {"count": 0})["count"] if asked else None,
        }
    return figures


def media(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of Instagram media."""
    found = body(exchange)["business_discovery"]["media"]["data"]
    names = {"likes": "like_count", "comments": "comments_count"}
    return {one["id"]: counted(one, "shares", **names) for one in found}


def channels(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of channels."""
    names = {"followers": "subscriberCount", "posts": "videoCount", "views": "viewCount"}
    return {
        f"s{number}": counted(one["statistics"], "following", **names)
        for number, one in enumerate(body(exchange)["items"])
    }


def videos(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of videos, null where the part was not asked for."""
    names = {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"}
    return {
        one["id"]: counted(one.get("statistics", {}), **names) for one in body(exchange)["items"]
    }


def uploads(exchange: Exchange) -> dict[str, Figures]:
    """Return the videos of a playlist, which bears no figures."""
    found = [one["snippet"]["resourceId"]["videoId"] for one in body(exchange)["items"]]
    return {name: dict.fromkeys(("views", "likes", "comments")) for name in found}


_ATOM = "{http://www.w3.org/2005/Atom}"
_YT = "{http://www.youtube.com/xml/schemas/2015}"
_MEDIA = "{http://search.yahoo.com/mrss/}"


def feed_videos(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a channel's feed, read by the standard library."""
    found: dict[str, Figures] = {}
    for entry in ElementTree.fromstring(exchange.body.strip()).iter(f"{_ATOM}entry"):
        community = entry.find(f"{_MEDIA}group/{_MEDIA}community")
        statistics, stars = (
            community.find(f"{_MEDIA}statistics"),
            community.find(f"{_MEDIA}starRating"),
        )
        found[entry.findtext(f"{_YT}videoId") or ""] = {
            "views": int(statistics.attrib["views"]) if statistics is not None else None,
            "likes": int(stars.attrib["count"]) if stars is not None else None,
            "comments": None,
        }
    return found


def one(handle: str, native_id: str | None = None, *posts: str, number: int = 0) -> JobSubject:
    """Return the subject of a job."""
    return JobSubject(subject=f"s{number}", handle=handle, native_id=native_id, posts=known(*posts))


HOSTS = {
    "bluesky": "public.api.bsky.app",
    "facebook": "graph.facebook.com",
    "instagram": "graph.facebook.com",
    "mastodon": "localhost:3000",
    "youtube": "www.googleapis.com",
}


def recorded(
    name: str,
    operation: Operation,
    path: str,
    *subjects: JobSubject,
    load: Callable[[Path], Exchange] | None = None,
    tape: str = "",
    host: str = "",
    **more: Any,
) -> Mapped:
    """Return what answers a call: a body alone, or of a tape the address that ends so."""
    load = load or (cassette(name, tape) if tape else whole(name))
    host = host or HOSTS[name.split("/")[0]]
    return Mapped((name,), operation, host, path, load, subjects=subjects, **more)


def feed(name: str, count: int) -> Mapped:
    """Return a feed that is nobody's of ours: a source of so many mentions."""
    source = one("https://press.example/feed")
    return recorded(
        name, "mentions", "/feed", source, host="press.example", network="rss", mentions=count,
        load=whole(name, "text/xml"),
    )  # fmt: skip


def refused(name: str, path: str, subject: JobSubject, cause: str, why: str) -> Mapped:
    """Return an answer of status 400 to a question about an account."""
    return recorded(
        name, "profile", path, subject, load=whole(name, status=400), cause=cause, why=why
    )


XRPC = "/xrpc/app.bsky"
CHRIS = "chriskenny.bsky.social"
SKY_POST = "at://did:plc:ic6zqvuw5ulmfpjiwnhsr2ns/app.bsky.feed.post/3k7qmjev5lr2s"
PAGE = "19292868552"
FIELDS = ("followers", "likes", "comments", "shares", "views")
NOT_ASKED, NOT_PERMITTED = (dict.fromkeys(FIELDS, why) for why in ("not_asked", "not_permitted"))
FOSS = one("schochastics@fosstodon.org", "109302436954721982")
FOSS_PATH = "/api/v1/accounts/109302436954721982"
LOCAL = "mastodonpy_test@localhost:3000"
LOCAL_ID = "117020565966271181"
LOCAL_STATUSES = f"/api/v1/accounts/{LOCAL_ID}/statuses"
LOCAL_NEXT = f"http://localhost:3000{LOCAL_STATUSES}?limit=5&max_id="
GOOGLE = one("@google", "UCK8sQmJBp8GCxrOtXWBpyEA")
DEVELOPERS = ("@googledevelopers", "UC_x5XG1OV2P6uZZ5FSM9Ttw")

MAPPED: tuple[Mapped, ...] = (
    recorded(
        "bluesky/get_profiles.yml", "profile", f"{XRPC}.actor.getProfiles", one(CHRIS),
        tape=f"actors={CHRIS}",
        accounts=lambda exchange: {"s0": counted(
            body(exchange)["profiles"][0], "likes", followers="followersCount",
            following="followsCount", posts="postsCount")},
    ),
    recorded(
        "bluesky/get_author_feed.yml", "posts", f"{XRPC}.feed.getAuthorFeed", one(CHRIS),
        tape=f"actor={CHRIS}", posts=sky_own_posts, skipped=sky_others,
        next_cursor="2024-03-21T23:36:16.378Z",
    ),
    recorded(
        "bluesky/get_posts.yml", "readings", f"{XRPC}.feed.getPosts",
        one("soubhikbarari.bsky.social", None, SKY_POST), tape="3k7qmjev5lr2s",
        posts=lambda exchange: sky_posts(body(exchange)["posts"]),
    ),
    feed("rss/FeedBurnerUrlNoAlternate.xml", 1),
    feed("rss/InvalidDateFormat.xml", 2),
    feed("rss/RSSWithComments.xml", 30),
    feed("rss/Rss091Stadtfeuerwehr.xml", 15),
    feed("rss/Rss10OrfAt.xml", 50),
    feed("rss/Rss20DailyMail.xml", 0),
    feed("rss/Rss20LeFil.xml", 30),
    feed("rss/Rss20LeMonde.xml", 18),
    feed("rss/Rss20LeParisien.xml", 30),
    feed("rss/TypePadNews.xml", 10),
    feed("mentions/google_alerts_atom.xml", 20),
    Mapped(
        ("instagram/business_discovery_user.json", "instagram/business_discovery_media_p1.json"),
        "posts", HOSTS["instagram"], "/v25.0/me", joined_discovery,
        subjects=(one("facebookfordevelopers", "17841407673135339"),),
        accounts=lambda exchange: {"s0": counted(
            body(exchange)["business_discovery"], "following", followers="followers_count",
            posts="media_count")},
        posts=media, next_cursor="after",
        joined="our one call asks for profile and media; they were recorded by two calls",
    ),
    recorded(
        "instagram/business_discovery_media_fewfields_p1.json", "posts", "/v25.0/me",
        one("jaychou"), posts=media, next_cursor="after",
    ),
    recorded(
        "facebook/page_full.json", "profile", "/v25.0/20531316728",
        one("facebookapp", "20531316728"),
        accounts=lambda exchange: pages(body(exchange)), absent=NOT_ASKED,
    ),
    recorded(
        "facebook/page_few_fields.json", "profile", "/v25.0/facebookapp", one("facebookapp"),
        accounts=lambda exchange: pages(body(exchange)), absent=NOT_ASKED,
    ),
    recorded(
        "facebook/pages_by_ids_full.json", "profile", "/v25.0/",
        one("a", PAGE), one("b", "20531316728", number=1),
        accounts=lambda exchange: pages(*body(exchange).values()), absent=NOT_ASKED,
    ),
    recorded(
        "facebook/page_feed_full_p1.json", "posts", f"/v25.0/{PAGE}/posts", one("a", PAGE),
        posts=lambda exchange: page_posts(body(exchange)["data"]), next_cursor="after",
    ),
    recorded(
        "facebook/page_feed_few_fields_p1.json", "posts", "/v25.0/4/posts", one("zuck", "4"),
        posts=lambda exchange: page_posts(body(exchange)["data"]), absent=NOT_PERMITTED,
    ),
    recorded(
        "facebook/page_posts_p1.json", "posts", f"/v25.0/{PAGE}/posts", one("a", PAGE),
        posts=lambda exchange: page_posts(body(exchange)["data"]), absent=NOT_PERMITTED,
        next_cursor="after",
    ),
    recorded(
        "facebook/posts_by_ids_full.json", "readings", "/v25.0/",
        one("a", PAGE, f"{PAGE}_10158347294088553", f"{PAGE}_10158345715593553"),
        posts=lambda exchange: page_posts(body(exchange).values()),
    ),
    refused(
        "facebook/error_100_permission.json", "/v25.0/20531316728",
        one("facebookapp", "20531316728"), "refused", "missing permission or reviewable feature",
    ),
    recorded(
        "mastodon/account_lookup.yaml", "profile", "/api/v1/accounts/lookup", one(LOCAL),
        tape="acct=mastodonpy_test", accounts=toot_account,
    ),
    recorded(
        "mastodon/account_lookup.yaml", "profile", "/api/v1/accounts/lookup",
        one("kljadklajsdkljlkjlkjlkjasdasd@localhost:3000"),
        tape="acct=kljadklajsdkljlkjlkjlkjasdasd", cause="gone", why="Record not found",
    ),
    recorded(
        "mastodon/live_get_account_default.yml", "profile", FOSS_PATH, FOSS,
        host="fosstodon.org", tape="109302436954721982", accounts=toot_account,
    ),
    recorded(
        "mastodon/live_get_account_statuses_default.yml", "posts", f"{FOSS_PATH}/statuses", FOSS,
        host="fosstodon.org", tape="exclude_reblogs=FALSE", skipped=toots_for_others,
        posts=lambda exchange: toots(body(exchange)),
        next_cursor=f"https://fosstodon.org{FOSS_PATH}/statuses"
        "?exclude_reblogs=FALSE&limit=20&max_id=113191408914362368",
    ),
    recorded(
        "mastodon/fetch_next_previous.yaml", "posts", LOCAL_STATUSES, one(LOCAL, LOCAL_ID),
        tape=f"{LOCAL_STATUSES}?limit=5", posts=lambda exchange: toots(body(exchange)),
        next_cursor=f"{LOCAL_NEXT}117020580489281910",
    ),
    recorded(
        "mastodon/fetch_next_previous.yaml", "posts", LOCAL_STATUSES, one(LOCAL, LOCAL_ID),
        tape="max_id=117020580489281910", posts=lambda exchange: toots(body(exchange)),
        cursor=f"{LOCAL_NEXT}117020580489281910", next_cursor=f"{LOCAL_NEXT}117020580452511285",
    ),
    recorded(
        "mastodon/status_card.yaml", "readings", "/api/v1/statuses/117020609135389699",
        one(LOCAL, LOCAL_ID, "117020609135389699"), tape="statuses/117020609135389699",
        confirm=True, posts=lambda exchange: toots([body(exchange)]),
    ),
    recorded(
        "mastodon/status_missing.yaml", "readings", "/api/v1/statuses/0",
        one(LOCAL, LOCAL_ID, "0"), tape="statuses/0", confirm=True, deleted=("0",),
    ),
    recorded(
        "youtube/channels_one_2019.json", "profile", "/youtube/v3/channels", one(*DEVELOPERS),
        accounts=channels,
    ),
    recorded(
        "youtube/channels_two.json", "profile", "/youtube/v3/channels",
        GOOGLE, one(*DEVELOPERS, number=1), accounts=channels,
    ),
    recorded(
        "youtube/playlist_items_p1.json", "uploads", "/youtube/v3/playlistItems",
        one(*DEVELOPERS), posts=uploads, absent=NOT_ASKED, cursor="uploads", next_cursor="CAoQAA",
    ),
    recorded(
        "youtube/videos_with_statistics.json", "readings", "/youtube/v3/videos",
        one(*DEVELOPERS, "D-lhorsDlUQ"), posts=videos,
    ),
    recorded(
        "youtube/videos_two_no_statistics.json", "readings", "/youtube/v3/videos",
        one(*DEVELOPERS, "D-lhorsDlUQ"),
        one("another", "UCJdl3Paao2f3ha5JXMYUCIA", "ovdbrdCIP7U", number=1),
        posts=videos, absent=NOT_ASKED,
    ),
    recorded(
        "youtube/search_keywords_p1.json", "mentions", "/youtube/v3/search", one("surfing"),
        mentions=25,
    ),
    refused(
        "youtube/error_400_key_invalid.json", "/youtube/v3/channels", GOOGLE,
        "credential", "keyInvalid",
    ),
    recorded(
        "youtube/rss_feed_200.json", "posts", "/feeds/videos.xml",
        one("user/kurzgesagt", "UCsXVk37bltHxD1rDPwtNM8Q"), host="www.youtube.com",
        load=extracted("youtube/rss_feed_200.json"), posts=feed_videos, absent=NOT_ASKED,
        next_cursor="uploads",
    ),
    recorded(
        "youtube/youtube_atom.xml", "posts", "/feeds/videos.xml", GOOGLE, host="www.youtube.com",
        load=whole("youtube/youtube_atom.xml", "text/xml"), posts=feed_videos, absent=NOT_ASKED,
        next_cursor="uploads",
    ),
)  # fmt: skip

STREAMED = {
    "bluesky/jetstream_events.jsonl": ("not in French", "other collection", "other collection")
}
"""Lines of a stream, and what each gives or why it gives nothing."""

_SEARCH = "we search for nobody: accounts come from the registry"
_HASHTAGS = "hashtags are not followed on this network yet"
_NOTHING_KEPT = "posts of a hashtag, none in French nor of who asks to be found: nothing is kept"
_OWNER = "only the account's own owner may ask it"
_PEOPLE = "it lists persons: we count, we do not profile"

NOT_OURS: dict[str, str] = {
    "bluesky/did_doc.json": "ids are learnt from getProfiles",
    "bluesky/get_feed.yml": "a feed generator's choice, not an account's posts",
    "bluesky/get_follows.json": _PEOPLE,
    "bluesky/get_likes.yml": _PEOPLE,
    "bluesky/get_post_thread.yml": "replies are counted, their authors are not read",
    "bluesky/resolve_handle.yml": "ids are learnt from getProfiles",
    "bluesky/search_actors_typeahead.yml": _SEARCH,
    "bluesky/search_posts.yml": "search needs a session; mentions come from Jetstream",
    "bluesky/thread_view_post_with_embed_media.json": "replies are counted, their authors not read",
    "facebook/likes.json": _PEOPLE,
    "facebook/page_videos_p1.json": "videos are read with the posts, which have counters",
    "facebook/pages_search.json": _SEARCH,
    "facebook/post_comments_p1.json": _PEOPLE,
    "facebook/post_full.json": "one post by its address; ours asks for up to 50 by their ids",
    "instagram/hashtag_info.json": _HASHTAGS,
    "instagram/hashtag_recent_media_p1.json": _HASHTAGS,
    "instagram/hashtag_top_media_p1.json": _HASHTAGS,
    "instagram/ig_hashtag_search.json": _HASHTAGS,
    "instagram/media_with_comments.json": _OWNER,
    "instagram/mentioned_media.json": _OWNER,
    "instagram/own_media_insights.json": _OWNER,
    "instagram/own_media_p2_carousel.json": _OWNER,
    "instagram/own_user_fields.json": _OWNER,
    "instagram/recently_searched_hashtags.json": _HASHTAGS,
    "mastodon/hashtag_tl.yaml": _NOTHING_KEPT,
    "mastodon/instance.yaml": "an instance is asked for its accounts, not for itself",
    "mastodon/live_get_poll_anonymous.yml": "polls have no public interaction that we count",
    "mastodon/live_get_timeline_hashtag_anonymous.yml": _NOTHING_KEPT,
    "mastodon/public_tl_anonymous.yaml": "a timeline of everybody, not an account's posts",
    "mastodon/search.yaml": _SEARCH,
    "mastodon/trending_tags.yaml": "trends of an instance concern no territory",
    "youtube/activities_p1.json": "uploads come from the feed, then from the uploads playlist",
    "youtube/comment_threads_p1.json": _PEOPLE,
    "youtube/playlist_items_filter_video.json": "the playlist filtered on one video",
    "youtube/search_channels.json": _SEARCH,
    "youtube/videos_most_popular_p1.json": "the most popular of a country, not an account's",
}
