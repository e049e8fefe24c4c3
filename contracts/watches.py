"""Watches: what a territory wants to be told of, by whom, when, and how."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from contracts.event import Address, Count, Event, Id, Moment, NetworkSlug, Record, hashed_id

SHORTEST_TERM = 2
LONGEST_TERM = 100
LONGEST_EXPRESSION = 4_000
"""Characters; those of a term from `SHORTEST_TERM`, unless it is an abbreviation."""


Term = Annotated[str, MinLen(1), MaxLen(LONGEST_TERM)]
"""A word or a phrase as a record has it; `too_short` says which are refused when one is made."""


def too_short(term: str) -> bool:
    """Tell whether a term is a single letter; a capital is the name of a commune, « Y »."""
    return len(term) < SHORTEST_TERM and not term.isupper()


UNKNOWN_ZONE = "n’est pas un fuseau horaire connu (par exemple Europe/Paris)"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("unknown_zone", UNKNOWN_ZONE) from None
    return name


ZoneName = Annotated[str, MinLen(1), MaxLen(64)]
"""The name of a time zone as a record has it: another machine may know others."""

Zone = Annotated[ZoneName, AfterValidator(_zone)]
"""The name of a time zone of the IANA database that this machine knows: what a watch is made with.
"""


SensitivityName = Literal["strict", "balanced", "sensitive"]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Below `least` matches nothing is a peak; above, `ratio` times the mean of what is usual and
    `deviations` standard deviations over it (an over-dispersed count’s at least) must both be
    exceeded.

    Before anything usual is known, `unknown_least` matches are a peak.
    """

    least: int
    ratio: float
    deviations: float

    @property
    def unknown_least(self) -> int:
        """Return how many matches are a peak while nothing usual is known."""
        return 2 * self.least


SENSITIVITIES: dict[SensitivityName, Sensitivity] = {
    "strict": Sensitivity(least=10, ratio=4, deviations=5),
    "balanced": Sensitivity(least=5, ratio=3, deviations=4),
    "sensitive": Sensitivity(least=3, ratio=2, deviations=3),
}


@dataclass(frozen=True, slots=True)
class Reminders:
    """An event already told is told again before its cooldown when it has grown `ratio` times, and
    by `least` at least: `minutes` after the message before; at once when it has grown `crisis`
    times, but no more than two messages within `minutes`.

    An event begins by doubling every few seconds (3, 8, 16 messages within 45 s), while nobody has
    read the first message yet: ten minutes are what it takes to read it and answer « J’ai vu ».
    Eight times is what cannot wait for that: a crowd where some had been told.
    """

    ratio: int
    least: int
    minutes: int
    crisis: int


REMINDERS = Reminders(ratio=2, least=5, minutes=10, crisis=8)


class Query(Record):
    """What a text must say: one of `any`, all of `all`, none of `none`.

    Words are matched whole, in the forms that French people write (`libs/matching`). Without `any`,
    all of `all` is enough; a query without both finds nothing. `expression` is what was typed where
    that is more than alternatives (`libs/matching/language`): it must hold too, and `any` has then
    every term that it may find, so that a reader of before finds more, never less.
    """

    any: tuple[Term, ...]
    all: tuple[Term, ...] = ()
    none: tuple[Term, ...] = ()
    networks: tuple[NetworkSlug, ...] = ()
    expression: Annotated[str, MaxLen(LONGEST_EXPRESSION)] = ""


WATCH_PAGE = "/veilles/{watch}"
UNSUBSCRIBE_PAGE = "/veilles/{watch}/desinscription"
RECEIVING_PAGE = "/veilles/{watch}/recevoir"
"""Pages of the portal that messages link to; `?destinataire=` is the recipient's name. What they do
is done by a button (POST): mail scanners follow links."""


def recipient_name(address: str, key: str | None = None) -> str:
    """Return a name of an address in its place: a hash of it, by the key of a watch if it has one.

    Without a key, whoever knows the address knows its name.
    """
    if key is None:
        return hashed_id("recipient", address)
    return hmac.new(key.encode(), address.encode(), "sha256").hexdigest()[:32]


class Digest(Record):
    """What happened, told `every` day or week (on Monday) at a local time of the watch.

    `minute` counts from midnight.
    """

    every: Literal["day", "week"]
    minute: Annotated[int, Ge(0), Le(1439)]


class Mute(Record):
    """A time (UTC) during which somebody asked not to be told but of what a crisis term says."""

    since: Moment
    until: Moment


class Shift(Record):
    """Hours on duty: on `days` (0 is Monday) from `start` to `end`, minutes after midnight in the
    watch's time zone; into the next day where `end` does not come after `start`.
    """

    days: Annotated[tuple[Annotated[int, Ge(0), Le(6)], ...], MinLen(1), MaxLen(7)]
    start: Annotated[int, Ge(0), Le(1439)]
    end: Annotated[int, Ge(0), Le(1439)]


