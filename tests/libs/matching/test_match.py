"""The index finds what a naive reading of every query finds, and quotes it as it was written."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.watches import Query
from libs.matching.highlight import EXCERPT_CHARACTERS, quote
from libs.matching.language.fields import About
from libs.matching.match import Hit, Matcher
from libs.matching.term import term_of
from libs.matching.words import fold

PHRASES = ["d’eau", "coupure d’eau", "Saint-Témoin", "St Témoin", "a b", "b a", "a b a", "au le"]
TERMS = st.sampled_from([*PHRASES, "eau", "coupure", "témoin", "été", "les", "??"])
QUERIES = st.builds(
    Query.model_construct,
    any=st.lists(TERMS, max_size=3).map(tuple),
    all=st.lists(TERMS, max_size=2).map(tuple),
    none=st.lists(TERMS, max_size=1).map(tuple),
    networks=st.lists(st.sampled_from(["rss", "bluesky"]), max_size=1).map(tuple),
)
WORDS = [
    *("a", "b", "eau", "eaux", "deau", "D’EAU", "coupure", "Coupures", "Saint", "St-Témoin"),
    *("témoin", "sainttemoin", "les", "aux", "mairie", "coupuresdeau"),
]
TEXTS = st.lists(st.sampled_from([*WORDS, "ete", "et", "😀", "œ", "ж", "-", ","]), max_size=12).map(
    " ".join
)


def ways(term: str) -> Iterator[list[bytes]]:
    """Yield the words of every way to write a term, one list each."""
    for way in term_of(term).ways:
        for written in product(*way.slots):
            yield b" ".join(written).split()


def stands_in(term: str, text: str) -> bool:
    """Look for the words of a term, one after the other, at every place of the text."""
    found = fold(text)
    return any(
        found[place : place + len(wanted)] == wanted
        for wanted in ways(term)
        for place in range(len(found))
    )


def naive(query: Query, text: str, network: str) -> bool:
    if query.networks and network not in query.networks:
        return False
    if not query.any and not query.all:
        return False
    return (
        (not query.any or any(stands_in(term, text) for term in query.any))
        and all(stands_in(term, text) for term in query.all)
        and not any(stands_in(term, text) for term in query.none)
    )


@given(st.lists(QUERIES, max_size=6), TEXTS, st.sampled_from(["rss", "bluesky"]))
def test_the_index_finds_what_a_naive_reading_finds(queries, text, network):
    named = [(f"w{number}", query) for number, query in enumerate(queries)]
    hits = Matcher(named).match(text, About(network))
    assert [hit.watch for hit in hits] == [
        watch for watch, query in named if naive(query, text, network)
    ]
    queried = dict(named)
    for hit in hits:
        query = queried[hit.watch]
        terms = [*query.any, *query.all]
        assert set(hit.terms) == {term for term in terms if stands_in(term, text)}
        assert quote(text, hit.terms).terms


def found(text: str, *any_terms: str) -> list[Hit]:
    return Matcher([("w", Query(any=any_terms))]).match(text, About("bluesky"))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("Lens", "Il pose sa lentille, excellents résultats"),
        ("Nice", "niçoise"),
        ("coupure d’eau", "coupure de l’eau"),
        ("Saint-Denis", "Denis Saint"),
    ],
)
def test_only_whole_words_in_order(term, text):
    assert found(text, term) == []


@pytest.mark.parametrize(
    ("term", "text", "spelled"),
    [
        ("coupure d'eau", "Encore une COUPURE D’EAU rue Basse", "COUPURE D’EAU"),
        ("Saint-Témoin", "à St Temoin ce matin", "St Temoin"),
        ("essai sur onde", "#Essai-sur-Onde !", "Essai-sur-Onde"),
        ("ecole", "l’e\u0301cole ferme", "e\u0301cole"),
    ],
)
def test_terms_are_quoted_as_written(term, text, spelled):
    (hit,) = found(text, term)
    quotation = quote(text, hit.terms)
    assert quotation.terms == (spelled,)
    assert quotation.excerpt == text


@given(
    st.lists(st.sampled_from(["rue", "des", "Lilas,", "été", "x" * 350]), max_size=120),
    st.lists(st.sampled_from(["la", "mairie", "répond", "😀"]), max_size=120),
)
def test_the_excerpt_is_short_and_shows_the_term(before, after):
    text = " ".join([*before, "coupure d’eau", *after])
    (hit,) = found(text, "coupure d'eau")
    excerpt = quote(text, hit.terms).excerpt
    assert len(excerpt) <= EXCERPT_CHARACTERS
    assert "coupure d’eau" in excerpt
    assert excerpt.strip("…") in text


def test_a_watch_on_common_words_is_filed_under_its_rare_one():
    """A thousand towns watch the same words: a text reads only the queries of its own town."""
    matcher = Matcher(
        (f"w{number}", Query(any=("coupure d’eau",), all=(f"Ville{number}",)))
        for number in range(1000)
    )
    assert [hit.watch for hit in matcher.match("Coupure d’eau à Ville7", About("rss"))] == ["w7"]
    assert matcher.match("Coupure d’eau", About("rss")) == []
