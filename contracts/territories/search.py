"""Finding a territory by what people type: a name, its beginning, a postal code, an INSEE code."""

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from contracts.territories.categories import Kind
from contracts.territories.territory import Territory

_WORDS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_ARTICLES = ("le", "la", "les", "l")
_PHRASES = (
    ("communaute de communes", "cc"),
    ("communaute d agglomeration", "ca"),
    ("communaute urbaine", "cu"),
)


def _french_signs() -> dict[int, str]:
    """Table that does at once, for the signs of French, what Unicode decomposition does slowly."""
    signs = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
    accented = "àâäçéèêëîïôöùûüÿñ’"
    plain = "aaaceeeeiioouuuyn "
    signs |= {ord(sign): bare for sign, bare in zip(accented, plain, strict=True)}
    signs |= {ord(sign.upper()): bare for sign, bare in zip(accented, plain, strict=True)}
    return signs | {ord("œ"): "oe", ord("Œ"): "oe", ord("æ"): "ae", ord("Æ"): "ae"}


_FRENCH = _french_signs()


def fold(text: str) -> str:
    """Text as it is compared: lower case, no accents, one space for any run of other signs.

    "St" is "saint", a hyphen or an apostrophe is a space, « communauté de communes » is "cc".
    Folding twice changes nothing.
    """
    text = text.translate(_FRENCH)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        kept = [sign for sign in decomposed if not unicodedata.combining(sign)]
        text = "".join(sign.lower() if sign.isalnum() else " " for sign in kept)
    words = text.translate(_FRENCH).split()
    joined = " ".join([_WORDS.get(word, word) for word in words])
    if joined.startswith("communaute"):
        for phrase, short in _PHRASES:
            joined = joined.replace(phrase, short)
    return joined


class SearchIndex:
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

    def find(
        self, text: str, *, kinds: frozenset[Kind] | None = None, limit: int = 20
    ) -> list[Territory]:
        """Territories whose words are all those of the text, best first; [] for an empty text.

        The last word may be the beginning of one. Best is: the exact name, then a name that begins
        so, then whole words before beginnings; then the most inhabitants.
        """
        query = fold(text)
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
        """Territories of exactly this name, or with a part of this name, folded."""
        query = fold(name)
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
    return rest if first in _ARTICLES else name


def _names_of(territory: Territory) -> tuple[str, ...]:
    own = fold(territory.nom)
    if not territory.parts:
        return (own,)
    return tuple(dict.fromkeys([own, *(fold(part.nom) for part in territory.parts)]))


def _codes_of(territory: Territory) -> list[str]:
    codes = [territory.code.lower(), *territory.postal_codes]
    if territory.aliases or territory.former_codes or territory.parts:
        others = (*territory.aliases, *territory.former_codes)
        codes += [code.lower() for code in (*others, *(part.code for part in territory.parts))]
    return codes
