"""Words are compared the same way in queries and texts, however they are written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.watches import Query
from services.alerts.query import SAINTS, fold, phrase, words

FRENCH = st.text(alphabet="abcdeéèêçàùÉœŒæß½²ªº’'-– \n#@,.ST ste\u00a0\u0301\u00ad\u200b😀éßłøжσς")
ANY = st.text(max_size=60) | FRENCH


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Coupure d’eau", "coupure d eau"),
        ("COUPURE D'EAU", "coupure d eau"),
        ("Essai-sur-Onde", "essai sur onde"),
        ("St-Témoin", "saint temoin"),
        ("Ste Marthe", "sainte marthe"),
        ("Saint‑Témoin", "saint temoin"),
        ("e\u0301cole", "ecole"),
        ("cœur de ville", "coeur de ville"),
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("à\u00a0bientôt\u202f!", "a bientot"),
        ("coupure 🚱 d’eau", "coupure d eau"),
        ("Kreiz-Breizh, c’hoazh", "kreiz breizh c hoazh"),
        ("ГОРОД", "город"),
        ("so\u00adli\u00addaire", "solidaire"),
        ("½ journée", "1 2 journee"),
        ("", ""),
    ],
)
def test_written_and_compared(written: str, compared: str) -> None:
    assert b" ".join(fold(written)).decode() == compared


@given(ANY)
@example("Σας ½ œuvre 😀 d’été")
def test_quick_and_long_way_agree(text: str) -> None:
    assert fold(text) == [word.folded for word in words(text)]


@given(ANY)
def test_words_stand_where_they_are_said_to(text: str) -> None:
    ends = 0
    for word in words(text):
        assert ends <= word.end
        assert word.folded in fold(text[word.start : word.end])
        ends = word.end


@given(FRENCH)
def test_case_and_apostrophe_never_matter(text: str) -> None:
    assert fold(text.replace("’", "'")) == fold(text)
    assert fold(text.replace("-", " ")) == fold(text)
    assert not set(fold(text)) & SAINTS.keys()


def test_a_term_without_letters_is_nowhere() -> None:
    assert phrase("?!") == b"  "


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
def test_what_a_person_types(typed: str, query: Query) -> None:
    assert Query.parse(typed) == query
    assert Query.parse(query.words()) == query


@pytest.mark.parametrize("typed", ["", " , ;", "-exercice", "a", "??", "x" * 101])
def test_what_cannot_be_looked_for_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Query.parse(typed)
