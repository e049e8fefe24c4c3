"""Jetstream v1: what accounts and citizens write on a network, as events, in the order of time."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import msgspec

from simulation.country.accounts import Account
from simulation.country.days import DAY, HOUR, iso
from simulation.country.world import World
from simulation.serving.atproto import (
    POSTS,
    citizen,
    commit,
    mention_key,
    mention_record,
    micros_of_mention,
    micros_of_post,
    record,
    rkey,
)

REPLAY = 3 * DAY
"""How far back a cursor may go; older ones begin there."""

LATEST_DELETION = 40 * DAY
"""Seconds after a post, beyond which nobody deletes it."""

_encode = msgspec.json.Encoder().encode
_SECOND = 1_000_000


class _Options(msgspec.Struct):
    """The payload of an ``options_update`` message."""

    wantedCollections: list[str] = []  # noqa: N815 - the network's own spelling
    wantedDids: list[str] = []  # noqa: N815 - the network's own spelling


class _Update(msgspec.Struct):
    """A message of a subscriber."""

    type: str
    payload: _Options


class Jetstream:
    """Makes the events of a network's stream; each span is made once for all subscribers."""

    def __init__(self, world: World, network: str) -> None:
        self._world = world
        self._network = network
        self._subscriptions: list[object] = []
        self._made: tuple[int, int, list[tuple[int, str, str, bytes]]] = (0, 0, [])

    @property
    def listeners(self) -> int:
        """How many subscribers there are."""
        return len(self._subscriptions)

    def subscribe(self, query: str, moment: int) -> "Subscription":
        """Begin a subscription: filters and cursor of the query, at a moment."""
        asked = parse_qs(query)
        cursor = asked.get("cursor", [""])[-1]
        start = moment * _SECOND
        if cursor.isdigit():
            start = min(max(int(cursor), (moment - REPLAY) * _SECOND), start)
        subscription = Subscription(
            self, start, asked.get("wantedCollections", []), asked.get("wantedDids", [])
        )
        self._subscriptions.append(subscription)
        return subscription

    def leave(self, subscription: object) -> None:
        """End a subscription."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def events(self, since: int, until: int) -> list[tuple[int, str, str, bytes]]:
        """(µs, DID, collection or "", event) published in [since, until) seconds, in order."""
        if (since, until) == self._made[:2]:
            return self._made[2]
        found = [
            *self._commits(since, until),
            *self._deletions(since, until),
            *self._identities(since, until),
        ]
        events = [
            (micros, str(event["did"]), collection, _encode(event))
            for micros, collection, event in found
        ]
        events.sort(key=lambda event: event[0])
        self._made = (since, until, events)
        return events

    def _commits(self, since: int, until: int) -> Iterator[tuple[int, str, dict[str, object]]]:
        for post in self._world.posts(self._network, since, until):
            micros = micros_of_post(post)
            yield (
                micros,
                POSTS,
                commit(
                    post.account.native_id,
                    rkey(post),
                    micros,
                    "create",
                    record(self._world, post),
                ),
            )
        for mention in self._world.mentions.between(since, until):
            if mention.network == self._network:
                micros = micros_of_mention(mention)
                did = citizen(self._world, mention.author)
                yield (
                    micros,
                    POSTS,
                    commit(did, mention_key(mention), micros, "create", mention_record(mention)),
                )

    def _deletions(self, since: int, until: int) -> Iterator[tuple[int, str, dict[str, object]]]:
        for post in self._world.deletions(self._network, since, until, LATEST_DELETION):
            micros = (post.deleted_at or 0) * _SECOND + post.number % _SECOND
            yield micros, POSTS, commit(post.account.native_id, rkey(post), micros, "delete", None)
        for mention in self._world.mentions.deletions(since, until):
            if mention.network == self._network:
                micros = (mention.deleted_at or 0) * _SECOND + mention.number % _SECOND
                did = citizen(self._world, mention.author)
                yield micros, POSTS, commit(did, mention_key(mention), micros, "delete", None)

    def _identities(self, since: int, until: int) -> Iterator[tuple[int, str, dict[str, object]]]:
        """New handles, and accounts that are no more: told whatever the collections."""
        for account in self._world.by_network.get(self._network, ()):
            renamed, closed = account.renamed_at, account.closed_at
            if renamed is not None and since <= renamed < until:
                yield _told(account, renamed, "identity", {"handle": account.last_handle})
            if closed is not None and since <= closed < until:
                yield _told(account, closed, "account", {"active": False, "status": "deactivated"})


def _told(
    account: Account, moment: int, kind: str, what: dict[str, object]
) -> tuple[int, str, dict[str, object]]:
    """An event about an account itself."""
    micros = moment * _SECOND + account.rank
    about = {"did": account.native_id, "seq": micros // 1000, "time": f"{iso(moment)}.000Z"}
    event: dict[str, object] = {"did": account.native_id, "time_us": micros, "kind": kind}
    return micros, "", event | {kind: about | what}


class Subscription:
    """One subscriber: what it wants, and up to where it has been told."""

    binary = False

    def __init__(
        self, jetstream: Jetstream, start: int, collections: list[str], dids: list[str]
    ) -> None:
        self._jetstream = jetstream
        self._after = start
        self._collections = collections
        self._dids = frozenset(dids)

    def update(self, message: str) -> None:
        """Change the filters on the fly; what is no such message is ignored."""
        try:
            update = msgspec.json.decode(message, type=_Update)
        except msgspec.MsgspecError:
            return
        if update.type == "options_update":
            self._collections = update.payload.wantedCollections
            self._dids = frozenset(update.payload.wantedDids)

    def due(self, micros: int) -> Iterator[bytes]:
        """Events before a moment (in µs) that were not told yet, an hour at a time."""
        while self._after < micros:
            since = self._after // _SECOND
            until = min(since + HOUR, (micros + _SECOND - 1) // _SECOND)
            begin, end = self._after, min(micros, until * _SECOND)
            self._after = end
            for moment, did, collection, event in self._jetstream.events(since, until):
                if begin <= moment < end and self._wants(did, collection):
                    yield event

    def _wants(self, did: str, collection: str) -> bool:
        if self._dids and did not in self._dids:
            return False
        # Identity and account events come whatever the collections.
        return (
            not collection
            or not self._collections
            or any(
                collection == wanted
                or (wanted.endswith(".*") and collection.startswith(wanted[:-1]))
                for wanted in self._collections
            )
        )
