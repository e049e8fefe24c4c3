"""The past of a world as events, written as bytes: what collectors would have observed.

The ids, the slots and the fields are those of the collector (`contracts.event.observation_id`):
counters of accounts at the account's own moments, posts at the ages of `contracts/networks/`, a
deletion when a reading finds nothing. Each event is one JSON object; what does not change between
two readings of a post is encoded once.
"""

from binascii import hexlify
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import msgspec

from contracts.accounts import ACCOUNT_COUNTERS, AccountCounter
from contracts.event import hashed_id
from contracts.networks import network_of
from contracts.posts import POST_COUNTERS, post_id
from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED, TEXTS_OBSERVED, Topic
from libs.matching.derived import derive
from simulation.country.accounts import Account
from simulation.country.days import DAY, aware, iso, stamp
from simulation.country.posts import MILLION, Post
from simulation.country.world import World
from simulation.network import absent_of, network_named, seen

PROFILE_PERIOD = DAY * 3 // 4
"""Counters of an account are read at three quarters of their freshness target (24 h)."""

CONFIRMED = 600
"""A post that is not there is asked for again ten minutes later."""

FIRST_SIGHT = 600
"""An entry of a feed is seen once, this long after its publication."""

COUNTED_AGE = 7 * DAY
"""The age (seconds) at which a month counts a post."""

OLDEST_READ = 28 * DAY
"""The age (seconds) of the last reading of a post."""

THIN_TURNS = 3
"""A thin history reads an account at one turn of so many."""

FEEDS_KEPT = 60 * DAY
"""How far back (seconds) a thin history has items of feeds."""

_encode = msgspec.json.Encoder().encode


Record = tuple[Topic, bytes]
"""An event for the wire, and its topic."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written of a span [since, until) of seconds.

    Args:
        thin_before: posts published before this moment are read at seven days only (the age at
            which the month counts them), accounts one time in three: enough for scores and curves.
        texts_since: texts of posts published before this moment are not written (kept 30 days).
        today: the present of those who keep the history, from which retention counts (``until``
            where it is not said).
    """

    since: int
    until: int
    thin_before: int = 0
    texts_since: int = 0
    today: int | None = None

    @property
    def present(self) -> int:
        """The moment from which days of retention count."""
        return self.until if self.today is None else self.today


