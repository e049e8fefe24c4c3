"""Names of places in a text: whether one stands there, or a longer name, or a common word.

« Bourg » is not « Bourg-en-Bresse »; « nice » is an English word unless it is « à Nice ». Longer
names are those of the registry, and any that hyphens make.
"""

import re
from collections import defaultdict
from functools import cache, lru_cache

from contracts.territories import Kind, Territories
from libs.matching.reading import Reading
from libs.matching.words import ARTICLES, line

_HYPHEN = "-‐‑–"
_BETWEEN = r"(?:en|sur|sous|l[eè]s|lez|le|la|l|de|du|des|d|aux?|et|s)"
_LONGER_AFTER = re.compile(rf"[{_HYPHEN}]{_BETWEEN}[{_HYPHEN}’'/]", re.IGNORECASE)
_LONGER_BEFORE = re.compile(rf"\w[{_HYPHEN}]{_BETWEEN}[{_HYPHEN}’'/]\Z", re.IGNORECASE)

_PLACES = frozenset(
    b"ville commune mairie maire gare habitants prefecture agglo agglomeration village centre "
    b"canton arrondissement hopital lycee college marche quartier pays chateau cathedrale eglise "
    b"departement route entree sortie rue pompiers gendarmerie police clinique aeroport".split()
)
"""Nouns after which « de » leads to a place."""

_GERMAN = frozenset(b"das der ist und ich wir sie auch nicht ein eine mit von zu".split())
_ENGLISH = frozenset(
    b"to the of and is are was you your it in on for with at this that one day job work guy people "
    b"try idea little big new very so my our".split()
)

HOMONYMS: dict[bytes, frozenset[bytes]] = {
    b"lens": _ENGLISH | {b"flare", b"cap", b"camera"},
    b"nice": _ENGLISH,
    b"tours": frozenset(b"de et du jumelles".split()),
    b"sens": frozenset(
        b"unique interdit giratoire inverse oppose commun de du figure pratique que".split()
    ),
    b"die": _GERMAN | _ENGLISH,
    b"auch": _GERMAN,
    b"gap": _ENGLISH,
    b"orange": frozenset(b"bank mecanique sanguine amere fibre mobile business pressee".split()),
    **{
        name: frozenset[bytes]()
        for name in (
            b"eu bourg villeneuve mer vienne croix menton grasse valence saintes rennes vannes "
            b"cannes tulle bar ham port salon laval lille aire source rue mende "
            b"dole toul lure condom grenade montagne fougeres sarlat contes thiers riom "
            b"loches ales roanne pau nancy "
            b"vitre redon brest pont plan val bray ecouen creil is us ay oz bu by sy ri ver as an "
            b"sainte saint grand bois fort chars champs cruas ars ault bron cholet poix ors"
        ).split()
    },
}
"""Communes that are common words too, in French or another tongue, and what follows the word."""

_CONTEXT = frozenset(b"a au aux sur vers dans pres".split())


class Place:
    """A name as a term: what is known of the longer names in which it stands."""

    def __init__(self, folded: bytes, *, homonym: bool) -> None:
        self._folded = folded
        self._longer = longer_names(folded)
        self._homonym = homonym

    def stands(self, reading: Reading, start: int, end: int, first: int, last: int) -> bool:
        """Tell whether it is the place that stands there: bytes of the line, words by number."""
        if any(
            reading.line.endswith(before, 0, start + 1) and reading.line.startswith(after, end)
            for before, after in self._longer
        ):
            return False
        words, text = reading.words, reading.text
        if _LONGER_AFTER.match(text, words[last].end) or _LONGER_BEFORE.search(
            text, max(0, words[first].start - 8), words[first].start
        ):
            return False
        if not self._homonym or words[first].folded != self._folded:
            return True
        return self._meant(reading, first)

    def _meant(self, reading: Reading, number: int) -> bool:
        """Tell whether a word that is also a common one is a place here, by what is around it."""
        words = reading.words
        word, before = words[number], words[number - 1] if number else None
        following = words[number + 1] if number + 1 < len(words) else None
        spelled = reading.text[word.start : word.end]
        first = before is None or reading.ends_after(number - 1)
        led = before is not None and not first and _leads(reading, number)
        if len(word.folded) == 1:
            return spelled.isupper() and (led or _numbered(reading, number))
        if following and following.folded in HOMONYMS.get(self._folded, ()):
            return False
        if not spelled[0].isupper():
            return led
        if self._folded == b"die" and following and first:
            return not reading.text[following.start].isupper()
        return True


def _leads(reading: Reading, number: int) -> bool:
    """Tell whether the word before says that a place follows: « à », « la mairie de »."""
    words, before = reading.words, reading.words[number - 1]
    spelled = reading.text[before.start : before.end]
    alone = len(words[number].folded) == 1
    if before.folded == b"a":
        return spelled in ("à", "À") or (words[number].folded != b"eu" and not alone)
    if before.folded in _CONTEXT:
        return words[number].folded not in (b"mer", b"rue")
    if before.folded in (b"de", b"d"):
        capital = reading.text[words[number].start].isupper()
        return capital or (number > 1 and words[number - 2].folded in _PLACES)
    return before.folded in _PLACES


def _numbered(reading: Reading, number: int) -> bool:
    """Tell whether a postal code stands before, or « (Somme) » behind."""
    words = reading.words
    before = words[number - 1].folded if number else b""
    behind = reading.text[words[number].end :].lstrip()
    return (len(before) == 5 and before.isdigit()) or behind.startswith("(")


@cache
def _names() -> dict[bytes, tuple[bytes, ...]]:
    """Return the names of communes, départements and régions that have several words, by word."""
    by_word: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for folded in known():
        if folded.count(b" ") > 2:
            for word in folded.split():
                by_word[word].add(folded)
    return {word: tuple(sorted(names)) for word, names in by_word.items()}


@cache
def known() -> frozenset[bytes]:
    """Return every name of the registry, folded, a space at both ends."""
    kinds = (Kind.COMMUNE, Kind.DEPARTEMENT, Kind.REGION)
    found: set[bytes] = set()
    for territory in Territories.load().of_kind(*kinds):
        found.add(line(territory.nom))
        found.update(line(part.nom) for part in territory.parts)
    return frozenset(found)


@lru_cache(20_000)
def longer_names(folded: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return what stands before and behind a name in the longer ones of the registry.

    Without its article a name is itself, not a longer one: « Le Mans » holds « Mans ».
    """
    name = b" " + folded + b" "
    words = folded.split()
    if not words:
        return ()
    rarest = min((_names().get(word, ()) for word in words), key=len)
    found: dict[tuple[bytes, bytes], None] = {}
    for longer in rarest:
        place = longer.find(name)
        if place >= 0 and longer != name:
            before, after = longer[: place + 1], longer[place + len(name) - 1 :]
            if not (after == b" " and before.strip() in ARTICLES):
                found[before, after] = None
    return tuple(found)
