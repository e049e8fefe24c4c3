"""What the live matcher finds, the sieve lets through, the preview shows, the past counts, the
highlight marks: one folding, whoever compares."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.mentions import MentionObserved
from contracts.posts import TextObserved
from contracts.watches import Query, Watched
from libs.deciding.said import Said
from libs.matching.highlight import marked, quote
from libs.matching.language.fields import About
from libs.matching.match import Matcher
from libs.matching.query import query_of, written_in
from libs.matching.sieve import Sieve
from libs.matching.words import fold, line
from services.api.figures.watch_rows import KeptText
from services.api.store import WatchDraft
from services.api.watching import preview
from services.api.watching.learning import learnt, needles
from tests.alerts.builders import watched
from tests.libs.matching.test_french import Case, cases

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


def draft(query: Query) -> Watched:
    known = WatchDraft(territory="00101", name="n", purpose="p", query=query)
    return preview.drafted(known, NOW - timedelta(days=7), "simulation", None)


def kept(text: str, **fields: Any) -> KeptText:
    told: dict[str, Any] = {
        "subject": "s",
        "network": "bluesky",
        "address": "https://bluesky.example/1",
        "published_at": NOW,
        "text": text,
        "said_by": "others",
        "source": "s",
        "observed_at": NOW,
    }
    return KeptText(**{**told, **fields})


@given(QUERIES, TEXTS)
@example(Query(any=("communauté de communes",)), "La CC du Lac est en grève")
@example(Query(any=("CC du Lac",)), "À la communauté de communes du\u00a0Lac")
@example(Query(any=("communauté d’agglomération",)), "ça va")
def test_five_answers_are_one(query, text):
    hits = Matcher([("w", query)]).match(text, About("bluesky"))
    found = bool(hits)
    assert preview.tried(draft(query), [kept(text)], NOW).found == found
    past = learnt(query, [kept(text)], NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert bool(past.seen) == found
    if found:
        assert Sieve("bluesky", [watched(query=query)]).passes(text)
        looked_for = [*query.any, *query.all]
        pieces = marked(text, looked_for)
        assert "".join(piece for piece, _ in pieces) == text
        inside = [piece for piece, is_found in pieces if is_found]
        assert all(any(written_in(piece, [term]) for piece in inside) for term in hits[0].terms)
        spelled = quote(text, hits[0].terms).terms
        assert any(is_found for _, is_found in marked(text, spelled))


@given(TEXTS, st.lists(st.sampled_from(TERMS), max_size=4))
def test_only_whole_words_are_marked(text, terms):
    """What is marked, and what is beside it, reads as it does in the text."""
    pieces = marked(text, terms)
    assert [word for piece, _ in pieces for word in fold(piece)] == fold(text)
    for piece, is_found in pieces:
        assert not is_found or written_in(piece, terms)


OF_A_KIND = (
    *("eau réseau:bluesky", "eau langue:fr", "eau type:publication", "ville type:article lieu:62"),
    *("eau type:publication lieu:62", "eau type:publication abonnés:>1000", "été type:message"),
    *("(eau type:publication SAUF lieu:62498)", "ville réseau:facebook abonnés:<1000 lieu:59"),
)
EXPRESSIONS = st.recursive(
    st.sampled_from(("eau", "coupure d’eau", "inond*", "eau NEAR/2 ville", "été")),
    lambda inside: st.tuples(
        inside,
        st.sampled_from((" ET ", " OU ", " SAUF ", " ET réseau:rss OU ", " SAUF langue:de OU ")),
        inside | st.sampled_from(OF_A_KIND),
    ).map(lambda parts: f"({''.join(parts)})"),
    max_leaves=4,
)


@given(
    EXPRESSIONS,
    TEXTS,
    st.sampled_from(("bluesky", "rss", "mastodon")),
    st.sampled_from((None, "fr", "fr-FR", "de")),
    st.booleans(),
    st.sampled_from(((), ("62",), ("62498",), ("246200364", "59350"))),
    st.sampled_from((None, 0, 1_000, 1_001)),
)
def test_the_language_has_one_verdict_live_in_the_preview_in_the_past_and_in_the_sieve(
    typed, text, network, language, official, places, followers
):
    """From events of the line, and from rows of the engine, which say the same of a text."""
    query = query_of(typed)
    if official:
        post = TextObserved(
            **{**EVENT, "post": "s", "account": "s"}, network=network, language=language, text=text
        )
        said = Said.by_account(post, "a", places, followers)
    else:
        followers = None
        one = MentionObserved(
            **{**EVENT, "mention": "s", "address": "a", "source": "s"},
            network=network,
            language=language,
            text=text,
        )
        said = Said.by_others(one, places)
    live = bool(Matcher([("w", query)]).match(said.text, said.about))
    by = "official" if official else "others"
    known = {"places": places, "followers": followers}
    row = kept(text, network=network, language=language, said_by=by, **known)
    assert preview.tried(draft(query), [row], NOW).found == live
    past = learnt(query, [row], NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert bool(past.seen) == live
    if live:
        assert Sieve(network, [watched(query=query)]).passes(said.text)
        words = needles(query).split()
        assert not words or any(word in line(text).decode() for word in words)


EVENT = {"event_id": "e", "origin": "simulation", "published_at": NOW, "observed_at": NOW}

MORE = [
    Case("more", "more", (term,), text, expected)
    for term, text, expected in (
        ("Lodz", "Łódź, ville jumelle", True),
        ("Koge", "Køge, ville jumelle", True),
        ("Schiltigheim", "Schil\u200dtigheim sous l’eau", True),
        ("Lens", "Le\u2060ns en fête", True),
        ("القدس", "مدينة القدس", True),
        ("東京", "東京 et Essai jumelées", True),
        ("Kerc’hoad", "à Kerc\u02bchoad", True),
        ("Saint-Denis", "À St Denis ce soir", True),
        ("communauté de communes", "la CC en grève", True),
        ("la communauté de communes en grève", "La CC en grève", True),
        ("CC du Lac", "grève à la communauté de communes du Lac", True),
        ("communauté d’agglomération du Lac", "grève à la CA du Lac", True),
        ("CU d’Essai", "la Communauté urbaine d’Essai", True),
        ("inond*", "une zone inondable", True),
        ("inond*", "ino", False),
        ("communauté d’agglomération", "ça va, et toi ?", False),
        ("CC du Lac", "la communauté de communes", False),
        ("eau", "b\u00e9teau", False),
    )
]


def everywhere(case: Case) -> set[bool]:
    """Return the answers of all who compare: one, when they agree.

    Who speaks is asked by none but those who know it: the sieve lets more through.
    """
    query, text, about = case.query, case.text, case.about
    row = kept(
        text,
        network=about.network,
        said_by="official" if about.kind == "publication" else "others",
        language=about.language,
        places=about.places,
        followers=about.followers,
    )
    answers = {
        case.found,
        preview.tried(draft(query), [row], NOW).found == 1,
        bool(learnt(query, [row], NOW, NOW + timedelta(days=1)).seen),
    }
    beside = {
        Sieve(about.network, [watched(query=query)]).passes(text),
        any(is_found for _, is_found in marked(text, query.any)),
    }
    return answers | (beside if not query.expression or case.found else set())


@pytest.mark.parametrize(
    "case", [*cases(), *MORE], ids=lambda case: f"{case.kind} {case.watched} {case.text[:30]!a}"
)
def test_one_answer_of_all_who_compare(case):
    """Right or wrong, by the table of French cases: that it is right is said beside it."""
    assert len(everywhere(case)) == 1
    if case in MORE:
        assert everywhere(case) == {case.expected}
