"""What a person looks for, as a tree; pure: `holds` tells whether a text satisfies it.

An answer is None where it hangs on what is not known of the text, which then leaves nothing out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from libs.matching.language.fields import Field
from libs.matching.reading import Reading
from libs.matching.term import term_of

CASES_MOST = 256
"""Ways to satisfy an expression that are looked through for a contradiction."""


@dataclass(frozen=True, slots=True)
class Word:
    """A term of an expression."""

    term: str

    def holds(self, reading: Reading) -> bool:
        """Tell whether a text satisfies it."""
        return term_of(self.term).stands(reading)


@dataclass(frozen=True, slots=True)
class Known:
    """A field: what must be known of the text beside its words."""

    field: Field

    def holds(self, reading: Reading) -> bool | None:
        """Tell whether a text satisfies it."""
        return self.field.holds(reading.about)


@dataclass(frozen=True, slots=True)
class Near:
    """Two terms with at most `words` words between the end of one and the beginning of another."""

    first: Word
    words: int
    second: Word

    def holds(self, reading: Reading) -> bool:
        """Tell whether a text satisfies it."""
        others = list(term_of(self.second.term).spans(reading))
        return any(
            max(start, other) - min(end, other_end) <= self.words + 1
            for start, end in (term_of(self.first.term).spans(reading) if others else ())
            for other, other_end in others
        )


@dataclass(frozen=True, slots=True)
class Any:
    """One of several."""

    parts: tuple["Node", ...]

    def holds(self, reading: Reading) -> bool | None:
        """Tell whether a text satisfies it."""
        return _first(True, (part.holds(reading) for part in self.parts))


@dataclass(frozen=True, slots=True)
class All:
    """All of several."""

    parts: tuple["Node", ...]

    def holds(self, reading: Reading) -> bool | None:
        """Tell whether a text satisfies it."""
        return _first(False, (part.holds(reading) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Without:
    """Something, and not something else."""

    wanted: "Node"
    unwanted: "Node"

    def holds(self, reading: Reading) -> bool | None:
        """Tell whether a text satisfies it."""
        wanted = self.wanted.holds(reading)
        if wanted is False:
            return False
        unwanted = self.unwanted.holds(reading)
        return _first(False, (wanted, None if unwanted is None else not unwanted))


Node = Word | Known | Near | Any | All | Without


def _first(decisive: bool, answers: Iterable[bool | None]) -> bool | None:
    """Return the answer that decides where one does; else None where one is not known."""
    unknown = False
    for answer in answers:
        if answer is decisive:
            return decisive
        unknown |= answer is None
    return None if unknown else not decisive


def terms_of(node: Node) -> Iterator[str]:
    """Yield the terms of which one stands in every text that satisfies an expression."""
    match node:
        case Word(term):
            yield term
        case Known():
            return
        case Near(first, _, second):
            yield first.term
            yield second.term
        case Any(parts) | All(parts):
            for part in parts:
                yield from terms_of(part)
        case Without(wanted, _):
            yield from terms_of(wanted)


def worded(node: Node) -> bool:
    """Tell whether every way to satisfy an expression has a word that must stand in the text."""
    match node:
        case Word() | Near():
            return True
        case Known():
            return False
        case Any(parts):
            return all(map(worded, parts))
        case All(parts):
            return any(map(worded, parts))
        case Without(wanted, _):
            return worded(wanted)


def united(kind: type[Any] | type[All], parts: Sequence[Node]) -> Node:
    """Return several parts as one; one alone as it is."""
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def alternatives(node: Node) -> tuple[str, ...] | None:
    """Return the terms of an expression that is only alternatives; None for any other."""
    flat = _flat(node)
    if flat is None or not all(isinstance(one, Word) for one in flat):
        return None
    return tuple(dict.fromkeys(one.term for one in flat if isinstance(one, Word)))


def _flat(node: Node) -> list[Word | Known] | None:
    match node:
        case Word() | Known():
            return [node]
        case Any(parts):
            found: list[Word | Known] = []
            for part in parts:
                inside = _flat(part)
                if inside is None:
                    return None
                found += inside
            return found
        case _:
            return None


class Case(NamedTuple):
    """One way to satisfy an expression: the terms that stand in a text and those that do not, what
    is known of it and what is not so."""

    terms: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    fields: frozenset[Field] = frozenset()
    without_fields: frozenset[Field] = frozenset()

    def met(self, other: "Case") -> "Case":
        """Return what satisfies both."""
        return Case(
            self.terms | other.terms,
            self.without | other.without,
            self.fields | other.fields,
            self.without_fields | other.without_fields,
        )


def cases(node: Node) -> list[Case]:
    """Return the ways to satisfy an expression; [] where there are too many to tell."""
    try:
        return _cases(node)
    except OverflowError:
        return []


def _cases(node: Node) -> list[Case]:
    match node:
        case Word(term):
            return [Case(frozenset([term]))]
        case Known(field):
            return [Case(fields=frozenset([field]))]
        case Near(first, _, second):
            return [Case(frozenset([first.term, second.term]))]
        case Any(parts):
            found = [case for part in parts for case in _cases(part)]
        case All(parts):
            found = [Case()]
            for part in parts:
                inside = _cases(part)
                if len(found) * len(inside) > CASES_MOST:
                    raise OverflowError
                found = [one.met(other) for one in found for other in inside]
        case Without(wanted, unwanted):
            flat = _flat(unwanted) or []
            gone = Case(
                without=frozenset(one.term for one in flat if isinstance(one, Word)),
                without_fields=frozenset(one.field for one in flat if isinstance(one, Known)),
            )
            found = [one.met(gone) for one in _cases(wanted)]
    if len(found) > CASES_MOST:
        raise OverflowError
    return found
