"""Every recorded file of our networks: the request of ours that it answers, or why it is none.

`MAPPED` are served over HTTP to the real collector, which must give exactly what they hold; the
expected figures are taken from the files here, by other means than the collector's readers.
`NOT_OURS` are answers to calls that we do not make. A test walks the folders in both directions.
"""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
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
    by subject; `mentions` the titles. `skipped` are what was read and is none of ours, by reason;
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
    mentions: Callable[[Exchange], list[str]] = lambda _: []
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


def whole(name: str, content_type: str = "application/json") -> Callable[[Path], Exchange]:
    """Return a body alone."""
    return lambda folder: Exchange(
        (folder / name).read_bytes(), 200, {"content-type": content_type}
    )


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


def youtube_feed(folder: Path) -> Exchange:
    """Return the recorded feed: a JSON file holding request, status, headers and body."""
    recorded = json.loads((folder / "youtube/rss_feed_200.json").read_text())["response"]
    headers = {key: values[0] for key, values in recorded["responseHeaders"].items()}
    return Exchange(recorded["responseBody"].encode(), recorded["responseCode"], headers)


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


def sky_posts(views: list[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of Bluesky posts."""
    return {
        view["uri"]: {
            "likes": view["likeCount"], "comments": view["replyCount"],
            "shares": view["repostCount"], "quotes": view["quoteCount"], "views": None,
        }
        for view in views
    }  # fmt: skip


def sky_own_posts(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of the feed's own posts: neither reposts nor replies."""
    return sky_posts(
        [
            item["post"]
            for item in body(exchange)["feed"]
            if "reason" not in item and "reply" not in item["post"]["record"]
        ]
    )


def sky_others(exchange: Exchange) -> dict[str, int]:
    """Count what is none of the account's own posts, by reason."""
    items = body(exchange)["feed"]
    reposts = sum(1 for item in items if "reason" in item)
    replies = len(items) - reposts - len(sky_own_posts(exchange))
    return {"repost of somebody else's post": reposts, "reply": replies}


def toots(statuses: list[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of Mastodon's own posts."""
    return {
        one["id"]: {
            "likes": one["favourites_count"], "comments": one["replies_count"],
            "shares": one["reblogs_count"], "quotes": one.get("quotes_count"), "views": None,
        }
        for one in statuses
        if one["reblog"] is None
        and one["in_reply_to_account_id"] in (None, one["account"]["id"])
    }  # fmt: skip


def toots_for_others(exchange: Exchange) -> dict[str, int]:
    """Count what is none of the account's own, by reason."""
    boosts = sum(1 for one in body(exchange) if one["reblog"] is not None)
    replies = len(body(exchange)) - boosts - len(toots(body(exchange)))
    found = {"boost of somebody else's post": boosts, "reply to somebody else": replies}
    return {why: count for why, count in found.items() if count}


def toot_account(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a Mastodon account."""
    one = body(exchange)
    return {"s0": {"followers": one["followers_count"], "following": one["following_count"],
                   "posts": one["statuses_count"]}}  # fmt: skip


def pages(*found: dict[str, Any]) -> dict[str, Figures]:
    """Return the figures of Facebook pages: followers were not asked for in these years."""
    return {
        f"s{number}": {"followers": one.get("followers_count"), "likes": one["fan_count"]}
        for number, one in enumerate(found)
    }


def comments_of(post: dict[str, Any]) -> int | None:
    """Return the comments of a post: in a summary, or a bare count where there is none."""
    edge = post.get("comments", {})
    return edge["summary"]["total_count"] if "summary" in edge else edge.get("count")


def page_posts(found: list[dict[str, Any]]) -> dict[str, Figures]:
    """Return the figures of posts of pages; absent shares are 0 beside reactions."""
    return {
        one["id"]: {
            "likes": one["reactions"]["summary"]["total_count"] if "reactions" in one else None,
            "comments": comments_of(one),
            "shares": one.get("shares", {"count": 0})["count"] if "reactions" in one else None,
        }
        for one in found
    }


def media(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of Instagram media."""
    found = body(exchange)["business_discovery"]["media"]["data"]
    return {
        one["id"]: {
            "likes": one.get("like_count"),
            "comments": one["comments_count"],
            "shares": None,
        }
        for one in found
    }


def channels(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of channels."""
    return {
        f"s{number}": {
            "followers": int(one["statistics"]["subscriberCount"]),
            "posts": int(one["statistics"]["videoCount"]),
            "views": int(one["statistics"]["viewCount"]),
            "following": None,
        }
        for number, one in enumerate(body(exchange)["items"])
    }


def videos(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of videos, null where the part was not asked for."""
    return {
        one["id"]: {
            "views": int(one["statistics"]["viewCount"]) if "statistics" in one else None,
            "likes": int(one["statistics"]["likeCount"]) if "statistics" in one else None,
            "comments": int(one["statistics"]["commentCount"]) if "statistics" in one else None,
        }
        for one in body(exchange)["items"]
    }


def uploads(exchange: Exchange) -> dict[str, Figures]:
    """Return the videos of a playlist, which bears no figures."""
    return {
        one["snippet"]["resourceId"]["videoId"]: {"views": None, "likes": None, "comments": None}
        for one in body(exchange)["items"]
    }


_ATOM = "{http://www.w3.org/2005/Atom}"
_YT = "{http://www.youtube.com/xml/schemas/2015}"
_MEDIA = "{http://search.yahoo.com/mrss/}"


def feed_videos(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a channel's feed, read by the standard library."""
    found: dict[str, Figures] = {}
    for entry in ElementTree.fromstring(exchange.body.strip()).iter(f"{_ATOM}entry"):
        community = entry.find(f"{_MEDIA}group/{_MEDIA}community")
        assert community is not None
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


def addresses(count: int) -> Callable[[Exchange], list[str]]:
    """Return what a feed must give: so many mentions, of different addresses."""
    return lambda _: ["mention"] * count


def feed(name: str, count: int, **more: Any) -> Mapped:
    """Return a feed that is nobody's of ours: a source."""
    host = "press.example"
    subject = JobSubject(subject="s0", handle=f"https://{host}/feed")
    return Mapped(
        (name,), "mentions", host, "/feed", whole(name, "text/xml"), network="rss",
        subjects=(subject,), mentions=addresses(count), **more,
    )  # fmt: skip


def one(handle: str, native_id: str | None = None, *posts: str, number: int = 0) -> JobSubject:
    """Return the subject of a job."""
    return JobSubject(subject=f"s{number}", handle=handle, native_id=native_id, posts=known(*posts))


XRPC = "/xrpc/app.bsky"
SKY = "public.api.bsky.app"
GRAPH = "graph.facebook.com"
TUBE_API = "www.googleapis.com"
HIDDEN = {"shares": "not_published", "quotes": "not_published", "views": "not_published"}
FOSS_ID = "109302436954721982"
LOCAL_ID = "117020565966271181"
LOCAL_STATUSES = f"/api/v1/accounts/{LOCAL_ID}/statuses"
LOCAL_NEXT = f"http://localhost:3000{LOCAL_STATUSES}?limit=5&max_id=117020580489281910"

MAPPED: tuple[Mapped, ...] = (
    Mapped(
        ("bluesky/get_profiles.yml",), "profile", SKY, f"{XRPC}.actor.getProfiles",
        cassette("bluesky/get_profiles.yml", "actors=chriskenny.bsky.social"),
        subjects=(one("chriskenny.bsky.social"),),
        accounts=lambda exchange: {"s0": {
            "followers": (found := body(exchange)["profiles"][0])["followersCount"],
            "following": found["followsCount"], "posts": found["postsCount"], "likes": None}},
    ),
    Mapped(
        ("bluesky/get_author_feed.yml",), "posts", SKY, f"{XRPC}.feed.getAuthorFeed",
        cassette("bluesky/get_author_feed.yml", "actor=chriskenny.bsky.social"),
        subjects=(one("chriskenny.bsky.social"),), posts=sky_own_posts,
        skipped=sky_others,
        next_cursor="2024-03-21T23:36:16.378Z",
    ),
    Mapped(
        ("bluesky/get_posts.yml",), "readings", SKY, f"{XRPC}.feed.getPosts",
        cassette("bluesky/get_posts.yml", "3k7qmjev5lr2s"),
        subjects=(one("soubhikbarari.bsky.social", None,
                      "at://did:plc:ic6zqvuw5ulmfpjiwnhsr2ns/app.bsky.feed.post/3k7qmjev5lr2s"),),
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
        "posts", GRAPH, "/v25.0/me", joined_discovery,
        subjects=(one("facebookfordevelopers", "17841407673135339"),),
        accounts=lambda exchange: {"s0": {
            "followers": (found := body(exchange)["business_discovery"])["followers_count"],
            "posts": found["media_count"], "following": None}},
        posts=media, next_cursor="after", absent={"following": "not_published", **HIDDEN},
        joined="our one call asks for profile and media; they were recorded by two calls",
    ),
    Mapped(
        ("instagram/business_discovery_media_fewfields_p1.json",), "posts", GRAPH, "/v25.0/me",
        whole("instagram/business_discovery_media_fewfields_p1.json"),
        subjects=(one("jaychou"),), posts=media, absent=HIDDEN, next_cursor="after",
    ),
    Mapped(
        ("facebook/page_full.json",), "profile", GRAPH, "/v25.0/20531316728",
        whole("facebook/page_full.json"), subjects=(one("facebookapp", "20531316728"),),
        accounts=lambda exchange: pages(body(exchange)), absent={"followers": "not_asked"},
    ),
    Mapped(
        ("facebook/page_few_fields.json",), "profile", GRAPH, "/v25.0/facebookapp",
        whole("facebook/page_few_fields.json"), subjects=(one("facebookapp"),),
        accounts=lambda exchange: pages(body(exchange)), absent={"followers": "not_asked"},
    ),
    Mapped(
        ("facebook/pages_by_ids_full.json",), "profile", GRAPH, "/v25.0/",
        whole("facebook/pages_by_ids_full.json"),
        subjects=(one("a", "19292868552"), one("b", "20531316728", number=1)),
        accounts=lambda exchange: pages(*body(exchange).values()),
        absent={"followers": "not_asked"},
    ),
    Mapped(
        ("facebook/page_feed_full_p1.json",), "posts", GRAPH, "/v25.0/19292868552/posts",
        whole("facebook/page_feed_full_p1.json"), subjects=(one("a", "19292868552"),),
        posts=lambda exchange: page_posts(body(exchange)["data"]), next_cursor="after",
    ),
    Mapped(
        ("facebook/page_feed_few_fields_p1.json",), "posts", GRAPH, "/v25.0/4/posts",
        whole("facebook/page_feed_few_fields_p1.json"), subjects=(one("zuck", "4"),),
        posts=lambda exchange: page_posts(body(exchange)["data"]),
        absent={"likes": "not_permitted", "comments": "not_permitted", "shares": "not_permitted"},
    ),
    Mapped(
        ("facebook/page_posts_p1.json",), "posts", GRAPH, "/v25.0/19292868552/posts",
        whole("facebook/page_posts_p1.json"), subjects=(one("a", "19292868552"),),
        posts=lambda exchange: page_posts(body(exchange)["data"]), next_cursor="after",
        absent={"likes": "not_permitted", "comments": "not_permitted", "shares": "not_permitted"},
    ),
    Mapped(
        ("facebook/posts_by_ids_full.json",), "readings", GRAPH, "/v25.0/",
        whole("facebook/posts_by_ids_full.json"),
        subjects=(one("a", "19292868552", "19292868552_10158347294088553",
                      "19292868552_10158345715593553"),),
        posts=lambda exchange: page_posts(list(body(exchange).values())),
    ),
    Mapped(
        ("facebook/error_100_permission.json",), "profile", GRAPH, "/v25.0/20531316728",
        lambda folder: Exchange((folder / "facebook/error_100_permission.json").read_bytes(), 400),
        subjects=(one("facebookapp", "20531316728"),), cause="refused",
        why="missing permission or reviewable feature",
    ),
    Mapped(
        ("mastodon/account_lookup.yaml",), "profile", "localhost:3000", "/api/v1/accounts/lookup",
        cassette("mastodon/account_lookup.yaml", "acct=mastodonpy_test"),
        subjects=(one("mastodonpy_test@localhost:3000"),), accounts=toot_account,
    ),
    Mapped(
        ("mastodon/account_lookup.yaml",), "profile", "localhost:3000", "/api/v1/accounts/lookup",
        cassette("mastodon/account_lookup.yaml", "acct=kljadklajsdkljlkjlkjlkjasdasd"),
        subjects=(one("kljadklajsdkljlkjlkjlkjasdasd@localhost:3000"),), cause="gone",
        why="Record not found",
    ),
    Mapped(
        ("mastodon/live_get_account_default.yml",), "profile", "fosstodon.org",
        f"/api/v1/accounts/{FOSS_ID}",
        cassette("mastodon/live_get_account_default.yml", FOSS_ID),
        subjects=(one("schochastics@fosstodon.org", FOSS_ID),), accounts=toot_account,
    ),
    Mapped(
        ("mastodon/live_get_account_statuses_default.yml",), "posts", "fosstodon.org",
        f"/api/v1/accounts/{FOSS_ID}/statuses",
        cassette("mastodon/live_get_account_statuses_default.yml", "exclude_reblogs=FALSE"),
        subjects=(one("schochastics@fosstodon.org", FOSS_ID),),
        posts=lambda exchange: toots(body(exchange)), absent={"quotes": "not_published"},
        skipped=toots_for_others,
        next_cursor=f"https://fosstodon.org/api/v1/accounts/{FOSS_ID}/statuses"
        "?exclude_reblogs=FALSE&limit=20&max_id=113191408914362368",
    ),
    Mapped(
        ("mastodon/fetch_next_previous.yaml",), "posts", "localhost:3000", LOCAL_STATUSES,
        cassette("mastodon/fetch_next_previous.yaml", f"{LOCAL_STATUSES}?limit=5"),
        subjects=(one("mastodonpy_test@localhost:3000", LOCAL_ID),),
        posts=lambda exchange: toots(body(exchange)), next_cursor=LOCAL_NEXT,
    ),
    Mapped(
        ("mastodon/fetch_next_previous.yaml",), "posts", "localhost:3000", LOCAL_STATUSES,
        cassette("mastodon/fetch_next_previous.yaml", "max_id=117020580489281910"),
        subjects=(one("mastodonpy_test@localhost:3000", LOCAL_ID),), cursor=LOCAL_NEXT,
        posts=lambda exchange: toots(body(exchange)),
        next_cursor=f"http://localhost:3000{LOCAL_STATUSES}?limit=5&max_id=117020580452511285",
    ),
    Mapped(
        ("mastodon/status_card.yaml",), "readings", "localhost:3000",
        "/api/v1/statuses/117020609135389699",
        cassette("mastodon/status_card.yaml", "statuses/117020609135389699"), confirm=True,
        subjects=(one("mastodonpy_test@localhost:3000", LOCAL_ID, "117020609135389699"),),
        posts=lambda exchange: toots([body(exchange)]),
    ),
    Mapped(
        ("mastodon/status_missing.yaml",), "readings", "localhost:3000", "/api/v1/statuses/0",
        cassette("mastodon/status_missing.yaml", "statuses/0"), confirm=True, deleted=("0",),
        subjects=(one("mastodonpy_test@localhost:3000", LOCAL_ID, "0"),),
    ),
    Mapped(
        ("youtube/channels_one_2019.json",), "profile", TUBE_API, "/youtube/v3/channels",
        whole("youtube/channels_one_2019.json"),
        subjects=(one("@googledevelopers", "UC_x5XG1OV2P6uZZ5FSM9Ttw"),), accounts=channels,
        absent={"following": "not_published"},
    ),
    Mapped(
        ("youtube/channels_two.json",), "profile", TUBE_API, "/youtube/v3/channels",
        whole("youtube/channels_two.json"),
        subjects=(one("@google", "UCK8sQmJBp8GCxrOtXWBpyEA"),
                  one("@googledevelopers", "UC_x5XG1OV2P6uZZ5FSM9Ttw", number=1)),
        accounts=channels, absent={"following": "not_published"},
    ),
    Mapped(
        ("youtube/playlist_items_p1.json",), "uploads", TUBE_API, "/youtube/v3/playlistItems",
        whole("youtube/playlist_items_p1.json"), cursor="uploads",
        subjects=(one("@googledevelopers", "UC_x5XG1OV2P6uZZ5FSM9Ttw"),), posts=uploads,
        absent={"likes": "not_asked", "comments": "not_asked", "views": "not_asked"},
        next_cursor="CAoQAA",
    ),
    Mapped(
        ("youtube/videos_with_statistics.json",), "readings", TUBE_API, "/youtube/v3/videos",
        whole("youtube/videos_with_statistics.json"),
        subjects=(one("@googledevelopers", "UC_x5XG1OV2P6uZZ5FSM9Ttw", "D-lhorsDlUQ"),),
        posts=videos,
    ),
    Mapped(
        ("youtube/videos_two_no_statistics.json",), "readings", TUBE_API, "/youtube/v3/videos",
        whole("youtube/videos_two_no_statistics.json"),
        subjects=(one("@googledevelopers", "UC_x5XG1OV2P6uZZ5FSM9Ttw",
                      "D-lhorsDlUQ", "ovdbrdCIP7U"),),
        posts=videos,
        absent={"likes": "not_asked", "comments": "not_asked", "views": "not_asked"},
    ),
    Mapped(
        ("youtube/error_400_key_invalid.json",), "profile", TUBE_API, "/youtube/v3/channels",
        lambda folder: Exchange((folder / "youtube/error_400_key_invalid.json").read_bytes(), 400),
        subjects=(one("@google", "UCK8sQmJBp8GCxrOtXWBpyEA"),), cause="credential",
        why="keyInvalid",
    ),
    Mapped(
        ("youtube/rss_feed_200.json",), "posts", "www.youtube.com", "/feeds/videos.xml",
        youtube_feed, subjects=(one("user/kurzgesagt", "UCsXVk37bltHxD1rDPwtNM8Q"),),
        posts=feed_videos, absent={"comments": "not_asked"}, next_cursor="uploads",
    ),
    Mapped(
        ("youtube/youtube_atom.xml",), "posts", "www.youtube.com", "/feeds/videos.xml",
        whole("youtube/youtube_atom.xml", "text/xml"),
        subjects=(one("@google", "UCK8sQmJBp8GCxrOtXWBpyEA"),), posts=feed_videos,
        absent={"comments": "not_asked"}, next_cursor="uploads",
    ),
)  # fmt: skip

STREAMED = {
    "bluesky/jetstream_events.jsonl": ("not in French", "other collection", "other collection"),
}
"""Lines of a stream, and what each gives or why it gives nothing."""

_SEARCH = "we search for nobody: accounts come from the registry"
_HASHTAGS = "hashtags are not followed on this network yet"
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
    "mastodon/hashtag_tl.yaml": _HASHTAGS,
    "mastodon/instance.yaml": "an instance is asked for its accounts, not for itself",
    "mastodon/live_get_poll_anonymous.yml": "polls have no public interaction that we count",
    "mastodon/live_get_timeline_hashtag_anonymous.yml": _HASHTAGS,
    "mastodon/public_tl_anonymous.yaml": "a timeline of everybody, not an account's posts",
    "mastodon/search.yaml": _SEARCH,
    "mastodon/trending_tags.yaml": "trends of an instance concern no territory",
    "youtube/activities_p1.json": "uploads come from the feed, then from the uploads playlist",
    "youtube/comment_threads_p1.json": _PEOPLE,
    "youtube/playlist_items_filter_video.json": "the playlist filtered on one video",
    "youtube/search_channels.json": _SEARCH,
    "youtube/search_keywords_p1.json": "100 searches a day: kept for accounts to be found by hand",
    "youtube/videos_most_popular_p1.json": "the most popular of a country, not an account's",
}
