"""Instagram by Business Discovery (Graph API, Facebook login).

Shapes: developers.facebook.com/docs/instagram-platform, business_discovery and instagram-media. A
personal account, an absent or a renamed one gives error 110; fields not asked for are absent, as is
``like_count`` when the owner hides it.
"""

from base64 import b64decode, b64encode

from simulation.country.accounts import Account, Form, InventedAccounts, Names
from simulation.country.chance import happens
from simulation.country.days import iso
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Ledger
from simulation.network import Sight, sight
from simulation.serving.api import Charge, Refusal
from simulation.serving.consent import Consents
from simulation.serving.exchange import Answer, Asked, Json
from simulation.serving.graph import (
    HOST,
    Field,
    GraphNetwork,
    charged,
    expired,
    failure,
    fields_of,
    for_instagram,
    token_of,
    versionless,
)

OWN_HOST = "graph.instagram.com"
PAGE = 25
LARGEST_PAGE = 100
MEDIA_TYPES = {"photo": "IMAGE", "album": "CAROUSEL_ALBUM", "video": "VIDEO"}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
REMEMBERED = 20_000
"""Media of which what lasts is kept written (about 1 KB each)."""

_ODD = 0x9E3779B97F4A7C15


PERSONAL = 110
"""‰ of accounts that are not professional: Business Discovery does not show them. [ours]"""


