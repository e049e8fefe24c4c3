"""Which watches a text concerns: many watches, many texts, no input nor output.

An inverted index: each query is filed under the words of its terms that the fewest queries share,
so that a text costs one look-up a word, and only the few queries it may satisfy are read. Terms
that end by `*` are filed under the letters with which they begin.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contracts.watches import Query
from libs.matching.language.fields import About
from libs.matching.query import Rule
from libs.matching.reading import Reading
from libs.matching.term import PREFIX_LEAST, Slot, Term, Way


@dataclass(frozen=True, slots=True)
class Hit:
    """A watch that a text concerns, and the terms of its query that were found."""

    watch: str
    terms: tuple[str, ...]


class Matcher:
    """Finds, for a text, the watches whose query it satisfies."""

    def __init__(self, queries: Iterable[tuple[str, Query]]) -> None:
        rules = [rule for name, query in queries if (rule := Rule.of(name, query)).possible]
        shared = Counter(word for rule in rules for word in _words_of(rule))
        filed: defaultdict[bytes, defaultdict[Term, list[Rule]]] = defaultdict(
            lambda: defaultdict(list)
        )
        begun: defaultdict[bytes, defaultdict[Term, list[Rule]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for rule in rules:
            for term in _triggers(rule, shared):
                for letters in {way.begins for way in term.ways if way.begins}:
                    begun[letters][term].append(rule)
                ways = (way for way in term.ways if not way.begins)
                for word in {word for way in ways for word in _keys(way, shared)}:
                    filed[word][term].append(rule)
        self._filed = {word: list(terms.items()) for word, terms in filed.items()}
        self._begun = {letters: list(terms.items()) for letters, terms in begun.items()}
        self._vocabulary = frozenset(self._filed)

    def match(self, text: str, about: About) -> list[Hit]:
        """Return the watches that the text concerns, each once, in order of their names."""
        reading = Reading(text, about)
        candidates = {rule.name: rule for rule in self._candidates(reading)}
        hits = (Hit(name, rule.found(reading)) for name, rule in sorted(candidates.items()))
        return [hit for hit in hits if hit.terms]

    def finds(self, text: str, about: About) -> bool:
        """Tell whether the text concerns some watch."""
        reading = Reading(text, about)
        return any(rule.finds(reading) for rule in self._candidates(reading))

    def _candidates(self, reading: Reading) -> Iterator[Rule]:
        filed = [self._filed[key] for key in self._vocabulary.intersection(reading.folded)]
        if self._begun:
            letters = {word[:PREFIX_LEAST] for word in reading.folded}
            filed += [self._begun[key] for key in letters.intersection(self._begun)]
        if not filed:
            return
        network = reading.about.network
        for terms in filed:
            for term, rules in terms:
                if term.stands(reading):
                    for rule in rules:
                        if not rule.networks or network in rule.networks:
                            yield rule


def _words_of(rule: Rule) -> Iterator[bytes]:
    ways = (way for term in dict.fromkeys((*rule.any, *rule.all)) for way in term.ways)
    for slots in {way.slots for way in ways}:
        yield from {word for slot in slots for written in slot for word in written.split()}


def _triggers(rule: Rule, shared: Counter[bytes]) -> Sequence[Term]:
    """Return terms of which at least one stands in every text that satisfies the rule.

    Those of the rarest term of `all` when there is one, else every one of `any`.
    """

    def rarity(ways: Sequence[Way]) -> int:
        return max(min(_shared(slot, shared) for slot in way.slots) for way in ways)

    if rule.all:
        return [min(rule.all, key=lambda term: rarity(term.ways))]
    return rule.any


def _shared(slot: Slot, shared: Counter[bytes]) -> int:
    """Return how many queries share the words under which a slot would be filed."""
    return max(min(shared[word] for word in written.split()) for written in slot)


def _keys(way: Way, shared: Counter[bytes]) -> Iterator[bytes]:
    """Return the words of which one stands wherever a way does: those of its rarest slot."""
    slot = min(way.slots, key=lambda slot: (_shared(slot, shared), len(slot)))
    for written in slot:
        yield min(written.split(), key=lambda word: (shared[word], -len(word), word))
