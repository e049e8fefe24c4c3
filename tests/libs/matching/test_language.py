"""The language of watches: what is typed is read as people mean it, or refused at the sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.watches import Query
from libs.matching.language.fields import About
from libs.matching.language.reader import BadQuery
from libs.matching.match import Matcher
from libs.matching.query import contradiction, query_of
from libs.matching.reading import Reading
from libs.matching.sieve import Sieve
from libs.matching.term import term_of
from tests.alerts.builders import watched


def finds(typed: str, text: str) -> bool:
    query = query_of(typed)
    found = bool(Matcher([("w", query)]).match(text, About("rss")))
    assert not found or Sieve("rss", [watched(query=query)]).passes(text)
    assert not found or Matcher([("w", query.model_copy(update={"expression": ""}))]).match(
        text, About("rss")
    ), "a reader of before finds more, never less"
    return found


@pytest.mark.parametrize(
    ("typed", "found", "not_found"),
    [
        ("coupure d’eau, inondation", "une inondation", "une fuite"),
        ("coupure d’eau\ninondation", "une inondation", "une fuite"),
        ("coupure d’eau ; inondation,", "coupure d’eau", "coupure"),
        ("eau ET rue", "la rue sans eau", "la rue"),
        ("eau AND rue OR feu", "un feu", "la rue"),
        ("(eau OU feu) ET rue", "le feu de la rue", "le feu"),
        ("(eau, feu) ET rue", "le feu de la rue", "le feu"),
        ("eau OU feu SAUF exercice", "un feu", "un feu, exercice"),
        ("eau NOT exercice", "l’eau", "exercice d’eau"),
        ("eau ET SAUF exercice", "l’eau", "exercice d’eau"),
        ("eau SAUF (exercice OU essai)", "l’eau", "l’eau, un essai"),
        ("eau SAUF exercice\nfeu", "feu, exercice", "eau, exercice"),
        ('"eau et rue"', "eau et rue", "rue et eau"),
        ("« ET AUSSI »", "et aussi", "et"),
        ("inond*", "zone inondable", "onde"),
        ("rue inond*", "la rue inondée", "inondation de la rue"),
        (
            "incendie PROCHE/3 école",
            "incendie dans une école",
            "incendie loin de toute autre école",
        ),
        ("école NEAR/3 incendie", "incendie dans une école", "incendie"),
        ("mairie OUEST", "mairie ouest", "mairie"),
        ("St-Denis ET coupure d'eau", "Coupures d’eau #SaintDenis", "coupures d’eau"),
    ],
)
def test_what_is_typed_finds_what_is_meant(typed, found, not_found):
    assert finds(typed, found)
    assert not finds(typed, not_found)


@pytest.mark.parametrize(
    ("typed", "place", "wanted"),
    [
        ("eau ET", 6, "un mot"),
        ("ET eau", 0, "un mot"),
        ("(eau OU feu", 11, ")"),
        ("eau) ET feu", 3, "SAUF"),
        ("eau ET ET feu", 7, "un mot"),
        ("eau, 🔥🔥", 5, "ni lettre ni chiffre"),
        ("eau\n??", 4, "ligne 2"),
        ("« eau", 0, "»"),
        ("*eau", 0, "étoile"),
        ("in*", 0, "3 lettres"),
        ("(" * 400 + "eau" + ")" * 400, 20, "parenthèses"),
        ("eau" + " SAUF a1" * 400, 404, "SAUF"),
        ("eau" + " ET SAUF a1" * 300, 557, "SAUF"),
        ("eau NEAR/0 feu", 4, "distance"),
        ("(eau OU feu) NEAR/3 rue", 13, "entre deux"),
        ("SAUF eau", 0, "un mot"),
        ("eau, " + "x" * 101, 5, "trop long"),
        ("a", 0, "trop court"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_sign(typed, place, wanted):
    with pytest.raises(BadQuery) as refused:
        query_of(typed)
    assert refused.value.place == place
    assert wanted.casefold() in str(refused.value).casefold()


@pytest.mark.parametrize(
    ("typed", "unwanted"),
    [("coupure d’eau", "eau"), ("eau ET feu SAUF feu", ""), ("eau, feu", "feux"), ("eau", "eau")],
)
def test_what_can_never_be_found_is_refused(typed, unwanted):
    assert contradiction(query_of(typed, "", unwanted))


@pytest.mark.parametrize(
    ("typed", "unwanted"), [("eau", "coupure d’eau"), ("eau ET feu SAUF rue", "mer"), ("", "x y")]
)
def test_what_can_be_found_is_taken(typed, unwanted):
    assert contradiction(query_of(typed, "", unwanted)) is None


WORDS = st.sampled_from(["eau", "feux", "rue basse", "mairie"])


def expressions(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    both = st.tuples(inside, st.sampled_from([" ET ", " OU ", " OR ", " AND ", " SAUF "]), inside)
    return both.map(lambda parts: f"({''.join(parts)})")


TYPED = st.recursive(WORDS, expressions, max_leaves=6)
TEXTS = st.lists(st.sampled_from(["eaux", "feu", "rue", "basse", "mairies", "x"]), max_size=6)


def naive(typed: str, text: str) -> bool:
    """Evaluate as Python would, each term by itself."""
    said = typed
    for word, python in ((" ET ", " and "), (" AND ", " and "), (" OU ", " or "), (" OR ", " or ")):
        said = said.replace(word, python)
    said = said.replace(" SAUF ", " and not ")
    for number, term in enumerate(("rue basse", "eau", "feux", "mairie")):
        said = said.replace(term, f"t[{number}]")
    reading = Reading(text)
    found = [term_of(term).stands(reading) for term in ("rue basse", "eau", "feux", "mairie")]
    return bool(eval(said, {"t": found}))


@given(TYPED, TEXTS.map(" ".join))
def test_an_expression_is_what_its_operators_say(typed, text):
    assert finds(typed, text) == naive(typed, text)


@given(st.text(alphabet='eau feu(),;"«»\n*/ETOUSAF', max_size=30))
def test_any_text_is_read_or_refused(typed):
    try:
        query = query_of(typed)
    except ValueError:
        return
    assert isinstance(query, Query)


LENS = About("facebook", None, "publication", ("62498", "246200364"), 12_000)
"""A page of two territories, and how many follow it."""


@pytest.mark.parametrize(
    ("typed", "about", "found"),
    [
        ("eau réseau:bluesky", About("bluesky"), True),
        ("eau réseau:bluesky", About("rss"), False),
        ("eau ET réseau : presse", About("rss"), True),
        ("réseau:Bluesky eau", About("bluesky"), True),
        ("eau SAUF réseau:bluesky", About("bluesky"), False),
        ("eau SAUF réseau:bluesky", About("rss"), True),
        ("eau langue:fr", About("rss", "fr-FR"), True),
        ("eau langue:français", About("rss", "de"), False),
        ("eau langue:fr", About("rss", None), True),
        ("eau SAUF langue:de", About("rss", None), True),
        ("eau SAUF langue:de", About("rss", "de"), False),
        ("eau type:article", About("rss", None, "article"), True),
        ("eau type:articles", About("bluesky", None, "message"), False),
        ("eau ET (type:article OU réseau:bluesky)", About("bluesky", None, "message"), True),
        ("(feu OU eau) type:publication", About("facebook", None, "publication"), True),
        ("eau type:publication lieu:62", LENS, True),
        ("eau type:publication lieu:62498", LENS, True),
        ("eau type:publication lieu:59", LENS, False),
        ("eau type:publication lieu:62", About("facebook", None, "publication"), True),
        ("eau type:article lieu:62", About("rss", None, "article", ("62",)), True),
        ("eau type:article lieu:62", About("rss", None, "article"), False),
        ("eau type:publication abonnés:>1000", LENS, True),
        ("eau type:publication abonnés : > 12 000", LENS, False),
        ("eau type:publication abonnés≥12.000", LENS, True),
        ("eau type:publication abonnés:<500", LENS, False),
        ("eau type:publication abonnés:<500", About("facebook", None, "publication"), True),
        ("eau réseau:facebook abonnés:>1000 lieu:62", LENS, True),
        ("eau type:publication SAUF lieu:62", LENS, False),
        ("eau SAUF (type:publication lieu:59)", LENS, True),
    ],
)
def test_what_is_known_beside_the_words_is_asked_for(typed, about, found):
    """What a text does not say leaves nothing out."""
    query = query_of(typed)
    assert bool(Matcher([("w", query)]).match("de l’eau", about)) == found
    assert Sieve(about.network, [watched(query=query)]).passes("de l’eau") or not found


@pytest.mark.parametrize(
    ("typed", "place", "wanted"),
    [
        ("eau réseau:minitel", 4, "bluesky"),
        ("eau réseau:", 4, "bluesky"),
        ("eau ET langue:klingon", 7, "fr"),
        ("eau type:roman", 4, "article"),
        ("eau lieu:62", 4, "type:publication"),
        ("eau abonnés:>1000", 4, "profil"),
        ("eau type:message lieu:62", 17, "habitant"),
        ("eau type:article abonnés:>1000", 17, "flux"),
        ("eau type:publication OU feu lieu:62", 28, "habitant"),
        ("eau SAUF lieu:62", 9, "habitant"),
        ("eau type:publication lieu:Lens", 21, "code"),
        ("eau type:publication abonnés:beaucoup", 21, "1000"),
        ("eau type:publication abonnés:<0", 21, "500"),
        ("réseau:bluesky", 0, "un mot"),
        ("eau, réseau:bluesky", 5, "un mot"),
        ("eau OU langue:fr", 7, "un mot"),
    ],
)
def test_a_field_that_would_find_all_or_nothing_is_refused_at_its_sign(typed, place, wanted):
    with pytest.raises(BadQuery) as refused:
        query_of(typed)
    assert refused.value.place == place
    assert wanted in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "eau réseau:bluesky réseau:rss",
        "eau langue:fr SAUF langue:fr",
        "eau réseau:facebook type:message",
        "eau réseau:bluesky type:article",
        "eau type:publication abonnés:>1000 abonnés:<500",
        "eau type:publication lieu:62 SAUF lieu:62",
        "eau réseau:presse type:publication abonnés:>1000",
    ],
)
def test_fields_that_no_text_can_satisfy_are_refused(typed):
    assert contradiction(query_of(typed))
