"""X: API v2 with the token of an application, by prepaid credits.

Shapes: docs.x.com (users, posts, problems, rate limits, pricing) and recorded answers of 2021 and
2022. An account or a post that is not there is an error beside `data`, in an answer of 200.
"""

from hashlib import blake2b
from html import escape

from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.chance import scaled
from simulation.country.days import iso, moment_of
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule, Verdict
from simulation.network import Fictional, Sight, sight
from simulation.serving.exchange import Answer, Asked, Json, answered

API = "api.x.com"
CREDITS = Rule(2_000, 86_400)
"""Objects of 0.005 dollar a day: what the application's owner has bought. [ours]"""

RATES = {"users": Rule(300, 900), "timeline": Rule(10_000, 900), "posts": Rule(3_500, 900)}
USER_COST = 2
LONGEST_NAME = 15
NUMBER_BITS = 28
LARGEST_BATCH = 100
PROBLEMS = "https://api.x.com/2/problems/"
KEYS = {"photo": "3_{}", "album": "3_{}", "video": "7_{}"}


class Accounts(InventedAccounts):
    """[ours] Those who speak to the press stayed: large towns, départements, régions."""

    slug = "x"
    joints = ("_", "_")
    law = Law(
        share={
            "hamlet": 1, "village": 4, "small": 18, "town": 60, "city": 190, "large_city": 520,
            "cc": 10, "ca": 90, "cu": 180, "metropole": 520, "departement": 420, "region": 560,
        },
        followers=210, sigma=780, rate=500, engagement=2_600, following=320, growth=-4,
        split={"comments": 120, "shares": 260, "quotes": 30},
        kinds={"text": (260, 800), "photo": (420, 1150), "link": (220, 700), "video": (100, 1100)},
        cast={"watched": Played(), "centre": Played()},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name of at most nine signs, which « ville_ » may come before, and a number."""
        code = place.territory.code.lower()
        name = self.name(place, role).replace(".", "_").replace("-", "_")
        name = name[: LONGEST_NAME - len("ville_") - len(code)] + code
        return Names(name, str(10**18 + int.from_bytes(token[:7], "big")))

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Impressions: some, or many for each interaction."""
        return total * (60 + scaled(words[14], 120)) if total else 20 + scaled(words[13], 200)


class X(Fictional):
    """Accounts, timelines and posts over a world."""

    accounts = Accounts()
    hosts = (API,)

    def answer(self, asked: Asked) -> Answer:
        """Answer a call made with a bearer token."""
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or token.startswith("invalid"):
            return self.expired()
        match asked.parts[1:]:
            case ["users"] | ["users", "by"]:
                kind = "users"
            case ["users", _, "tweets"]:
                kind = "timeline"
            case ["tweets"]:
                kind = "posts"
            case _:
                return _problem(404, "resource-not-found", "Not Found", "no such page")
        bucket = blake2b(token.encode(), digest_size=4).hexdigest()
        rate = self._ledger.ask(f"x {kind} {bucket}", RATES[kind], asked.moment, kind)
        headers = _limits(rate)
        if not rate.allowed:
            return self._later(headers)
        body, cost = {"users": self._users, "timeline": self._timeline, "posts": self._posts}[kind](
            asked
        )
        paid = self._ledger.ask(f"x credits {bucket}", CREDITS, asked.moment, kind, cost)
        if not paid.allowed:
            return _problem(402, "credits", "CreditsDepleted", "no credits are left", headers)
        return answered(body, 200, headers)

    def throttled(self, seconds: int) -> Answer:
        """The refusal of a wall before the API, which says how long; the API gives a moment."""
        return self._later({"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a token that is not valid."""
        return _problem(401, "about:blank", "Unauthorized", "Unauthorized")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it at a moment."""
        native = post_id(post)
        address = f"https://x.com/i/web/status/{native}"
        return sight(post, native, address, post.kind, world.writer.post(post, moment))

    def _later(self, headers: dict[str, str]) -> Answer:
        return _problem(429, "rate-limit-exceeded", "Too Many Requests", "slow down", headers)

    def _users(self, asked: Asked) -> tuple[Json, int]:
        by_name = asked.parts[-1] == "by"
        parameter = "usernames" if by_name else "ids"
        find = self.named if by_name else self.identified
        data: list[Json] = []
        errors: list[Json] = []
        for name in asked.one(parameter).split(",")[:LARGEST_BATCH]:
            account = find(name.lower(), asked.moment)
            if account is None:
                errors.append(_absent("user", parameter, name))
            else:
                data.append(self._user(account, asked))
        return _told(data, errors), USER_COST * len(data)

    def _user(self, account: Account, asked: Asked) -> Json:
        body: Json = {
            "id": account.native_id,
            "name": account.name,
            "username": account.handle_at(asked.moment),
        }
        fields = asked.one("user.fields").split(",")
        if "protected" in fields:
            body["protected"] = False
        if "public_metrics" in fields:
            body["public_metrics"] = {
                "followers_count": self._world.followers(account, asked.moment),
                "following_count": account.following,
                "tweet_count": self._world.post_count(account, asked.moment),
                "listed_count": account.following // 9,
            }
        return body

    def _timeline(self, asked: Asked) -> tuple[Json, int]:
        account = self.identified(asked.parts[2], asked.moment)
        if account is None:
            return {"errors": [_absent("user", "id", asked.parts[2])]}, 0
        size = max(5, asked.number("max_results", 10, LARGEST_BATCH))
        token = asked.one("pagination_token")
        before = self._post(token.removeprefix("t"), asked.moment) if token else None
        start = asked.one("start_time")
        since = moment_of(start) if start else 0
        found = self._world.latest(account, asked.moment, size + 1, before=before, since=since)
        posts = found[:size]
        meta: Json = {"result_count": len(posts)}
        if len(found) > size:
            meta["next_token"] = f"t{post_id(posts[-1])}"
        body: Json = {"data": [self._told_post(post, asked) for post in posts]} if posts else {}
        return body | {"meta": meta}, len(posts)

    def _posts(self, asked: Asked) -> tuple[Json, int]:
        data: list[Json] = []
        errors: list[Json] = []
        for native in asked.one("ids").split(",")[:LARGEST_BATCH]:
            post = self._post(native, asked.moment)
            if post is None:
                errors.append(_absent("tweet", "ids", native))
            else:
                data.append(self._told_post(post, asked))
        return _told(data, errors), len(data)

    def _post(self, native: str, moment: int) -> Post | None:
        if not native.isdigit():
            return None
        rank, number = divmod(int(native), 1 << NUMBER_BITS)
        account = self._by_rank.get(rank)
        return self._world.post(account, number, moment) if account else None

    def _told_post(self, post: Post, asked: Asked) -> Json:
        counters, written = (
            self._world.counters(post, asked.moment),
            self._world.text(post, asked.moment),
        )
        native = post_id(post)
        entities: Json = {"hashtags": [{"tag": tag} for tag in written.hashtags]}
        if post.kind == "link":
            entities["urls"] = [{"url": "https://t.co/e", "expanded_url": "https://e.example/"}]
        whole: Json = {
            "created_at": f"{iso(post.created)}.000Z",
            "author_id": post.account.native_id,
            "lang": "fr",
            "entities": entities,
            "public_metrics": {
                "retweet_count": counters.shares,
                "reply_count": counters.comments,
                "like_count": counters.likes,
                "quote_count": counters.quotes,
                "bookmark_count": counters.likes // 20,
                "impression_count": counters.views,
            },
        }
        if key := KEYS.get(post.kind):
            whole["attachments"] = {"media_keys": [key.format(native)]}
        wanted = (asked.one("tweet.fields") or asked.one("post.fields")).split(",")
        body: Json = {"id": native, "text": escape(written.text, quote=False)}
        return body | {name: value for name, value in whole.items() if name in wanted}


NETWORK = X


def post_id(post: Post) -> str:
    """The number of a post: it holds its account and its own."""
    return str(post.account.rank << NUMBER_BITS | post.number)


def _told(data: list[Json], errors: list[Json]) -> Json:
    """An answer without an empty list, as the API gives it."""
    told: Json = {"data": data, "errors": errors}
    return {name: value for name, value in told.items() if value}


def _absent(what: str, parameter: str, value: str) -> Json:
    return {
        "value": value,
        "detail": f"Could not find {what} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": what,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}resource-not-found",
    }


def _problem(
    status: int, kind: str, title: str, detail: str, headers: dict[str, str] | None = None
) -> Answer:
    full = kind if kind == "about:blank" else f"{PROBLEMS}{kind}"
    body = {"title": title, "detail": detail, "type": full, "status": status}
    return answered(body, status, headers)


def _limits(verdict: Verdict) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(verdict.limit),
        "x-rate-limit-remaining": str(verdict.remaining),
        "x-rate-limit-reset": str(verdict.resets_at),
    }
