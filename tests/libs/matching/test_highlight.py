"""The words found are marked: whole, wherever they stand, whatever signs are between them."""

import pytest

from libs.matching.highlight import marked


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        (["eau"], "Le bateau a coulé, pas d’eau", ["eau"]),
        (["feu"], "feuille, feu", ["feu"]),
        (["10 000 euros"], "Coût : 10\u202f000\u00a0euros", ["10\u202f000\u00a0euros"]),
        (["coupure d'eau"], "Une coupure\nd’eau", ["coupure\nd’eau"]),
        (["eau"], "de l’eau, de l’Eau", ["eau", "Eau"]),
        (
            ["coupure d’eau", "eau rue Basse"],
            "coupure d’eau rue Basse",
            ["coupure d’eau rue Basse"],
        ),
        (["eau", "rue"], "eau rue", ["eau", "rue"]),
        (["a b a"], "a b a b a", ["a b a b a"]),
        (["cafe"], "un cafe\u0301 !", ["cafe\u0301"]),
        (["CC du Lac"], "la communauté de communes du Lac", ["communauté de communes du Lac"]),
        (["Saint-Témoin"], "à St Temoin", ["St Temoin"]),
        (["?!"], "quoi ?!", []),
        ([], "rien", []),
    ],
)
def test_what_is_marked(terms, text, found):
    pieces = marked(text, terms)
    assert [piece for piece, is_found in pieces if is_found] == found
    assert "".join(piece for piece, _ in pieces) == text


def test_what_is_marked_stands_where_it_was_found():
    assert marked("Le bateau, pas d’eau", ["eau"]) == [("Le bateau, pas d’", False), ("eau", True)]
