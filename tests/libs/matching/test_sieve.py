"""The sieve keeps whatever may match, and drops what nobody looks for."""

from hypothesis import given

from contracts.watches import Query
from libs.matching.sieve import Sieve
from tests.alerts.builders import watched
from tests.libs.matching.test_agreement import QUERIES, TEXTS


def test_paused_watches_and_other_networks_are_not_looked_for():
    eau = Query(any=("eau",))
    elsewhere = Query(any=("eau",), networks=("rss",))
    assert Sieve("bluesky", [watched(query=eau)]).passes("de l’eau")
    assert not Sieve("bluesky", [watched(query=eau, state="paused")]).passes("de l’eau")
    assert not Sieve("bluesky", [watched(query=elsewhere)]).passes("de l’eau")


@given(QUERIES, TEXTS)
def test_what_a_watch_may_look_for_tomorrow_passes_too(query, text):
    """Its exclusions taken away, and the place it needs beside its terms."""
    sieve = Sieve("bluesky", [watched(query=query)])
    wider = Query(any=query.any or query.all)
    assert sieve.passes(text) == Sieve("bluesky", [watched(query=wider)]).passes(text)
