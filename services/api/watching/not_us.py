"""« Ce n’est pas nous »: words that set texts apart, and how many texts each would leave out.

Counted on the texts of 30 days before anything is learnt: a word that leaves out what the watch is
for is seen to do so. No input nor output but the reading of texts.
"""

import asyncio
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.watches import Query, Watched
from libs.clock import paris_day
from libs.matching.forms import INVARIABLE
from libs.matching.language.reader import fault_of
from libs.matching.match import Matcher
from libs.matching.query import found_in, written_in
from libs.matching.reading import Reading
from libs.matching.words import fold
from services.api.figures.queries import Figures
from services.api.figures.views import TEXTS_WITH
from services.api.figures.watch_rows import KeptText
from services.api.watching.learning import SPAN, TEXTS_MOST, needles

WORDS_PROPOSED = 5
"""Words offered, which set texts apart."""

Kind = Literal["mot", "texte", "source"]

_COMMON = INVARIABLE | frozenset(
    b"le la l de d du un au on il elle ils elles je j tu ne n se s me m te t ce c ca cela cet "
    b"cette ou et a y en si qu lui leur leurs son sa mon ma ton ta notre votre nos vos meme "
    b"aussi encore tout toute toutes tres peu bien mal comme quand car donc or ni ici la non oui "
    b"est sont ete etre avoir ai as ont avons avez avait etait fait faire dit va vont peut faut "
    b"aujourd hui hier demain apres avant pendant contre the and of to in is it for you this "
    b"that with on http https www com fr rt cc merci bonjour svp".split()
)
"""Words of any text: to leave one out would leave out everything."""

_WORD = re.compile(r"[^\W\d_][\w’'-]*[^\W_]")


@dataclass(frozen=True, slots=True)
class Rejection:
    """What is left out: a word, one text, or all that a source says."""

    kind: Kind
    value: str

    @classmethod
    def read(cls, typed: str) -> "Rejection | None":
        """Read `mot:Gironde`, `texte:ID` or `source:ID`; None for anything else."""
        kind, _, value = typed.partition(":")
        value = " ".join(value.split())
        if kind not in ("mot", "texte", "source") or not value:
            return None
        return cls(kind, value)

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    def leaves_out(self, text: KeptText) -> bool:
        """Tell whether it leaves a text out."""
        if self.kind == "mot":
            return bool(found_in(text.text, (self.value,)))
        return self.value == (text.subject if self.kind == "texte" else text.source)


def speaker(text: KeptText) -> str | None:
    """Name what a text's source is; None for a stream, which carries what everybody says."""
    match text.about.kind:
        case "publication":
            return "ce compte"
        case "article":
            return "ce flux"
        case _:
            return None


def fault_of_source(source: str, found: Iterable[KeptText]) -> str | None:
    """Say in French why all of a source cannot be left out; None where it can."""
    if any(one.source == source and speaker(one) is None for one in found):
        return (
            "Ce réseau ne dit pas qui parle : l’écarter ferait taire la veille. Écartez un mot, ou "
            "ce texte seul."
        )
    return None


@dataclass(frozen=True, slots=True)
class Effect:
    """Of the texts that a watch found in 30 days, how many a rejection would leave out."""

    out: int
    of: int


@dataclass(frozen=True, slots=True)
class Apart:
    """A word, in how many texts of the alert it stands, and in how many others that were found."""

    word: str
    inside: int
    outside: int


def sought_by(watch: Watched, word: str, place: str) -> str | None:
    """Return what the watch looks for in which the word stands: its place's name, or a term.

    To leave the word out would leave out every text where that is found.
    """
    terms = (place, *watch.query.all, *watch.query.any)
    return next((term for term in terms if written_in(term, (word,))), None)


def fault_of_word(watch: Watched, word: str, place: str) -> str | None:
    """Say in French why a word cannot be left out; None where it can."""
    if why := fault_of(word):
        return why
    if all(one in _COMMON or len(one) < 2 for one in fold(word)):
        return (
            f"« {word} » est dans presque tous les textes : l’écarter ferait taire la veille. "
            "Donnez un mot que seuls les autres emploient."
        )
    if sought := sought_by(watch, word, place):
        return (
            f"Cette veille suit « {sought} » : écarter « {word} » la ferait taire pour toute "
            "l’équipe. Donnez un mot que seuls les autres emploient."
        )
    return None


async def texts_found(
    figures: Figures, query: Query, now: datetime, own: frozenset[str] = frozenset()
) -> list[KeptText]:
    """Return the texts kept that a query finds, but those of `own` accounts, newest first."""
    days = {
        "date_from": paris_day(now - SPAN),
        "date_to": paris_day(now),
    }
    texts = await figures.read(TEXTS_WITH, TEXTS_MOST, words=needles(query), **days)
    matcher = Matcher([("", query)])
    return await asyncio.to_thread(
        lambda: [
            one for one in texts if one.source not in own and matcher.finds(one.text, one.about)
        ]
    )


def effect(rejection: Rejection, found: Sequence[KeptText]) -> Effect:
    """Count what a rejection leaves out of the texts that a watch finds."""
    return Effect(sum(map(rejection.leaves_out, found)), len(found))


def set_apart(
    watch: Watched, place: str, inside: Sequence[KeptText], outside: Sequence[KeptText]
) -> list[Apart]:
    """Return the words that stand in texts of an alert and hardly in the others, the best first."""
    said = [one.text for one in inside]
    here, there = texts_by_word(said), texts_by_word(one.text for one in outside)
    spelled = spellings(said)
    found = [
        Apart(spelled[word], count, there[word])
        for word, count in here.items()
        if there[word] * 10 <= len(outside) and fault_of_word(watch, spelled[word], place) is None
    ]
    share = max(1, len(inside))
    found.sort(
        key=lambda one: (
            one.outside / max(1, len(outside)) - one.inside / share,
            not one.word[:1].isupper(),
            -len(one.word),
            one.word,
        )
    )
    return found[:WORDS_PROPOSED]


def texts_by_word(texts: Iterable[str]) -> Counter[bytes]:
    """Count in how many texts each word of four letters or more stands."""
    return Counter(
        word
        for text in texts
        for word in {*Reading(text).folded}
        if len(word) > 3 and not word.isdigit()
    )


def spellings(texts: Iterable[str]) -> dict[bytes, str]:
    """Return words as they were first written, by how they are compared."""
    known: dict[bytes, str] = {}
    for text in texts:
        for word in _WORD.findall(text):
            for part in re.split(r"[’'-]", word):
                known.setdefault(b"".join(fold(part)), part)
    return _Spelled(known)


class _Spelled(dict[bytes, str]):
    """Spellings; of a word that was part of a hashtag, as it is compared."""

    def __missing__(self, word: bytes) -> str:
        return word.decode()


def undo_seal(watch: Watched, rejection: Rejection) -> str:
    """Return what proves that a link may take a rejection back: whoever made it was given it."""
    key = (watch.links_key or watch.watch).encode()
    return hmac.new(key, f"undo {rejection}".encode(), "sha256").hexdigest()[:32]
