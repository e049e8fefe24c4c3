"""Threads: Profile Discovery, with the token of a user whose application was reviewed.

Shapes: developers.facebook.com/documentation/threads (Threads Profiles). A profile below the floor,
a closed one and one that never was are refused alike. By its owner's token (`consent.py`) a profile
is read whatever its size.
"""

from urllib.parse import quote

from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.days import iso
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Ledger, Rule
from simulation.network import Sight, sight
from simulation.serving.api import Charge, Refusal, number_of
from simulation.serving.consent import Consents
from simulation.serving.exchange import Answer, Asked, Json
from simulation.serving.graph import GraphNetwork, charged, expired, failure, token_of

RULE = Rule(1000, 86_400, "rolling")
FLOOR = 100
PAGE, LARGEST_PAGE = 25, 100
MEDIA_TYPES = {"text": "TEXT_POST", "photo": "IMAGE", "video": "VIDEO", "album": "CAROUSEL_ALBUM"}
ABSENT = ("likes", "comments", "shares", "quotes", "views")


class Accounts(InventedAccounts):
    """[ours] Some who are on Instagram opened one too; most have few followers."""

    slug = "threads"
    says_language = False
    law = Law(
        share={
            "hamlet": 3, "village": 12, "small": 35, "town": 80, "city": 200, "large_city": 480,
            "cc": 20, "ca": 95, "cu": 160, "metropole": 480, "departement": 300, "region": 420,
        },
        followers=70, sigma=900, rate=260, engagement=9_000, following=80, growth=18,
        kinds={"text": (330, 850), "photo": (480, 1100), "album": (110, 1100), "video": (80, 1200)},
        split={"comments": 110, "shares": 120, "quotes": 20},
        cast={"watched": Played(followers=1_900), "centre": Played(followers=2_400)},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and a number that no answer tells."""
        number = int.from_bytes(token[:8], "big")
        return Names(f"{self.name(place, role)}.example", str(10**16 + number % 10**15))

    def observable(self, account: Account) -> bool:
        """Whether the profile is above the floor; it is counted when the account is opened."""
        return account.knots[0] >= FLOOR


class Threads(GraphNetwork):
    """Profiles and their posts over a world."""

    accounts = Accounts()
    hosts = ("graph.threads.net", "graph.threads.com", "threads.com")
    rule = RULE

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Take the world; no owner of an account has let anybody read it yet."""
        super().__init__(world, ledger)
        self.consents = Consents(self.accounts.slug, str(world.seed))

    def answer(self, asked: Asked) -> Answer:
        """Answer a call, or what leads to a token: that is counted in no quota."""
        return self.consents.answer(asked, self.named) or super().answer(asked)

    def charge(self, asked: Asked) -> Charge:
        """A call made with a user's token, counted apart from those of the Graph API."""
        charge = charged(asked, asked.parts[-1] if asked.parts else "")
        return charge._replace(bucket=f"threads {charge.bucket}")

    def reply(self, asked: Asked) -> Json:
        """Answer a call about a profile that is shown."""
        if "me" in asked.parts:
            return self._own(asked)
        answers = {"profile_lookup": self._profile, "profile_posts": self._posts}
        told = answers.get(asked.parts[-1] if asked.parts else "")
        if told is None:
            message = "(#10) Application does not have permission for this action"
            raise Refusal(failure(10, message))
        account = self.named(asked.one("username").lower(), asked.moment)
        if account is None or not account.rules.observable(account):
            message = "The user requested does not exist or cannot be looked up."
            raise Refusal(failure(100, message))
        return told(account, asked)

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it at a moment: its counters are its owner's to read."""
        told = world.writer.post(post, moment)
        seen = sight(post, post_id(post), permalink(post, moment), post.kind, told)
        return seen._replace(absent=dict.fromkeys(ABSENT, "not_permitted"))

    def _own(self, asked: Asked) -> Json:
        """Answer the owner of an account, by her token."""
        held = self.consents.held(token_of(asked), asked.moment)
        account = self.identified(held.native_id, asked.moment) if held else None
        if account is None:
            raise Refusal(expired())
        match asked.parts[-1]:
            case "me":
                return {"id": account.native_id, "username": account.handle_at(asked.moment)}
            case "threads_insights":
                value = self._world.followers(account, asked.moment)
                name = asked.one("metric")
                return {"data": [{"name": name, "period": "day", "total_value": {"value": value}}]}
            case "threads":
                return self._posts(account, asked)
            case _:
                raise Refusal(failure(100, "Unsupported get request."))

    def _profile(self, account: Account, asked: Asked) -> Json:
        whole: Json = {
            "username": account.handle_at(asked.moment),
            "name": account.name,
            "biography": "Compte d’un monde inventé.",
            "is_verified": False,
            "follower_count": self._world.followers(account, asked.moment),
        }
        wanted = asked.one("fields").split(",")
        return {name: value for name, value in whole.items() if name in wanted}

    def _posts(self, account: Account, asked: Asked) -> Json:
        size = asked.number("limit", PAGE, LARGEST_PAGE)
        after = asked.one("after")
        number = int(after[1:]) if after[1:].isdigit() else None
        before = None if number is None else self._world.press.post(account, number)
        found = self._world.latest(account, asked.moment, size + 1, before=before)
        posts = found[:size]
        body: Json = {"data": [self._post(post, asked) for post in posts]}
        if len(found) > size:
            body["paging"] = {"cursors": {"after": f"c{posts[-1].number}"}}
        return body

    def _post(self, post: Post, asked: Asked) -> Json:
        whole: Json = {
            "id": post_id(post),
            "text": self._world.text(post, asked.moment).text,
            "permalink": permalink(post, asked.moment),
            "timestamp": f"{iso(post.created)}+0000",
            "media_type": MEDIA_TYPES[post.kind],
            "username": post.account.handle_at(asked.moment),
            "is_quote_post": False,
        }
        wanted = asked.one("fields").split(",")
        return {name: value for name, value in whole.items() if name in wanted}


NETWORK = Threads


def post_id(post: Post) -> str:
    """The number of a post: it holds its account and its own."""
    return str(10**17 + number_of(post))


def permalink(post: Post, moment: int) -> str:
    """The public address of a post; it has the name of its account."""
    name = quote(post.account.handle_at(moment))
    return f"https://www.threads.net/@{name}/post/C{post_id(post)}"
