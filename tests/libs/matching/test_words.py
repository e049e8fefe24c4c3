"""Words are compared the same way in queries and texts, however they are written."""

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.matching.words import LONGEST_FOLDING, SAINTS, fold, line, words

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
        ("lʼeau", "l eau"),
        ("Kercʼhoad", "kerc hoad"),
        ("Faʻaʻā", "fa a a"),
        ("القـدس", "القدس"),
        ("Łódź, Køge, Straße", "lodz koge strasse"),
        ("ᾳ", "α"),
        ("\ufb03 \u0149", "ffi n"),
        ("", ""),
    ],
)
def test_written_and_compared(written, compared):
    assert b" ".join(fold(written)).decode() == compared


@given(ANY)
@example("Σας ½ œuvre 😀 d’été")
def test_quick_and_long_way_agree(text):
    assert fold(text) == [word.folded for word in words(text)]


@given(ANY)
def test_words_stand_where_they_are_said_to(text):
    ends = 0
    for word in words(text):
        assert ends <= word.end
        assert word.folded in fold(text[word.start : word.end])
        ends = word.end


@given(FRENCH)
def test_case_and_apostrophe_never_matter(text):
    assert fold(text.replace("’", "'")) == fold(text)
    assert fold(text.replace("-", " ")) == fold(text)
    assert not set(fold(text)) & SAINTS.keys()


@given(ANY)
def test_folding_twice_changes_nothing(text):
    folded = line(text)
    assert line(folded.decode()) == folded


@pytest.mark.proof
def test_no_character_makes_a_text_much_longer():
    """U+FDFA alone stands for eighteen letters: a page of it would be a book."""
    assert fold("\ufdfa") == ["\ufdfa".encode()]
    every = (chr(code) for code in range(sys.maxunicode) if not 0xD800 <= code < 0xE000)
    assert max(len(line(one).decode().strip()) for one in every) <= LONGEST_FOLDING + 2
