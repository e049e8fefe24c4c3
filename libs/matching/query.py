"""A query made ready: each term folded once, in every way it may be written, then only compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from contracts.watches import Query
from libs.matching.words import line

Phrase = bytes
"""Folded words, a space between and at both ends, as they are looked for in a `line`."""

ACRONYMS = {
    b"cc": b"communaute de communes",
    b"ca": b"communaute d agglomeration",
    b"cu": b"communaute urbaine",
}
_SPELLED_OUT = {words: acronym for acronym, words in ACRONYMS.items()}
_ACRONYM = re.compile(rb"(?<= )(?:%s)(?= )" % b"|".join(ACRONYMS))
_WORDS = re.compile(rb"(?<= )(?:%s)(?= )" % b"|".join(_SPELLED_OUT))
_PRONOUN = b" ca "
"""« ça », as everybody writes it: never looked for where somebody wrote the words in full."""


def abbreviated(phrase: Phrase) -> Phrase:
    """Write « communauté de communes » as "cc", wherever it stands; and so for its likes."""
    return _WORDS.sub(lambda found: _SPELLED_OUT[found[0]], phrase)


def _spelled_out(phrase: Phrase) -> Phrase:
    return _ACRONYM.sub(lambda found: ACRONYMS[found[0]], phrase)


@lru_cache(10_000)
def phrases(term: str) -> tuple[Phrase, ...]:
    """Return the ways in which a term may stand in a line; none for a term without a word.

    As it is written first, then « CC » spelled out, then the words as an acronym.
    """
    written = line(term)
    if not written.strip():
        return ()
    short = abbreviated(written)
    others = (_spelled_out(written), *(() if short == _PRONOUN else (short,)))
    return tuple(dict.fromkeys((written, *others)))


def phrases_of(terms: Iterable[str]) -> tuple[Phrase, ...]:
    """Return the phrases of several terms, each once, in their order."""
    return tuple(dict.fromkeys(phrase for term in terms for phrase in phrases(term)))


def found_in(text: str, terms: Iterable[str]) -> list[Phrase]:
    """Return the phrases of terms that stand in a text."""
    said = line(text)
    return [phrase for phrase in phrases_of(terms) if phrase in said]


@dataclass(frozen=True, slots=True)
class Rule:
    """A query, folded; `all` keeps apart the ways of each term, one of which is enough."""

    name: str
    any: tuple[Phrase, ...]
    all: tuple[tuple[Phrase, ...], ...]
    none: tuple[Phrase, ...]
    networks: frozenset[str]
    possible: bool
    """Whether some text satisfies it: not where all that it looks for is signs."""

    @classmethod
    def of(cls, name: str, query: Query) -> "Rule":
        """Fold the terms of a query."""
        every = tuple(phrases(term) for term in dict.fromkeys(query.all))
        some = phrases_of(query.any)
        possible = all(every) and bool(some if query.any else every)
        none, networks = phrases_of(query.none), frozenset(query.networks)
        return cls(name, some, every, none, networks, possible)

    def finds(self, said: bytes) -> bool:
        """Tell whether a line satisfies the query, networks apart."""
        return (
            self.possible
            and (not self.any or any(phrase in said for phrase in self.any))
            and all(any(phrase in said for phrase in ways) for ways in self.all)
            and not self.excludes(said)
        )

    def excludes(self, said: bytes) -> bool:
        """Tell whether a line has what the query does not want."""
        return any(phrase in said for phrase in self.none)

    def found(self, said: bytes) -> tuple[Phrase, ...]:
        """Return the phrases found, those of `any` first; none when it is not satisfied."""
        if not self.finds(said):
            return ()
        looked_for = dict.fromkeys((*self.any, *(phrase for ways in self.all for phrase in ways)))
        return tuple(phrase for phrase in looked_for if phrase in said)


def refuted(query: Query, text: str, network: str, *, whole: bool) -> bool:
    """Tell whether a text, found by other words, is not what a query looks for.

    Of a text that is not whole only what it says counts, not what it lacks.
    """
    rule = Rule.of("", query)
    if rule.networks and network not in rule.networks:
        return True
    said = line(text)
    return rule.excludes(said) or (whole and not rule.finds(said))
