"""Facebook Pages (Graph API, Page Public Content Access).

Shapes: developers.facebook.com/docs/graph-api/reference/page and page/published_posts. ``shares``
is absent at 0; totals are under ``summary.total_count``; a Page that was not reviewed for us, a
profile and a group give error 100.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from contracts.accounts import AccountCounter
from simulation.country.accounts import Account, Form, InventedAccounts, Names
from simulation.country.chance import scaled
from simulation.country.days import iso
from simulation.country.law import Law, Played, Role
from simulation.country.posts import Counters, Post
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

PAGE = 25
LARGEST_PAGE = 100
IDS_A_CALL = 50
EDGES = ("posts", "published_posts", "feed")
STATUS = {
    "photo": "added_photos",
    "video": "added_video",
    "link": "shared_story",
    "text": "mobile_status_update",
    "event": "created_event",
}
REACTIONS = {"LIKE": 700, "LOVE": 180, "WOW": 30, "HAHA": 40, "SAD": 30, "ANGRY": 20}
_FIRST_POST = 122_000_000_000_000_000
_STEP = 7919


PAGES_NOT_REVIEWED = 300
PROFILES = 90
GROUPS = 25
"""‰ of what territories have. [ours]"""


class Accounts(InventedAccounts):
    """[obs] 94 % of those present are here, 52 % nowhere else."""

    slug = "facebook"
    titled = frozenset({"link", "event"})
    says_language = False
    law = Law(
        share={
            "hamlet": 935, "village": 935, "small": 940, "town": 940, "city": 960,
            "large_city": 1000, "cc": 930, "ca": 940, "cu": 960, "metropole": 1000,
            "departement": 1000, "region": 1000,
        },
        first=True,
        followers=1000, sigma=560, rate=1000, engagement=17_000, following=0, growth=5,
        split={"comments": 130, "shares": 150},
        kinds={
            "photo": (470, 1000), "link": (210, 620), "video": (110, 1250), "text": (120, 700),
            "event": (90, 800),
        },
        cast={
            "community_manager": Played(rate=640),
            "tourist": Played(audience=3),
            "few_posts": Played(rate=75),
            "watched": Played(),
            "centre": Played(),
        },
        published=(94, "[21]"),
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name, and a page's number."""
        number = int.from_bytes(token[:8], "big")
        native = str(100_000_000_000_000 + number % 800_000_000_000_000)
        return Names(f"{self.name(place, role)}.example", native)

    def form(self, place: Place, word: int) -> Form:
        """A page, reviewed for us or not, a profile or a group."""
        if place.part in ("community_manager", "tourist"):
            return "unreviewed" if place.part == "community_manager" else "page"
        drawn = scaled(word, 1000)
        if drawn < GROUPS:
            return "group"
        if drawn < GROUPS + PROFILES and place.territory.kind == "commune":
            return "profile"
        closed = drawn >= 1000 - PAGES_NOT_REVIEWED and place.part is None
        return "unreviewed" if closed else "page"

    def observable(self, account: Account) -> bool:
        """Whether the page was reviewed for us."""
        return account.form == "page"


