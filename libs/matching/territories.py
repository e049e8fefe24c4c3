"""Finding a territory by what people type: a name, its beginning, a slip of it, a postal code, an
INSEE code. Words are compared as everywhere, « communauté de communes » as "cc".
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from contracts.territories import Kind, Territories, Territory
from libs.matching.term import abbreviated
from libs.matching.words import ARTICLES, line

LIKENESS = 0.72
"""How like a name must be (`difflib`, 0 to 1): one letter in five may be wrong."""

LENGTHS = 4
"""How many letters a name may be longer or shorter by."""


def folded(name: str) -> str:
    """Return a name as it is compared: folded words, a space between. Twice changes nothing."""
    return abbreviated(line(name)).strip().decode()


def find(
    territories: Territories, text: str, *, kinds: frozenset[Kind] | None = None, limit: int = 20
) -> list[Territory]:
    """Return territories whose words are all those of the text, best first; [] for an empty text.

    The last word may be the beginning of one. Best is: the exact name, then a name that begins so,
    then whole words before beginnings; then the most inhabitants.
    """
    return _index(territories).find(text, kinds, limit)


def named(territories: Territories, name: str) -> list[Territory]:
    """Return territories of exactly this name, or with a part of this name, folded."""
    return _index(territories).named(name)


def near(territories: Territories, text: str, limit: int = 5) -> list[Territory]:
    """Return the territories whose names are most like a text, the likest first.

    A slip of the finger should not be a dead end. Names of the same first letter are looked at:
    some thousands of comparisons.
    """
    typed = folded(text)
    if len(typed) < 3:
        return []
    known = {
        name: places
        for name, places in _by_letter(territories)[typed[0]].items()
        if abs(len(name) - len(typed)) <= LENGTHS
    }
    found = get_close_matches(typed, list(known), n=limit, cutoff=LIKENESS)
    return [place for name in found for place in known[name]][:limit]


@lru_cache(2)
def _by_letter(territories: Territories) -> defaultdict[str, dict[str, list[Territory]]]:
    """Return the names of a set, folded, by their first letter; invented ones come first."""
    letters: defaultdict[str, dict[str, list[Territory]]] = defaultdict(dict)
    for place in sorted(territories, key=lambda one: one.origin != "simulation"):
        name = folded(place.nom)
        letters[name[:1]].setdefault(name, []).append(place)
    return letters


class _Index:
    """Words of names (and of the places inside), postal codes and codes of a set of territories."""

    def __init__(self, territories: Sequence[Territory]) -> None:
        """Index them; about 0.2 s for the whole country."""
        self._territories = territories
        self._names: list[tuple[str, ...]] = []
        postings: defaultdict[str, list[int]] = defaultdict(list)
        for place, territory in enumerate(territories):
            names = _names_of(territory)
            self._names.append(names)
            for name in names:
                for word in name.split():
                    postings[word].append(place)
            for code in _codes_of(territory):
                postings[code].append(place)
        self._postings = dict(postings)
        self._words = sorted(self._postings)

    def find(self, text: str, kinds: frozenset[Kind] | None, limit: int) -> list[Territory]:
        query = folded(text)
        words = query.split()
        if not words:
            return []
        places = set(self._beginning(words[-1]))
        for word in words[:-1]:
            places.intersection_update(self._postings.get(word, ()))
        found = [
            place for place in places if kinds is None or self._territories[place].kind in kinds
        ]
        found.sort(key=lambda place: self._rank(place, query, words[-1]))
        return [self._territories[place] for place in found[:limit]]

    def named(self, name: str) -> list[Territory]:
        query = folded(name)
        if not query:
            return []
        places = set(self._postings.get(query.split()[0], ()))
        return [self._territories[place] for place in sorted(places) if query in self._names[place]]

    def _beginning(self, word: str) -> Iterable[int]:
        start = bisect_left(self._words, word)
        for candidate in self._words[start:]:
            if not candidate.startswith(word):
                return
            yield from self._postings[candidate]

    def _rank(self, place: int, query: str, last: str) -> tuple[int, int, int, str]:
        territory, names = self._territories[place], self._names[place]
        if query in (names[0], _without_article(names[0])) or last in _codes_of(territory):
            closeness = 0
        elif query in names:
            closeness = 1
        elif any(f"{name} ".startswith(f"{query} ") for name in names):
            closeness = 2
        elif any(name.startswith(query) for name in names):
            closeness = 3
        else:
            closeness = 4
        whole = 0 if place in self._places(last) else 1
        return (closeness, whole, -(territory.population or 0), territory.code)

    def _places(self, word: str) -> Sequence[int]:
        return self._postings.get(word, ())


def _without_article(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if first.encode() in ARTICLES else name


def _names_of(territory: Territory) -> tuple[str, ...]:
    own = folded(territory.nom)
    if not territory.parts:
        return (own,)
    return tuple(dict.fromkeys([own, *(folded(part.nom) for part in territory.parts)]))


def _codes_of(territory: Territory) -> list[str]:
    codes = [territory.code.lower(), *territory.postal_codes]
    if territory.aliases or territory.former_codes or territory.parts:
        others = (*territory.aliases, *territory.former_codes)
        codes += [code.lower() for code in (*others, *(part.code for part in territory.parts))]
    return codes


@lru_cache(2)
def _index(territories: Territories) -> _Index:
    return _Index(tuple(territories))
