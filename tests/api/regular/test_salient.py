"""Salient words: those of many texts, but not what the watch looks for nor words of any text."""

from contracts.watches import Query
from services.api.watching.regular.salient import salient, words
from tests.alerts.builders import watched

WATCH = watched(query=Query(any=("coupure d’eau",), all=("Essai-sur-Onde",)))
SAID = [f"Coupure d’eau à Essai-sur-Onde, plus rien au robinet, rue {n}" for n in "abcde"]


def test_what_many_texts_say_beside_what_is_looked_for():
    found = salient(WATCH, "Essai-sur-Onde", [*SAID, "L’école est fermée", "École fermée aussi"])
    assert ("robinet", 5) in found
    assert not {"coupure", "eau", "Essai", "Onde", "plus"} & {word for word, _ in found}
    assert "robinet (5)" in words(found)


def test_a_text_that_is_repeated_counts_once():
    assert salient(WATCH, "Essai-sur-Onde", ["Le robinet est à sec"] * 30) == []
    assert words([]) == ""