class Facebook(GraphNetwork):
    """Pages and their posts over a world."""

    accounts = Accounts()
    hosts = (HOST, "www.facebook.com")

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Take the world; nobody who administers a page has let anybody read it yet."""
        super().__init__(world, ledger)
        self.consents = Consents(self.accounts.slug, str(world.seed))

    def answer(self, asked: Asked) -> Answer:
        """Answer a call, or what leads to a token: that is counted in no quota."""
        return self.consents.answer(asked, self.named) or super().answer(asked)

    def charge(self, asked: Asked) -> Charge:
        """A call about pages or posts; each object counts."""
        ids, parts = _ids(asked), versionless(asked.parts)
        edge = parts[1] if len(parts) == 2 else ""
        return charged(asked, edge or ("ids" if ids else "node"), len(ids) or 1)

    def reply(self, asked: Asked) -> Json:
        """Answer a call about pages or posts."""
        fields, parts = fields_of(asked), versionless(asked.parts)
        if parts == ["me", "accounts"]:
            return self._administered(asked)
        if ids := _ids(asked):
            return self._several(ids, fields, asked)
        if not parts:
            raise Refusal(failure(100, "(#100) The parameter ids is required"))
        if len(parts) == 2:
            return self._edge(self._open(parts[0], asked), parts[1], fields, asked)
        return self._node(parts[0], fields, asked)

    def claims(self, asked: Asked) -> bool:
        """Whether a call of the Graph API is for Facebook."""
        return asked.host != HOST or not for_instagram(asked)

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it at a moment."""
        text = world.writer.post(post, moment)
        return sight(post, post_id(post), permalink(post), post.kind, text)

    @classmethod
    def counters(
        cls, world: World, account: Account, moment: int, posts: Callable[[int], int]
    ) -> dict[AccountCounter, int]:
        """Followers, and the old count of « likes »."""
        return {
            "followers": world.followers(account, moment),
            "likes": fans(world, account, moment),
        }

    def _administered(self, asked: Asked) -> Json:
        """The pages of who said yes: the one that she said it for, and the token that reads it."""
        held = self.consents.held(token_of(asked), asked.moment)
        account = self.identified(held.native_id, asked.moment) if held else None
        if account is None:
            raise Refusal(expired())
        text = self.consents.page_token(account.native_id, asked.moment)
        page = {"id": account.native_id, "username": account.handle_at(asked.moment)}
        return {"data": [page | {"access_token": text}]}

    def _opens(self, account: Account, asked: Asked) -> bool:
        """Whether a page is read: it was reviewed for us, or who administers it lets us."""
        if account.form == "page":
            return True
        held = self.consents.held(token_of(asked), asked.moment)
        mine = held is not None and held.native_id == account.native_id
        return mine and account.form == "unreviewed"

    def _several(self, ids: list[str], fields: dict[str, Field], asked: Asked) -> Json:
        """An object keyed by id; what may not be read is left out unless nothing may be."""
        if len(ids) > IDS_A_CALL:
            raise Refusal(failure(100, "(#100) Too many IDs. Maximum: 50"))
        found: Json = {}
        refusals: list[Refusal] = []
        for one in ids:
            try:
                found[one] = self._node(one, fields, asked)
            except Refusal as refusal:
                refusals.append(refusal)
        if not found:
            raise refusals[0]
        return found

    def _node(self, name: str, fields: dict[str, Field], asked: Asked) -> Json:
        if "_" in name and name.rpartition("_")[2].isdigit():
            post = self._post(name, asked)
            if post is None:
                raise _missing(name)
            return self._shown(post, fields, asked.moment)
        return self._page(self._open(name, asked), fields, asked.moment)

    def _open(self, name: str, asked: Asked) -> Account:
        """The page of a name or number that may be read."""
        moment = asked.moment
        account = self.identified(name, moment) or self.named(name.lower(), moment)
        if account is None:
            raise _missing(name)
        if not self._opens(account, asked):
            raise _not_reviewed()
        return account

    def _page(self, account: Account, fields: dict[str, Field], moment: int) -> Json:
        body: Json = {}
        for name in fields or ("name", "id"):
            value = self._page_field(account, name, moment)
            if value is not None:
                body[name] = value
        return body | {"id": account.native_id}

    def _page_field(self, account: Account, name: str, moment: int) -> object:
        match name:
            case "id":
                return account.native_id
            case "name":
                return account.name
            case "username":
                return account.handle_at(moment)
            case "link":
                return f"https://www.facebook.com/{account.handle_at(moment)}/"
            case "category":
                return "Organisation gouvernementale"
            case "fan_count":
                return fans(self._world, account, moment)
            case "followers_count":
                return self._world.followers(account, moment)
            case "verification_status":
                return "not_verified"
            case "website":
                return f"https://www.{account.first_handle}/"
            case "location":
                return {"city": account.place, "country": "France"}
            case _:
                return None

    def _edge(self, account: Account, edge: str, fields: dict[str, Field], asked: Asked) -> Json:
        if edge not in EDGES:
            message = f"(#100) Tried accessing nonexisting field ({edge}) on node type (Page)"
            raise Refusal(failure(100, message))
        limit = asked.number("limit", PAGE, LARGEST_PAGE)
        since, until = asked.one("since"), asked.one("until")
        after = asked.one("after")
        posts = self._world.latest(
            account,
            asked.moment,
            limit + 1,
            before=self._world.press.post(account, int(after)) if after.isdigit() else None,
            since=int(since) if since.isdigit() else 0,
            until=int(until) if until.isdigit() else None,
        )
        return self._paged(posts, limit, fields, asked)

    def _paged(self, posts: list[Post], limit: int, fields: dict[str, Field], asked: Asked) -> Json:
        shown = posts[:limit]
        page: Json = {"data": [self._shown(post, fields, asked.moment) for post in shown]}
        if not shown:
            return page
        paging: Json = {"cursors": {"before": str(shown[0].number), "after": str(shown[-1].number)}}
        if len(posts) > limit:
            query = {name: values[-1] for name, values in asked.parameters.items()}
            query |= {"limit": str(limit), "after": str(shown[-1].number)}
            paging["next"] = f"https://{HOST}{asked.path}?{urlencode(query)}"
        return page | {"paging": paging}

    def _post(self, name: str, asked: Asked) -> Post | None:
        page, _, number = name.partition("_")
        account = self.identified(page, asked.moment)
        rank, rest = divmod(int(number) - _FIRST_POST, _STEP)
        if account is None or not self._opens(account, asked) or rest or rank < 0:
            return None
        return self._world.post(account, rank, asked.moment)

    def _shown(self, post: Post, fields: dict[str, Field], moment: int) -> Json:
        body: Json = {}
        names = fields or {name: Field(name) for name in ("created_time", "message")}
        counters = self._world.counters(post, moment)
        for alias, one in names.items():
            value = self._post_field(post, one, moment, counters)
            if value is not None:
                body[alias] = value
        return body | {"id": post_id(post)}

    def _post_field(self, post: Post, asked: Field, moment: int, counters: Counters) -> object:
        match asked.name:
            case "id":
                return post_id(post)
            case "message":
                return self._world.text(post, moment).text
            case "created_time":
                return f"{iso(post.created)}+0000"
            case "updated_time":
                edited = post.edited_at if post.edited_by(moment) else None
                return f"{iso(edited or post.created)}+0000"
            case "permalink_url":
                return permalink(post)
            case "status_type":
                return STATUS[post.kind]
            case "shares":
                return {"count": counters.shares} if counters.shares else None
            case "reactions" | "likes":
                return _summary(asked, _reactions(counters.likes, asked), reactions=True)
            case "comments":
                return _summary(asked, counters.comments, reactions=False)
            case "attachments":
                return self._attachments(post, asked)
            case _:
                return None

    def _attachments(self, post: Post, asked: Field) -> Json | None:
        if post.kind == "text":
            return None
        kind = {"link": "link", "video": "video", "event": "event"}.get(post.kind, "photo")
        whole: Json = {"media_type": kind, "type": kind, "url": permalink(post)}
        if post.kind in ("link", "event"):
            whole["title"] = self._world.text(post).title
        wanted = asked.fields or whole
        return {"data": [{name: value for name, value in whole.items() if name in wanted}]}


