import pytest

from contracts.territories import Territories
from libs.matching.asked import search, why

FRANCE = Territories.load()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Ville de Lens", "62498"),
        ("Mairie de Lens", "62498"),
        ("mairie d’Albi", "81004"),
        ("Commune de Lyon", "69123"),
        ("ville du Havre", "76351"),
        ("Lens (Pas-de-Calais)", "62498"),
        ("agglo la rochelle", "241700434"),
        ("département du Gers", "32"),
        ("Conseil départemental du Gers", "32"),
        ("région Occitanie", "76R"),
        ("Conseil régional d’Occitanie", "76R"),
        ("CONSEIL DE\u0301PARTEMENTAL DU GERS", "32"),
        ("Hôtel-de-ville de Lens", "62498"),
        ("Lens", "62498"),
        ("62300", "62498"),
    ],
)
def test_what_people_type_finds_what_they_mean(typed, code):
    assert code in [one.code for one in search(FRANCE, typed)][:5]


@pytest.mark.parametrize("kind", ["commune", "epci"])
def test_a_siren_finds_whom_it_is_of(kind):
    known = next(one for one in FRANCE if one.kind == kind and one.siren)
    assert [one.code for one in search(FRANCE, known.siren)] == [known.code]


@pytest.mark.parametrize("place", [one for one in FRANCE if one.code.endswith("01")][::40])
def test_the_label_that_pages_print_finds_its_own(place):
    assert place.code in [one.code for one in search(FRANCE, FRANCE.place(place), limit=100)]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("62300", "62300", "code INSEE 62300"),
        ("62300", "62498", "code postal 62300"),
        ("Lens", "62498", ""),
        ("lyon", "69123", ""),
    ],
)
def test_a_result_says_why_it_is_there(typed, code, said):
    assert why(FRANCE[code], typed) == said


def test_a_former_commune_is_named():
    whole = next(one for one in FRANCE if one.nom == "Souleuvre en Bocage")
    assert "ancienne commune" in why(whole, "Saint-Denis-Maisoncelles")
    assert "Saint-Denis" in why(whole, "Saint-Denis")


@pytest.mark.parametrize("typed", ["", "zzzz", "Lens (Nulle-Part)", "mairie de zzzz"])
def test_nothing_is_found_for_what_is_nowhere(typed):
    assert search(FRANCE, typed) == []
