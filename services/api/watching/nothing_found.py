"""A watch that would have found nothing in 29 days: said at once, with the nearest words there are.

So that « coupur d’eau » does not look for ever, silent as a watch on a quiet town.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from contracts.watches import Past, Query
from libs.clock import paris_day
from libs.matching.query import written_in
from libs.matching.reading import Reading
from libs.matching.term import term_of
from libs.matching.territories import LIKENESS
from libs.matching.words import fold
from services.api.figures.queries import Figures
from services.api.figures.views import TEXTS_BETWEEN
from services.api.figures.watch_rows import KeptText
from services.api.watching.learning import SPAN

TEXTS_MOST = 20_000
NEAR_MOST = 3
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Alone:
    """A term of a query that found nothing: how many texts have it, and words like it if none."""

    term: str
    texts: int
    near: tuple[str, ...]


async def nothing_found(
    figures: Figures, query: Query, past: Past | None, now: datetime
) -> tuple[Alone, ...]:
    """Say of each term why nothing was found; () where something was, or nothing is known."""
    if past is None or past.seen:
        return ()
    texts = await figures.read(
        TEXTS_BETWEEN,
        TEXTS_MOST,
        date_from=paris_day(now - SPAN),
        date_to=paris_day(now),
    )
    mine = [one for one in texts if not query.networks or one.network in query.networks]
    return await asyncio.to_thread(told_apart, query, mine)


def told_apart(query: Query, texts: Sequence[KeptText]) -> tuple[Alone, ...]:
    """Count the texts of each term by itself; of those in none, look for words like theirs."""
    terms = dict.fromkeys((*query.any, *query.all))
    readings = [Reading(one.text) for one in texts]
    counts = {term: sum(map(term_of(term).stands, readings)) for term in terms}
    said: dict[str, str] = {}
    if not all(counts.values()):
        for one in texts:
            for word in _WORD.findall(one.text):
                said.setdefault(word.casefold(), word)
    spelled = {b"".join(fold(word)).decode(): word for word in said}
    return tuple(
        Alone(term, count, () if count else _near(term, spelled)) for term, count in counts.items()
    )


def _near(term: str, spelled: dict[str, str]) -> tuple[str, ...]:
    """Return words of texts that are like one of a term, the likest first."""
    found: dict[str, None] = {}
    for word in sorted((one.decode() for one in fold(term)), key=len, reverse=True):
        alike = [one for one in spelled if one[:1] == word[:1] and abs(len(one) - len(word)) <= 2]
        near = get_close_matches(word, alike, n=NEAR_MOST, cutoff=LIKENESS)
        if word not in near:
            found.update((spelled[one], None) for one in near)
    return tuple(word for word in found if not written_in(term, [word]))[:NEAR_MOST]