NETWORK = Facebook


def _ids(asked: Asked) -> list[str]:
    return [one for one in asked.one("ids").split(",") if one]


def fans(world: World, account: Account, moment: int) -> int:
    """The old count of « likes » of a page: lower than its followers, hardly moving."""
    first = world.followers(account, world.crowd.begin)
    return first * 930 // 1000 + (world.followers(account, moment) - account.knots[0]) // 4


def post_id(post: Post) -> str:
    """The id of a post: that of its page, then its own."""
    return f"{post.account.native_id}_{_FIRST_POST + post.number * _STEP}"


def permalink(post: Post) -> str:
    """The public address of a post."""
    number = _FIRST_POST + post.number * _STEP
    return f"https://www.facebook.com/{post.account.native_id}/posts/{number}/"


def _reactions(likes: int, asked: Field) -> int:
    """Reactions of a type, or of all of them; types sum to the whole."""
    kind = asked.modifiers.get("type")
    if kind is None:
        return likes
    if kind == "LIKE":
        return likes - sum(
            likes * share // 1000 for name, share in REACTIONS.items() if name != "LIKE"
        )
    return likes * REACTIONS.get(kind, 0) // 1000


def _summary(asked: Field, total: int, *, reactions: bool) -> Json:
    body: Json = {"data": []}
    wanted = asked.modifiers.get("summary")
    if wanted is None:
        return body
    summary: Json = {"total_count": total}
    if wanted in ("true", "1"):
        more = (
            {"viewer_reaction": "NONE"}
            if reactions
            else {"order": "chronological", "can_comment": True}
        )
        summary |= more
    return body | {"summary": summary}


def _missing(name: str) -> Refusal:
    if not name.replace("_", "").isdigit():
        message = f"(#803) Some of the aliases you requested do not exist: {name}"
        return Refusal(failure(803, message))
    message = (
        f"Unsupported get request. Object with ID '{name}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation."
    )
    return Refusal(failure(100, message, kind="GraphMethodException", subcode=33))


def _not_reviewed() -> Refusal:
    message = (
        "(#100) Object does not exist, cannot be loaded due to missing permission or reviewable "
        "feature, or does not support this operation. This endpoint requires the "
        "'pages_read_engagement' permission or the 'Page Public Content Access' feature or the "
        "'Page Public Metadata Access' feature. Refer to "
        "https://developers.facebook.com/docs/apps/review/login-permissions#manage-pages, "
        "https://developers.facebook.com/docs/apps/review/feature#reference-PAGES_ACCESS and "
        "https://developers.facebook.com/docs/apps/review/feature#page-public-metadata-access for "
        "details."
    )
    return Refusal(failure(100, message))