class Accounts(InventedAccounts):
    """[obs] 26 % of those present in 2022; 2,679 followers on average in 2020.

    [ours] Who is present and not on Facebook is here.
    """

    slug = "instagram"
    says_language = False
    law = Law(
        share={
            "hamlet": 60, "village": 190, "small": 430, "town": 700, "city": 900,
            "large_city": 1000, "cc": 460, "ca": 780, "cu": 860, "metropole": 1000,
            "departement": 980, "region": 1000,
        },
        last={
            "hamlet": 65, "village": 65, "small": 60, "town": 60, "city": 40, "cc": 70, "ca": 60,
            "cu": 40,
        },
        followers=388, sigma=620, rate=560, engagement=23_500, following=260, growth=14,
        split={"comments": 38},
        kinds={"photo": (520, 1000), "album": (290, 1150), "video": (190, 1300)},
        cast={
            "community_manager": Played(rate=870, engagement=29_500, followers=2_310),
            "tourist": Played(audience=3), "watched": Played(), "centre": Played(),
        },
        hidden=40,
        hides_posts=True,
        others={"tourism": 1000},
        published=(26, "[20][27]"),
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and the number of a professional account."""
        number = int.from_bytes(token[:8], "big")
        native = str(17_841_400_000_000_000 + number % 99_999_999_999)
        return Names(f"{self.name(place, role)}.example", native)

    def form(self, place: Place, word: int) -> Form:
        """A professional account, or a personal one."""
        personal = place.part is None and happens(word, PERSONAL)
        return "personal" if personal else "professional"

    def observable(self, account: Account) -> bool:
        """Whether Business Discovery shows the account."""
        return account.form == "professional"


class Instagram(GraphNetwork):
    """Business Discovery over a world."""

    accounts = Accounts()
    hosts = (HOST, OWN_HOST, "api.instagram.com", "www.instagram.com")

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Find the accounts of the world."""
        super().__init__(world, ledger)
        self.consents = Consents(self.accounts.slug, str(world.seed), listed=True)
        self._written: dict[tuple[int, int, bool], Json] = {}

    def claims(self, asked: Asked) -> bool:
        """Whether a call is for Instagram: of the Graph API, or of an owner."""
        return for_instagram(asked) if asked.host == HOST else asked.host in self.hosts

    def answer(self, asked: Asked) -> Answer:
        """Answer a call, or what leads to a token: that is counted in no quota."""
        return self.consents.answer(asked, self.named) or super().answer(asked)

    def charge(self, asked: Asked) -> Charge:
        """A call made on the observing account."""
        return charged(asked, "business_discovery")

    def reply(self, asked: Asked) -> Json:
        """Answer a call made on the observing account."""
        parts = versionless(asked.parts)
        if asked.host == OWN_HOST and parts == ["me"]:
            return self._own(asked)
        discovery = fields_of(asked).get("business_discovery")
        if discovery is None or len(parts) != 1:
            message = "(#10) Application does not have permission for this action"
            raise Refusal(failure(10, message))
        handle = discovery.modifiers.get("username", "")
        account = self.named(handle.lower(), asked.moment)
        if account is None or account.form != "professional":
            raise _unknown(handle)
        media = discovery.fields.get("media")
        if media is not None and "shortcode" in media.fields:
            message = "(#100) Tried accessing nonexisting field (shortcode) on node type (Media)"
            raise Refusal(failure(100, message))
        found = self._discovered(account, discovery, asked.moment)
        return {"business_discovery": found, "id": parts[0]}

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it at a moment."""
        text = world.writer.post(post, moment)
        return sight(post, media_id(post), permalink(post), post.kind, text)

    def _own(self, asked: Asked) -> Json:
        """Answer the owner of a professional account, by her token."""
        held = self.consents.held(token_of(asked), asked.moment)
        account = self.identified(held.native_id, asked.moment) if held else None
        if account is None or account.form != "professional":
            raise Refusal(expired())
        asks = Field("me", fields=fields_of(asked))
        found = self._discovered(account, asks, asked.moment)
        # The application knows the account by another id than everybody's.
        return found | {"user_id": account.native_id, "id": account.native_id[::-1]}

    def _discovered(self, account: Account, discovery: Field, moment: int) -> Json:
        body: Json = {}
        for name, one in discovery.fields.items():
            if name == "media":
                body["media"] = self._media(account, one, moment)
            elif (value := self._profile(account, name, moment)) is not None:
                body[name] = value
        return body | {"id": account.native_id}

    def _profile(self, account: Account, name: str, moment: int) -> object:
        match name:
            case "id":
                return account.native_id
            case "username":
                return account.handle_at(moment)
            case "name":
                return account.name
            case "biography":
                return f"{account.name} : compte d’un monde inventé, rien ici n’est réel."
            case "website":
                return f"https://www.{account.first_handle}/"
            case "profile_picture_url":
                return f"https://scontent.cdninstagram.com/v/{account.id}.jpg?_nc_cat=1"
            case "followers_count":
                return self._world.followers(account, moment)
            case "follows_count":
                return account.following
            case "media_count":
                return self._world.post_count(account, moment)
            case _:
                return None

    def _media(self, account: Account, asked: Field, moment: int) -> Json:
        limit = asked.number("limit", PAGE, LARGEST_PAGE)
        after = _read_cursor(asked.modifiers.get("after", ""))
        before = None if after is None else self._world.press.post(account, after)
        found = self._world.latest(account, moment, limit + 1, before=before)
        posts, more = found[:limit], len(found) > limit
        cursors: Json = {}
        if after is not None and posts:
            cursors["before"] = _cursor(posts[0].number)
        if more:
            cursors["after"] = _cursor(posts[-1].number)
        page: Json = {"data": [self._medium(post, asked, moment) for post in posts]}
        if cursors:
            page["paging"] = {"cursors": cursors}
        return page

    def _medium(self, post: Post, asked: Field, moment: int) -> Json:
        body: Json = {}
        counters, lasting = self._world.counters(post, moment), self._lasting(post, moment)
        for name in asked.fields or ("id",):
            match name:
                case "like_count":
                    value = None if post.likes_hidden else counters.likes
                case "comments_count":
                    value = counters.comments
                case "view_count":
                    value = counters.likes * 14 if post.kind == "video" else None
                case _:
                    value = lasting.get(name)
            if value is not None:
                body[name] = value
        body["id"] = lasting["id"]
        return body

    def _lasting(self, post: Post, moment: int) -> Json:
        """The fields of a medium that change by an edit only."""
        key = (post.account.serial, post.number, post.edited_by(moment))
        known = self._written.get(key)
        if known is None:
            if len(self._written) >= REMEMBERED:
                self._written.clear()
            known = self._written[key] = self._write(post, moment)
        return known

    def _write(self, post: Post, moment: int) -> Json:
        kept = post.kind != "video" or post.words[6] & 7
        return {
            "id": media_id(post),
            "caption": self._world.text(post, moment).text,
            "permalink": permalink(post),
            "timestamp": f"{iso(post.created)}+0000",
            "media_type": MEDIA_TYPES[post.kind],
            "media_product_type": "REELS" if post.kind == "video" else "FEED",
            "media_url": f"https://scontent.cdninstagram.com/v/{media_id(post)}.jpg"
            if kept
            else None,
        }


NETWORK = Instagram


def media_id(post: Post) -> str:
    """The id of a medium: 17 digits."""
    mixed = (post.account.rank << 24 | post.number) * _ODD % 10**14
    return str(17_900_000_000_000_000 + mixed)


def permalink(post: Post) -> str:
    """The public address of a medium."""
    mixed = (post.account.rank << 24 | post.number) * _ODD & 0xFFFFFFFFFFFFFFFF
    code = "".join(ALPHABET[mixed >> shift & 63] for shift in range(0, 60, 6))
    return f"https://www.instagram.com/{'reel' if post.kind == 'video' else 'p'}/C{code}/"


def _cursor(number: int) -> str:
    return "QVFI" + b64encode(f"m{number}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> int | None:
    if not text.startswith("QVFI"):
        return None
    coded = text.removeprefix("QVFI")
    try:
        return int(b64decode(coded + "=" * (-len(coded) % 4)).decode().removeprefix("m"))
    except ValueError:
        return None


def _unknown(handle: str) -> Refusal:
    user = ("Cannot find User", f"The user with username: {handle} cannot be found.")
    answer = failure(110, "Invalid user id", subcode=2_207_013, transient=False, user=user)
    return Refusal(answer)
