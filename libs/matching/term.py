"""A term made ready: every way in which French people write it, looked for in a line of words.

Plurals and feminines, « au » for « à le », elision, acronyms, abbreviations, roads, and glued as in
a hashtag. What is found is then read again where it stands: a phrase ends with its sentence, a
name is no longer one (`names.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from libs.matching import names
from libs.matching.forms import forms
from libs.matching.names import HOMONYMS, Place
from libs.matching.reading import Reading
from libs.matching.words import PREFIX_LEAST, Word, line_of, words

Slot = tuple[bytes, ...]
"""What may stand at a place of a term, each of one word or several."""

Span = tuple[int, int]
"""Where a term stands: the numbers of its first and its last word."""

ACRONYMS = {
    b"communaute de communes": b"cc",
    b"communaute d agglomeration": b"ca",
    b"communaute urbaine": b"cu",
}
_SPELLED_OUT = {short: spelled for spelled, short in ACRONYMS.items()}
_PRONOUN = b"communaute d agglomeration"
"""« ça » is written as its acronym: alone it is never looked for by it."""

ABBREVIATIONS: dict[bytes, Slot] = {
    b"sur": (b"s",),
    b"sous": (b"ss", b"s s"),
    b"mont": (b"mt",),
    b"boulevard": (b"bd", b"bld", b"blvd"),
    b"avenue": (b"av", b"ave"),
    b"place": (b"pl",),
    b"route": (b"rte",),
    b"chemin": (b"ch", b"chem"),
    b"notre dame": (b"nd", b"n d"),
    b"lez": (b"les",),
}
"""Written short before another word."""

_FULL = {short: full for full, shorts in ABBREVIATIONS.items() for short in shorts}
_CONTRACTED: dict[bytes, Slot] = {b"le": (b"au", b"du"), b"les": (b"aux", b"des")}
_ELIDED = frozenset(b"d l s n j m t c qu".split())
_SMALL = frozenset(
    b"de d la le les l du des en sur sous et aux au a lez s ss un une the pour par".split()
)
_BEFORE_GLUED = tuple(
    b"ville villede mairie mairiede commune communede agglo metropole ccde cc".split()
)
GLUED_LEAST = 6
"""Letters of an expression also found in one word (a hashtag): shorter ones mean too much."""

_ROAD = re.compile(r"\s*(R?[DN]|A|M)\s*[. \-]?\s*(\d{1,4})\s*", re.IGNORECASE)
_ROADS = {
    "d": (b"d", b"rd", b"departementale"),
    "n": (b"n", b"rn", b"nationale"),
    "a": (b"a", b"autoroute"),
    "m": (b"m", b"rm"),
}
_MEASURES = frozenset(b"h heure heures min minutes ans euros personnes km m jours mois".split())


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to write a term: `fragment` stands wherever `pattern` does (None: it is all).

    `begins` are the first letters of the word that goes on, where one does.
    """

    slots: tuple[Slot, ...]
    fragment: bytes
    pattern: re.Pattern[bytes] | None
    begins: bytes = b""

    def stands(self, line: bytes) -> bool:
        """Tell whether it stands in a line."""
        if self.fragment not in line:
            return False
        return self.pattern is None or self.pattern.search(line) is not None

    def places(self, line: bytes) -> Iterator[tuple[int, int]]:
        """Yield where it stands: the space before it, and the one behind."""
        if self.fragment not in line:
            return
        if self.pattern is not None:
            for found in self.pattern.finditer(line):
                yield found.start(), found.end()
            return
        place = line.find(self.fragment)
        while place >= 0:
            yield place, place + len(self.fragment) - 1
            place = line.find(self.fragment, place + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A term of a query; `ways` are none where it has no word."""

    text: str
    ways: tuple[Way, ...]
    place: Place | None = None
    road: bool = False
    """Whether it is a road, which « à 7 h » and « n° 20 » look like."""

    def written(self, line: bytes) -> bool:
        """Tell whether its words stand in a line, whatever is around them."""
        return any(way.stands(line) for way in self.ways)

    def stands(self, reading: Reading) -> bool:
        """Tell whether the term stands in a text."""
        if (known := reading.stood.get(self.text)) is None:
            known = reading.stood[self.text] = self._stands(reading)
        return known

    def _stands(self, reading: Reading) -> bool:
        if not self.written(reading.line):
            return False
        if self.place is None and not self.road and not reading.has_ends:
            return True
        return next(self.spans(reading), None) is not None

    def spans(self, reading: Reading) -> Iterator[Span]:
        """Yield where the term stands in a text."""
        line = reading.line
        for way in self.ways:
            for start, end in way.places(line):
                first = reading.number(start)
                last = first + line.count(b" ", start + 1, end)
                if self._fits(reading, start, end, first, last):
                    yield first, last

    def _fits(self, reading: Reading, start: int, end: int, first: int, last: int) -> bool:
        if reading.has_ends and last > first and reading.goes_over_an_end(first, last):
            return False
        if self.road and last > first:
            return _is_road(reading, first, last)
        return self.place is None or self.place.stands(reading, start, end, first, last)


def _is_road(reading: Reading, first: int, last: int) -> bool:
    """Tell « l’A 7 » from « à 7 h », « il y en a 7 »."""
    word, number = reading.words[first], reading.words[last]
    spelled = reading.text[word.start : word.end]
    after = reading.words[last + 1].folded if last + 1 < len(reading.words) else b""
    if "°" in reading.text[word.end : number.start] or after in _MEASURES:
        return False
    return word.folded != b"a" or spelled == "A"


@lru_cache(20_000)
def term_of(text: str) -> Term:
    """Make a term ready; `*` at its end looks for whatever begins so."""
    prefix = text.rstrip().endswith("*")
    said = list(words(text))
    if not said:
        return Term(text, ())
    if road := _ROAD.fullmatch(text):
        return Term(text, _road_ways(road[1].lower()[-1], road[2].encode()), road=True)
    folded = line_of([word.folded for word in said])
    named = _named(text, said, folded)
    slots = _slots(text, said, named)
    if prefix:
        last = said[-1].folded
        return Term(text, (_way([*slots[:-1], (last,)], prefix=True),))
    ways = [_way(slots)]
    if glued := _glued(slots, said, named=named):
        ways.append(_way([glued]))
    if not named and not (len(said) == 1 and text[said[0].start].isupper()):
        return Term(text, tuple(ways))
    homonym = len(said) == 1 and (said[0].folded in HOMONYMS or len(said[0].folded) == 1)
    return Term(text, tuple(ways), Place(folded.strip(), homonym=homonym))


def _named(text: str, said: Sequence[Word], folded: bytes) -> bool:
    """Tell whether the term is the name of a place: of the registry, or all in capitals' words."""
    capital = [text[w.start].isupper() for w in said if w.folded not in _SMALL]
    if not all(capital) or not text[said[0].start].isupper() or not capital:
        return len(said) == 1 and len(folded) == 3 and folded.strip().isalpha()
    return folded in names.known() or len(capital) > 1 or any(
        folded == b" " + article + b" " + rest
        for article, rest in [folded.strip().partition(b" ")[::2]]
        if article in _CONTRACTED
    )  # fmt: skip


def abbreviated(folded: bytes) -> bytes:
    """Write « communauté de communes » as "cc", wherever it stands in a line; and so its likes."""
    for spelled, short in ACRONYMS.items():
        folded = folded.replace(b" " + spelled + b" ", b" " + short + b" ")
    return folded


def _slots(text: str, said: Sequence[Word], named: bool) -> list[Slot]:
    """Return what may stand at each place of a term."""
    slots: list[Slot] = []
    number = 0
    while number < len(said):
        taken, slot = _slot(text, said, number, named=named)
        slots.append(slot)
        number += taken
    return slots


def _slot(text: str, said: Sequence[Word], number: int, *, named: bool) -> tuple[int, Slot]:
    """Return how many words of a term a slot takes, and what may stand there."""
    word, rest = said[number].folded, said[number + 1 :]
    for spelled, short in ACRONYMS.items():
        parts = spelled.split()
        if [w.folded for w in said[number : number + len(parts)]] == parts:
            alone = spelled == _PRONOUN and len(said) == len(parts)
            return len(parts), (spelled,) if alone else (spelled, short)
    if word in _SPELLED_OUT:
        return 1, (word, _SPELLED_OUT[word])
    if rest and word + b" " + rest[0].folded in ABBREVIATIONS:
        full = word + b" " + rest[0].folded
        return 2, (full, *ABBREVIATIONS[full])
    if rest and word == b"s" and rest[0].folded == b"s":
        return 2, (b"sous", *ABBREVIATIONS[b"sous"])
    if rest and (full := _full(text, said, number)):
        return 1, (full, *ABBREVIATIONS[full])
    if number == 0 and rest and word in _CONTRACTED:
        return 1, (word, *_CONTRACTED[word])
    if rest and word in _ELIDED and len(rest[0].folded) >= 3:
        following = _forms(text, rest[0], number + 1, named=named)
        apart = tuple(word + b" " + one for one in following)
        return 2, (*apart, *(word + one for one in following))
    return 1, _forms(text, said[number], number, named=named)


def _full(text: str, said: Sequence[Word], number: int) -> bytes | None:
    """Return the word that an abbreviation stands for, or that is abbreviated, before another."""
    word = said[number].folded
    full = _FULL.get(word, word)
    if full not in ABBREVIATIONS or word in (b"les", b"ch", b"n d"):
        return None
    if full in (b"sur", b"sous") and (number == 0 or not text[said[number + 1].start].isupper()):
        return None
    if word == b"s" and text[said[number].end : said[number].end + 1] != "/":
        return None
    return full


def _forms(text: str, word: Word, number: int, *, named: bool) -> Slot:
    spelled = text[word.start : word.end]
    if named or (number and spelled[:1].isupper()) or spelled.isdecimal():
        return (word.folded,)
    return forms(word.folded, spelled, name=word.folded in HOMONYMS)


def _glued(slots: Sequence[Slot], said: Sequence[Word], *, named: bool) -> Slot:
    """Return the term in one word, as hashtags and addresses have it."""
    whole = b"".join(word.folded for word in said)
    if len(said) == 1:
        return tuple(before + whole for before in _BEFORE_GLUED) if named else ()
    if len(whole) < GLUED_LEAST:
        return ()
    plural = tuple(whole[: -len(said[-1].folded)] + one for one in slots[-1] if b" " not in one)
    glued = dict.fromkeys((whole, *(one for one in plural if len(slots) == len(said))))
    if named:
        glued.update(dict.fromkeys(before + whole for before in _BEFORE_GLUED))
    return tuple(glued)


def _road_ways(kind: str, number: bytes) -> tuple[Way, ...]:
    apart = _way([_ROADS[kind], (number,)])
    whole = tuple(name + number for name in _ROADS[kind] if len(name) <= 2)
    return apart, _way([whole])


def _way(slots: Sequence[Slot], *, prefix: bool = False) -> Way:
    """Make a way of slots; with `prefix` the last word may go on."""
    runs: list[list[bytes]] = [[]]
    for slot in slots:
        if len(slot) == 1:
            runs[-1].append(slot[0])
        else:
            runs.append([])
    longest = max((b" ".join(run) for run in runs), key=len)
    if prefix:
        before = b"".join(_either(slot) + b" " for slot in slots[:-1])
        pattern = re.compile(b" " + before + re.escape(slots[-1][0]) + rb"[^ |]*(?= )")
        begun = slots[-1][0]
        return Way(tuple(slots), b" " + begun, pattern, begun[:PREFIX_LEAST])
    if all(len(slot) == 1 for slot in slots):
        return Way(tuple(slots), b" " + longest + b" ", None)
    pattern = re.compile(b" " + b" ".join(map(_either, slots)) + rb"(?= )")
    return Way(tuple(slots), b" " + longest + b" " if longest else b" ", pattern)


def _either(slot: Slot) -> bytes:
    if len(slot) == 1:
        return re.escape(slot[0])
    longest_first = sorted(slot, key=len, reverse=True)
    return b"(?:" + b"|".join(map(re.escape, longest_first)) + b")"
