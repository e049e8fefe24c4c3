"""YouTube: the Data API v3 (key, units a day) and the free feed of a channel.

Shapes: developers.google.com/youtube/v3/docs. Counters are strings, subscribers are rounded down to
three figures; ids that are unknown are silently left out.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from html import escape
from textwrap import shorten

from contracts.accounts import AccountCounter
from libs.matching.words import line
from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.chance import scaled
from simulation.country.days import DAY, iso, moment_of
from simulation.country.law import Law, Played, Role, Speech
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule
from simulation.network import Fictional, Heard, Sight, sight
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.videos import (
    channel_feed,
    read_video_id,
    rounded,
    under_title,
    uploads_of,
    video_id,
    words_of,
)

API, SITE = "www.googleapis.com", "www.youtube.com"
RULE = Rule(10_000, DAY, "pacific")
"""Units a day, given anew at midnight in California."""

SEARCH_RULE = Rule(100, DAY, "pacific")
FEED_RULE = Rule(1_000_000, DAY)
SOURCE = "youtube.com"
IDS_A_CALL = 50
PAGE, LARGEST_PAGE = 5, 50
SEARCHED_DAYS = 7
BEGINNING = 160
"""Characters of a description that a search gives, whole words."""


class Accounts(InventedAccounts):
    """[obs] 27 % of those present in 2022; few videos, and subscribers that may be hidden."""

    slug = "youtube"
    titled = frozenset({"video"})
    renames = False
    law = Law(
        share={
            "hamlet": 100, "village": 190, "small": 330, "town": 560, "city": 860,
            "large_city": 1000, "cc": 420, "ca": 740, "cu": 860, "metropole": 1000,
            "departement": 980, "region": 1000,
        },
        followers=34, sigma=900, rate=90, engagement=22_000, following=0, growth=9,
        split={"comments": 70},
        kinds={"video": (1000, 1000)},
        cast={"tourist": Played(audience=3), "watched": Played(), "centre": Played()},
        hidden=35,
        hides="followers",
        hides_posts=True,
        comments_closed=80,
        published=(27, "[20][27]"),
        speech=Speech(12, 0, (SOURCE,)),
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and a channel's id."""
        native = "UC" + urlsafe_b64encode(token[:16])[:22].decode()
        return Names(f"{self.name(place, role)}.example", native)

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Views of a video: a few, or many for each interaction."""
        return total * (18 + scaled(words[14], 30)) if total else scaled(words[13], 60)


class Youtube(Fictional):
    """Channels, uploads, videos and feeds over a world."""

    accounts = Accounts()
    hosts = (API, SITE)

    def answer(self, asked: Asked) -> Answer:
        """Answer a call of the Data API, or a feed."""
        if asked.host == SITE:
            return self._feed(asked)
        key = asked.one("key")
        if not key or key.startswith("invalid"):
            return _error(400, "keyInvalid", "usageLimits", "Bad Request")
        method = asked.parts[-1] if asked.parts else ""
        token = blake2b(key.encode(), digest_size=4).hexdigest()
        payer, rule = ("youtube search", SEARCH_RULE) if method == "search" else ("youtube", RULE)
        verdict = self._ledger.ask(f"{payer} {token}", rule, asked.moment, method)
        if not verdict.allowed:
            message = "The request cannot be completed because you have exceeded your quota."
            return _error(403, "quotaExceeded", "youtube.quota", message)
        match method:
            case "channels":
                return self._channels(asked)
            case "playlistItems":
                return self._uploads(asked)
            case "videos":
                return self._videos(asked)
            case "search":
                return self._search(asked)
            case _:
                return _error(404, "notFound", "youtube.common", "Not Found")

    def throttled(self, seconds: int) -> Answer:
        """The refusal of a call too many a minute (that of the day is another one)."""
        message = "The request cannot be completed because too many were sent lately."
        answer = _error(429, "rateLimitExceeded", "usageLimits", message)
        return replace(answer, headers={"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a credential that has expired."""
        return _error(401, "authError", "global", "Invalid Credentials")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A video as a collector sees it."""
        video, written = video_id(post), world.writer.post(post)
        address = f"https://www.youtube.com/watch?v={video}"
        return sight(post, video, address, "video", under_title(post, written))

    @classmethod
    def hear(cls, world: World, mention: Mention) -> Heard:
        """What a citizen says under a video of hers, as a search tells it."""
        address = f"https://www.youtube.com/watch?v={mention_id(mention)}"
        return Heard(address, SOURCE, title=f"Vidéo de citoyen{mention.author}")

    @classmethod
    def counters(
        cls, world: World, account: Account, moment: int, posts: Callable[[int], int]
    ) -> dict[AccountCounter, int]:
        """Subscribers as they are shown, videos, and views of them all."""
        count = posts(moment)
        return {
            "followers": rounded(world.followers(account, moment)),
            "posts": count,
            "views": channel_views(account, count),
        }

    def _channels(self, asked: Asked) -> Answer:
        if handle := asked.one("forHandle"):
            found = [self.named(handle.removeprefix("@"), asked.moment)]
        else:
            ids = _ids(asked)
            if len(ids) > IDS_A_CALL:
                return _error(400, "invalidParameter", "youtube.parameter", "Too many ids.")
            found = [self.identified(one, asked.moment) for one in ids]
        parts = asked.one("part").split(",")
        items = [self._channel(account, parts, asked.moment) for account in found if account]
        return _listed("youtube#channelListResponse", items)

    def _channel(self, account: Account, parts: list[str], moment: int) -> Json:
        body: Json = {"kind": "youtube#channel", "etag": _etag(account.id), "id": account.native_id}
        if "snippet" in parts:
            about = {"title": account.name, "description": "Chaîne d’un monde inventé."}
            body["snippet"] = about | {
                "customUrl": f"@{account.first_handle}",
                "publishedAt": f"{iso(account.created)}Z",
                "thumbnails": _pictures(f"https://yt3.ggpht.com/ytc/{account.id}", (88, 240, 800)),
                "localized": about,
                "country": "FR",
            }
        if "contentDetails" in parts:
            body["contentDetails"] = {
                "relatedPlaylists": {"likes": "", "uploads": uploads_of(account)}
            }
        if "statistics" in parts:
            count = self._world.post_count(account, moment)
            subscribers = self._world.followers(account, moment)
            body["statistics"] = {
                "viewCount": str(channel_views(account, count)),
                "subscriberCount": "0" if account.hidden else str(rounded(subscribers)),
                "hiddenSubscriberCount": account.hidden,
                "videoCount": str(count),
            }
        if "status" in parts:
            body["status"] = {
                "privacyStatus": "public",
                "isLinked": True,
                "longUploadsStatus": "allowed",
            }
        return body

    def _uploads(self, asked: Asked) -> Answer:
        playlist = asked.one("playlistId")
        channel = "UC" + playlist[2:] if playlist.startswith("UU") else ""
        account = self.identified(channel, asked.moment)
        if account is None:
            message = (
                "The playlist identified with the request's playlistId parameter cannot be found."
            )
            return _error(404, "playlistNotFound", "youtube.playlistItem", message)
        limit = asked.number("maxResults", PAGE, LARGEST_PAGE)
        token = asked.one("pageToken")
        start = int(token.removeprefix("CP")) if token.removeprefix("CP").isdigit() else 0
        posts = self._world.latest(account, asked.moment, start + limit + 1)
        page = posts[start : start + limit]
        parts = asked.one("part").split(",")
        items = [self._upload(post, start + rank, parts) for rank, post in enumerate(page)]
        more: Json = {}
        if len(posts) > start + limit:
            more["nextPageToken"] = f"CP{start + limit}"
        if start:
            more["prevPageToken"] = f"CP{max(0, start - limit)}"
        total = self._world.post_count(account, asked.moment)
        return _listed("youtube#playlistItemListResponse", items, more, total, limit)

    def _upload(self, post: Post, rank: int, parts: list[str]) -> Json:
        account, video = post.account, video_id(post)
        body: Json = {
            "kind": "youtube#playlistItem",
            "etag": _etag(f"item {video}"),
            "id": urlsafe_b64encode(f"UU.{video}".encode()).decode().rstrip("="),
        }
        published = f"{iso(post.created)}Z"
        if "snippet" in parts:
            body["snippet"] = self._snippet(post) | {
                "playlistId": uploads_of(account),
                "position": rank,
                "resourceId": {"kind": "youtube#video", "videoId": video},
            }
        if "contentDetails" in parts:
            body["contentDetails"] = {"videoId": video, "videoPublishedAt": published}
        return body

    def _snippet(self, post: Post) -> Json:
        title, text = words_of(self._world, post)
        return {
            "publishedAt": f"{iso(post.created)}Z",
            "channelId": post.account.native_id,
            "title": title,
            "description": text,
            "thumbnails": _pictures(
                f"https://i.ytimg.com/vi/{video_id(post)}/default.jpg", (120, 320, 480)
            ),
            "channelTitle": post.account.name,
        }

    def _search(self, asked: Asked) -> Answer:
        """Videos whose words hold those asked for, newest first, of anybody."""
        words = line(asked.one("q"))
        after = asked.one("publishedAfter")
        since = max(moment_of(after) if after else 0, asked.moment - SEARCHED_DAYS * DAY)
        until = asked.moment + 1
        found = [
            (mention.moment, self._said(mention))
            for mention in self._world.mentions.on(self.accounts.slug, since, until)
            if words in line(mention.text)
        ]
        for post in self._world.posts(self.accounts.slug, since, until):
            shown = post.shown_at(asked.moment)
            if shown and words in line("\n".join(words_of(self._world, post))):
                found.append((post.created, _found(video_id(post), self._snippet(post))))
        found.sort(key=lambda item: -item[0])
        limit = asked.number("maxResults", PAGE, LARGEST_PAGE)
        items = [item for _, item in found[:limit]]
        region: Json = {"regionCode": asked.one("regionCode") or "FR"}
        return _listed("youtube#searchListResponse", items, region, len(found), limit)

    def _said(self, mention: Mention) -> Json:
        """What a search gives of a citizen's video."""
        heard, video = self.hear(self._world, mention), mention_id(mention)
        snippet: Json = {
            "publishedAt": f"{iso(mention.moment)}Z",
            "channelId": f"UCcitoyen{mention.author:015d}",
            "title": heard.title or "",
            "description": mention.text,
            "thumbnails": _pictures(f"https://i.ytimg.com/vi/{video}/default.jpg", (120, 320, 480)),
            "channelTitle": f"citoyen{mention.author}",
        }
        return _found(video, snippet)

    def _videos(self, asked: Asked) -> Answer:
        ids = _ids(asked)
        if len(ids) > IDS_A_CALL:
            return _error(400, "invalidParameter", "youtube.parameter", "Too many ids.")
        parts = asked.one("part").split(",")
        posts = [post for one in ids if (post := self._post(one, asked.moment)) is not None]
        return _listed(
            "youtube#videoListResponse", [self._video(post, parts, asked.moment) for post in posts]
        )

    def _post(self, video: str, moment: int) -> Post | None:
        found = read_video_id(video)
        if found is None:
            return None
        account = self._by_rank.get(found[0])
        return None if account is None else self._world.post(account, found[1], moment)

    def _video(self, post: Post, parts: list[str], moment: int) -> Json:
        body: Json = {
            "kind": "youtube#video",
            "etag": _etag(f"{post.account.id}:{post.number}"),
            "id": video_id(post),
        }
        if "snippet" in parts:
            snippet = self._snippet(post)
            about = {"title": snippet["title"], "description": snippet["description"]}
            body["snippet"] = snippet | {
                "categoryId": "29",
                "liveBroadcastContent": "none",
                "localized": about,
                "defaultAudioLanguage": "fr",
            }
        if "contentDetails" in parts:
            minutes, seconds = divmod(30 + (post.words[10] & 511), 60)
            body["contentDetails"] = {
                "duration": f"PT{minutes}M{seconds}S" if minutes else f"PT{seconds}S",
                "dimension": "2d",
                "definition": "hd",
                "caption": "false",
                "licensedContent": False,
                "projection": "rectangular",
            }
        if "status" in parts:
            body["status"] = {
                "uploadStatus": "processed",
                "privacyStatus": "public",
                "license": "youtube",
                "embeddable": True,
                "publicStatsViewable": True,
            }
        if "statistics" in parts:
            body["statistics"] = self._statistics(post, moment)
        return body

    def _statistics(self, post: Post, moment: int) -> Json:
        """Counters as strings; likes hidden by the owner and closed comments are absent."""
        counters = self._world.counters(post, moment)
        body: Json = {"viewCount": str(counters.views)}
        if not post.likes_hidden:
            body["likeCount"] = str(counters.likes)
        body["favoriteCount"] = "0"
        if not post.account.comments_closed:
            body["commentCount"] = str(counters.comments)
        return body

    def _feed(self, asked: Asked) -> Answer:
        self._ledger.ask("youtube feeds", FEED_RULE, asked.moment, "feed")
        channel = asked.one("channel_id") or "UC" + asked.one("playlist_id")[2:]
        account = self.identified(channel, asked.moment)
        if asked.path != "/feeds/videos.xml" or account is None:
            return Answer(
                404, b"<html><title>404 Not Found</title></html>", "text/html; charset=utf-8"
            )
        headers = {"Cache-Control": "public, max-age=900", "Server": "YouTube RSS Feeds server"}
        body = channel_feed(self._world, account, asked.moment)
        return Answer(200, body.encode(), "text/xml; charset=UTF-8", headers)