class Recipient(Record):
    """Where to tell: the address of a channel, sealed on topics; nothing before `confirmed`.

    `mark` is a hash of the address by a key of the api's: on topics it stands for the person, whom
    any watch names alike (None: published before there were marks).

    `digest` comes by itself, or beside alerts; without `at_once` no alert is told but in it. One
    with `duty` is told on duty only, as long as somebody else is then; a `backup` only of what
    nobody has seen in time.
    """

    address: Address
    confirmed: bool = False
    digest: Digest | None = None
    at_once: bool = True
    mute: Mute | None = None
    duty: Annotated[tuple[Shift, ...], MaxLen(28)] = ()
    backup: bool = False
    mark: Id | None = None


class QuietHours(Record):
    """Local hours during which nothing is sent but what a crisis term lets through.

    `start` and `end` are minutes after midnight in the watch's time zone.
    """

    start: Annotated[int, Ge(0), Le(1439)]
    end: Annotated[int, Ge(0), Le(1439)]
    crisis_terms: tuple[Term, ...] = ()


TERMS_AT_MOST = 200
NETWORKS_AT_MOST = 50
"""Networks that one watch names."""


def _bounded(query: Query) -> Query:
    _few((*query.any, *query.all, *query.none))
    if len(query.networks) > NETWORKS_AT_MOST:
        raise PydanticCustomError("too_many_networks", "too many networks")
    return query


def _bounded_quiet(quiet: QuietHours) -> QuietHours:
    _few(quiet.crisis_terms)
    return quiet


def _few(terms: tuple[str, ...]) -> None:
    if len(terms) > TERMS_AT_MOST:
        raise PydanticCustomError("too_many_terms", "too many terms")
    if any(map(too_short, terms)):
        raise PydanticCustomError("term_too_short", "a term of one letter, no commune’s name")


BoundedQuery = Annotated[Query, AfterValidator(_bounded)]
BoundedQuiet = Annotated[QuietHours, AfterValidator(_bounded_quiet)]
"""What a watch that is made or changed may look for: its event must fit the broker's 1 MiB, and a
single letter would be found everywhere. Events are read without these bounds, whatever made them.
"""


class Past(Record):
    """What is known of the time before a watch looked for these words: texts already kept.

    `seen` packs the subjects found and when each was published (`contracts/sightings.py`), all
    those from `since` on and before `until`.
    """

    since: Moment
    until: Moment
    seen: str = ""


class Pause(Record):
    """A time during which a watch did not look; `until` is null while it lasts."""

    since: Moment
    until: Moment | None = None


MUTE_FOR = timedelta(hours=1)
"""How long « silence une heure » lasts."""

SEEN_FOR = timedelta(hours=2)
SEEN_GROWTH = 3
"""« J’ai vu » stops reminders so long, or until the event has grown so many times."""


class Seen(Record):
    """An event (`group` of an alert) that somebody has seen, and when (UTC)."""

    group: Id
    at: Moment


AccountFact = Literal["silence", "drop", "viral", "month", "impostor"]
"""What may happen to the accounts of a territory: no post any more, followers lost, a post that
gathers far more than is usual, the scores of a month, an account that passes for it."""

Facts = tuple[AccountFact, ...]


class Watched(Event):
    """A watch as it is now; the latest of a key replaces the earlier ones.

    `mode`: `each` tells every match (grouped over `cooldown_minutes`), `peak` only an unusual
    number over `window_minutes`. `purpose` is the declared *finalité* (RGPD). `ignored` are the
    subjects and sources of which somebody said « Ce n’est pas nous ». `seen` are the events
    that somebody has seen: no reminder of them for `SEEN_FOR`, unless they grow `SEEN_GROWTH` times
    (`handled`, in watches of before: none before the cooldown). `pauses` are those of the last
    weeks, oldest first: of what was said meanwhile nothing is known, unless `past` ends later.
    `escalate_minutes` after an alert that nobody has seen its backups are told, without any of them
    everybody anew. `settled` is the revision since which words and settings are what they are
    (0: unknown). `facts` are what else is told, of the territory's accounts. `links_key`, sealed on
    topics, is what the links to a recipient are made with: nobody else can write one.
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
    sensitivity: SensitivityName = "balanced"
    cooldown_minutes: Annotated[int, Ge(0), Le(1440)] = 60
    quiet: QuietHours | None = None
    ignored: tuple[Id, ...] = ()
    handled: tuple[Id, ...] = ()
    seen: tuple[Seen, ...] = ()
    past: Past | None = None
    pauses: tuple[Pause, ...] = ()
    settled: Count = 0
    escalate_minutes: Annotated[int, Ge(5), Le(720)] | None = None
    facts: Facts = ()
    timezone: ZoneName = "Europe/Paris"
    state: Literal["active", "paused", "ended"] = "active"
    created_at: Moment
    changed_at: Moment
    links_key: str | None = None

    def recipient_name(self, address: str) -> str:
        """Return what links bear in place of the address of a recipient."""
        return recipient_name(address, self.links_key)

    @property
    def key(self) -> str:
        """Return the watch."""
        return self.watch
