"""What is kept of a text: its topics, and a fingerprint by which a copy is recognised."""

import pytest

from contracts.posts import POST_TOPICS
from libs.matching.derived import FEWEST_WORDS, SAME_BITS, bits_apart, derive

MARKET = (
    "Le marché de Noël ouvre ses portes vendredi à 17 h sur la place de la mairie : artisans, "
    "chorale des écoles, vin chaud et marrons vous attendent jusqu’à dimanche soir."
)


@pytest.mark.parametrize(
    ("text", "hashtags", "topics"),
    [
        ("La médiathèque vous propose un concert", (), ("culture",)),
        ("Travaux rue des Halles : circulation alternée", (), ("works",)),
        ("VIGILANCE orange : orages", (), ("warnings",)),
        ("Cantine : les menus des écoles", (), ("children",)),
        ("Conseil municipal jeudi", (), ("council",)),
        ("Le conseiller est en congé", (), ()),
        ("Bonjour", ("Culture",), ("culture",)),
        ("🎁 Jeu-concours", ("JeuConcours",), ("contest",)),
        ("Bonne année à tous", (), ()),
        ("", (), ()),
    ],
)
def test_a_text_has_the_topics_of_its_words(text, hashtags, topics):
    assert derive(text, hashtags).topics == topics


def test_of_a_text_that_speaks_of_everything_the_main_topics_are_kept():
    words = "médiathèque théâtre travaux voirie voirie école sport emploi"
    assert derive(words).topics == ("works", "culture", "children")


def test_the_words_of_a_topic_are_written_as_they_are_compared():
    for topic in POST_TOPICS:
        for begin in topic.begins:
            assert begin.strip().isascii()
            assert begin == begin.lower()
            assert " " not in begin.strip(), "a word at a time is read"


@pytest.mark.parametrize(
    "other",
    [
        MARKET.upper(),
        MARKET + " #Noel #Agenda",
        MARKET + "\nhttps://www.essai.example/actualites/12?utm_source=x",
        MARKET.replace("vous attendent", "vous y attendent"),
    ],
)
def test_a_copy_has_the_same_fingerprint_or_nearly(other):
    one, two = derive(MARKET).fingerprint, derive(other).fingerprint
    assert None not in (one, two)
    assert bits_apart(one, two) <= SAME_BITS


def test_another_text_has_another_fingerprint():
    one = derive(MARKET).fingerprint
    two = derive(
        "Le marché de printemps s’installe samedi au parc : fleurs, plants, miel et fromages "
        "des producteurs d’ici, de 8 h à 13 h, avec la fanfare."
    ).fingerprint
    far = derive("Travaux rue des Halles : la circulation sera alternée tout le mois").fingerprint
    assert None not in (one, two, far)
    assert bits_apart(one, two) > SAME_BITS
    assert bits_apart(one, far) > 15


@pytest.mark.parametrize(
    "text", ["Bonne année à tous, et à vous !", "", "🎉", "été " * (FEWEST_WORDS - 1)]
)
def test_a_short_text_has_none(text):
    assert derive(text).fingerprint is None


@pytest.mark.parametrize("text", ["a " * 50_000, "été " * 30_000, "日本語 " * 1000, "x" * 100_000])
def test_a_long_text_is_read_as_any_other(text):
    fingerprint = derive(text).fingerprint
    assert fingerprint is None or len(fingerprint) == 16
