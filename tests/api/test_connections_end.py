"""An owner's token ends with the account that it opens, whichever way the account ends."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update

from contracts.accounts import AccountConnected, Ownership
from contracts.addresses import Identity, read_address
from contracts.networks import network_of
from contracts.topics import ACCOUNTS_RENEWED
from libs.identity.consent import Owner
from services.api.pages.agents import connecting
from services.api.store.agents.connections import ConnectionRow
from services.api.store.models import AccountRow
from tests.api.connecting import TOWN, Connecting, some
from tests.collector.fakes import KeptWire

PAGE = f"/equipe/{TOWN}/connecter"
OTHER = "00104"
WHY = {"reason": "r", "by": "b"}
ENDS = {
    "impostor": lambda accounts, one: accounts.move(one, "refused", **WHY),
    "closed": lambda accounts, one: accounts.move(one, "closed", **WHY),
    "a person's": lambda accounts, one: accounts.set_owner_kind(one, "personne", **WHY),
    "another's": lambda accounts, one: accounts.disown(one, TOWN),
    "undone": lambda accounts, one: accounts.take_back(one, by="b"),
}


@pytest.fixture
async def place(places, figures) -> AsyncIterator[Connecting]:
    made = Connecting(places, figures)
    yield made
    await made.close()


async def connected(place: Connecting, network: str = "tiktok"):
    """A browser of the town's agent, and an account that she connected."""
    browser = await place.entered()
    account = place.register(some(network).first_handle, network=network)
    if network == "tiktok":
        place.store.accounts.move(account.account, "refused", **WHY)
        place.store.accounts.move(account.account, "candidate", **WHY)
        place.store.accounts.move(account.account, "verified", **WHY)
    assert (await place.connected(browser, account)).status_code == 303
    return browser, account


def last_told(place: Connecting) -> AccountConnected:
    return place.told()[-1]


@pytest.mark.parametrize("end", ENDS)
async def test_what_ends_an_account_takes_its_token_back(place, end):
    _, account = await connected(place)
    assert place.state(account) == "connected"
    ENDS[end](place.store.accounts, account.account)
    assert place.state(account) == "withdrawn"
    assert last_told(place).state == "withdrawn"
    await place.collector(wire := KeptWire()).renew()
    (said,) = wire.of(ACCOUNTS_RENEWED)
    assert (said.token, said.revoked) == (None, True), "TikTok ended the accord"


@pytest.mark.parametrize("network", [n for n in ("threads", "facebook") if network_of(n).consent])
async def test_where_no_network_is_told_nothing_is_kept(place, network):
    _, account = await connected(place, network)
    place.store.accounts.move(account.account, "refused", **WHY)
    assert (place.state(account), last_told(place).token) == ("withdrawn", None)


async def test_what_changes_nothing_of_whose_it_is_ends_nothing(place):
    _, account = await connected(place)
    accounts, one = place.store.accounts, account.account
    renamed = read_address("@autre.nom", "tiktok")
    assert isinstance(renamed, Identity)
    accounts.rename(one, renamed)
    accounts.own(one, Ownership(territory=OTHER))
    accounts.disown(one, OTHER)
    assert place.state(account) == "connected"


async def test_what_was_connected_before_is_taken_back_by_its_territory(place):
    """Of an account that was refused by an earlier version the token stands: nobody could."""
    browser, account = await connected(place)
    with place.store.database.writing() as session:
        session.execute(
            update(AccountRow).where(AccountRow.id == account.account).values(state="refused")
        )
    shown = (await browser.get(PAGE)).text
    assert f"{PAGE}/{account.account}/retirer" in shown
    assert f'action="{PAGE}/{account.account}"' not in shown
    assert (await browser.post(f"{PAGE}/{account.account}/retirer")).status_code == 303
    assert place.state(account) == "withdrawn"
    assert (await browser.post(f"{PAGE}/{account.account}/retirer")).status_code == 404


async def test_an_account_that_ends_meanwhile_is_not_connected(place, monkeypatch):
    """It is looked at again with its token in hand: the network took its time."""
    browser = await place.entered()
    account = place.register(some("tiktok").first_handle, network="tiktok")
    back = place.decide(await place.sent(browser, account.account), account.handle)
    known = connecting.is_owner

    def meanwhile(owner: Owner, found: object) -> bool:
        if place.store.accounts.get(account.account).state == "verified":
            place.store.accounts.move(account.account, "refused", **WHY)
        return known(owner, found)  # type: ignore[arg-type]

    monkeypatch.setattr(connecting, "is_owner", meanwhile)
    assert (await browser.get(back)).status_code == 404
    assert place.state(account) is None


async def test_of_an_account_that_is_erased_nobody_is_named(place):
    _, account = await connected(place)
    place.store.connections.forget_account(account.account)
    with place.store.database.reading() as session:
        (row,) = session.scalars(select(ConnectionRow))
        assert (row.state, row.connected_by) == ("withdrawn", "")
