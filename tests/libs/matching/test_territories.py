"""What people type leads to the territory that they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.territories import Kind
from libs.matching.territories import find, folded, named


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Écully", "69081"),
        ("ecully", "69081"),
        ("ÉCULLY", "69081"),
        ("St-Etienne", "42218"),
        ("saint etienne", "42218"),
        ("ste foy les lyon", "69202"),
        ("Sainte-Foy-lès-Lyon", "69202"),
        ("le havre", "76351"),
        ("HAVRE", "76351"),
        ("l’abergement clémenciat", "01001"),
        ("labastide rouairoux", "81115"),
        ("Coeuvres et Valsery", "02201"),
        ("13055", "13055"),
        ("62300", "62498"),
        ("200046977", "200046977"),
        ("communauté de communes faucigny glières", "200000172"),
        ("la rochel", "17300"),
        ("Arbignieu", "01015"),
        ("gers", "32"),
        ("alsace", "6AE"),
    ],
)
def test_best_answer(territories, typed, code):
    assert find(territories, typed, limit=1)[0].code == code


def test_whole_words_before_beginnings(territories):
    found = [row.nom for row in find(territories, "lens", limit=10)]
    assert found[0] == "Lens"
    assert "Lens-Lestang" in found
    assert all("lens" in folded(name) for name in found)


def test_inside_of_a_word_is_not_a_match(territories):
    assert "59606" not in {
        row.code for row in find(territories, "ciennes", limit=1000)
    }  # Valenciennes


def test_kinds_and_limit(territories):
    found = find(territories, "saint", kinds=frozenset({Kind.EPCI}), limit=5)
    assert len(found) == 5
    assert {row.kind for row in found} == {Kind.EPCI}


@pytest.mark.parametrize("typed", ["", "   ", "-", "zzzzqq", "lens zzzzqq"])
def test_nothing_found(territories, typed):
    assert find(territories, typed) == []


def test_namesakes_and_parts_by_name(territories):
    assert {row.departement for row in named(territories, "saint denis")} >= {"93", "974", "11"}
    assert [row.code for row in named(territories, "Arbignieu")] == ["01015"]
    assert named(territories, "Saint") == []
    assert named(territories, "") == []


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


def test_every_territory_is_found_by_its_code(territories):
    for row in list(territories)[::97]:
        assert row in find(territories, row.code)
