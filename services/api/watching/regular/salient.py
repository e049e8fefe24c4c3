"""Salient words of what a watch found: those of many of its texts that it does not look for.

No score of tone: what people speak of, in their own words.
"""

from collections import Counter
from collections.abc import Sequence

from contracts.watches import Watched
from libs.french import number
from libs.matching.words import line
from services.api.watching.not_us import fault_of_word, spellings, texts_by_word

WORDS_MOST = 5
TEXTS_LEAST = 3
TEXTS_SHARE = 0.15
"""A word is salient that stands in so many texts, and in that share of them; copies count once."""


def salient(watch: Watched, place: str, texts: Sequence[str]) -> list[tuple[str, int]]:
    """Return words and in how many texts each stands, most first."""
    apart = list({line(text): text for text in texts}.values())
    counts, spelled = texts_by_word(apart), spellings(apart)
    found = Counter(
        {
            spelled[word]: count
            for word, count in counts.items()
            if count >= max(TEXTS_LEAST, TEXTS_SHARE * len(apart))
            and fault_of_word(watch, spelled[word], place) is None
        }
    )
    return sorted(found.most_common(), key=lambda one: (-one[1], one[0]))[:WORDS_MOST]


def words(found: Sequence[tuple[str, int]]) -> str:
    """Write « robinet (12), école (5) »."""
    return ", ".join(f"{word} ({number(count)})" for word, count in found)