class History:
    """Writes the events of accounts."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    def chunks(self) -> list[tuple[int, int]]:
        """Spans of publication of about a month; the first reaches back to posts still read."""
        bounds = [max(self._world.crowd.begin, self._plan.since - OLDEST_READ)]
        while bounds[-1] < self._plan.until:
            bounds.append(min(self._plan.until, bounds[-1] + 30 * DAY))
        return list(pairwise(bounds))

    def records(self, account: Account, first: int, last: int) -> Iterator[Record]:
        """The events of an account: profiles in [first, last), posts published then."""
        if not account.rules.observable(account):
            return
        first = max(first, self._kept_since(account))
        if first >= last:
            return
        posts = self._world.press.between(account, first, last)
        if network_of(account.network).account_counters:
            counted = self._world.counted(account, first, last, posts)
            yield from self._profiles(account, max(first, self._plan.since), last, counted)
        for post in posts:
            yield from self._post(post)

    def _kept_since(self, account: Account) -> int:
        """From when on the history of an account may be kept: some networks allow few days."""
        network = network_of(account.network)
        since = 0
        if network.retention_days is not None:
            since = self._plan.present - network.retention_days * DAY
        if network.paced and self._plan.thin_before:
            since = self._plan.present - FEEDS_KEPT
        return since

    def _profiles(
        self, account: Account, first: int, last: int, counted: Callable[[int], int]
    ) -> Iterator[Record]:
        world = self._world
        phase = (
            int.from_bytes(blake2b(account.id.encode(), digest_size=8).digest()) % PROFILE_PERIOD
        )
        prefix = _id_prefix(account.id)
        templates: dict[str, bytes] = {}
        read = network_named(account.network).counters
        absent = absent_of(account)
        topic = ACCOUNTS_OBSERVED.for_network(account.network)
        shown: list[AccountCounter] = [name for name in ACCOUNT_COUNTERS if name not in absent]
        for turn in range(_turn(first, phase), _turn(last, phase)):
            slot = turn * PROFILE_PERIOD + phase
            thin = slot < self._plan.thin_before and turn % THIN_TURNS
            if thin or not account.open_at(slot):
                continue
            handle = account.observed_handle(slot)
            template = templates.get(handle) or _account_template(account, handle)
            templates[handle] = template
            text = stamp(slot)
            counters = read(world, account, slot, counted)
            values = tuple(counters[name] for name in shown)
            yield topic, template % (_slot_id(prefix, text), text, text, *values)

    def _post(self, post: Post) -> Iterator[Record]:
        plan, account = self._plan, post.account
        network = network_of(account.network)
        ages = network.freshness.readings or (FIRST_SIGHT,)
        if post.created < plan.thin_before and len(ages) > 1:
            # A post that will be deleted counts for the rhythm: it must have been seen.
            ages = (COUNTED_AGE,) if post.deleted_at is None else (ages[0], COUNTED_AGE)
        template, told, identity, edited = b"", False, b"", post.edited_at
        press, topic = self._world.press, POSTS_OBSERVED.for_network(account.network)
        shown: list[int] = []
        for age in ages:
            slot = post.created + age
            if slot < plan.since or slot >= plan.until:
                continue
            if not account.open_at(slot):
                return
            if post.deleted_at is not None and slot >= post.deleted_at:
                if told and not network.paced:
                    yield self._deletion(post, slot)
                return
            if not template or (edited is not None and slot >= edited):
                identity, template, shown, text = self._seen(post, slot)
                edited = edited if edited is not None and slot < edited else None
                if text is not None and not told:
                    yield TEXTS_OBSERVED.for_network(account.network), text
            told = True
            moment = stamp(slot)
            reached = press.reached(post, slot)
            values = [count * reached // MILLION for count in shown]
            identifier = hexlify(blake2b(identity + moment, digest_size=16).digest())
            yield topic, template % (identifier, moment, moment, *values)

    def _seen(self, post: Post, moment: int) -> tuple[bytes, bytes, list[int], bytes | None]:
        """(prefix of the ids, template of the readings, final counters, text event) of a post."""
        account = post.account
        sight = seen(self._world, post, moment)
        identity = post_id(account.network, sight.native_id)
        derived = derive(sight.text, sight.hashtags)
        static = {
            "origin": "simulation",
            "post": identity,
            "account": account.id,
            "network": account.network,
            "native_id": sight.native_id,
            "address": sight.address,
            "kind": sight.kind,
            "published_at": sight.published_at,
            "absent": sight.absent,
            "text_length": len(sight.text),
            "hashtags": sight.hashtags,
            "language": sight.language,
            "topics": derived.topics,
            "fingerprint": derived.fingerprint,
        }
        template = _template(static, POST_COUNTERS, sight.absent)
        kept = post.created >= self._plan.texts_since
        text = _text(static, sight.text, moment) if kept else None
        counters = zip(POST_COUNTERS, post.final, strict=True)
        shown = [count for name, count in counters if name not in sight.absent]
        return _id_prefix(identity), template, shown, text

    def _deletion(self, post: Post, missing: int) -> Record:
        """A post that was missing at a moment, and is still when it is asked for again."""
        sight = seen(self._world, post, missing + CONFIRMED)
        network = post.account.network
        identity = post_id(network, sight.native_id)
        moment = f"{iso(missing + CONFIRMED)}Z"
        event = {
            "event_id": hashed_id("deleted", network, sight.native_id, str(aware(missing))),
            "origin": "simulation",
            "post": identity,
            "account": post.account.id,
            "network": post.account.network,
            "native_id": sight.native_id,
            "state": "deleted",
            "published_at": sight.published_at,
            "slot": moment,
            "observed_at": moment,
            **dict.fromkeys(POST_COUNTERS),
            "absent": dict.fromkeys(POST_COUNTERS, "not_published"),
        }
        return POSTS_OBSERVED.for_network(post.account.network), _encode(event)


def _turn(moment: int, phase: int) -> int:
    """The first of an account's own moments that is not before a moment."""
    return -(-(moment - phase) // PROFILE_PERIOD)


def _account_template(account: Account, handle: str) -> bytes:
    absent = absent_of(account)
    static = {
        "origin": "simulation",
        "account": account.id,
        "network": account.network,
        "native_id": account.native_id,
        "handle": handle,
        "name": account.name,
        "absent": absent,
    }
    return _template(static, ACCOUNT_COUNTERS, absent)


def _template(
    static: Mapping[str, object], counters: Sequence[str], absent: Iterable[str]
) -> bytes:
    """An event with holes: its id, its slot twice, then its counters that are not null."""
    return _head(tuple(counters), tuple(absent)) + _encode(static)[1:].replace(b"%", b"%%")


def _text(post: Mapping[str, Any], text: str, moment: int) -> bytes:
    """The event of a post's text, from what is written of the post."""
    same = ("origin", "post", "account", "network", "address", "published_at")
    return _encode(
        {
            "event_id": hashed_id("text", post["post"], text),
            **{name: post[name] for name in same},
            "observed_at": f"{iso(moment)}Z",
            "text": text,
            "language": post["language"],
        }
    )


@cache
def _head(counters: tuple[str, ...], absent: tuple[str, ...]) -> bytes:
    holes = ",".join(f'"{name}":{"null" if name in absent else "%d"}' for name in counters)
    return b'{"event_id":"%b","slot":"%b","observed_at":"%b",' + holes.encode() + b","


def _id_prefix(subject: str) -> bytes:
    """The bytes that `observation_id` hashes before those of the slot."""
    encoded = subject.encode()
    return len(encoded).to_bytes(4, "big") + encoded + (20).to_bytes(4, "big")


def _slot_id(prefix: bytes, slot: bytes) -> bytes:
    """`observation_id` of a subject and a slot written in 20 characters."""
    return hexlify(blake2b(prefix + slot, digest_size=16).digest())
