"""What is asked of the search of a network for a watch."""

import pytest

from contracts.networks import BY_SLUG
from contracts.watches import Query
from libs.matching.language.searched import hashtag, questions, telling

MASTODON, YOUTUBE = BY_SLUG["mastodon"], BY_SLUG["youtube"]
LENS = Query(any=("coupure d’eau", "inondation"), all=("Lens",))


@pytest.mark.parametrize(
    ("term", "tag"),
    [
        ("Essai-sur-Onde", "essaisuronde"), ("St Ouen", "saintouen"), ("Évreux", "evreux"),
        ("inond*", None), ("62300", None), ("Eu", None), ("…", None),
    ],
)  # fmt: skip
def test_a_term_makes_a_hashtag_as_people_write_it(term, tag):
    assert hashtag(term) == tag


def test_what_must_be_there_tells_most_and_names_before_words():
    assert telling(LENS) == ("Lens",)
    assert telling(Query(any=("inondation", "Lens", "eau"))) == ("Lens", "inondation", "eau")
    assert telling(Query(any=(), all=("piscine municipale", "Lens"))) == ("Lens",)
    assert len(telling(Query(any=tuple(f"mot{n}" for n in range(200))))) == 10


def test_each_network_is_asked_by_words_or_by_hashtags():
    query = Query(any=("Coupure d’eau", "coupure deau", "inond*", "62300"))
    assert questions(MASTODON, query) == ("coupuredeau",)
    assert questions(YOUTUBE, query) == ("Coupure d’eau", "coupure deau", "62300")


def test_nothing_is_asked_of_other_networks_nor_of_those_without_a_search():
    assert questions(YOUTUBE, Query(any=("Lens",), networks=("bluesky",))) == ()
    assert questions(BY_SLUG["bluesky"], LENS) == ()
    assert questions(YOUTUBE, Query(any=("inond*",))) == ()
