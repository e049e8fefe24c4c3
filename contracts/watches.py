"""Watches: what a territory wants to be told of, by whom, when, and how."""

from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from contracts.event import Count, Event, Id, Moment, NetworkSlug, Record

Term = Annotated[str, MinLen(2), MaxLen(100)]


class Query(Record):
    """What a text must say: one of `any`, all of `all`, none of `none`.

    Words are matched whole, accents folded, hyphen = space, « St » = « Saint ».
    """

    any: tuple[Term, ...]
    all: tuple[Term, ...] = ()
    none: tuple[Term, ...] = ()
    networks: tuple[NetworkSlug, ...] = ()


class Recipient(Record):
    """Where to tell: `mailto:a@b.fr` or `slack://T/B/X`; nothing is sent before `confirmed`."""

    address: Id
    confirmed: bool = False


class QuietHours(Record):
    """Local hours during which nothing is sent but what a crisis term lets through.

    `start` and `end` are minutes after midnight in the watch's time zone.
    """

    start: Annotated[int, Ge(0), Le(1439)]
    end: Annotated[int, Ge(0), Le(1439)]
    crisis_terms: tuple[Term, ...] = ()


class Watched(Event):
    """A watch as it is now; the latest of a key replaces the earlier ones.

    `mode`: `each` tells every match (grouped over `cooldown_minutes`), `peak` only an unusual
    number over `window_minutes`. `purpose` is the declared *finalité* (RGPD).
    """

    watch: Id
    revision: Count
    name: Annotated[str, MinLen(1), MaxLen(200)]
    territory: Id
    purpose: Annotated[str, MinLen(1), MaxLen(500)]
    query: Query
    recipients: tuple[Recipient, ...] = ()
    mode: Literal["each", "peak"] = "each"
    window_minutes: Annotated[int, Ge(5), Le(2880)] = 60
    sensitivity: Literal["strict", "balanced", "sensitive"] = "balanced"
    cooldown_minutes: Annotated[int, Ge(0), Le(1440)] = 60
    quiet: QuietHours | None = None
    timezone: str = "Europe/Paris"
    state: Literal["active", "paused", "ended"] = "active"
    created_at: Moment
    changed_at: Moment

    @property
    def key(self) -> str:
        """Return the watch."""
        return self.watch
