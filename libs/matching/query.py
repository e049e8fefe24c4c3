"""A query made ready: each term in every way it may be written, then only compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.watches import Query
from libs.matching.language.expression import Case, Node, alternatives, cases, terms_of
from libs.matching.language.fields import About, never
from libs.matching.language.reader import BadQuery, fault_of, read
from libs.matching.reading import Reading
from libs.matching.term import Term, term_of

BESIDE = (
    "« any » et « expression » ne s’ajoutent pas : dites tout dans l’expression, par OU et ET, et "
    "laissez « any » vide."
)


def found_in(text: str, terms: Iterable[str]) -> list[str]:
    """Return the terms that stand in a text."""
    reading = Reading(text)
    return [term for term in dict.fromkeys(terms) if term_of(term).stands(reading)]


def written_in(text: str, terms: Iterable[str]) -> list[str]:
    """Return the terms whose words stand in a text, whatever is around them: in a few words that
    were found, or another term."""
    line = Reading(text).line
    return [t for t in dict.fromkeys(terms) if term_of(t).written(line)]


def query_of(
    said: str, needed: str = "", unwanted: str = "", networks: Iterable[str] = ()
) -> Query:
    """Return the query of what a person typed: an expression, terms that must all stand in a text,
    terms that must not, by line or comma.

    Raises `BadQuery` for an expression that is none, `ValueError` for a term that can never be
    found; each with a sentence in French to show.
    """
    node = read(said)
    flat = () if node is None else alternatives(node)
    every, none = _terms_typed(needed), _terms_typed(unwanted)
    if flat is None and node is not None:
        some = tuple(dict.fromkeys(terms_of(node)))
        return Query(
            any=some, all=every, none=none, networks=tuple(networks), expression=said.strip()
        )
    return Query(any=flat or (), all=every, none=none, networks=tuple(networks))


def _terms_typed(text: str) -> tuple[str, ...]:
    typed = (one.strip(' «»“”"\u00a0\u202f') for one in re.split(r"[,;\n]", text))
    terms = tuple(dict.fromkeys(term for term in typed if term))
    for term in terms:
        if why := fault_of(term):
            raise ValueError(f"{why[:1].upper()}{why[1:]}")
    return terms


def settled(query: Query) -> Query:
    """Return a query whose `any` has every term that its expression may find, as `Query` asks.

    Raises `BadQuery` for an expression that is none, `ValueError` where `any` asks for more beside
    one; each with a sentence in French to show.
    """
    node = read(query.expression)
    if node is None:
        return query
    some = tuple(dict.fromkeys(terms_of(node)))
    if set(query.any) - set(some):
        raise ValueError(BESIDE)
    return query.model_copy(update={"any": some})


def contradiction(query: Query) -> str | None:
    """Say why a query cannot be read, or a part of it never be found; None where each can."""
    try:
        node = read(query.expression)
    except BadQuery as error:
        return str(error)
    for term in (*query.any, *query.all, *query.none):
        if why := fault_of(term):
            return why
    ways = cases(node) if node else [Case(frozenset([term])) for term in query.any] or [Case()]
    met: list[str] = []
    for way in ways:
        if why := never(way.fields, way.without_fields) or _contradicted(way, query):
            met.append(why)
        elif node:
            return None
    return met[0] if met else None


def _contradicted(way: Case, query: Query) -> str | None:
    """Say which term of a way to satisfy a query holds one that the query leaves out."""
    unwanted = sorted(way.without | set(query.none))
    for term in sorted(way.terms | set(query.all)):
        if gone := written_in(term, unwanted):
            return (
                f"« {term} » contient « {gone[0]} », que la veille écarte : rien ne serait "
                "jamais trouvé."
            )
    return None


def _expression(query: Query) -> Node | None:
    """Return the expression of a query; None where it cannot be read: `any` then finds more."""
    try:
        return read(query.expression)
    except BadQuery:
        return None


@dataclass(frozen=True, slots=True)
class Rule:
    """A query whose terms are ready."""

    name: str
    any: tuple[Term, ...]
    all: tuple[Term, ...]
    none: tuple[Term, ...]
    networks: frozenset[str]
    expression: Node | None
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
        networks = frozenset(query.networks)
        return cls(name, some, every, none, networks, _expression(query), possible)

    def finds(self, reading: Reading) -> bool:
        """Tell whether a text satisfies the query, networks apart."""
        return (
            self.possible
            and (self.expression is None or self.expression.holds(reading) is not False)
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
    reading = Reading(text, About(network))
    return rule.excludes(reading) or (whole and not rule.finds(reading))
