"""A text read once: its folded words on one line, and, where somebody asks, where each stands.

Hashtags and handles are cut where a capital or a number begins, « #SaintDenis » is "saint denis";
behind the text they stand whole as well, "saintdenis".
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from libs.matching.language.fields import About
from libs.matching.words import PREFIX_LEAST, Word, fold, line_of, words

NOTHING_KNOWN = About()

_TAG = re.compile(r"[#@]\w+")
_JOINT = re.compile(
    r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])"
    r"|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)
_END = re.compile(r"[.!?…][\"»”)\]\s]*\s|\n\s*\n")
_FULL_STOP = b"|"
"""No folded word: between the words of a text and its hashtags, so that no phrase goes across."""

_SHORTENED = frozenset(
    (
        *("st", "ste", "sts", "stes", "mt", "bd", "bld", "blvd", "av", "ave", "pl", "rte", "ch"),
        *("chem", "dr", "mm", "mme", "mlle", "me", "art", "tel", "cf"),
    )
)
"""Words after which a full stop ends no sentence."""


class Reading:
    """A text as what is compared: `line` has its folded words, a space between and at both ends.

    `stood` remembers which terms stand in it: many watches look for one name.
    """

    def __init__(self, text: str, about: About = NOTHING_KNOWN) -> None:
        self.text = text
        self.about = about
        self.stood: dict[str, bool] = {}
        self._line = b""
        self._tags = tuple(_tags(text)) if "#" in text or "@" in text else ()
        if self._tags:
            cut = [place for _, _, joints in self._tags for place in joints]
            whole = (fold(text[start:end]) for start, end, _ in self._tags)
            self.folded = fold(_spaced(text, cut))
            for tag in whole:
                self.folded += [_FULL_STOP, b"".join(tag)]
        else:
            self.folded = fold(text)

    @property
    def line(self) -> bytes:
        """The folded words as one line."""
        if not self._line:  # asked of one text in two: a `cached_property` takes a lock
            self._line = line_of(self.folded)
        return self._line

    @cached_property
    def beginnings(self) -> frozenset[bytes]:
        """The first letters of the words, as terms that end by `*` are filed."""
        return frozenset(word[:PREFIX_LEAST] for word in self.folded)

    @cached_property
    def words(self) -> Sequence[Word]:
        """The words of the line, in its order, with where they stand in the text."""
        if not self._tags:
            return tuple(words(self.text))
        found: list[Word] = list(
            words(self.text, frozenset(p for _, _, joints in self._tags for p in joints))
        )
        for start, end, _ in self._tags:
            found.append(Word(_FULL_STOP, start, start))
            found.append(Word(b"".join(fold(self.text[start:end])), start, end))
        return found

    def number(self, place: int) -> int:
        """Return the number of the word that follows the space at this place of the line."""
        return self.line.count(b" ", 0, place)

    @cached_property
    def has_ends(self) -> bool:
        """Whether some sentence may end inside the text."""
        return _END.search(self.text) is not None

    def goes_over_an_end(self, first: int, last: int) -> bool:
        """Tell whether a sentence ends between two words, by their numbers."""
        return any(self.ends_after(number) for number in range(first, last))

    def ends_after(self, number: int) -> bool:
        """Tell whether a sentence ends between a word and the next."""
        word, following = self.words[number], self.words[number + 1]
        between = self.text[word.end : following.start]
        if _END.search(between) is None:
            return False
        spelled = self.text[word.start : word.end].lower()
        shortened = len(spelled) == 1 or spelled in _SHORTENED
        return not (shortened and between.strip() == ".")


def _tags(text: str) -> Iterator[tuple[int, int, list[int]]]:
    """Yield where the hashtags that are to be cut begin and end, and where."""
    for found in _TAG.finditer(text):
        joints = [joint.start() for joint in _JOINT.finditer(text, found.start() + 1, found.end())]
        if joints:
            yield found.start() + 1, found.end(), joints


def _spaced(text: str, cut: Sequence[int]) -> str:
    places = [0, *cut, len(text)]
    return " ".join(text[start:end] for start, end in pairwise(places))
