"""Vimeo: the API 3.4 with the token of an application.

Shapes: developer.vimeo.com/api/reference (users, videos) and /api/guidelines/rate-limiting. Answers
hold the fields asked for, named by their path; ``X-RateLimit-Reset`` is an ISO date.
"""

from hashlib import blake2b
from typing import cast

from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.chance import scaled
from simulation.country.days import iso
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule, Verdict
from simulation.network import Sight, sight
from simulation.serving.api import Api, Charge, Refusal, number_of
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.videos import title_of, under_title

API = "api.vimeo.com"
RULE = Rule(25, 60)
PAGE, LARGEST_PAGE = 25, 100
HIDES_PLAYS = 3
"""One account in so many hides how often its videos are played. [ours]"""


class Accounts(InventedAccounts):
    """[ours] Very few are here: towns whose films were made by a studio."""

    slug = "vimeo"
    titled = frozenset({"video"})
    law = Law(
        share={
            "hamlet": 1, "village": 3, "small": 9, "town": 26, "city": 90, "large_city": 240,
            "cc": 9, "ca": 45, "cu": 95, "metropole": 240, "departement": 170, "region": 230,
        },
        followers=3, sigma=850, rate=120, engagement=14_000, following=5, growth=2,
        split={"comments": 50},
        kinds={"video": (1000, 1000)},
        cast={"watched": Played(), "centre": Played()},
        comments_closed=60,
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and a number."""
        name = self.name(place, role).replace(".", "_").replace("-", "_")
        return Names(name, str(10_000_000 + int.from_bytes(token[:5], "big") % 10**9))

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Plays of a video: a few, or many for each interaction."""
        return total * (16 + scaled(words[14], 25)) if total else scaled(words[13], 40)


class Vimeo(Api):
    """Users, their videos, and videos over a world."""

    accounts = Accounts()
    hosts = (API,)
    rule = RULE

    def charge(self, asked: Asked) -> Charge:
        """A call made with the token of an application."""
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token or token.startswith("invalid"):
            raise Refusal(self.expired())
        bucket = blake2b(token.encode(), digest_size=4).hexdigest()
        return Charge(f"vimeo {bucket}", "/".join((*asked.parts[:1], *asked.parts[2:])))

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """What is left, until when."""
        return {
            "X-RateLimit-Limit": str(verdict.limit),
            "X-RateLimit-Remaining": str(verdict.remaining),
            "X-RateLimit-Reset": f"{iso(verdict.resets_at)}+00:00",
        }

    def reply(self, asked: Asked) -> Json:
        """A user, a page of its videos, or a video."""
        match asked.parts:
            case ["users", name]:
                return _kept(asked, self._user(self._find(name, asked.moment), asked.moment))
            case ["users", name, "videos"]:
                return self._videos(self._find(name, asked.moment), asked)
            case ["videos", native]:
                post = self.numbered(int(native), asked.moment) if native.isdigit() else None
                if post is None:
                    raise _missing("video")
                return _kept(asked, self._video(post, asked.moment))
            case _:
                raise _missing("page")

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        return _problem(429, 9000, "Too many API requests.", {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a token that is not valid."""
        return _problem(401, 8003, "You must provide a valid authenticated access token.")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A video as a collector sees it at a moment."""
        native, said = video_id(post), under_title(post, world.writer.post(post, moment))
        seen = sight(post, native, f"https://vimeo.com/{native}", "video", said)
        if not hides_plays(post.account):
            return seen
        return seen._replace(absent={**seen.absent, "views": "hidden"})

    def _find(self, name: str, moment: int) -> Account:
        account = self.identified(name, moment) or self.named(name.lower(), moment)
        if account is None:
            raise _missing("user")
        return account

    def _videos(self, account: Account, asked: Asked) -> Json:
        page, size = asked.number("page", 1, 10_000), asked.number("per_page", PAGE, LARGEST_PAGE)
        posts = self._world.latest(account, asked.moment, page * size + 1)
        rows = posts[(page - 1) * size : page * size]
        path = f"/users/{account.native_id}/videos?page={{}}&per_page={size}"
        paging = {
            "next": path.format(page + 1) if len(posts) > page * size else None,
            "previous": path.format(page - 1) if page > 1 else None,
        }
        told: Json = {"total": self._world.post_count(account, asked.moment), "page": page}
        data = [_kept(asked, self._video(post, asked.moment)) for post in rows]
        return told | {"per_page": size, "paging": paging, "data": data}

    def _user(self, account: Account, moment: int) -> Json:
        return {
            "uri": f"/users/{account.native_id}",
            "name": account.name,
            "link": f"https://vimeo.com/{account.handle_at(moment)}",
            "bio": "Compte d’un monde inventé.",
            "created_time": f"{iso(account.created)}+00:00",
            "account": "free",
            "metadata": {
                "connections": {
                    "followers": {"total": self._world.followers(account, moment)},
                    "following": {"total": account.following},
                    "videos": {"total": self._world.post_count(account, moment)},
                }
            },
        }

    def _video(self, post: Post, moment: int) -> Json:
        account, native = post.account, video_id(post)
        counters, written = self._world.counters(post, moment), self._world.text(post, moment)
        published = f"{iso(post.created)}+00:00"
        connections: Json = {
            "likes": {"total": counters.likes},
            "comments": None if account.comments_closed else {"total": counters.comments},
        }
        return {
            "uri": f"/videos/{native}",
            "name": title_of(account, written),
            "description": written.text,
            "link": f"https://vimeo.com/{native}",
            "language": "fr",
            "duration": 60 + (post.words[10] & 1023),
            "created_time": published,
            "release_time": published,
            "user": self._user(account, moment),
            "privacy": {"view": "anybody", "embed": "public", "comments": "anybody"},
            "stats": {"plays": None if hides_plays(account) else counters.views},
            "metadata": {"connections": connections},
        }


NETWORK = Vimeo


def video_id(post: Post) -> str:
    """The number of a video: it holds its account and its own."""
    return str(number_of(post))


def hides_plays(account: Account) -> bool:
    """Whether the account hides how often its videos are played."""
    return int(account.native_id) % HIDES_PLAYS == 0


def _kept(asked: Asked, whole: Json) -> Json:
    """The fields asked for, each by its path; one that does not exist is passed over."""
    paths = [path for path in asked.one("fields").split(",") if path]
    if not paths:
        return whole
    kept: Json = {}
    for path in paths:
        _copy(path.split("."), whole, kept)
    return kept


def _copy(path: list[str], whole: Json, kept: Json) -> None:
    name, rest = path[0], path[1:]
    if name not in whole:
        return
    value = whole[name]
    if rest and isinstance(value, dict):
        _copy(rest, cast("Json", value), cast("Json", kept.setdefault(name, {})))
    else:
        kept[name] = value


def _missing(what: str) -> Refusal:
    return Refusal(_problem(404, 5000, f"The requested {what} couldn't be found."))


def _problem(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    body = {"error": message, "link": None, "developer_message": message, "error_code": code}
    return answered(body, status, headers)
