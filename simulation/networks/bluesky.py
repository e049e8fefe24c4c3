"""Bluesky: the public AppView, and the shapes of its stream.

Shapes of ``app.bsky.actor.getProfile(s)``, ``app.bsky.feed.getAuthorFeed``, ``getPosts`` and
``com.atproto.identity.resolveHandle`` (docs.bsky.app); Jetstream v1
(github.com/bluesky-social/jetstream).
"""

import re
from base64 import b32encode
from datetime import datetime
from typing import NamedTuple

import msgspec

from contracts.event import hashed_id
from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.days import day_of, iso
from simulation.country.law import Law, Played, Role, Speech
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Ledger, Rule, Verdict
from simulation.network import Heard, Sight, Subscription, sight
from simulation.serving.api import Api, Charge, Refusal
from simulation.serving.atproto import (
    POSTS,
    cid,
    citizen,
    mention_key,
    micros_of_mention,
    millis,
    record,
    rkey,
    tid,
    tid_moment,
    uri_of,
)
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.jetstream import Jetstream

HOSTS = ("public.api.bsky.app", "api.bsky.app", "bsky.social")
STREAM_HOSTS = (
    "jetstream1.us-east.bsky.network",
    "jetstream2.us-east.bsky.network",
    "jetstream1.us-west.bsky.network",
    "jetstream2.us-west.bsky.network",
)
RULE = Rule(3000, 300)
"""No quota is published: ten requests a second are the pace that collectors allow themselves."""

ACTORS_A_CALL = 25
IDENTIFIER = re.compile(
    r"did:[a-z]+:[\w.:%-]+|([a-z\d-]+\.)+[a-z][a-z\d-]*", re.ASCII | re.IGNORECASE
)
"""A DID or a handle (atproto.com/specs/handle); one actor that is neither spoils its batch."""

REMEMBERED = 20_000
"""Posts of which what lasts is kept written (about 1.5 KB each)."""

_encode = msgspec.json.Encoder().encode


class Lasting(NamedTuple):
    """What does not change of a post, its record written once."""

    uri: str
    cid: str
    record: msgspec.Raw
    indexed: str
    embed: Json | None