NETWORK = Youtube


def mention_id(mention: Mention) -> str:
    """The id of a citizen's video."""
    return urlsafe_b64encode(mention.number.to_bytes(8, "big")).decode().rstrip("=")


def _found(video: str, snippet: Json) -> Json:
    """What a search gives of a video: its words as a page has them, cut."""
    title = escape(str(snippet["title"]))
    description = escape(shorten(str(snippet["description"]), BEGINNING, placeholder=" ..."))
    return {
        "kind": "youtube#searchResult",
        "etag": _etag(f"search {video}"),
        "id": {"kind": "youtube#video", "videoId": video},
        "snippet": snippet
        | {
            "title": title,
            "description": description,
            "liveBroadcastContent": "none",
            "publishTime": snippet["publishedAt"],
        },
    }


def channel_views(account: Account, videos: int) -> int:
    """Views of a channel since it exists, from its audience and its number of videos."""
    return account.knots[0] * 90 + videos * (40 + account.knots[0] // 3)


def _ids(asked: Asked) -> list[str]:
    return [one for value in asked.parameters.get("id", []) for one in value.split(",") if one]


def _listed(
    kind: str,
    items: list[Json],
    more: Json | None = None,
    total: int | None = None,
    size: int = PAGE,
) -> Answer:
    """A list; without any item, there is no ``items`` key."""
    body: Json = {"kind": kind, "etag": _etag(f"{kind}{len(items)}")} | (more or {})
    body["pageInfo"] = {
        "totalResults": len(items) if total is None else total,
        "resultsPerPage": size,
    }
    return answered(body | ({"items": items} if items else {}))


def _etag(subject: str) -> str:
    return (
        urlsafe_b64encode(blake2b(subject.encode(), digest_size=20).digest()).decode().rstrip("=")
    )


def _pictures(url: str, sizes: tuple[int, int, int]) -> Json:
    names = zip(("default", "medium", "high"), sizes, strict=True)
    return {name: {"url": f"{url}={size}", "width": size, "height": size} for name, size in names}


def _error(status: int, reason: str, domain: str, message: str) -> Answer:
    one = {"message": message, "domain": domain, "reason": reason}
    return answered({"error": {"code": status, "message": message, "errors": [one]}}, status)
