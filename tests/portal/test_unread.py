from datetime import timedelta

import pytest

from contracts.jobs import CAUSES
from services.api.figures.rows import Outcome, TerritoryAccount
from services.api.words.unread import READ, unread
from tests.api.world import NOW, every_account
from tests.portal.test_pages import text_of

HOUR = timedelta(hours=1)


def outcomes(*causes: str) -> list[Outcome]:
    """Ends of collections, an hour apart, newest first."""
    return [
        Outcome(ended_at=NOW - n * HOUR, operation="profile", cause=cause, detail=None)
        for n, cause in enumerate(causes)
    ]


def account(network: str) -> TerritoryAccount:
    return TerritoryAccount.model_validate(
        next(one for one in every_account() if one["network"] == network)
    )


@pytest.mark.parametrize("cause", sorted(CAUSES.keys() - set(READ)))
def test_the_last_failure_says_why_and_the_oldest_since_when(cause):
    told = unread(account("bluesky"), outcomes(cause, "unavailable", "done", "refused"))
    assert told.why.startswith(CAUSES[cause].why.format(network="Bluesky")[:12])
    assert (told.tried, told.since) == (NOW, NOW - HOUR)
    assert told.to_do.endswith(".")


def test_before_any_attempt_there_is_nothing_to_do():
    told = unread(account("facebook"), [])
    assert (told.tried, told.since) == (None, None)
    assert told.to_do.startswith("rien")
    assert "export de votre page" in told.to_do
    assert "n’ouvre pas toutes les pages" in told.why


async def test_an_unread_network_is_one_card_that_explains(portal, figures):
    figures.given["account_outcomes"] = outcomes("refused", "refused")
    page = (await portal.get("/territoires/00101?reseau=facebook")).text
    words = text_of(page)
    assert "Facebook refuse" in words
    assert "depuis le 24 nov. 2026 à 7 h 40 ; dernier essai à l’instant" in words
    assert "Rien à dessiner" not in words
    assert 'class="card chart"' not in page
    assert '<span class="tag">Provisoire' not in page.partition('id="compte"')[2]