class Accounts(InventedAccounts):
    """[ours] Few are here; a métropole has its town's account, some mayors one of their own."""

    slug = "bluesky"
    joints = ("-", "-")
    shared = True
    law = Law(
        share={
            "hamlet": 14, "village": 40, "small": 100, "town": 190, "city": 380, "large_city": 760,
            "cc": 60, "ca": 240, "cu": 420, "metropole": 760, "departement": 560, "region": 780,
        },
        followers=42, sigma=760, rate=700, engagement=12_000, following=150, growth=28,
        split={"comments": 90, "shares": 210, "quotes": 30},
        kinds={"text": (300, 850), "photo": (420, 1150), "link": (280, 800)},
        cast={
            "community_manager": Played(rate=480, engagement=15_000), "watched": Played(),
            "centre": Played(),
        },
        others={"mayor": 6},
        speech=Speech(640, 875, ("jetstream",), noise=True, deletes=True),
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name of a domain, and a DID."""
        native = f"did:plc:{b32encode(token[:15]).decode().lower()}"
        return Names(f"{self.name(place, role)}.example", native)


class Bluesky(Api):
    """The AppView over a world."""

    accounts = Accounts()
    hosts = HOSTS
    rule = RULE
    streams = tuple(f"{host}/subscribe" for host in STREAM_HOSTS)

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Take the world, and make its stream."""
        super().__init__(world, ledger)
        self._stream = Jetstream(world, self.accounts.slug)
        self._lasting: dict[tuple[int, int], Lasting] = {}
        self._authors: dict[tuple[int, str], msgspec.Raw] = {}

    def charge(self, asked: Asked) -> Charge:
        """An XRPC query, whoever makes it."""
        return Charge("bluesky appview", asked.path.removeprefix("/xrpc/"))

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """What is left, until when."""
        return {
            "RateLimit-Limit": str(verdict.limit),
            "RateLimit-Remaining": str(verdict.remaining),
            "RateLimit-Reset": str(verdict.resets_at),
            "RateLimit-Policy": f"{RULE.limit};w={RULE.seconds}",
        }

    def reply(self, asked: Asked) -> Json:
        """Answer one XRPC query."""
        match asked.path.removeprefix("/xrpc/"):
            case "app.bsky.actor.getProfiles":
                return self._profiles(asked)
            case "app.bsky.actor.getProfile":
                account = self._known(asked.one("actor"), asked.moment, "Profile not found")
                self._open(account, asked.moment)
                return self.profile(account, asked.moment)
            case "app.bsky.feed.getAuthorFeed":
                return self._feed(asked)
            case "app.bsky.feed.getPosts":
                return self._posts(asked)
            case "com.atproto.identity.resolveHandle":
                missing = "Unable to resolve handle"
                return {"did": self._known(asked.one("handle"), asked.moment, missing).native_id}
            case "app.bsky.feed.searchPosts":
                raise _refused("Authentication required", "Forbidden", 403)
            case _:
                raise _refused("Method Not Implemented", "MethodNotImplemented", 501)

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        return answered(body, 429, {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a session that has expired."""
        return answered({"error": "ExpiredToken", "message": "Token has expired"}, 400)

    @property
    def listeners(self) -> int:
        """How many subscribers the stream has."""
        return self._stream.listeners

    def subscribe(self, query: str, moment: int) -> Subscription:
        """Begin a subscription."""
        return self._stream.subscribe(query, moment)

    def leave(self, subscription: Subscription) -> None:
        """End a subscription."""
        self._stream.leave(subscription)

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it; this network has no edits."""
        address = f"https://bsky.app/profile/{post.account.native_id}/post/{rkey(post)}"
        kind = "photo" if post.kind == "photo" else "text"
        return sight(post, uri_of(post), address, kind, world.writer.post(post), millis(post))

    @classmethod
    def hear(cls, world: World, mention: Mention) -> Heard:
        """What a citizen says, as the stream tells it."""
        did, key = citizen(world, mention.author), mention_key(mention)
        event = hashed_id(f"at://{did}/{POSTS}/{key}", "create", tid(micros_of_mention(mention), 7))
        return Heard(f"https://bsky.app/profile/{did}/post/{key}", "jetstream", event)

    def find(self, actor: str, moment: int) -> Account | None:
        """The account of a DID, or of a handle that is its own at the moment, closed ones too."""
        name = actor.removeprefix("@").lower()
        named = (
            one for one in self._by_handle.get(("", name), ()) if one.handle_at(moment) == name
        )
        return self._by_id.get(("", actor)) or next(named, None)

    def _known(self, actor: str, moment: int, missing: str) -> Account:
        account = self.find(actor, moment)
        if account is None:
            raise _refused(missing)
        return account

    def _open(self, account: Account, moment: int) -> None:
        """Refuse an account that is not there, and say whether it may come back."""
        if account.closed_by(moment):
            raise _refused("Profile not found")
        if not account.open_at(moment):
            raise _refused("Account is deactivated", "AccountDeactivated")

    def _profiles(self, asked: Asked) -> Json:
        actors = asked.parameters.get("actors") or asked.parameters.get("actors[]") or []
        if not 1 <= len(actors) <= ACTORS_A_CALL:
            raise _refused("Error: actors must not have more than 25 elements")
        if any(not IDENTIFIER.fullmatch(actor) for actor in actors):
            raise _refused("Error: actors must be a valid did or a handle")
        found = [
            account
            for actor in actors
            if (account := self.find(actor, asked.moment)) and account.open_at(asked.moment)
        ]
        return {"profiles": [self.profile(account, asked.moment) for account in found]}

    def profile(self, account: Account, moment: int) -> Json:
        """A detailed profile view."""
        world = self._world
        return self._basic(account, moment, described=True) | {
            "followersCount": world.followers(account, moment),
            "followsCount": account.following,
            "postsCount": world.post_count(account, moment),
        }

    def _basic(self, account: Account, moment: int, *, described: bool = False) -> Json:
        basic: Json = {
            "did": account.native_id,
            "handle": account.handle_at(moment),
            "displayName": account.name,
            "avatar": f"https://cdn.bsky.app/img/avatar/plain/{account.native_id}/{cid(account.native_id)}@jpeg",
            "associated": {"chat": {"allowIncoming": "following"}},
            "labels": [],
            "createdAt": f"{iso(account.created)}.417Z",
        }
        if described:
            basic["associated"] = {
                "lists": 0,
                "feedgens": 0,
                "starterPacks": 0,
                "labeler": False,
                "chat": {"allowIncoming": "following"},
            }
            basic["description"] = (
                f"{account.name}. Compte d’un monde inventé, rien ici n’est réel."
            )
            basic["indexedAt"] = f"{iso(account.created + 60)}.352Z"
            basic["banner"] = (
                f"https://cdn.bsky.app/img/banner/plain/{account.native_id}/{cid(account.id)}@jpeg"
            )
        return basic

    def _feed(self, asked: Asked) -> Json:
        account = self._known(asked.one("actor"), asked.moment, "Profile not found")
        if not account.open_at(asked.moment):
            raise _refused("Profile not found")
        limit = asked.number("limit", 50, 100)
        cursor = asked.one("cursor")
        before = asked.moment + 1
        if cursor:
            try:
                before = int(datetime.fromisoformat(cursor).timestamp())
            except ValueError:
                raise _refused("Malformed cursor") from None
        items = self._items(account, before, limit, asked)
        page: Json = {"feed": [item for _, item in items]}
        if len(items) == limit:
            page["cursor"] = f"{iso(items[-1][0])}.000Z"
        return page

    def _items(
        self, account: Account, before: int, limit: int, asked: Asked
    ) -> list[tuple[int, Json]]:
        """Feed items older than ``before``, newest first: the account's posts, a few reposts."""
        reposts = asked.one("filter") != "posts_with_media"
        items: list[tuple[int, Json]] = []
        day = day_of(before - 1)
        while len(items) < limit and day >= self._world.crowd.begin_day:
            shown: list[tuple[int, Json]] = [
                (post.created, {"post": self.view(post, asked.moment)})
                for post in self._world.day(account, day)
                if post.created < before and post.shown_at(asked.moment)
            ]
            repost = self._world.repost(account, day) if reposts else None
            if repost is not None and repost[0] < before and repost[0] <= asked.moment:
                when, post = repost
                if post.shown_at(asked.moment):
                    reason = {
                        "$type": "app.bsky.feed.defs#reasonRepost",
                        "by": self._author(account, asked.moment),
                        "indexedAt": f"{iso(when)}.120Z",
                    }
                    shown.append((when, {"post": self.view(post, asked.moment), "reason": reason}))
            shown.sort(key=lambda item: -item[0])
            items.extend(shown)
            day -= 1
        return items[:limit]

    def _posts(self, asked: Asked) -> Json:
        uris = asked.parameters.get("uris") or asked.parameters.get("uris[]") or []
        if not 1 <= len(uris) <= ACTORS_A_CALL:
            raise _refused("Error: uris must not have more than 25 elements")
        found = [post for uri in uris if (post := self.post(uri)) and post.shown_at(asked.moment)]
        return {"posts": [self.view(post, asked.moment) for post in found]}

    def post(self, uri: str) -> Post | None:
        """The post of an ``at://`` address."""
        parts = uri.removeprefix("at://").split("/")
        account = self._by_id.get(("", parts[0]))
        if account is None or len(parts) != 3 or len(parts[2]) != 13:
            return None
        created = tid_moment(parts[2])
        return next(
            (
                post
                for post in self._world.day(account, day_of(created))
                if post.created == created and rkey(post) == parts[2]
            ),
            None,
        )

    def view(self, post: Post, moment: int) -> Json:
        """A post view, as the AppView gives it."""
        counters = self._world.counters(post, moment)
        lasting = self._lasting.get((post.account.serial, post.number)) or self._written(post)
        view: Json = {
            "uri": lasting.uri,
            "cid": lasting.cid,
            "author": self._author(post.account, moment),
            "record": lasting.record,
            "replyCount": counters.comments,
            "repostCount": counters.shares,
            "likeCount": counters.likes,
            "quoteCount": counters.quotes,
            "indexedAt": lasting.indexed,
            "labels": [],
        }
        if lasting.embed is not None:
            view["embed"] = lasting.embed
        return view

    def _author(self, account: Account, moment: int) -> msgspec.Raw:
        """A basic profile view, written once for each handle."""
        key = (account.serial, account.handle_at(moment))
        known = self._authors.get(key)
        if known is None:
            known = self._authors[key] = msgspec.Raw(_encode(self._basic(account, moment)))
        return known

    def _written(self, post: Post) -> Lasting:
        """What lasts of a post; this network has no edits."""
        if len(self._lasting) >= REMEMBERED:
            self._lasting.clear()
        embed: Json | None = None
        if post.kind == "photo":
            picture = (
                "https://cdn.bsky.app/img/feed_{}/plain/"
                f"{post.account.native_id}/{cid(str(post.number))}@jpeg"
            )
            embed = {
                "$type": "app.bsky.embed.images#view",
                "images": [
                    {
                        "thumb": picture.format("thumbnail"),
                        "fullsize": picture.format("fullsize"),
                        "alt": "",
                    }
                ],
            }
        uri = uri_of(post)
        lasting = Lasting(
            uri,
            cid(uri),
            msgspec.Raw(_encode(record(self._world, post))),
            f"{iso(post.created)}.{millis(post):03d}Z",
            embed,
        )
        self._lasting[post.account.serial, post.number] = lasting
        return lasting


NETWORK = Bluesky


def _refused(message: str, error: str = "InvalidRequest", status: int = 400) -> Refusal:
    return Refusal(answered({"error": error, "message": message}, status))
