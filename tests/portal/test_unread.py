from datetime import timedelta

import pytest

from contracts.jobs import ABSENCES, CAUSES
from services.api.figures.rows import NetworkAbsences, Outcome, TerritoryAccount
from services.api.words.unread import READ, absent, unread
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


def test_before_any_attempt_its_figures_can_be_declared():
    told = unread(account("facebook"), [])
    assert (told.tried, told.since) == (None, None)
    assert (told.to_do, told.declare) == ("", True)
    assert not unread(account("bluesky"), []).declare
    assert "n’ouvre pas toutes les pages" in told.why


def test_what_only_its_owner_may_read_can_be_connected():
    on = account("bluesky").model_copy
    told = unread(on(update={"network": "tiktok"}), [])
    assert (told.to_do, told.connect, told.declare) == ("", True, True)
    assert "titulaire" in told.why
    small = unread(on(update={"network": "threads"}), outcomes("refused"))
    assert small.connect
    assert small.to_do
    assert not unread(on(update={"network": "threads"}), outcomes("unavailable")).connect
    assert not unread(account("bluesky"), outcomes("refused")).connect


@pytest.mark.parametrize("absence", ABSENCES)
def test_who_is_not_there_is_said_as_its_network_says_it(absence):
    lost = account("bluesky").model_copy(update={"absence": absence, "absent_since": NOW})
    assert absent(lost).startswith(ABSENCES[absence].brief)
    assert "à confirmer" in absent(lost)
    sure = lost.model_copy(update={"absence_confirmed": True})
    assert "à confirmer" not in absent(sure)
    told = unread(sure, outcomes("gone"))
    assert told.why == ABSENCES[absence].why.format(network="Bluesky")
    assert "{" not in told.to_do


def test_nothing_is_said_of_who_is_there_nor_of_what_a_newer_version_says():
    assert absent(account("bluesky")) == ""
    newer = {"absence": "asleep", "absent_since": NOW}
    assert absent(account("bluesky").model_copy(update=newer)) == ""


async def test_pages_say_who_is_not_there(portal, figures):
    lost = account("bluesky")
    figures.given["territory_accounts"] = [lost]
    figures.given["account_absences"] = [
        {"account": lost.account, "absence": "suspended", "since": NOW, "confirmed": True}
    ]
    words = text_of((await portal.get("/territoires/00101?vue=detaillee")).text)
    assert "suspendu depuis le 24 nov" in words
    counts = {"absence": "suspended", "accounts": 2, "confirmed": 2}
    doubt = {"absence": "not_found", "accounts": 3, "confirmed": 1}
    figures.given["network_absences"] = [
        NetworkAbsences(network="bluesky", **one) for one in (counts, doubt)
    ]
    words = text_of((await portal.get("/sources")).text)
    assert "Bluesky : suspendu (2), introuvable (3, dont 2 à confirmer)" in words


async def test_an_unread_network_is_one_card_that_explains(portal, figures):
    figures.given["account_outcomes"] = outcomes("refused", "refused")
    page = (await portal.get("/territoires/00101?reseau=facebook")).text
    words = text_of(page)
    assert "Facebook refuse" in words
    assert "24 nov. 2026 à 7 h 40" in words
    assert "Rien à dessiner" not in words
    assert 'class="card chart"' not in page
    assert '<span class="tag">Provisoire' not in page.partition('id="compte"')[2]
