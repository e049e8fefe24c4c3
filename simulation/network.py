"""A fictional network: what it answers, and what a collector sees of its accounts and posts.

Its answers and the history written directly (``history.py``) are two ways to the same events; the
sight says what the second must hold, and a test compares both.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from typing import ClassVar, NamedTuple, Protocol, cast

from contracts.accounts import AccountCounter
from contracts.event import AbsenceReason
from contracts.networks import network_of
from contracts.posts import PostCounter, PostKind
from simulation import networks as files
from simulation.country.accounts import Account, InventedAccounts
from simulation.country.days import iso
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.country.texts import Written
from simulation.country.world import World
from simulation.history.ledger import Ledger
from simulation.serving.exchange import Answer, Asked

LANGUAGE = "fr"


class Sight(NamedTuple):
    """A post as a collector sees it; ``absent`` says why a counter is null."""

    native_id: str
    address: str
    kind: PostKind
    published_at: str
    text: str
    hashtags: tuple[str, ...]
    language: str | None
    absent: Mapping[PostCounter, AbsenceReason]


class Heard(NamedTuple):
    """A mention as a collector hears it; ``event_id`` where the event has an id of its own."""

    address: str
    source: str
    event_id: str | None = None
    title: str | None = None
    author: str | None = None


class Subscription(Protocol):
    """A subscriber of a stream: its filters, and what it has been told."""

    binary: bool

    def update(self, message: str) -> None:
        """Take a message of the subscriber."""
        ...

    def due(self, micros: int) -> Iterator[bytes]:
        """Events before a moment (in µs) that were not told yet."""
        ...


class Fictional(ABC):
    """A fictional network over a world: one file of ``simulation/networks/``, as ``NETWORK``.

    - ``hosts``: those that it answers at; none for the one that has all hosts of nobody else.
    - ``closed_to_all``: those of them that answer to nobody unknown.
    - ``streams``: where its stream is subscribed to, if it has one: host and path.
    """

    accounts: ClassVar[InventedAccounts]
    hosts: ClassVar[Sequence[str]] = ()
    closed_to_all: ClassVar[Sequence[str]] = ()
    streams: ClassVar[Sequence[str]] = ()

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Take the world with its accounts, and the ledger that counts what is asked."""
        self._world = world
        self._ledger = ledger
        accounts = world.by_network.get(self.accounts.slug, [])
        self._by_id = {(one.host, one.native_id): one for one in accounts}
        self._by_rank = {one.rank: one for one in accounts}
        self._by_handle: defaultdict[tuple[str, str], list[Account]] = defaultdict(list)
        for one in accounts:
            for handle in (one.first_handle, one.last_handle):
                self._by_handle[one.host, handle].append(one)

    def identified(self, native: str, moment: int, host: str = "") -> Account | None:
        """The account of a native id (of a host), if it is there at a moment."""
        account = self._by_id.get((host, native))
        return account if account is not None and account.open_at(moment) else None

    def named(self, handle: str, moment: int, host: str = "") -> Account | None:
        """The account that is there by a handle (of a host) at a moment."""
        for account in self._by_handle.get((host, handle), ()):
            if account.handle_at(moment) == handle and account.open_at(moment):
                return account
        return None

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """Answer one request; never raises for what a client sends."""

    @abstractmethod
    def throttled(self, seconds: int) -> Answer:
        """How it refuses one call too many, to come back in so many seconds."""

    @abstractmethod
    def expired(self) -> Answer:
        """How it refuses a credential that has expired."""

    def claims(self, asked: Asked) -> bool:
        """Whether a request to one of its hosts is for it: two networks may share a host."""
        return not self.hosts or asked.host in self.hosts

    @property
    def listeners(self) -> int:
        """How many subscribers its stream has."""
        return 0

    def subscribe(self, query: str, moment: int) -> Subscription:
        """Begin a subscription to its stream: filters and cursor of the query, at a moment."""
        raise NotImplementedError(f"{self.accounts.slug} has no stream")

    def leave(self, subscription: Subscription) -> None:
        """End a subscription."""
        raise NotImplementedError(f"{self.accounts.slug} has no stream")

    @classmethod
    @abstractmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        """A post as a collector sees it at a moment."""

    @classmethod
    def hear(cls, world: World, mention: Mention) -> Heard:
        """What somebody says as a collector hears it."""
        raise NotImplementedError(f"nothing is heard on {cls.accounts.slug}")

    @classmethod
    def counters(
        cls, world: World, account: Account, moment: int, posts: Callable[[int], int]
    ) -> dict[AccountCounter, int]:
        """Counters of an account as the network shows them; ``posts`` counts those at a moment."""
        return {
            "followers": world.followers(account, moment),
            "following": account.following,
            "posts": posts(moment),
        }


@cache
def network_named(slug: str) -> type[Fictional]:
    """The fictional network of a file; raises ``ModuleNotFoundError`` where there is none."""
    return cast("type[Fictional]", import_module(f"{files.__name__}.{slug}").NETWORK)


def seen(world: World, post: Post, moment: int) -> Sight:
    """A post as it is seen at a moment."""
    return network_named(post.account.network).see(world, post, moment)


def shown(world: World, account: Account, moment: int) -> dict[AccountCounter, int]:
    """The counters that the network shows of an account at a moment; others are absent."""
    read = network_named(account.network).counters
    counters = read(world, account, moment, partial(world.post_count, account))
    absent = absent_of(account)
    return {name: value for name, value in counters.items() if name not in absent}


def absent_of(account: Account) -> dict[AccountCounter, AbsenceReason]:
    """Why counters of an account are null."""
    absent = dict(_account_absent(account.network))
    if account.hidden and account.rules.law.hides == "followers":
        absent["followers"] = "hidden"
    return absent


def sight(
    post: Post, native: str, address: str, kind: str, said: Written, millis: int = 0
) -> Sight:
    """A post as it is seen, from what is particular to its network."""
    absent = dict(_post_absent(post.account.network))
    if post.likes_hidden:
        absent["likes"] = "hidden"
    if post.account.comments_closed:
        absent["comments"] = "hidden"
    fraction = f".{millis:03d}000" if millis else ""
    # Collectors keep single ordinary spaces, and each hashtag once in lower case.
    tidy = said.text.replace("\u00a0", " ")
    tags = tuple(dict.fromkeys(tag.lower() for tag in said.hashtags)) if said.hashtags else ()
    published = f"{iso(post.created)}{fraction}Z"
    language = LANGUAGE if post.account.rules.says_language else None
    return Sight(native, address, cast("PostKind", kind), published, tidy, tags, language, absent)


@cache
def _post_absent(slug: str) -> dict[PostCounter, AbsenceReason]:
    return network_of(slug).absent_post_counters()


@cache
def _account_absent(slug: str) -> dict[AccountCounter, AbsenceReason]:
    return network_of(slug).absent_account_counters()
