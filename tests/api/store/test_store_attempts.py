"""Sign-ins under way, months that are announced, candidates that wait: on both databases."""

from datetime import timedelta

import pytest

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from services.api.store import Store
from services.api.store.agents.attempts import ATTEMPT_VALID
from services.api.store.errors import TransitionError
from services.api.store.months.notices import NOTICE
from services.api.store.registry.claims import Claim, Proof
from tests.api.store.conftest import Now

MINE = ("state", "browser", "proconnect")


@pytest.mark.parametrize("other", [("x", *MINE[1:]), ("state", "x", MINE[2]), (*MINE[:2], "x")])
def test_an_attempt_comes_back_once_to_its_browser_and_provider(store: Store, other):
    store.attempts.begin(*MINE, "/veilles")
    assert store.attempts.back(*other) is None
    assert store.attempts.back(*MINE) == "/veilles"
    assert store.attempts.back(*MINE) is None


def test_an_attempt_that_is_too_old_is_none(store: Store, now: Now):
    store.attempts.begin(*MINE, "")
    now.moment += ATTEMPT_VALID + timedelta(seconds=1)
    assert store.attempts.back(*MINE) is None


def test_an_announcement_keeps_its_first_instant_until_it_is_taken_back(store: Store, now: Now):
    first = store.month_notices.announce("2026-10", "équipe")
    now.pass_(hours=1)
    assert store.month_notices.announce("2026-10", "autre") == first
    assert first.due == first.announced_at + NOTICE
    store.month_notices.withdraw("2026-10")
    assert store.month_notices.of("2026-10") is None
    assert store.month_notices.announce("2026-10", "autre").announced_at == now()


def test_claims_of_agents_wait_first_and_a_decision_is_taken_back_by_its_author(
    store: Store, now: Now
):
    for number, source in enumerate(("annuaire", "wikidata", "claim")):
        identity = read_address(f"https://bsky.app/profile/ville-{number}.example")
        assert isinstance(identity, Identity)
        proof = Proof(source, "ici", now.pass_(minutes=1))  # type: ignore[arg-type]
        store.accounts.register(Claim(identity, (Ownership(territory="00101"),), proof))
    waiting = [one.account for one in store.accounts.candidates(9)]
    assert [one.handle[6] for one in waiting] == ["2", "0", "1"]
    decided = waiting[0].account
    store.accounts.move(decided, "verified", reason="vu", by="anne")
    assert store.accounts.waiting() == 2
    with pytest.raises(TransitionError):
        store.accounts.take_back(decided, by="paul")
    assert store.accounts.take_back(decided, by="anne").state == "candidate"
    assert store.accounts.waiting() == 3
