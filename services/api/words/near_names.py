"""Names near one that nobody has: a slip of the finger should not be a dead end."""

from collections import defaultdict
from difflib import get_close_matches
from functools import lru_cache

from contracts.territories import Territories, Territory
from contracts.territories.search import fold

LIKENESS = 0.72
"""How like a name must be (`difflib`, 0 to 1): one letter in five may be wrong."""

LENGTHS = 4
"""How many letters a name may be longer or shorter by."""


def near(territories: Territories, text: str, limit: int = 5) -> list[Territory]:
    """Return the territories whose names are most like a text, the likest first.

    Names of the same first letter are looked at: some thousands of comparisons.
    """
    typed = fold(text)
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
        name = fold(place.nom)
        letters[name[:1]].setdefault(name, []).append(place)
    return letters
