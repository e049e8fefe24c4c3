"""Whoever leaves a watch is told nothing of the address, and nothing of it is kept."""

import re
from urllib.parse import urlencode

import pytest

from contracts.watches import recipient_name
from libs.settings import Settings
from tests.api.conftest import client_of, named
from tests.api.store.test_store_watches import DRAFT

SLACK = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"
MAILBOX = "mailto:anne@essai.example"


@pytest.mark.parametrize("installation", ["live", "simulation"])
@pytest.mark.parametrize("address", [SLACK, MAILBOX])
async def test_the_answer_to_a_leave_holds_no_address(
    places, figures, store, installation, address
):
    watch = store.watches.create(DRAFT, (address,)).watch
    name = named(store, watch, address)
    async with client_of(Settings(installation=installation), places, figures, store) as client:
        left = await client.post(f"/veilles/{watch}/desinscription", params=name)
        (seal,) = re.findall(r'name="retour" value="([^"]+)"', left.text)
        for hidden in (address, "s3cr3t", "T0ESSAI", "anne"):
            assert hidden not in left.text
        assert store.watches.get(watch).recipients == ()
        back = await client.post(f"/veilles/{watch}/reabonnement", data={"retour": seal})
        assert back.status_code == 200
        assert [one.address for one in store.watches.get(watch).recipients] == [address]
        for hidden in (address, "s3cr3t", "T0ESSAI", "anne"):
            assert hidden not in back.text


async def test_a_watch_that_ended_has_nobody_left_to_leave(portal, store):
    watch = store.watches.create(DRAFT, (MAILBOX,)).watch
    store.watches.move(watch, "ended")
    path = f"/veilles/{watch}/desinscription?{urlencode(named(store, watch, MAILBOX))}"
    assert (await portal.get(path)).status_code == 404
    left = await portal.post(path)
    assert left.status_code == 200
    assert "retour" not in left.text


GUESSES = [
    recipient_name(MAILBOX),
    recipient_name(MAILBOX, ""),
    recipient_name(MAILBOX, "guessed"),
    MAILBOX,
    "",
    "é",
]


@pytest.mark.parametrize("guess", GUESSES)
async def test_who_knows_watch_and_address_neither_unsubscribes_nor_learns_who_is_told(
    places, figures, store, guess
):
    """Every recipient knows the watch; addresses of town halls are known to all."""
    watch = store.watches.create(DRAFT, (MAILBOX,)).watch
    path, name = f"/veilles/{watch}/desinscription", {"destinataire": guess}
    async with client_of(Settings(installation="live"), places, figures, store) as client:
        asked = await client.get(path, params=name)
        stranger = await client.get(path, params={"destinataire": "nobody"})
        acted = await client.post(path, params=name)
    assert [one.address for one in store.watches.get(watch).recipients] == [MAILBOX]
    assert (asked.status_code, stranger.status_code) == (404, 404)
    for page in (asked, acted):
        assert DRAFT.name not in page.text
        assert "anne" not in page.text


def test_each_watch_names_an_address_in_its_own_way(store):
    names = {store.watches.create(DRAFT, (MAILBOX,)).recipient_name(MAILBOX) for _ in range(3)}
    assert len(names) == 3


def test_a_watch_keeps_the_names_of_its_recipients_when_it_changes(store):
    made = store.watches.create(DRAFT, (MAILBOX,))
    store.watches.update(made.watch, DRAFT.model_copy(update={"name": "autre"}))
    store.watches.move(made.watch, "paused")
    store.watches.tell_again()
    changed = store.watches.get(made.watch)
    assert changed.recipient_name(MAILBOX) == made.recipient_name(MAILBOX)


@pytest.mark.parametrize("path", ["/api/v1/watches", "/api/v1/watches/{watch}"])
async def test_no_answer_gives_the_key_of_links(portal, store, path):
    made = store.watches.create(DRAFT, (MAILBOX,))
    answer = await portal.get(path.format(watch=made.watch))
    assert answer.status_code == 200
    assert made.links_key not in answer.text
