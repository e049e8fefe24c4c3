"""Whoever leaves a watch is told nothing of the address, and nothing of it is kept."""

import re

import pytest

from contracts.watches import recipient_name
from libs.process import Settings
from tests.api.conftest import client_of
from tests.api.store.test_store_watches import DRAFT

SLACK = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"
MAILBOX = "mailto:anne@essai.example"


@pytest.mark.parametrize("installation", ["live", "simulation"])
@pytest.mark.parametrize("address", [SLACK, MAILBOX])
async def test_the_answer_to_a_leave_holds_no_address(
    places, figures, store, installation, address
):
    watch = store.watches.create(DRAFT, (address,)).watch
    name = {"destinataire": recipient_name(address)}
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
    path = f"/veilles/{watch}/desinscription?destinataire={recipient_name(MAILBOX)}"
    assert (await portal.get(path)).status_code == 404
    left = await portal.post(path)
    assert left.status_code == 200
    assert "retour" not in left.text
