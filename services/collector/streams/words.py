"""The words of the watches, as a coarse sieve: whatever may match passes, the rest is dropped.

The alert service decides what matches (whole words, exclusions…); here it is only a matter of not
publishing every post of the world. So this must never drop what could match.
"""

import re
import unicodedata
from collections.abc import Iterable

from contracts.watches import Watched

_SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_SPLIT = re.compile(r"[^0-9a-z]+")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared: no accents, lower case, St = Saint."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).lower()
    return [_SAINTS.get(word, word) for word in _SPLIT.split(bare) if word]


class Sieve:
    """Tells whether a text holds one of the terms that active watches look for on a network."""

    def __init__(self, network: str, watches: Iterable[Watched]) -> None:
        self._terms: dict[str, set[tuple[str, ...]]] = {}
        for watch in watches:
            asked = watch.query.networks
            if watch.state != "active" or (asked and network not in asked):
                continue
            for term in watch.query.any or watch.query.all:
                words = tuple(words_of(term))
                if words:
                    self._terms.setdefault(words[0], set()).add(words)

    def __bool__(self) -> bool:
        """Tell whether anything is looked for."""
        return bool(self._terms)

    def passes(self, text: str) -> bool:
        """Tell whether the words of some term stand in the text, in their order."""
        words = words_of(text)
        for place, word in enumerate(words):
            for term in self._terms.get(word, ()):
                if tuple(words[place : place + len(term)]) == term:
                    return True
        return False
