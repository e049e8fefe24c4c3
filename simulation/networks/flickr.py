"""Flickr: methods of the REST API as JSON, with a key.

Shapes: www.flickr.com/services/api (people.getInfo, people.getPublicPhotos, photos.getInfo,
urls.lookupUser) and recorded XML. Failures are HTTP 200, numbers are often texts.
"""

from hashlib import blake2b

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

API = "api.flickr.com"
RULE = Rule(3600, 3600)
PAGE, LARGEST_PAGE = 100, 500


class Accounts(InventedAccounts):
    """[ours] Few are here: towns and départements with a library of pictures."""

    slug = "flickr"
    titled = frozenset({"photo", "video"})
    says_language = False
    joints = ("-", "-")
    law = Law(
        share={
            "hamlet": 1, "village": 2, "small": 6, "town": 18, "city": 70, "large_city": 220,
            "cc": 7, "ca": 40, "cu": 90, "metropole": 220, "departement": 190, "region": 260,
        },
        followers=3, sigma=850, rate=150, engagement=12_000, growth=1,
        split={"comments": 60},
        kinds={"photo": (940, 1000), "video": (60, 900)},
        cast={"watched": Played(), "centre": Played()},
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A name of the site's addresses, and an NSID."""
        number = 10_000_000 + int.from_bytes(token[:4], "big") % 190_000_000
        name = self.name(place, role).replace(".", "-")
        return Names(name, f"{number}@N0{token[4] % 8 + 1}")

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Views of a photo: a few, or many for each fave."""
        return total * (14 + scaled(words[14], 20)) if total else scaled(words[13], 30)


class Flickr(Api):
    """People and their photos over a world."""

    accounts = Accounts()
    hosts = (API,)
    rule = RULE

    def charge(self, asked: Asked) -> Charge:
        """A call made with a key."""
        key = asked.one("api_key")
        if not key or key.startswith("invalid"):
            raise Refusal(self.expired())
        bucket = blake2b(key.encode(), digest_size=4).hexdigest()
        return Charge(f"flickr {bucket}", asked.one("method").removeprefix("flickr."))

    def reply(self, asked: Asked) -> Json:
        """Answer a method; without a format it would be XML, which nobody here asks for."""
        moment = asked.moment
        match asked.one("method").removeprefix("flickr."):
            case "urls.lookupUser":
                name = asked.one("url").rstrip("/").rpartition("/")[2].lower()
                found = _there(self.named(name, moment))
                return _ok(user={"id": found.native_id, "username": _content(found.name)})
            case "people.getInfo":
                account = _there(self.identified(asked.one("user_id"), moment))
                return _ok(person=self._person(account, moment))
            case "people.getPublicPhotos":
                return self._photos(_there(self.identified(asked.one("user_id"), moment)), asked)
            case "photos.getInfo":
                native = asked.one("photo_id")
                post = self.numbered(int(native), moment) if native.isdigit() else None
                if post is None:
                    raise Refusal(_fail(1, f'Photo "{native}" not found (invalid ID)'))
                return _ok(photo=self._alone(post, moment))
            case method:
                raise Refusal(_fail(112, f'Method "{method}" not found'))

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        return Answer(429, b"Too Many Requests", "text/plain", {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """The answer to a key that is not valid."""
        return _fail(100, "Invalid API Key (Key has invalid format)")

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A photo as a collector sees it at a moment."""
        native, said = photo_id(post), under_title(post, world.writer.post(post, moment))
        address = f"https://www.flickr.com/photos/{post.account.native_id}/{native}/"
        return sight(post, native, address, post.kind, said)

    def _person(self, account: Account, moment: int) -> Json:
        photos = {"count": _content(self._world.post_count(account, moment))}
        return {
            "id": account.native_id,
            "nsid": account.native_id,
            "ispro": 0,
            "is_deleted": 0,
            "path_alias": account.handle_at(moment),
            "username": _content(account.name),
            "realname": _content(account.name),
            "photos": photos,
        }

    def _photos(self, account: Account, asked: Asked) -> Json:
        page, size = asked.number("page", 1, 10_000), asked.number("per_page", PAGE, LARGEST_PAGE)
        posts = self._world.latest(account, asked.moment, page * size)[(page - 1) * size :]
        total = self._world.post_count(account, asked.moment) - account.posts_before
        told: Json = {"page": page, "pages": -(-total // size), "perpage": size, "total": total}
        rows = [self._photo(post, asked) for post in posts]
        return _ok(photos=told | {"photo": rows})

    def _photo(self, post: Post, asked: Asked) -> Json:
        counters = self._world.counters(post, asked.moment)
        written = self._world.text(post, asked.moment)
        extras: Json = {
            "dateupload": str(post.created),
            "views": str(counters.views),
            "count_faves": str(counters.likes),
            "count_comments": str(counters.comments),
            "description": _content(written.text),
            "media": post.kind,
        }
        names = {"date_upload": "dateupload"}
        wanted = {names.get(name, name) for name in asked.one("extras").split(",")}
        return {
            "id": photo_id(post),
            "owner": post.account.native_id,
            "title": title_of(post.account, written),
            "ispublic": 1,
            "isfriend": 0,
            "isfamily": 0,
        } | {name: value for name, value in extras.items() if name in wanted}

    def _alone(self, post: Post, moment: int) -> Json:
        counters, written = self._world.counters(post, moment), self._world.text(post, moment)
        return {
            "id": photo_id(post),
            "dateuploaded": str(post.created),
            "owner": {"nsid": post.account.native_id, "username": post.account.name},
            "title": _content(title_of(post.account, written)),
            "description": _content(written.text),
            "visibility": {"ispublic": 1, "isfriend": 0, "isfamily": 0},
            "views": str(counters.views),
            "comments": _content(str(counters.comments)),
            "media": post.kind,
        }


NETWORK = Flickr


def photo_id(post: Post) -> str:
    """The number of a photo: it holds its account and its own."""
    return str(number_of(post))


def _content(text: object) -> Json:
    return {"_content": text}


def _there(account: Account | None) -> Account:
    if account is None:
        raise Refusal(_fail(1, "User not found"))
    return account


def _ok(**body: object) -> Json:
    return body | {"stat": "ok"}


def _fail(code: int, message: str) -> Answer:
    return answered({"stat": "fail", "code": code, "message": message})
