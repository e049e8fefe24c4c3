"""Which watches a text concerns: many watches, many texts, no input nor output."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.watches import Query
from libs.matching.index import Index
from libs.matching.language.fields import About
from libs.matching.query import Rule
from libs.matching.reading import Reading


@dataclass(frozen=True, slots=True)
class Hit:
    """A watch that a text concerns, and the terms of its query that were found."""

    watch: str
    terms: tuple[str, ...]


class Matcher:
    """Finds, for a text, the watches whose query it satisfies."""

    def __init__(self, queries: Iterable[tuple[str, Query]]) -> None:
        rules = (Rule.of(name, query) for name, query in queries)
        self._index = Index.of([rule for rule in rules if rule.possible])

    def match(self, text: str, about: About) -> list[Hit]:
        """Return the watches that the text concerns, each once, in order of their names."""
        reading = Reading(text, about)
        candidates = {rule.name: rule for rule in self._candidates(reading)}
        if not candidates:
            return []
        hits = (Hit(name, rule.found(reading)) for name, rule in sorted(candidates.items()))
        return [hit for hit in hits if hit.terms]

    def finds(self, text: str, about: About) -> bool:
        """Tell whether the text concerns some watch."""
        reading = Reading(text, about)
        return any(rule.finds(reading) for rule in self._candidates(reading))

    def _candidates(self, reading: Reading) -> list[Rule]:
        network = reading.about.network
        rules = self._index.among(reading)
        return [rule for rule in rules if not rule.networks or network in rule.networks]
