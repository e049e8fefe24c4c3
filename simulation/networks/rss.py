"""Sites of the territories and local papers: RSS 2.0 and Atom feeds, with their validators.

A site's feed holds its account's latest posts; a paper's feed holds what its journalists say of the
territories of a few départements. Some are badly behaved, as in life: windows-1252 declared as
ISO-8859-1, an anti-robot wall, a feed that moved.
"""

from email.utils import formatdate
from hashlib import blake2b
from typing import NamedTuple
from xml.sax.saxutils import escape

from contracts.posts import item_id
from simulation.country.accounts import Account, InventedAccounts, Names
from simulation.country.days import DAY, iso
from simulation.country.law import Law, Played, Role, Speech
from simulation.country.mentions import Mention
from simulation.country.names import slug
from simulation.country.posts import Post
from simulation.country.territories import Place
from simulation.country.texts import Written
from simulation.country.world import World
from simulation.history.ledger import Ledger, Rule
from simulation.network import Fictional, Heard, Sight, sight
from simulation.serving.exchange import Answer, Asked

PACE = Rule(1_000_000, DAY)
"""Feeds refuse nothing; what is asked of a host is counted."""

ITEMS_SHOWN = 20
PRESS_HOURS = 12


class Entry(NamedTuple):
    """An entry of a feed."""

    guid: str
    link: str
    title: str
    text: str
    moment: int


class Feed(NamedTuple):
    """A feed: where it is, its title, and how it behaves."""

    address: str
    title: str
    manner: str


class Rendered(NamedTuple):
    """A feed as it is sent, with what tells that it has changed."""

    tag: str
    modified: str
    body: bytes
    kind: str


PAPERS = tuple(f"https://www.gazette-fictive-{rank + 1}.example/rss.xml" for rank in range(12))
"""The feeds of the local papers; the last one does not answer."""


class Accounts(InventedAccounts):
    """[obs] 44 % of territories have a site, not all of them a feed."""

    slug = "rss"
    titled = frozenset({"link"})
    renames = False
    law = Law(
        share={
            "hamlet": 40, "village": 130, "small": 300, "town": 420, "city": 600, "large_city": 800,
            "cc": 300, "ca": 480, "cu": 600, "metropole": 760, "departement": 640, "region": 700,
        },
        followers=0, sigma=0, rate=720, engagement=0, following=0, growth=0,
        kinds={"link": (1000, 1000)},
        cast={
            "community_manager": Played(), "tourist": Played(audience=3), "watched": Played(),
            "centre": Played(),
        },
        everywhere=True,
        speech=Speech(240, 0, PAPERS, press=True),
    )  # fmt: skip

    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """A site, and the address of its feed."""
        name = self.name(place, role)
        host = f"www.{name}.example"
        return Names(f"{name}.example", f"https://{host}/actualites/feed", host)

    def observed_handle(self, account: Account, moment: int) -> str:
        """The address of the feed."""
        return account.native_id


