"""Words as they are compared: case and accents folded, hyphen and apostrophe a space, St a Saint.

One rule for queries, texts and names: `fold` gives the words of a text, `words` the same words with
where they stand in it. A term is found when its words stand in the text one after the other, whole.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

SAINTS = {b"st": b"saint", b"ste": b"sainte", b"sts": b"saints", b"stes": b"saintes"}

ARTICLES = (b"le", b"la", b"les", b"l")
"""Without its article the name of a place is itself: « Le Mans » is found by « Mans »."""

PREFIX_LEAST = 3
"""Letters of a word that goes on, « inond* »."""

_SINGLE_LETTERS = {
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ı": "i",
}
"""Letters of Latin alphabets that Unicode does not decompose."""

_TATWEEL = "\u0640"
"""Only draws an Arabic word longer."""

_APOSTROPHES = frozenset("ʹʻʼʽʾʿˈˊˋ\ua78b\ua78c")
"""Letters to Unicode, apostrophes to those who write: Breton « cʼh », the okina of « Faʻa »."""

LONGEST_FOLDING = 4
"""Letters a sign may stand for. What stands for more (U+FDFA: eighteen) is a word of its own: texts
must not grow by being folded."""

_FALLBACK, _IN_PLACE = "observatoire.fold", "observatoire.fold.in_place"


def _fold_character(character: str) -> str:
    """Return what a character is compared as: letters and digits, a space, or nothing."""
    bare = "".join(filter(_is_kept, unicodedata.normalize("NFKD", character)))
    plain = unicodedata.normalize("NFKD", bare.casefold())
    folded = "".join(map(_fold_part, filter(_is_kept, plain)))
    return folded if len(folded.strip()) <= LONGEST_FOLDING else character


def _is_kept(part: str) -> bool:
    return part != _TATWEEL and unicodedata.category(part) not in ("Mn", "Me", "Cf")


def _fold_part(part: str) -> str:
    category = unicodedata.category(part)
    if part not in _APOSTROPHES and (category[0] in "LN" or category == "Mc"):
        return _SINGLE_LETTERS.get(part, part)
    return " "


class _Folding(dict[int, str]):
    """The folding of every character, filled as they are met."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


_FOLDING = _Folding()


def _latin_byte(code: int) -> int:
    folded = _FOLDING[code]
    return ord(folded) if len(folded) == 1 and folded.isascii() else 0


# French texts are nearly all Latin-1: there, folding is one look-up a byte. A byte whose folding is
# not one byte becomes 0 (a real 0 is a space), and sends the text the long way round.
_LATIN = bytes(_latin_byte(code) for code in range(256))
_DROPPED = bytes(code for code in range(256) if not _FOLDING[code])


def _outside_latin(error: UnicodeError) -> tuple[bytes, int]:
    """Fold what Latin-1 lacks (’ – œ emoji); raises for letters of another script."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    folded = error.object[error.start : error.end].translate(_FOLDING)
    if not folded.isascii():
        raise error
    return folded.encode(), error.end


def _place_by_place(error: UnicodeError) -> tuple[bytes, int]:
    """Fold what Latin-1 lacks where each sign is one byte; raises where places would move."""
    folded, end = _outside_latin(error)
    signs = error.object[error.start : end] if isinstance(error, UnicodeEncodeError) else ""
    if any(len(_FOLDING[ord(sign)]) != 1 for sign in signs):
        raise error
    return folded, end


codecs.register_error(_FALLBACK, _outside_latin)
codecs.register_error(_IN_PLACE, _place_by_place)


def fold(text: str) -> list[bytes]:
    """Return the words of a text as they are compared, in order, UTF-8."""
    try:
        line = text.replace("’", "'").encode("latin-1", _FALLBACK).translate(_LATIN, _DROPPED)
    except UnicodeEncodeError:
        line = b"\0"
    if b"\0" in line:
        line = text.translate(_FOLDING).encode("utf-8", "replace")
    found = line.split()
    if SAINTS.keys().isdisjoint(found):
        return found
    return [SAINTS.get(word, word) for word in found]


_WORD = re.compile(rb"\S+")


class Word(NamedTuple):
    """A folded word and where it stands in the text, `text[start:end]`."""

    folded: bytes
    start: int
    end: int


def words(text: str, cut: frozenset[int] = frozenset()) -> Iterator[Word]:
    """Yield the words of `fold(text)` with where they stand; slower, for texts that matched.

    A word goes as far as the accents and joiners written after its last letter. At the places of
    `cut` one ends, whatever stands there.
    """
    if cut or (line := _in_place(text)) is None:
        yield from _one_by_one(text, cut)
        return
    for found in _WORD.finditer(line):
        folded = found[0]
        yield Word(SAINTS.get(folded, folded), found.start(), found.end())


def _in_place(text: str) -> bytes | None:
    """Return a text folded, a byte for each sign; None where one stands for more, or for none."""
    try:
        latin = text.replace("’", "'").encode("latin-1", _IN_PLACE)
    except UnicodeEncodeError:
        return None
    line = latin.translate(_LATIN)
    return None if b"\0" in line or len(latin.translate(None, _DROPPED)) < len(latin) else line


def _one_by_one(text: str, cut: frozenset[int]) -> Iterator[Word]:
    letters: list[str] = []
    start = end = 0
    for place, character in enumerate(text):
        folded = _FOLDING[ord(character)]
        if letters and place in cut:
            yield _word(letters, start, end)
            letters = []
        if not folded and letters:
            end = place + 1
        for letter in folded:
            if letter == " ":
                if letters:
                    yield _word(letters, start, end)
                    letters = []
                continue
            if not letters:
                start = place
            letters.append(letter)
            end = place + 1
    if letters:
        yield _word(letters, start, end)


def _word(letters: list[str], start: int, end: int) -> Word:
    folded = "".join(letters).encode("utf-8", "replace")
    return Word(SAINTS.get(folded, folded), start, end)


def line_of(folded: list[bytes]) -> bytes:
    """Return folded words as one line in which phrases are looked for: a space at both ends."""
    return b" " + b" ".join(folded) + b" "


def line(text: str) -> bytes:
    """Return a text as one line of folded words; `b"  "` when it has none."""
    return line_of(fold(text))
