"""TikTok: the Display API, by the token of an account's owner.

Shapes: developers.tiktok.com (Display API v2: user info, video list, video query; Manage User
Access Tokens). Every answer has an ``error``, whose code is ``ok`` where all is well.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import cast
from urllib.parse import quote

import msgspec

from simulation.country.accounts import Account, Names
from simulation.country.chance import scaled
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule
from simulation.network import Sight, sight
from simulation.serving.api import Refusal, number_of
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.owned import OwnedAccounts, OwnedNetwork

RULE = Rule(600, 60)
PAGE, LARGEST_PAGE = 20, 20
DAY = 86_400


class Accounts(OwnedAccounts):
    """[ours] Towns that film; few villages."""

    slug = "tiktok"
    says_language = False
    law = Law(
        share={
            "hamlet": 1, "village": 4, "small": 18, "town": 70, "city": 260, "large_city": 620,
            "cc": 8, "ca": 60, "cu": 140, "metropole": 420, "departement": 330, "region": 520,
        },
        followers=60, sigma=1_150, rate=150, engagement=31_000, following=40, growth=22,
        kinds={"video": (1000, 1000)},
        split={"comments": 45, "shares": 60},
        cast={"watched": Played(followers=3_100)},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and a number that no answer tells."""
        name = self.name(place, role).replace("-", "_")[:24]
        return Names(name, str(6_800_000_000 + int.from_bytes(token[:7], "big") % 10**15))

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Plays of a video: some, or many for each interaction."""
        return total * (14 + scaled(words[14], 30)) if total else scaled(words[13], 60)


class TikTok(OwnedNetwork):
    """The accounts of owners, and their videos."""

    accounts = Accounts()
    hosts = ("open.tiktokapis.com", "www.tiktok.com")
    rule = RULE
    life, ends = DAY, "refresh_expires_in"

    def reply(self, asked: Asked) -> Json:
        """Answer of an account, or of its videos."""
        account = self.own(asked)
        match asked.method, asked.parts[1:]:
            case "GET", ["user", "info"]:
                return _given({"user": self._user(account, asked)})
            case "POST", ["video", "list"]:
                return _given(self._page(account, asked))
            case "POST", ["video", "query"]:
                wanted = cast("Json", _body(asked).get("filters") or {}).get("video_ids")
                ids = [one for one in cast("list[object]", wanted or []) if isinstance(one, str)]
                return _given({"videos": self._asked_for(account, ids[:LARGEST_PAGE], asked)})
            case _:
                raise Refusal(_problem(404, "invalid_params", "The path does not exist"))

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        later = {"Retry-After": str(seconds)}
        return _problem(429, "rate_limit_exceeded", "The API rate limit was exceeded.", later)

    def expired(self) -> Answer:
        """The answer to a token that is not valid."""
        return _problem(401, "access_token_invalid", "The access token is invalid or not found.")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A video as a collector sees it at a moment."""
        told = world.writer.post(post, moment)
        return sight(post, video_id(post), address(post, moment), "video", told)

    def _user(self, account: Account, asked: Asked) -> Json:
        moment = asked.moment
        whole: Json = {
            "open_id": str(uuid.UUID(int=int(account.native_id))),
            "username": account.handle_at(moment),
            "display_name": account.name,
            "follower_count": self._world.followers(account, moment),
            "following_count": account.following,
            "video_count": self._world.post_count(account, moment),
        }
        return _kept(whole, asked)

    def _page(self, account: Account, asked: Asked) -> Json:
        body = _body(asked)
        size, before = body.get("max_count"), body.get("cursor")
        size = min(size, LARGEST_PAGE) if isinstance(size, int) and size > 0 else PAGE
        until = before // 1000 if isinstance(before, int) else asked.moment
        found = self._world.latest(account, asked.moment, size + 1, until=until)
        rows = found[:size]
        cursor = rows[-1].created * 1000 - 1 if rows else until * 1000
        videos = self._videos(rows, asked)
        return {"videos": videos, "cursor": cursor, "has_more": len(found) > len(rows)}

    def _asked_for(self, account: Account, ids: Sequence[str], asked: Asked) -> list[Json]:
        numbered = (self.numbered(int(one), asked.moment) for one in ids if one.isdigit())
        return self._videos((one for one in numbered if one and one.account is account), asked)

    def _videos(self, posts: Iterable[Post], asked: Asked) -> list[Json]:
        return [_kept(self._video(post, asked.moment), asked) for post in posts]

    def _video(self, post: Post, moment: int) -> Json:
        counters = self._world.counters(post, moment)
        return {
            "id": video_id(post),
            "create_time": post.created,
            "share_url": address(post, moment),
            "title": "",
            "video_description": self._world.text(post, moment).text,
            "duration": 15 + (post.words[10] & 63),
            "like_count": counters.likes,
            "comment_count": counters.comments,
            "share_count": counters.shares,
            "view_count": counters.views,
        }


NETWORK = TikTok


def video_id(post: Post) -> str:
    """The number of a video: it holds its account and its own."""
    return str(number_of(post))


def address(post: Post, moment: int) -> str:
    """The public address of a video; it has the name of its account."""
    name = quote(post.account.handle_at(moment))
    return f"https://www.tiktok.com/@{name}/video/{video_id(post)}"


def _body(asked: Asked) -> Json:
    try:
        found: object = msgspec.json.decode(asked.body)
    except msgspec.DecodeError:
        return {}
    return cast("Json", found) if isinstance(found, dict) else {}


def _kept(whole: Json, asked: Asked) -> Json:
    wanted = asked.one("fields").split(",")
    return {name: value for name, value in whole.items() if name in wanted}


def _given(data: Json) -> Json:
    return {"data": data, "error": {"code": "ok", "message": "", "log_id": "20261124"}}


def _problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    error = {"code": code, "message": message, "log_id": "20261124"}
    return answered({"data": {}, "error": error}, status, headers)
