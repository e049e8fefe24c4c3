"""What a person types for a watch is read as a query, or said to be none."""

import pytest

from contracts.watches import Query


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("coupure d’eau", Query(any=("coupure d’eau",))),
        (
            "coupure d’eau, inondation\n+Essai-sur-Onde ; -exercice",
            Query(any=("coupure d’eau", "inondation"), all=("Essai-sur-Onde",), none=("exercice",)),
        ),
        (
            "coupure d’eau OU inondation ET Essai-sur-Onde SAUF exercice",
            Query(any=("coupure d’eau", "inondation"), all=("Essai-sur-Onde",), none=("exercice",)),
        ),
        ("« Saint-Témoin », Saint-Témoin", Query(any=("Saint-Témoin",))),
        ("+Port-Mirage", Query(any=(), all=("Port-Mirage",))),
        ("mairie OUEST", Query(any=("mairie OUEST",))),
    ],
)
def test_what_a_person_types(typed, query):
    assert Query.parse(typed) == query
    assert Query.parse(query.words()) == query


@pytest.mark.parametrize("typed", ["", " , ;", "-exercice", "a", "??", "x" * 101])
def test_what_cannot_be_looked_for_is_said(typed):
    with pytest.raises(ValueError, match=r"\.$"):
        Query.parse(typed)
