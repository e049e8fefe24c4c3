"""Hundreds of watches at once find what each finds by itself, whatever they are filed under."""

import random

import pytest

from contracts.watches import Query
from libs.matching.language.fields import About
from libs.matching.language.reader import BadQuery
from libs.matching.match import Matcher
from libs.matching.query import Rule, query_of
from libs.matching.reading import Reading

TERMS = (
    *("eau", "coupure", "Lens", "Tours", "Nice", "Die", "Rue", "Eu", "Y", "inond*", "école*"),
    *("« coupure d’eau »", "Bourg-en-Bresse", "Saint-Denis", "RD940", "communauté de communes"),
    *("mairie", "« mairie de Lens »", "rats", "travaux", "Villeneuve-d’Ascq", "feu"),
)
SAID = (
    *("eau", "coupure", "d’eau", "Lens", "à", "Tours", "nice", "Nice", "die", "Die", "rue", "Rue"),
    *("inondation", "inondé", "Bourg-en-Bresse", "bourg", "#SaintDenis", "st denis", "D 940", "CC"),
    *("l’A 7", "mairie de Lens", "la", "mairie de", "écoles", "travaux.", "\n\n", "feu", ".", "🎉"),
    *("Villeneuve d’Ascq", "œuf", "@VilleSaintDenis", "rats", "Y", "coupures d’eau", "exercice"),
)
ABOUT = About("bluesky")


def typed(chance: random.Random, depth: int) -> str:
    """Return an expression of the language."""
    kind = chance.random() if depth else 0.0
    if kind < 0.35:
        return chance.choice(TERMS)
    if kind < 0.55:
        return f"({typed(chance, depth - 1)} ET {typed(chance, depth - 1)})"
    if kind < 0.8:
        some = (typed(chance, depth - 1) for _ in range(chance.randint(2, 4)))
        return f"({' OU '.join(some)})"
    if kind < 0.9:
        return f"({typed(chance, depth - 1)} SAUF {chance.choice(TERMS)})"
    return f"({chance.choice(TERMS)} PROCHE/{chance.randint(1, 5)} {chance.choice(TERMS)})"


def queries(chance: random.Random, number: int) -> list[tuple[str, Query]]:
    found: list[tuple[str, Query]] = []
    while len(found) < number:
        needed = chance.choice(("", "", "eau", "Lens, mairie"))
        try:
            query = query_of(typed(chance, 3), needed, chance.choice(("", "exercice")))
        except BadQuery:
            continue
        found.append((f"w{len(found)}", query))
    return found


@pytest.mark.parametrize("number", [5, 40, 400])
def test_many_watches_find_what_each_finds_by_itself(number):
    chance = random.Random(number)
    asked = queries(chance, number)
    matcher, rules = Matcher(asked), [Rule.of(name, query) for name, query in asked]
    hits = 0
    for _ in range(80):
        text = " ".join(chance.choice(SAID) for _ in range(chance.randint(1, 14)))
        reading = Reading(text, ABOUT)
        alone = {rule.name: rule.found(reading) for rule in rules if rule.possible}
        found = {name: terms for name, terms in alone.items() if terms}
        assert {hit.watch: hit.terms for hit in matcher.match(text, ABOUT)} == found, text
        assert matcher.finds(text, ABOUT) == bool(found)
        hits += len(found)
    assert hits
