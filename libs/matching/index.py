"""Rules filed by what must stand in a text, so that few are read for each.

A rule needs each of several clauses, terms of which one stands. It is filed under the terms of the
clause that the fewest rules share, and there under those of the next: « Lens » is a common word,
and of seventy watches of Lens a text concerns those alone that name something else of it too. A
term is filed under its rarest word, one that ends by `*` under the letters with which it begins.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from libs.matching.language.expression import All, Any, Known, Near, Node, Without, Word
from libs.matching.query import Rule
from libs.matching.reading import Reading
from libs.matching.term import Slot, Term, Way, term_of

DEPTH = 2
"""Clauses under which a rule is filed; a rule whose clauses stand is then read whole."""

FEW = 3
"""Ways that are looked for one by one rather than by a word more."""

Clause = tuple[Term, ...]
Shared = Counter[bytes]
"""How many rules have a word."""


Filed: TypeAlias = "tuple[Term, Way, Index]"
"""A way that may stand where a word does, its term, what is looked at next."""


class Words:
    """Ways filed by a word that they have; those that many share, by one word more, and so on."""

    __slots__ = ("_alone", "_by_word", "_vocabulary")

    def __init__(self, filed: Iterable[tuple[Filed, Sequence[Sequence[bytes]]]]) -> None:
        """File ways by words, those of each slot of which one stands, the rarest first."""
        filed = list(filed)
        few = len(filed) <= FEW
        self._alone = [one for one, slots in filed if few or not slots]
        by_word: defaultdict[bytes, list[tuple[Filed, Sequence[Sequence[bytes]]]]]
        by_word = defaultdict(list)
        for one, slots in () if few else filed:
            for word in dict.fromkeys(slots[0]) if slots else ():
                by_word[word].append((one, slots[1:]))
        self._by_word = {word: Words(those) for word, those in by_word.items()}
        self._vocabulary = frozenset(by_word)

    def add_standing(self, found: list[Rule], reading: Reading) -> None:
        """Add the rules of terms that stand; where that takes a look at the text, it comes last."""
        line = reading.line if self._alone else b""
        for term, way, inner in self._alone:
            if way.fragment not in line or not way.stands(line):
                continue
            if (rules := inner.among(reading)) and term.stands(reading):
                found += rules
        if self._by_word:
            for word in self._vocabulary.intersection(reading.folded):
                self._by_word[word].add_standing(found, reading)


class Index:
    """Rules, each with the clauses under which it is still to be filed."""

    __slots__ = ("_begun", "_filed", "_whole")

    def __init__(self, rules: Iterable[tuple[Rule, Sequence[Clause]]], shared: Shared) -> None:
        self._whole: list[Rule] = []
        under: defaultdict[Term, list[tuple[Rule, Sequence[Clause]]]] = defaultdict(list)
        for rule, clauses in rules:
            if not clauses:
                self._whole.append(rule)
            for term in clauses[0] if clauses else ():
                under[term].append((rule, clauses[1:]))
        inner = {term: Index(those, shared) for term, those in under.items()}
        ways = [(term, way, inner[term]) for term in under for way in term.ways]
        self._filed = Words((one, _slots(one[1], shared)) for one in ways if not one[1].begins)
        begun: defaultdict[bytes, list[tuple[Filed, Sequence[Sequence[bytes]]]]] = defaultdict(list)
        for one in ways:
            if one[1].begins:
                begun[one[1].begins].append((one, ()))
        self._begun = {letters: Words(those) for letters, those in begun.items()}

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "Index":
        """File rules that some text may satisfy."""
        shared = Counter(word for rule in rules for word in _words_of(rule))

        def rarity(clause: Clause) -> int:
            return max((_rarity(way, shared) for term in clause for way in term.ways), default=0)

        return cls(
            ((rule, sorted(_clauses_of(rule, rarity), key=rarity)[:DEPTH]) for rule in rules),
            shared,
        )

    def among(self, reading: Reading) -> list[Rule]:
        """Return the rules whose clauses stand in a text, some more than once."""
        found = self._whole[:]
        self._filed.add_standing(found, reading)
        if self._begun:
            for letters in reading.beginnings.intersection(self._begun):
                self._begun[letters].add_standing(found, reading)
        return found


def _clauses_of(rule: Rule, rarity: Callable[[Clause], int]) -> list[Clause]:
    found = _clauses(rule.expression, rarity) if rule.expression else []
    if rule.any and not found:
        found = [rule.any]
    return [*found, *((term,) for term in rule.all)]


def _clauses(node: Node, rarity: Callable[[Clause], int]) -> list[Clause]:
    """Return what every text has that an expression may hold of; [] where it need have no term."""
    match node:
        case Word(term):
            return [(term_of(term),)]
        case Near(first, _, second):
            return [(term_of(first.term),), (term_of(second.term),)]
        case Known():
            return []
        case All(parts):
            return [clause for part in parts for clause in _clauses(part, rarity)]
        case Without(wanted, _):
            return _clauses(wanted, rarity)
        case Any(parts):
            some = [_clauses(part, rarity) for part in parts]
            if not all(some):
                return []
            rarest = (min(clauses, key=rarity) for clauses in some)
            return [tuple(dict.fromkeys(term for clause in rarest for term in clause))]


def _words_of(rule: Rule) -> Iterator[bytes]:
    ways = (way for term in dict.fromkeys((*rule.any, *rule.all)) for way in term.ways)
    for slots in {way.slots for way in ways}:
        yield from {word for slot in slots for written in slot for word in written.split()}


def _rarity(way: Way, shared: Shared) -> int:
    return min(_shared(slot, shared) for slot in way.slots)


def _shared(slot: Slot, shared: Shared) -> int:
    """Return how many rules share the words under which a slot would be filed."""
    return max(min(shared[word] for word in written.split()) for written in slot)


def _slots(way: Way, shared: Shared) -> list[list[bytes]]:
    """Return, slot by slot, the words of which one stands where a way does, the rarest first."""
    slots = sorted(way.slots, key=lambda slot: (_shared(slot, shared), len(slot)))
    return [
        [
            min(written.split(), key=lambda word: (shared[word], -len(word), word))
            for written in slot
        ]
        for slot in slots
    ]
