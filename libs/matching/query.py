"""A query made ready: each term in every way it may be written, then only compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.watches import Query
from libs.matching.reading import Reading
from libs.matching.term import Term, term_of


def found_in(text: str, terms: Iterable[str]) -> list[str]:
    """Return the terms that stand in a text."""
    reading = Reading(text)
    return [term for term in dict.fromkeys(terms) if term_of(term).stands(reading)]


def written_in(text: str, terms: Iterable[str]) -> list[str]:
    """Return the terms whose words stand in a text, whatever is around them: in a few words that
    were found, or another term."""
    line = Reading(text).line
    return [t for t in dict.fromkeys(terms) if any(w.stands(line) for w in term_of(t).ways)]


@dataclass(frozen=True, slots=True)
class Rule:
    """A query whose terms are ready."""

    name: str
    any: tuple[Term, ...]
    all: tuple[Term, ...]
    none: tuple[Term, ...]
    networks: frozenset[str]
    possible: bool
    """Whether some text satisfies it: not where all that it looks for is signs."""

    @classmethod
    def of(cls, name: str, query: Query) -> "Rule":
        """Make the terms of a query ready."""
        some, every, none = (
            tuple(map(term_of, dict.fromkeys(terms)))
            for terms in (query.any, query.all, query.none)
        )
        possible = all(term.ways for term in every) and any(
            term.ways for term in (some if query.any else every)
        )
        return cls(name, some, every, none, frozenset(query.networks), possible)

    def finds(self, reading: Reading) -> bool:
        """Tell whether a text satisfies the query, networks apart."""
        return (
            self.possible
            and (not self.any or any(term.stands(reading) for term in self.any))
            and all(term.stands(reading) for term in self.all)
            and not self.excludes(reading)
        )

    def excludes(self, reading: Reading) -> bool:
        """Tell whether a text has what the query does not want."""
        return any(term.stands(reading) for term in self.none)

    def found(self, reading: Reading) -> tuple[str, ...]:
        """Return the terms found, those of `any` first; none when it is not satisfied."""
        if not self.finds(reading):
            return ()
        return tuple(t.text for t in dict.fromkeys((*self.any, *self.all)) if t.stands(reading))


def refuted(query: Query, text: str, network: str, *, whole: bool) -> bool:
    """Tell whether a text, found by other words, is not what a query looks for.

    Of a text that is not whole only what it says counts, not what it lacks.
    """
    rule = Rule.of("", query)
    if rule.networks and network not in rule.networks:
        return True
    reading = Reading(text)
    return rule.excludes(reading) or (whole and not rule.finds(reading))
