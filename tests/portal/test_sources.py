import re
from datetime import timedelta
from html import unescape

import pytest

from contracts.networks import KNOWN, NETWORKS
from libs.settings import Settings
from services.api.figures.rows import Source
from services.api.watching.proof_of_life import proof_of_life
from services.api.words.source_state import state, unread
from tests.alerts.builders import watched
from tests.api.conftest import client_of
from tests.api.world import NOW
from tests.portal.test_pages import text_of

MINUTE = timedelta(minutes=1)
LONG_AGO = NOW - timedelta(days=40)


def source(**changes: object) -> Source:
    fields: dict[str, object] = {
        "network": "bluesky", "last_done": NOW - MINUTE, "last_failed": None, "last_cause": None,
        "done_24h": 900, "failed_24h": 0, "unanswered": 0, "failing_since": None,
        "accounts": 400, "stale_accounts": 0,
    }  # fmt: skip
    return Source.model_validate(fields | changes)


DOWN: dict[str, object] = {
    "last_failed": NOW,
    "last_cause": "unavailable",
    "last_done": NOW - 9 * MINUTE,
    "failing_since": NOW - 6 * MINUTE,
    "failed_24h": 9,
}


@pytest.mark.parametrize(
    ("changes", "started", "words"),
    [
        ({}, LONG_AGO, "à jour"),
        ({"stale_accounts": 20}, LONG_AGO, "à jour"),
        ({"stale_accounts": 21}, LONG_AGO, "en retard"),
        ({"stale_accounts": 21}, None, "en retard"),
        ({"stale_accounts": 21}, NOW - 9 * MINUTE, "premiers relevés en cours"),
        ({**DOWN, "failing_since": None}, LONG_AGO, "à jour"),
        ({**DOWN, "unanswered": 3}, LONG_AGO, "en panne"),
        ({**DOWN, "unanswered": 2}, LONG_AGO, "à jour"),
        ({**DOWN, "unanswered": 3, "failing_since": NOW - 4 * MINUTE}, LONG_AGO, "à jour"),
        ({**DOWN, "unanswered": 3, "last_done": None}, NOW, "en panne"),
        ({**DOWN, "unanswered": 1, "last_cause": "credential"}, NOW, "en panne"),
        ({"accounts": 0}, LONG_AGO, "à jour"),
    ],
)
def test_a_source_is_late_or_failing_only_beyond_a_threshold(changes, started, words):
    assert state(source(**changes), NOW, started).words == words


@pytest.mark.parametrize(
    ("stale", "said"), [(0, "aucun"), (1, "1 sur 400 (moins de 1 %)"), (160, "160 sur 400 (40 %)")]
)
def test_what_was_not_read_is_a_share(stale, said):
    written = unread(source(stale_accounts=stale))
    assert written.replace("\u00a0", " ").replace("\u202f", " ") == said


async def test_the_first_minutes_of_a_demonstration_are_no_delay(places, figures, store):
    settings = Settings(installation="simulation", clock_epoch=NOW - 9 * MINUTE)
    async with client_of(settings, places, figures, store) as begun:
        words = text_of((await begun.get("/sources")).text)
    assert "vient de démarrer : premiers relevés en cours" in words
    assert "simulation/country/parameters.yaml" not in words


async def test_a_demonstration_without_an_epoch_has_begun_long_ago(portal):
    words = text_of((await portal.get("/sources")).text)
    assert "vient de démarrer" not in words
    assert "en panne" in words
    assert "Insee" in words


@pytest.mark.parametrize(("minutes", "failing"), [(4, ()), (11, ("Bluesky",))])
async def test_a_watch_says_of_a_source_what_the_page_of_sources_says(
    places, figures, store, minutes, failing
):
    one = source(**DOWN | {"unanswered": 3, "failing_since": NOW - minutes * MINUTE})
    figures.given["sources"] = [one]
    life = await proof_of_life(figures, watched(), NOW)
    assert life.failing == failing
    assert (state(one, NOW, LONG_AGO).words == "en panne") is bool(failing)


async def test_what_is_seen_of_each_network_and_what_is_not_is_told(portal):
    words = unescape(text_of((await portal.get("/sources")).text))
    for network in NETWORKS:
        for part in (network.name, network.not_seen, network.terms):
            assert re.sub(r"\s+", " ", part) in words
    assert all(network.name in words for network in KNOWN if not network.observed)
