"""What a person looks for, as a tree; pure: `holds` tells whether a text satisfies it.

An answer is None where it hangs on what is not known of the text, which then leaves nothing out.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.networks import network_of
from libs.matching.language.fields import ALL_KINDS, ASKED_OF, Field, TextKind
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
    """A field: what must be known of the text beside its words; `at` is where it was typed."""

    field: Field
    at: int = dataclasses.field(default=0, compare=False)

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


def unaccompanied(node: Node, around: frozenset[TextKind] = ALL_KINDS) -> Known | None:
    """Return a field that is asked of texts of which it is never known; None where there is none.

    `around` are the kinds of texts that what stands around the expression lets through.
    """
    match node:
        case Known(asked):
            allowed, _ = ASKED_OF.get(asked.name, (ALL_KINDS, ""))
            return None if around <= allowed else node
        case Any(parts) | All(parts):
            inside = dict.fromkeys(parts, around & _kinds(node))
        case Without(wanted, unwanted):
            inside = {wanted: around, unwanted: around & _kinds(wanted)}
        case _:
            return None
    found = (unaccompanied(part, kinds) for part, kinds in inside.items())
    return next((one for one in found if one), None)


_HEARD: dict[str, frozenset[TextKind]] = {
    "stream": frozenset({"message", "publication"}),
    "search": frozenset({"message", "publication"}),
    "feed": frozenset({"article", "publication"}),
    "none": frozenset({"publication"}),
}
"""What is read of a network, by how others are heard there."""


def _kinds(node: Node) -> frozenset[TextKind]:
    """Return the kinds of texts that an expression lets through."""
    match node:
        case Known(asked) if asked.name == "type":
            return frozenset(kind for kind in ALL_KINDS if kind == asked.value)
        case Known(asked) if asked.name == "réseau":
            return _HEARD[network_of(asked.value).mentions]
        case Any(parts):
            return frozenset[TextKind]().union(*map(_kinds, parts))
        case All(parts):
            return ALL_KINDS.intersection(*map(_kinds, parts))
        case Without(wanted, _):
            return _kinds(wanted)
        case _:
            return ALL_KINDS


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
