"""PeerTube: three instances, each with its own limit (docs.joinpeertube.org, 7.x).

``X-RateLimit-Reset`` is in seconds of 1970; errors are RFC 7807; pages begin at ``start``.
"""

from hashlib import blake2b

from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.chance import scaled
from simulation.country.days import iso
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule, Verdict
from simulation.network import Sight, sight
from simulation.serving.api import Api, Charge, Refusal
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.videos import title_of, under_title

INSTANCES = ("tube.simulation.example", "peertube.essai.example", "video.maquette.example")
RULE = Rule(50, 10)
PAGE, LARGEST_PAGE = 15, 100
LONGEST_CUT = 250
OWNER = "_compte"
"""At the end of the name of the account that owns a channel."""

ALPHABET = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits of a short id, in base 58."""


class Accounts(InventedAccounts):
    """[ours] Few are here: towns that film their council, on shared instances."""

    slug = "peertube"
    titled = frozenset({"video"})
    renames = False
    law = Law(
        share={
            "hamlet": 2, "village": 4, "small": 9, "town": 18, "city": 55, "large_city": 190,
            "cc": 8, "ca": 30, "cu": 70, "metropole": 190, "departement": 90, "region": 200,
        },
        followers=4, sigma=800, rate=160, engagement=30_000, growth=7,
        split={"comments": 120},
        kinds={"video": (1000, 1000)},
        cast={"watched": Played(), "centre": Played()},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A channel's name, the number that its instance gives it, and the instance."""
        name = self.name(place, role).replace(".", "_")
        number = int.from_bytes(token[:6], "big")
        return Names(name, str(number), INSTANCES[number % len(INSTANCES)])

    def observed_handle(self, account: Account, moment: int) -> str:
        """The name with its host."""
        return f"{account.handle_at(moment)}@{account.host}"

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Views of a video: a few, or many for each interaction."""
        return total * (12 + scaled(words[14], 20)) if total else scaled(words[13], 40)


class Peertube(Api):
    """The instances of a world."""

    accounts = Accounts()
    hosts = INSTANCES
    rule = RULE

    def charge(self, asked: Asked) -> Charge:
        """A call to an instance, whoever makes it."""
        return Charge(f"peertube {asked.host}", "/".join(asked.parts[2:3]))

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """What is left, until when."""
        return {
            "X-RateLimit-Limit": str(verdict.limit),
            "X-RateLimit-Remaining": str(verdict.remaining),
            "X-RateLimit-Reset": str(verdict.resets_at),
        }

    def reply(self, asked: Asked) -> Json:
        """A channel or an account, a page of its videos, or a video."""
        match asked.parts:
            case ["api", "v1", "video-channels" | "accounts" as kind, name]:
                return self._actor(kind, self._find(kind, name, asked), asked)
            case ["api", "v1", "video-channels" | "accounts" as kind, name, "videos"]:
                return self._videos(self._find(kind, name, asked), asked)
            case ["api", "v1", "videos", uuid]:
                return self._video(uuid, asked)
            case _:
                raise Refusal(_problem(404, "Not found"))

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        return _problem(429, "Too many requests", {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a token that has expired: nothing that we ask needs one."""
        return _problem(401, "Token is invalid: access token has expired")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A video as a collector sees it at a moment."""
        uuid, written = uuid_of(post), world.writer.post(post, moment)
        said = under_title(post, written, cut(written.text))
        return sight(post, uuid, watch_address(post.account, uuid), "video", said)

    def _find(self, kind: str, name: str, asked: Asked) -> Account:
        user, _, host = name.partition("@")
        found = None
        if host in ("", asked.host) and (kind == "accounts") == user.endswith(OWNER):
            found = self.named(user.removesuffix(OWNER), asked.moment, asked.host)
        if found is None:
            what = "Account" if kind == "accounts" else "Video channel"
            raise Refusal(_problem(404, f"{what} not found"))
        return found

    def _actor(self, kind: str, account: Account, asked: Asked) -> Json:
        followers = self._world.followers(account, asked.moment)
        if kind == "accounts":
            return _owner(account) | {"followersCount": followers // 3}
        return _channel(account, followers)

    def _videos(self, account: Account, asked: Asked) -> Json:
        start = int(asked.one("start")) if asked.one("start").isdigit() else 0
        count = asked.number("count", PAGE, LARGEST_PAGE)
        posts = self._world.latest(account, asked.moment, start + count)[start:]
        total = self._world.post_count(account, asked.moment)
        data = [self._entity(post, asked.moment) for post in posts]
        return {"total": total, "data": data}

    def _video(self, uuid: str, asked: Asked) -> Json:
        post = self._post(uuid, asked)
        if post is None:
            raise Refusal(_problem(404, "Video not found"))
        whole = self._world.text(post, asked.moment).text
        channel = _channel(post.account, self._world.followers(post.account, asked.moment))
        alone = {
            "description": whole,
            "channel": channel,
            "account": channel["ownerAccount"],
            "pluginData": {},
            "blacklisted": False,
            "blacklistedReason": None,
            "streamingPlaylists": [],
            "files": [],
            "support": None,
            "tags": [],
            "commentsEnabled": True,
            "commentsPolicy": {"id": 1, "label": "Enabled"},
            "downloadEnabled": True,
            "waitTranscoding": True,
            "inputFileUpdatedAt": None,
            "state": {"id": 1, "label": "Published"},
            "trackerUrls": [f"wss://{asked.host}/tracker/socket"],
        }
        return self._entity(post, asked.moment) | alone

    def _post(self, uuid: str, asked: Asked) -> Post | None:
        digits = uuid.replace("-", "")
        try:
            rank, number = int(digits[:8], 16), int(digits[8:12] + digits[13:16], 16)
        except ValueError:
            return None
        account = self._by_rank.get(rank)
        if account is None or account.host != asked.host:
            return None
        post = self._world.post(account, number, asked.moment)
        return post if post is not None and uuid_of(post) == uuid else None

    def _entity(self, post: Post, moment: int) -> Json:
        """A video as pages give it."""
        account, uuid = post.account, uuid_of(post)
        counters, written = self._world.counters(post, moment), self._world.text(post, moment)
        published = f"{iso(post.created)}.000Z"
        owner, channel, picture = _owner(account), _channel(account, 0), uuid[:8]
        kept = ("id", "displayName", "name", "url", "host", "avatars")
        return {
            "id": post.number & 0xFFFFF,
            "uuid": uuid,
            "shortUUID": short(uuid),
            "url": watch_address(account, uuid),
            "name": title_of(account, written),
            "category": {"id": 11, "label": "News & Politics"},
            "licence": {"id": 1, "label": "Attribution"},
            "language": {"id": "fr", "label": "French"},
            "privacy": {"id": 1, "label": "Public"},
            "nsfw": False,
            "nsfwFlags": 0,
            "nsfwSummary": None,
            "truncatedDescription": cut(written.text),
            "description": cut(written.text),
            "isLocal": True,
            "duration": 60 + (post.words[10] & 2047),
            "aspectRatio": 1.7778,
            "views": counters.views,
            "viewers": 0,
            "likes": counters.likes,
            "dislikes": 0,
            "comments": counters.comments,
            "thumbnailPath": f"/lazy-static/thumbnails/{picture}.jpg",
            "previewPath": f"/lazy-static/previews/{picture}.jpg",
            "embedPath": f"/videos/embed/{short(uuid)}",
            "createdAt": published,
            "updatedAt": published,
            "publishedAt": published,
            "originallyPublishedAt": None,
            "isLive": False,
            "account": {name: owner[name] for name in kept},
            "channel": {name: channel[name] for name in kept},
        }


NETWORK = Peertube


def uuid_of(post: Post) -> str:
    """The id of a video: it holds its account and its number."""
    end = blake2b(f"{post.account.serial}:{post.number}".encode(), digest_size=8).hexdigest()
    number = f"{post.number:07x}"
    return f"{post.account.rank:08x}-{number[:4]}-4{number[4:]}-8{end[:3]}-{end[3:15]}"


def short(uuid: str) -> str:
    """The id of a video as short addresses have it."""
    number, digits = int(uuid.replace("-", ""), 16), ""
    while number:
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits.rjust(22, ALPHABET[0])


def watch_address(account: Account, uuid: str) -> str:
    """The address of a video."""
    return f"https://{account.host}/videos/watch/{uuid}"


def cut(text: str) -> str:
    """A description as pages give it."""
    return text if len(text) <= LONGEST_CUT else f"{text[: LONGEST_CUT - 3]}..."


def _actor(account: Account, kind: str, name: str, shown: str, number: int) -> Json:
    since = f"{iso(account.created)}.000Z"
    path = f"/lazy-static/avatars/{name}.png"
    picture = {"width": 48, "path": path, "fileUrl": f"https://{account.host}{path}"}
    return {
        "url": f"https://{account.host}/{kind}/{name}",
        "name": name,
        "host": account.host,
        "avatars": [picture | {"createdAt": since, "updatedAt": since}],
        "id": number,
        "hostRedundancyAllowed": False,
        "followingCount": 0,
        "followersCount": 0,
        "createdAt": since,
        "displayName": shown,
        "description": None,
        "updatedAt": since,
    }


def _owner(account: Account) -> Json:
    """The account that owns a channel."""
    name = f"{account.first_handle}{OWNER}"
    number = int(account.native_id) + 1
    return _actor(account, "accounts", name, account.name, number) | {"userId": account.rank}


def _channel(account: Account, followers: int) -> Json:
    """A channel as its instance gives it."""
    more: Json = {
        "followersCount": followers,
        "description": f"{account.name}. Chaîne d’un monde inventé.",
        "banners": [],
        "support": None,
        "isLocal": True,
        "ownerAccount": _owner(account),
    }
    number = int(account.native_id)
    return _actor(account, "video-channels", account.first_handle, account.name, number) | more


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Answer:
    titles = {401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
    body = {"type": "about:blank", "status": status, "title": titles[status], "detail": detail}
    return answered(body, status, headers)
