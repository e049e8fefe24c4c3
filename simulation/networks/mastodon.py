"""Mastodon: several instances, each with its own limit (docs.joinmastodon.org, 4.x).

``X-RateLimit-Reset`` is an ISO date; pages are linked by ``Link``; ids sort as the moments do. One
instance is closed to the anonymous, as some are.
"""

from html import escape
from urllib.parse import urlencode

import msgspec

from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.days import DAY, HOUR, iso
from simulation.country.law import Law, Played, Role, Speech
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.world import World
from simulation.history.ledger import Ledger, Rule, Verdict
from simulation.network import Heard, Sight, sight
from simulation.serving import statuses
from simulation.serving.api import Api, Charge, Refusal
from simulation.serving.exchange import Answer, Asked, Json, answered

INSTANCES = (
    "social.simulation.example",
    "mastodon.essai.example",
    "pouet.maquette.example",
    "toot.mirage.example",
)
RULE = Rule(300, 300)
CLOSED = INSTANCES[-1]
PAGE = 20
LARGEST_PAGE = 40
TAG_DAYS = 1
REMEMBERED = 10_000
"""Statuses of which what lasts is kept written (about 3 KB each)."""

_encode = msgspec.json.Encoder().encode


class Accounts(InventedAccounts):
    """[ours] Very few are here, on four instances."""

    slug = "mastodon"
    law = Law(
        share={
            "hamlet": 4, "village": 8, "small": 18, "town": 36, "city": 110, "large_city": 380,
            "cc": 14, "ca": 60, "cu": 140, "metropole": 380, "departement": 160, "region": 300,
        },
        followers=16, sigma=760, rate=560, engagement=16_000, following=80, growth=11,
        split={"comments": 80, "shares": 330, "quotes": 12},
        kinds={"text": (320, 900), "photo": (400, 1150), "link": (280, 850)},
        cast={"watched": Played(), "centre": Played()},
        speech=Speech(120, 125, ("0", "1", "2", "3"), tagged=True),
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A user, an id that says when it came, and an instance."""
        user = self.name(place, role).replace(".", "_")[:30]
        number = int.from_bytes(token[:8], "big")
        # The last instance is closed to the anonymous: few are there, none of the cast.
        closed = number % 13 == 0 and place.part is None
        host = CLOSED if closed else INSTANCES[number % (len(INSTANCES) - 1)]
        return Names(user, str((created * 1000 << 16) + number % 65536), host)

    def observable(self, account: Account) -> bool:
        """Whether the instance answers the anonymous."""
        return account.host != CLOSED

    def observed_handle(self, account: Account, moment: int) -> str:
        """The user with its host."""
        return f"{account.handle_at(moment)}@{account.host}"


class Mastodon(Api):
    """The instances of a world."""

    accounts = Accounts()
    hosts = INSTANCES
    closed_to_all = (CLOSED,)
    rule = RULE

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Take the world."""
        super().__init__(world, ledger)
        self._written: dict[tuple[int, int, bool, str], Json] = {}
        self._page_of = ((0, 0, ""), msgspec.Raw(b"{}"))

    def charge(self, asked: Asked) -> Charge:
        """A call to an instance, whoever makes it."""
        return Charge(f"mastodon {asked.host}", _kind(asked.parts))

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """What is left, until when."""
        return {
            "Cache-Control": "private, no-store",
            "X-RateLimit-Limit": str(verdict.limit),
            "X-RateLimit-Remaining": str(verdict.remaining),
            "X-RateLimit-Reset": f"{iso(verdict.resets_at)}.000000Z",
        }

    def reply(self, asked: Asked) -> object:
        """Answer a request to an instance."""
        if asked.host == CLOSED and not asked.headers.get("Authorization"):
            message = "This method requires an authenticated user"
            raise Refusal(answered({"error": message}, 401))
        match asked.parts:
            case ["api", "v1", "accounts", "lookup"]:
                user, _, host = asked.one("acct").removeprefix("@").partition("@")
                known = host in ("", asked.host)
                account = self.named(user.lower(), asked.moment, asked.host) if known else None
                return self.entity(_there(account), asked.moment)
            case ["api", "v1", "accounts", native]:
                account = _there(self.identified(native, asked.moment, asked.host))
                return self.entity(account, asked.moment)
            case ["api", "v1", "accounts", native, "statuses"]:
                account = _there(self.identified(native, asked.moment, asked.host))
                return self._statuses(account, asked)
            case ["api", "v1", "statuses", native]:
                return self._status(native, asked)
            case ["api", "v1", "timelines", "tag", tag]:
                return self._tag(tag, asked)
            case ["api", "v2", "instance"]:
                return statuses.instance(asked.host)
            case [".well-known", "webfinger"]:
                return self._webfinger(asked)
            case _:
                raise _missing()

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        return answered({"error": "Too many requests"}, 429, {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a token that was revoked: those of applications do not expire."""
        return answered({"error": "The access token was revoked"}, 401)

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it at a moment."""
        native, account = status_id(post), post.account
        address = f"https://{account.host}/@{account.handle_at(moment)}/{native}"
        kind = "photo" if post.kind == "photo" else "text"
        text = world.writer.post(post, moment)
        return sight(post, native, address, kind, text, post.words[1] % 1000)

    @classmethod
    def hear(cls, world: World, mention: Mention) -> Heard:
        """What a citizen says on an instance."""
        host = INSTANCES[int(mention.source)]
        return Heard(f"https://{host}/@citoyen{mention.author}/{mention_id(mention)}", host)

    def _statuses(self, account: Account, asked: Asked) -> Answer:
        limit = asked.number("limit", PAGE, LARGEST_PAGE)
        oldest = max(_moment(asked.one("since_id")), _moment(asked.one("min_id")))
        newest = _moment(asked.one("max_id"))
        posts = self._world.latest(
            account,
            asked.moment,
            limit + 4,
            since=oldest,
            until=newest if asked.one("max_id") else None,
        )
        kept = [post for post in posts if _between(status_id(post), asked)][:limit]
        shown = [(status_id(post), self.status(post, asked.moment)) for post in kept]
        if asked.one("exclude_reblogs") not in ("true", "1", "TRUE"):
            shown = self._with_reblogs(account, shown, asked)[:limit]
        return _paged(shown, asked)

    def _with_reblogs(
        self, account: Account, shown: list[tuple[str, Json]], asked: Asked
    ) -> list[tuple[str, Json]]:
        """The page with the few posts of others that the account boosts."""
        moments = [_moment(native) for native, _ in shown] or [asked.moment]
        found = list(shown)
        for when, post in self._world.reposts(account, min(moments), max(moments)):
            native = _snowflake(when * 1000, account.rank)
            if _between(native, asked):
                whole = self.status(post, asked.moment)
                own = whole | {
                    "id": native,
                    "created_at": f"{iso(when)}.000Z",
                    "account": self.entity(account, asked.moment),
                    "reblog": whole,
                }
                found.append((native, own))
        return sorted(found, key=lambda item: (len(item[0]), item[0]), reverse=True)

    def _status(self, native: str, asked: Asked) -> Json:
        moment = _moment(native)
        for post in self._world.posts("mastodon", moment, moment + 1):
            here = status_id(post) == native and post.account.host == asked.host
            if here and post.shown_at(asked.moment):
                return self.status(post, asked.moment)
        raise _missing()

    def _tag(self, tag: str, asked: Asked) -> Answer:
        limit = asked.number("limit", PAGE, LARGEST_PAGE)
        wanted = {one.lower() for one in (tag, *asked.parameters.get("any[]", []))}
        found: list[tuple[str, Json]] = []
        oldest = max(asked.moment - TAG_DAYS * DAY, _moment(asked.one("since_id")))
        until = asked.moment + 1
        while until > oldest and len(found) < limit:
            since = max(oldest, until - 6 * HOUR)
            found.extend(self._tagged(wanted, since, until, asked))
            until = since
        found.sort(key=lambda item: (len(item[0]), item[0]), reverse=True)
        return _paged(found[:limit], asked)

    def _tagged(
        self, wanted: set[str], since: int, until: int, asked: Asked
    ) -> list[tuple[str, Json]]:
        """Statuses that bear a tag, published in [since, until), as far as this instance knows."""
        found: list[tuple[str, Json]] = []
        for post in self._world.posts("mastodon", since, until):
            tags = {one.lower() for one in self._world.text(post).hashtags}
            if tags & wanted and post.shown_at(asked.moment) and _between(status_id(post), asked):
                found.append((status_id(post), self.status(post, asked.moment)))
        rank = str(INSTANCES.index(asked.host))
        for mention in self._world.mentions.between(since, until):
            if mention.network == "mastodon" and mention.source == rank:
                tags = {word[1:].lower() for word in mention.text.split() if word[0] == "#"}
                if tags & wanted and _between(mention_id(mention), asked):
                    found.append(
                        (
                            mention_id(mention),
                            statuses.said(mention, mention_id(mention), asked.host),
                        )
                    )
        return found

    def _webfinger(self, asked: Asked) -> Json:
        user = asked.one("resource").removeprefix("acct:").partition("@")[0]
        account = self.named(user.lower(), asked.moment, asked.host)
        if account is None:
            raise Refusal(Answer(404, b"", "text/plain"))
        link = {
            "rel": "self",
            "type": "application/activity+json",
            "href": f"https://{account.host}/users/{user}",
        }
        return {"subject": f"acct:{user}@{account.host}", "links": [link]}

    def entity(self, account: Account, moment: int) -> Json:
        """An account as instances give it."""
        user = account.handle_at(moment)
        latest = self._world.latest(account, moment, 1)
        picture = f"https://{account.host}/system/accounts/avatars/{account.native_id}.png"
        site = f"https://www.{account.first_handle}.example/"
        return statuses.entity(account.host, user, account.native_id, account.created) | {
            "display_name": account.name,
            "note": f"<p>{escape(account.name)}. Compte d’un monde inventé.</p>",
            "avatar": picture,
            "avatar_static": picture,
            "followers_count": self._world.followers(account, moment),
            "following_count": account.following,
            "statuses_count": self._world.post_count(account, moment),
            "last_status_at": iso(latest[0].created)[:10] if latest else None,
            "fields": [
                {
                    "name": "Site",
                    "value": f'<a href="{site}" rel="me">site</a>',
                    "verified_at": None,
                }
            ],
        }

    def status(self, post: Post, moment: int) -> Json:
        """A status as instances give it."""
        counters = self._world.counters(post, moment)
        return self._lasting(post, moment) | {
            "replies_count": counters.comments,
            "reblogs_count": counters.shares,
            "favourites_count": counters.likes,
            "quotes_count": counters.quotes,
            "account": self._author(post.account, moment),
        }

    def _author(self, account: Account, moment: int) -> msgspec.Raw:
        """The account of the statuses of a page, written once for all of them."""
        key = (account.serial, moment, account.handle_at(moment))
        if key != self._page_of[0]:
            self._page_of = (key, msgspec.Raw(_encode(self.entity(account, moment))))
        return self._page_of[1]

    def _lasting(self, post: Post, moment: int) -> Json:
        """What of a status changes by an edit or a rename only."""
        account = post.account
        edited = post.edited_by(moment)
        user = account.handle_at(moment)
        key = (account.serial, post.number, edited, user)
        known = self._written.get(key)
        if known is None:
            if len(self._written) >= REMEMBERED:
                self._written.clear()
            known = self._written[key] = self._write(post, moment, user, edited=edited)
        return known

    def _write(self, post: Post, moment: int, user: str, *, edited: bool) -> Json:
        account, native = post.account, status_id(post)
        text, tags, _ = self._world.text(post, moment)
        shown = statuses.status(
            account.host, user, native, f"{iso(post.created)}.{post.words[1] % 1000:03d}Z"
        )
        media: Json = {
            "id": native[::-1],
            "type": "image",
            "url": f"https://{account.host}/system/media/{native}.jpg",
            "preview_url": f"https://{account.host}/system/media/{native}-small.jpg",
            "remote_url": None,
            "meta": {},
            "description": None,
            "blurhash": None,
        }
        return shown | {
            "content": statuses.html(text, account.host),
            "edited_at": f"{iso(post.edited_at)}.000Z" if edited and post.edited_at else None,
            "media_attachments": [media] if post.kind == "photo" else [],
            "tags": [
                {"name": tag.lower(), "url": f"https://{account.host}/tags/{tag.lower()}"}
                for tag in tags
            ],
        }


NETWORK = Mastodon


def status_id(post: Post) -> str:
    """The id of a status: its moment in milliseconds, then what tells two of them apart."""
    millis = post.created * 1000 + post.words[1] % 1000
    return _snowflake(millis, post.account.rank << 4 | post.number & 15)


def mention_id(mention: Mention) -> str:
    """The id of what a citizen says."""
    return _snowflake(mention.moment * 1000 + mention.number % 1000, mention.number)


def _snowflake(millis: int, tail: int) -> str:
    return str(millis << 16 | tail & 0xFFFF)


def _moment(native: str) -> int:
    """The moment (seconds) of an id; 0 for what is not one."""
    return (int(native) >> 16) // 1000 if native.isdigit() else 0


def _between(native: str, asked: Asked) -> bool:
    number = int(native)
    newest = asked.one("max_id")
    oldest = max(asked.one("since_id") or "0", asked.one("min_id") or "0", key=int)
    return (not newest.isdigit() or number < int(newest)) and number > int(oldest)


def _paged(shown: list[tuple[str, Json]], asked: Asked) -> Answer:
    """A page of statuses with its ``Link`` header."""
    body = [status for _, status in shown]
    if not shown:
        return answered(body)
    bounds = ("max_id", "since_id", "min_id")
    kept = [(n, v) for n, values in asked.parameters.items() if n not in bounds for v in values]
    base = f"https://{asked.host}{asked.path}"
    older = urlencode([*kept, ("max_id", shown[-1][0])])
    newer = urlencode([*kept, ("min_id", shown[0][0])])
    link = f'<{base}?{older}>; rel="next", <{base}?{newer}>; rel="prev"'
    return answered(body, 200, {"Link": link})


def _there(account: Account | None) -> Account:
    if account is None:
        raise _missing()
    return account


def _missing() -> Refusal:
    return Refusal(answered({"error": "Record not found"}, 404))


def _kind(parts: list[str]) -> str:
    return "/".join(part for part in parts if not part.isdigit())[:60]
