"""What the live matcher finds, the sieve lets through, the preview shows, the past counts, the
highlight marks: one folding, whoever compares."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.watches import Query
from libs.matching.highlight import marked, quote
from libs.matching.match import Matcher
from libs.matching.query import phrases
from libs.matching.sieve import Sieve
from libs.matching.words import fold, line
from services.api.figures.rows import KeptText
from services.api.store import WatchDraft
from services.api.watching import preview
from services.api.watching.learning import learnt
from tests.alerts.builders import watched

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TERMS = (
    *("eau", "coupure d’eau", "St-Témoin", "Sainte Marthe", "été", "cœur de ville", "10 000 euros"),
    *("Lodz", "Łódź", "Køge", "Strasse", "Straße", "القدس", "Αθήνα", "東京", "Kerc’hoad", "ﬁn"),
    *("CC du Lac", "communauté de communes", "communauté d’agglomération", "ca va", "CA", "CU"),
    *("??", "L’Haÿ-les-Roses", "Faa’a", "le \ufdfa"),
)
SAID = (
    *TERMS,
    *("EAU", "Coupure\u00a0d’eau", "coupure\nd'eau", "l\u02bceau", "inon\u00addation"),
    *("saint témoin", "Ste-Marthe", "e\u0301te\u0301", "coeur de\u202fville", "10\u202f000 euros"),
    *("Le\u2060ns", "Schil\u200dtigheim", "strasse", "القـدس", "ΑΘΗΝΑ", "fin", "Faʻa", "ca", "ça"),
    *("communauté de communes du Lac", "la CC", "cc @elle", "Communauté d'Agglomération", "du Lac"),
    *("Kerc\u02bchoad", "exercice", "😀", "-", "œ"),
)  # fmt: skip
QUERIES = st.builds(
    Query,
    any=st.lists(st.sampled_from(TERMS), max_size=3).map(tuple),
    all=st.lists(st.sampled_from(TERMS), max_size=2).map(tuple),
    none=st.lists(st.sampled_from(("exercice", "eau", "CC")), max_size=1).map(tuple),
)
TEXTS = st.lists(st.sampled_from(SAID) | st.text(max_size=8), max_size=10).map(" ".join)


def draft(query: Query) -> WatchDraft:
    return WatchDraft(territory="00101", name="n", purpose="p", query=query)


def kept(text: str) -> KeptText:
    return KeptText(
        subject="s",
        network="bluesky",
        address="https://bluesky.example/1",
        published_at=NOW,
        text=text,
    )


@given(QUERIES, TEXTS)
@example(Query(any=("communauté de communes",)), "La CC du Lac est en grève")
@example(Query(any=("CC du Lac",)), "À la communauté de communes du\u00a0Lac")
@example(Query(any=("communauté d’agglomération",)), "ça va")
def test_five_answers_are_one(query, text):
    hits = Matcher([("w", query)]).match(text, "bluesky")
    found = bool(hits)
    assert preview.tried(draft(query), [kept(text)]).found == found
    past = learnt(query, [kept(text)], NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert bool(past.seen) == found
    if found:
        assert Sieve("bluesky", [watched(query=query)]).passes(text)
        looked_for = [*query.any, *query.all]
        pieces = marked(text, looked_for)
        assert "".join(piece for piece, _ in pieces) == text
        inside = [line(piece) for piece, is_found in pieces if is_found]
        assert all(any(term in one for one in inside) for term in hits[0].terms)
        spelled = quote(text, hits[0].terms).terms
        assert any(is_found for _, is_found in marked(text, spelled))


@given(TEXTS, st.lists(st.sampled_from(TERMS), max_size=4))
def test_only_whole_words_are_marked(text, terms):
    """What is marked, and what is beside it, reads as it does in the text."""
    pieces = marked(text, terms)
    assert [word for piece, _ in pieces for word in fold(piece)] == fold(text)
    known = {word for term in terms for way in phrases(term) for word in way.split()}
    assert {word for piece, is_found in pieces if is_found for word in fold(piece)} <= known


def everywhere(term: str, text: str) -> set[bool]:
    """Return the answers of all who compare: one, when they agree."""
    query = Query(any=(term,))
    return {
        bool(Matcher([("w", query)]).match(text, "bluesky")),
        Sieve("bluesky", [watched(query=query)]).passes(text),
        preview.tried(draft(query), [kept(text)]).found == 1,
        bool(learnt(query, [kept(text)], NOW, NOW + timedelta(days=1)).seen),
        any(is_found for _, is_found in marked(text, [term])),
    }


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("inondation", "Grosse inon\u00addation à Lens"),
        ("Schiltigheim", "Schil\u200dtigheim sous l’eau"),
        ("Lens", "Le\u2060ns en fête"),
        ("Lodz", "Łódź, ville jumelle"),
        ("Koge", "Køge, ville jumelle"),
        ("Strasse", "Die Straße nach Essai"),
        ("القدس", "مدينة القدس"),
        ("東京", "東京 et Essai jumelées"),
        ("eau", "l\u02bceau est coupée"),
        ("coupure d’eau", "une coupure d\u02bceau"),
        ("Kerc’hoad", "à Kerc\u02bchoad"),
        ("L’Haÿ-les-Roses", "L\u02bcHaÿ-les-Roses"),
        ("Faa’a", "à Faa\u02bba"),
        ("Saint-Denis", "À St Denis ce soir"),
        ("Sète", "rendez-vous a sete"),
        ("Cœur", "le coeur de ville"),
        ("communauté de communes", "la CC en grève"),
        ("la communauté de communes en grève", "La CC en grève"),
        ("CC du Lac", "grève à la communauté de communes du Lac"),
        ("cc du lac", "grève à la CC du Lac"),
        ("CA du Lac", "grève à la communauté d’agglomération du Lac"),
        ("communauté d’agglomération du Lac", "grève à la CA du Lac"),
        ("CU d’Essai", "la Communauté urbaine d’Essai"),
    ],
)
def test_found_everywhere(term, text):
    assert everywhere(term, text) == {True}


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("communauté d’agglomération", "ça va, et toi ?"),
        ("Lens", "excellents"),
        ("CC du Lac", "la communauté de communes"),
        ("Sète", "les setes"),
    ],
)
def test_found_nowhere(term, text):
    assert everywhere(term, text) == {False}