class Rss(Fictional):
    """Every host that ends in ``.example`` and is not an instance of another network."""

    accounts = Accounts()

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Find the accounts of the world."""
        super().__init__(world, ledger)
        self._sites = {account.host: account for account in world.by_network.get("rss", [])}
        self._papers = {address.split("/")[2]: address for address in PAPERS}
        # What each site sent last, and of which posts (edited or not): few change in between.
        self._sent: dict[int, tuple[tuple[tuple[int, bool], ...], Rendered]] = {}
        self._press: tuple[int, dict[str, list[Mention]]] = (-1, {})

    def answer(self, asked: Asked) -> Answer:
        """Answer a request to a site or a paper."""
        self._ledger.ask(f"feed {asked.host}", PACE, asked.moment, "feed")
        account = self._sites.get(asked.host)
        if account is not None and account.open_at(asked.moment):
            return self._site(account, asked)
        if asked.host in self._papers:
            return self._paper(self._papers[asked.host], asked)
        return _page(404, "Introuvable")

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many."""
        return _page(429, "Trop de requêtes", {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        """Feeds ask for no credential: what a site behind a password says."""
        return _page(401, "Accès protégé", {"WWW-Authenticate": 'Basic realm="site"'})

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """An entry as a collector sees it at a moment."""
        written, link = world.writer.post(post, moment), link_of(post)
        said = Written(f"{written.title}\n{told(written.text)}", written.hashtags)
        return sight(post, item_id(post.account.id, link), link, "link", said)

    @classmethod
    def hear(cls, world: World, mention: Mention) -> Heard:
        """A paper's article."""
        title = (mention.title or "").replace("\u00a0", " ")
        paper = paper_title(mention.source)
        return Heard(press_link(mention), mention.source, title=title, author=paper)

    def _site(self, account: Account, asked: Asked) -> Answer:
        feed = Feed(account.native_id, f"{account.name} : actualités", manner(self._world, account))
        if asked.path == "/":
            return _home(feed)
        if feed.manner == "moved" and asked.path == "/actualites/feed":
            return Answer(
                301, b"", "text/html", {"Location": f"https://{asked.host}/rss/actualites.xml"}
            )
        if asked.path not in ("/actualites/feed", "/rss/actualites.xml"):
            return _page(404, "Page introuvable")
        if feed.manner == "wall":
            return _page(503, "Vérification en cours", {"Retry-After": "3600"})
        return _answered(self._site_feed(account, feed, asked.moment), asked)

    def _site_feed(self, account: Account, feed: Feed, moment: int) -> Rendered:
        posts = self._world.latest(account, moment, ITEMS_SHOWN)
        key = tuple((post.number, post.edited_by(moment)) for post in posts)
        sent = self._sent.get(account.serial)
        if sent is None or sent[0] != key:
            entries = [self._entry(post, moment) for post in posts]
            sent = self._sent[account.serial] = (key, self._rendered(feed, entries))
        return sent[1]

    def _entry(self, post: Post, moment: int) -> Entry:
        written, link = self._world.text(post, moment), link_of(post)
        return Entry(link, link, written.title, told(written.text), post.created)

    def _paper(self, address: str, asked: Asked) -> Answer:
        if asked.path != "/rss.xml":
            return _page(404, "Page introuvable")
        rank = int(address.split("-")[-1].split(".")[0])
        if rank == len(PAPERS):
            return _page(503, "Site en maintenance", {"Retry-After": "3600"})
        entries = [
            Entry(link, link, mention.title or "", mention.text, mention.moment)
            for mention in reversed(self._said(address, asked.moment))
            for link in (press_link(mention),)
        ]
        feed = Feed(address, f"La Gazette fictive n° {rank}", "rss")
        return _answered(self._rendered(feed, entries[:60]), asked)

    def _said(self, address: str, moment: int) -> list[Mention]:
        """What a paper published lately; the stream is read once for all of them."""
        if self._press[0] != moment // 60:
            found: dict[str, list[Mention]] = {}
            for mention in self._world.mentions.between(moment - PRESS_HOURS * 3600, moment + 1):
                if mention.network == "rss":
                    found.setdefault(mention.source, []).append(mention)
            self._press = (moment // 60, found)
        return [mention for mention in self._press[1].get(address, []) if mention.moment <= moment]

    def _rendered(self, feed: Feed, entries: list[Entry]) -> Rendered:
        mark = blake2b(
            "\n".join(entry.guid + entry.title + entry.text for entry in entries).encode(),
            digest_size=8,
        ).hexdigest()
        latest = entries[0].moment if entries else self._world.crowd.begin
        if feed.manner == "atom":
            body, kind = _atom(feed, entries).encode(), "application/atom+xml; charset=utf-8"
        elif feed.manner == "latin":
            body = _rss(feed, entries, "ISO-8859-1").encode("cp1252", "xmlcharrefreplace")
            kind = "application/rss+xml"
        else:
            body, kind = _rss(feed, entries, "UTF-8").encode(), "application/rss+xml; charset=utf-8"
        return Rendered(f'W/"{mark}"', formatdate(latest, usegmt=True), body, kind)


NETWORK = Rss


def _answered(feed: Rendered, asked: Asked) -> Answer:
    """The feed, or nothing when the client has it."""
    headers = {
        "ETag": feed.tag,
        "Last-Modified": feed.modified,
        "Cache-Control": "max-age=600",
    }
    if asked.headers.get("If-None-Match") == feed.tag or (
        "If-None-Match" not in asked.headers
        and asked.headers.get("If-Modified-Since") == feed.modified
    ):
        return Answer(304, b"", "", headers)
    return Answer(200, feed.body, feed.kind, headers)


def manner(world: World, account: Account) -> str:
    """How a site's feed behaves: ``rss``, ``atom``, ``latin``, ``moved`` or ``wall``."""
    if account.part is not None:
        return "rss"
    drawn = world.chance.number("manner", str(account.serial), 1000)
    for name, share in (("wall", 12), ("moved", 25), ("latin", 90), ("atom", 260)):
        if drawn < share:
            return name
    return "rss"


def paper_title(address: str) -> str:
    """The name of a local paper."""
    return f"La Gazette fictive n° {address.split('-')[-1].split('.')[0]}"


def press_link(mention: Mention) -> str:
    """The address of a paper's article."""
    host = mention.source.split("/")[2]
    day = iso(mention.moment)[:10].replace("-", "/")
    return f"https://{host}/{day}/{slug(mention.title or mention.text)[:40]}-{mention.number}"


def told(text: str) -> str:
    """A text without the link to itself."""
    return text.split("\nhttps://")[0]


def link_of(post: Post) -> str:
    """The address of an entry."""
    return f"https://{post.account.host}/actualites/{post.number}"


def _rss(feed: Feed, entries: list[Entry], encoding: str) -> str:
    site = feed.address.rsplit("/", 1)[0]
    lines = [
        f'<?xml version="1.0" encoding="{encoding}"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
        f"<title>{escape(feed.title)}</title><link>{escape(site)}</link>",
        f'<atom:link href="{escape(feed.address)}" rel="self" type="application/rss+xml"/>',
        f"<description>{escape(feed.title)} (monde inventé)</description>",
        "<language>fr-FR</language><ttl>30</ttl>",
    ]
    lines.extend(
        f"<item><title>{escape(entry.title)}</title><link>{escape(entry.link)}</link>"
        f'<guid isPermaLink="true">{escape(entry.guid)}</guid>'
        f"<pubDate>{formatdate(entry.moment, usegmt=True)}</pubDate>"
        f"<description>{escape(f'<p>{escape(entry.text)}</p>')}</description></item>"
        for entry in entries
    )
    return "\n".join([*lines, "</channel></rss>"])


def _atom(feed: Feed, entries: list[Entry]) -> str:
    updated = iso(entries[0].moment) if entries else "2025-08-01T00:00:00"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">',
        f"<title>{escape(feed.title)}</title><id>{escape(feed.address)}</id><updated>{updated}Z</updated>",
        f'<link rel="self" href="{escape(feed.address)}"/>',
    ]
    lines.extend(
        f"<entry><title>{escape(entry.title)}</title><id>{escape(entry.guid)}</id>"
        f'<link rel="alternate" href="{escape(entry.link)}"/>'
        f"<published>{iso(entry.moment)}Z</published><updated>{iso(entry.moment)}Z</updated>"
        f'<summary type="html">{escape(f"<p>{escape(entry.text)}</p>")}</summary></entry>'
        for entry in entries
    )
    return "\n".join([*lines, "</feed>"])


def _home(feed: Feed) -> Answer:
    body = (
        f'<!doctype html><html lang="fr"><head><title>{escape(feed.title)}</title>'
        f'<link rel="alternate" type="application/rss+xml" href="{escape(feed.address)}"></head>'
        f"<body><p>Site d’un monde inventé.</p></body></html>"
    )
    return Answer(200, body.encode(), "text/html; charset=utf-8")


def _page(status: int, title: str, headers: dict[str, str] | None = None) -> Answer:
    body = f'<!doctype html><html lang="fr"><title>{title}</title><h1>{title}</h1></html>'
    return Answer(status, body.encode(), "text/html; charset=utf-8", headers or {})
