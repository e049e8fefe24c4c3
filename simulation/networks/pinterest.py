"""Pinterest: the API v5, by the token of an account's owner.

Shapes: developers.pinterest.com (API v5: user account, pins, authentication).
"""

from simulation.country.accounts import Account, Names
from simulation.country.days import iso
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule, Verdict
from simulation.network import Sight, sight
from simulation.serving.api import Refusal, number_of
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.owned import OwnedAccounts, OwnedNetwork
from simulation.serving.videos import title_of, under_title

RULE = Rule(100, 60)
PAGE, LARGEST_PAGE = 25, 250
MEDIA = {"photo": "image", "album": "multiple_images", "video": "video"}


class Accounts(OwnedAccounts):
    """[ours] Very few are here: tourism offices above all."""

    slug = "pinterest"
    says_language = False
    titled = frozenset({"photo", "album", "video"})
    law = Law(
        share={
            "hamlet": 1, "village": 1, "small": 4, "town": 12, "city": 30, "large_city": 60,
            "cc": 4, "ca": 15, "cu": 20, "metropole": 60, "departement": 90, "region": 160,
        },
        followers=12, sigma=1_000, rate=90, engagement=9_000, following=30, growth=3,
        kinds={"photo": (820, 1000), "album": (60, 1100), "video": (120, 1200)},
        split={"comments": 20},
        cast={"centre": Played()},
        others={"tourism": 260},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and a number."""
        name = self.name(place, role).replace("-", "_").replace(".", "_")[:30]
        return Names(name, str(10**17 + int.from_bytes(token[:7], "big") % 10**16))


class Pinterest(OwnedNetwork):
    """The accounts of owners, and their pins."""

    accounts = Accounts()
    hosts = ("api.pinterest.com", "www.pinterest.com")
    rule = RULE
    life, ends = 30 * 86_400, "refresh_token_expires_in"

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """What is left."""
        return {
            "X-RateLimit-Limit": str(verdict.limit),
            "X-RateLimit-Remaining": str(verdict.remaining),
        }

    def reply(self, asked: Asked) -> Json:
        """Answer of an account, a page of its pins, or one of them."""
        account = self.own(asked)
        match asked.method, asked.parts[1:]:
            case "GET", ["user_account"]:
                return self._user(account, asked.moment)
            case "GET", ["pins"]:
                return self._page(account, asked)
            case "GET", ["pins", native]:
                post = self.numbered(int(native), asked.moment) if native.isdigit() else None
                if post is None or post.account is not account:
                    raise Refusal(_problem(404, 50, "Pin not found."))
                return self._pin(post, asked)
            case _:
                raise Refusal(_problem(404, 12, "Not found."))

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        later = {"Retry-After": str(seconds)}
        return _problem(429, 8, "You have exceeded your rate limit. Try again later.", later)

    def expired(self) -> Answer:
        """The answer to a token that is not valid."""
        return _problem(401, 2, "Authentication failed.")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A pin as a collector sees it at a moment."""
        native, said = pin_id(post), under_title(post, world.writer.post(post, moment))
        return sight(post, native, f"https://www.pinterest.com/pin/{native}/", post.kind, said)

    def _user(self, account: Account, moment: int) -> Json:
        return {
            "account_type": "BUSINESS",
            "id": account.native_id,
            "username": account.handle_at(moment),
            "business_name": account.name,
            "about": "Compte d’un monde inventé.",
            "board_count": 3,
            "pin_count": self._world.post_count(account, moment),
            "follower_count": self._world.followers(account, moment),
            "following_count": account.following,
            "monthly_views": -1,
        }

    def _page(self, account: Account, asked: Asked) -> Json:
        size = asked.number("page_size", PAGE, LARGEST_PAGE)
        after = asked.one("bookmark")
        number = int(after[1:]) if after[1:].isdigit() else None
        before = None if number is None else self._world.press.post(account, number)
        found = self._world.latest(account, asked.moment, size + 1, before=before)
        posts = found[:size]
        more = f"b{posts[-1].number}" if len(found) > size else None
        return {"items": [self._pin(post, asked) for post in posts], "bookmark": more}

    def _pin(self, post: Post, asked: Asked) -> Json:
        written = self._world.text(post, asked.moment)
        pin: Json = {
            "id": pin_id(post),
            "created_at": iso(post.created),
            "title": title_of(post.account, written),
            "description": written.text,
            "link": None,
            "board_id": f"1{post.account.native_id}",
            "board_owner": {"username": post.account.handle_at(asked.moment)},
            "is_owner": True,
            "media": {"media_type": MEDIA[post.kind]},
        }
        if asked.one("pin_metrics") == "true":
            counters = self._world.counters(post, asked.moment)
            told = {"reaction": counters.likes, "comment": counters.comments}
            pin["pin_metrics"] = {"lifetime_metrics": told}
        return pin


NETWORK = Pinterest


def pin_id(post: Post) -> str:
    """The number of a pin: it holds its account and its own."""
    return str(number_of(post))


def _problem(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return answered({"code": code, "message": message}, status, headers)
