"""What a new watch begins with, from the real registry: homonyms of every kind, and one of none."""

import pytest

from contracts.territories import Territories
from libs.matching.language.fields import About
from libs.matching.match import Matcher
from libs.matching.query import contradiction, query_of
from services.api.watching.proposal import proposed

FRANCE = Territories.load()


@pytest.mark.parametrize(
    ("code", "surely", "not_so"),
    [
        ("62498", "Coupure d’eau à Lens, près de Liévin", "Un objectif Lens Canon"),
        ("37261", "Tours (37000) sous l’eau", "Deux tours de piste"),
        ("06088", "Nice, Alpes-Maritimes : inondation", "It is so Nice"),
        ("26113", "Grève à Die (Drôme)", "Die Stadt"),
        ("76255", "Eu, à côté du Tréport", "J’ai eu froid"),
        ("80829", "Inondation à Y (Somme)", "Il y a de l’eau dans la Somme"),
        ("97411", "Saint-Denis de La Réunion", "Saint-Denis, Plaine Commune"),
    ],
)
def test_a_territory_is_surely_meant_by_its_name_and_a_word_of_the_place(code, surely, not_so):
    first = proposed(FRANCE, FRANCE[code])
    query = query_of(first.surely, "", "\n".join(first.none))
    assert contradiction(query) is None
    matcher = Matcher([("w", query)])
    assert matcher.match(surely, About("bluesky"))
    assert not matcher.match(not_so, About("bluesky"))
    assert first.why


def test_namesakes_are_left_out_by_their_departement_and_never_ones_own():
    mainland, island = (proposed(FRANCE, FRANCE[code]) for code in ("93066", "97411"))
    assert "La Réunion" in mainland.none
    assert "Seine-Saint-Denis" not in mainland.none
    assert "La Réunion" not in island.none
    for one in (mainland, island):
        assert contradiction(query_of(one.every, "", "\n".join(one.none))) is None


def test_a_commune_is_asked_what_its_inhabitants_are_called():
    """No demonym is in the registry, nor in open data that may be given on with it."""
    lens, its_departement = proposed(FRANCE, FRANCE["62498"]), proposed(FRANCE, FRANCE["62"])
    assert any("habitants" in one for one in lens.why)
    assert not any("habitants" in one for one in its_departement.why)


def test_no_proposal_of_the_country_contradicts_itself():
    for place in [*FRANCE][::997]:
        first = proposed(FRANCE, place)
        typed = first.surely or f"« {first.every} »"
        assert contradiction(query_of(typed, "", "\n".join(first.none))) is None, place.nom
