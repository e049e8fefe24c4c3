"""Dailymotion: the Data API without a key (« Legacy »).

Shapes: developers.dailymotion.com/v0/reference (user fields, video fields, API errors). Answers
hold the fields asked for and no other; a field that does not exist is refused, and so is the call.
A list ends after 1,000 rows, whatever its page.
"""

from collections.abc import Callable, Mapping

from contracts.accounts import AccountCounter
from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.chance import scaled
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Rule
from simulation.network import Sight, sight
from simulation.serving.api import Api, Charge, Refusal, number_of
from simulation.serving.exchange import Answer, Asked, Json, answered
from simulation.serving.videos import title_of, under_title

API = "api.dailymotion.com"
RULE = Rule(300, 300)
"""Not published: the pace that the collector allows itself. [ours]"""

PAGE, LARGEST_PAGE, LONGEST_LIST = 10, 100, 1000
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Accounts(InventedAccounts):
    """[ours] Few are here: older channels of towns and councils, little followed."""

    slug = "dailymotion"
    titled = frozenset({"video"})
    joints = ("-", "-")
    law = Law(
        share={
            "hamlet": 4, "village": 9, "small": 28, "town": 80, "city": 240, "large_city": 480,
            "cc": 22, "ca": 110, "cu": 190, "metropole": 480, "departement": 380, "region": 450,
        },
        followers=6, sigma=850, rate=55, engagement=9_000, following=6, growth=1,
        kinds={"video": (1000, 1000)},
        cast={"watched": Played(), "centre": Played()},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and an id of the network."""
        return Names(self.name(place, role), based(int.from_bytes(token[:4], "big")))

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Views of a video: a few, or many for each like."""
        return total * (30 + scaled(words[14], 40)) if total else scaled(words[13], 50)


class Dailymotion(Api):
    """Users, their videos, and videos over a world."""

    accounts = Accounts()
    hosts = (API,)
    rule = RULE

    def charge(self, asked: Asked) -> Charge:
        """A call of the Data API, whoever makes it."""
        return Charge("dailymotion", "/".join((*asked.parts[:1], *asked.parts[2:])))

    def reply(self, asked: Asked) -> Json:
        """A user, a page of its videos, or a video."""
        match asked.parts:
            case ["user", name]:
                return _kept(asked, self._user(self._find(name, asked.moment), asked.moment))
            case ["user", name, "videos"]:
                return self._videos(self._find(name, asked.moment), asked)
            case ["video", native]:
                post = self._post(native, asked.moment)
                if post is None:
                    raise _missing("video", native)
                return _kept(asked, self._video(post, asked.moment))
            case _:
                raise Refusal(_problem(404, "not_found", "The requested route does not exist."))

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        answer = _problem(429, "rate_limit_exceeded", "You have exceeded the rate limit.")
        return Answer(answer.status, answer.body, headers={"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a token that has expired: nothing that we ask needs one."""
        return _problem(401, "invalid_token", "The access token expired.")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A video as a collector sees it at a moment."""
        native, said = video_id(post), under_title(post, world.writer.post(post, moment))
        return sight(post, native, address_of(native), "video", said)

    @classmethod
    def counters(
        cls, world: World, account: Account, moment: int, posts: Callable[[int], int]
    ) -> dict[AccountCounter, int]:
        """Followers, accounts followed, videos, and views of them all."""
        shown = super().counters(world, account, moment, posts)
        shown["views"] = all_views(account, shown["posts"])
        return shown

    def _find(self, name: str, moment: int) -> Account:
        account = self.identified(name, moment) or self.named(name.lower(), moment)
        if account is None:
            raise _missing("user", name)
        return account

    def _post(self, native: str, moment: int) -> Post | None:
        try:
            return self.numbered(int(native.removeprefix("x"), 36), moment)
        except ValueError:
            return None

    def _videos(self, account: Account, asked: Asked) -> Json:
        page = asked.number("page", 1, LONGEST_LIST)
        size = asked.number("limit", PAGE, LARGEST_PAGE)
        before = asked.number("created_before", asked.moment, asked.moment)
        end = min(page * size, LONGEST_LIST)
        rows = self._world.latest(account, asked.moment, end + 1, until=before)
        kept = [
            _kept(asked, self._video(post, asked.moment)) for post in rows[(page - 1) * size : end]
        ]
        more = len(rows) > end and end < LONGEST_LIST
        total = self._world.post_count(account, asked.moment)
        told: Json = {"page": page, "limit": size, "explicit": False, "total": total}
        return told | {"has_more": more, "list": kept}

    def _user(self, account: Account, moment: int) -> Json:
        counters = self.counters(
            self._world, account, moment, lambda at: self._world.post_count(account, at)
        )
        return {
            "id": account.native_id,
            "username": account.handle_at(moment),
            "screenname": account.name,
            "followers_total": counters["followers"],
            "following_total": counters["following"],
            "videos_total": counters["posts"],
            "views_total": counters["views"],
            "created_time": account.created,
            "description": "Compte d’un monde inventé.",
        }

    def _video(self, post: Post, moment: int) -> Json:
        counters, written = self._world.counters(post, moment), self._world.text(post, moment)
        native = video_id(post)
        return {
            "id": native,
            "title": title_of(post.account, written),
            "description": written.text.replace("\n", "<br />"),
            "created_time": post.created,
            "language": "fr",
            "url": address_of(native),
            "owner": post.account.native_id,
            "duration": 60 + (post.words[10] & 1023),
            "likes_total": counters.likes,
            "views_total": counters.views,
        }


NETWORK = Dailymotion


def based(number: int) -> str:
    """An id: « x », then a number in base 36."""
    digits = ""
    while number or not digits:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return f"x{digits}"


def video_id(post: Post) -> str:
    """The id of a video: it holds its account and its number."""
    return based(number_of(post))


def address_of(native: str) -> str:
    """The address of a video."""
    return f"https://www.dailymotion.com/video/{native}"


def all_views(account: Account, videos: int) -> int:
    """Views of an account since it exists, from its audience and its number of videos."""
    return account.knots[0] * 60 + videos * 45


def _kept(asked: Asked, whole: Mapping[str, object]) -> Json:
    """The fields asked for; one that does not exist is refused."""
    names = [name for name in asked.one("fields", "id").split(",") if name]
    unknown = next((name for name in names if name not in whole), None)
    if unknown is not None:
        raise Refusal(_problem(400, "invalid_parameter", f"Unknown field `{unknown}'."))
    return {name: whole[name] for name in names}


def _missing(kind: str, native: str) -> Refusal:
    about: Json = {"reason": "object_not_found", "object_type": kind, "object_id": native}
    message = f"Can't find object {kind} for `id' parameter"
    return Refusal(_problem(404, "not_found", message, about | {"param": "id"}))


def _problem(status: int, kind: str, message: str, about: Json | None = None) -> Answer:
    error: Json = {
        "more_info": "https://developer.dailymotion.com/api#error-codes",
        "code": status,
        "message": message,
        "type": kind,
    }
    return answered({"error": error | ({"error_data": about} if about else {})}, status)
