"""The past of a new watch: what it would have found among the texts already kept.

So that a number is told for being unusual from the first day, rather than after two weeks.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from unicodedata import normalize

import structlog

from contracts.sightings import digest_of, minute_of, packed
from contracts.watches import Past, Query
from libs.clock import paris_day
from libs.deciding.stages import TELL_WITHIN
from libs.matching.match import Matcher
from libs.matching.query import Rule
from libs.matching.term import Way
from libs.matching.words import SAINTS
from services.api.figures.queries import EngineUnavailable, Figures
from services.api.figures.views import TEXTS_READ, TEXTS_WITH
from services.api.figures.watch_rows import KeptText, TextsRead
from services.api.store import Store

log = structlog.get_logger(__name__)

SPAN = timedelta(days=29)
"""Four weeks to compare with, and a day; texts are kept for thirty."""

STILL_NEWS = TELL_WITHIN
"""What is younger may still be told by a watch that is modified: it must not be taken as seen."""

TEXTS_MOST = 20_000
"""Texts read at most, the newest; the past then begins with the oldest of them."""
FOUND_MOST = 5_000
NEEDLES_MOST = 200

_SAINTS = frozenset(SAINTS.values())
"""Texts may have "St" instead, which the engine does not know."""


def own_accounts(store: Store, territory: str) -> frozenset[str]:
    """Return what the accounts of a territory go by, as the live matcher knows them: verified."""
    accounts = store.accounts.of_territory(territory)
    return frozenset[str]().union(*(one.names for one in accounts if one.state == "verified"))


async def past_of(
    figures: Figures, query: Query, until: datetime, own: frozenset[str] = frozenset()
) -> Past | None:
    """Return what a query would have found before an instant; None when that cannot be known.

    What the territory's `own` accounts said is left out, as it is live.
    A watch that is made knows its past up to then; one that is modified, up to two days before.
    """
    since = until - SPAN
    days = {
        "date_from": paris_day(since),
        "date_to": paris_day(until),
    }
    try:
        read = await figures.read(TEXTS_READ, since=since.isoformat())
        texts = await figures.read(TEXTS_WITH, TEXTS_MOST, words=needles(query), **days)
    except EngineUnavailable as error:
        log.warning("a watch begins without its past", error=str(error))
        return None
    begun = known_since(query, read, since)
    if begun is None:
        return None
    if len(texts) == TEXTS_MOST:
        begun = max(begun, texts[-1].published_at)
    return await asyncio.to_thread(learnt, query, texts, begun, until, own)


def known_since(query: Query, read: Sequence[TextsRead], since: datetime) -> datetime | None:
    """Return when the last of the networks began to be read; None when nothing was."""
    begins: dict[str, datetime] = {}
    for one in read:
        if not query.networks or one.network in query.networks:
            first = begins.get(one.network, one.first_read_at)
            begins[one.network] = min(first, one.first_read_at)
    begun = max(begins.values(), default=None)
    return None if begun is None else max(begun, since)


def learnt(
    query: Query,
    texts: Sequence[KeptText],
    since: datetime,
    until: datetime,
    own: frozenset[str] = frozenset(),
) -> Past:
    """Match texts (newest first) of others that were published in `[since, until[`."""
    matcher = Matcher([("", query)])
    found = [
        one
        for one in texts
        if since <= one.published_at < until
        and one.source not in own
        and matcher.finds(one.text, one.about)
    ]
    if len(found) > FOUND_MOST:
        found = found[:FOUND_MOST]
        since = found[-1].published_at
    entries = ((digest_of(one.subject), minute_of(one.published_at)) for one in found)
    return Past(since=since, until=until, seen=packed(entries))


def needles(query: Query) -> str:
    """Return words of which one stands in every text that the query finds; empty when unknown.

    The engine looks for letters, whole words or not: « coupure » spares « coupures ».
    """
    rule = Rule.of("", query)
    needed = [[_needles(way) for way in term.ways] for term in rule.all]
    needed = [words for words in needed if all(words)]
    words = [_needles(way) for term in rule.any for way in term.ways]
    if needed:
        words = max(needed, key=lambda ways: min(len(one) for way in ways for one in way))
    chosen = set(chain(*words)) if all(words) else set[str]()
    shortest = {one for one in chosen if not any(other in one for other in chosen - {one})}
    return " ".join(sorted(shortest)) if len(shortest) <= NEEDLES_MOST else ""


def _needles(way: Way) -> set[str]:
    """Return words of which one stands wherever a way does; none where the engine knows none."""
    known = [set(map(_longest, slot)) for slot in way.slots]
    return max(
        (words for words in known if "" not in words),
        key=lambda words: (min(map(len, words)), -len(words)),
        default=set[str](),
    )


def _longest(written: bytes) -> str:
    """Return the longest of the words that the engine finds as they are; empty for none."""
    words = (word.decode() for word in written.split() if word not in _SAINTS)
    alike = (word for word in words if word == normalize("NFKD", word).lower())
    return max(alike, key=len, default="")
