"""The registry of accounts keeps identity, owners, states and proofs, on both databases."""

import threading
from datetime import timedelta

import pytest

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from services.api.store import Claim, ConflictError, Proof, TransitionError, UnknownError, outcomes
from tests.api.store.conftest import Now, kept


def identity(address: str) -> Identity:
    read = read_address(address)
    assert isinstance(read, Identity)
    return read


ESSAI = "https://bsky.app/profile/essai.example"


def claim(
    now: Now,
    address: str = ESSAI,
    *territories: str,
    source: str = "annuaire",
    **more: object,
) -> Claim:
    owners = tuple(Ownership(territory=code) for code in territories or ("00001",))
    return Claim(identity(address), owners, Proof(source, "record 1", now()), **more)


def test_a_candidate_is_kept_with_its_proof(store, now):
    registered = store.accounts.register(claim(now))
    assert registered.outcome == "created"
    account = registered.account
    assert (account.account, account.state, account.revision) == ("id1", "candidate", 1)
    assert (account.network, account.handle, account.home) == ("bluesky", "essai.example", "00001")
    assert account.registered_at == now()
    history = store.accounts.history("id1")
    assert history.account == store.accounts.get("id1") == account
    assert [(p.territory, p.source, p.reference) for p in history.proofs] == [
        ("00001", "annuaire", "record 1")
    ]
    assert [(d.state, d.decided_by) for d in history.decisions] == [("candidate", "annuaire")]


def test_another_spelling_is_the_same_account(store, now):
    first = store.accounts.register(claim(now, "https://www.facebook.com/Ville.de.Lens"))
    later = now.pass_(days=7)
    again = store.accounts.register(claim(now, "http://m.facebook.com/villedelens/?ref=x"))
    assert (again.outcome, again.account) == ("known", first.account)
    (proof,) = store.accounts.history("id1").proofs
    assert (proof.first_seen_at, proof.last_seen_at) == (later - timedelta(days=7), later)


def test_one_account_serves_a_town_and_its_metropole(store, now):
    store.accounts.register(claim(now, "https://x.com/ville", "00001"))
    shared = store.accounts.register(claim(now, "https://x.com/ville", "000000009"))
    assert shared.outcome == "extended"
    assert shared.account.revision == 2
    assert [(o.territory, o.home) for o in shared.account.owners] == [
        ("00001", True),
        ("000000009", False),
    ]
    for code in ("00001", "000000009"):
        assert [a.account for a in store.accounts.of_territory(code)] == ["id1"]


def test_a_named_home_is_the_home(store, now):
    owners = (Ownership(territory="00001"), Ownership(territory="000000009", home=True))
    proof = Proof("file", "f", now())
    account = store.accounts.register(Claim(identity("https://x.com/ville"), owners, proof)).account
    assert account.home == "000000009"


def test_two_sources_that_agree_verify(store, now):
    store.accounts.register(claim(now))
    other_town = store.accounts.register(
        claim(now, "https://bsky.app/profile/essai.example", "00002", source="site")
    )
    assert other_town.account.state == "candidate"
    agreed = store.accounts.register(claim(now, source="wikidata"))
    assert agreed.account.state == "verified"
    last = store.accounts.history("id1").decisions[-1]
    assert last.decided_by == "automatique"
    assert last.reason == "preuves concordantes : annuaire, wikidata"


def test_a_doubtful_profile_is_verified_by_a_person_only(store, now):
    address = "https://www.facebook.com/profile.php?id=100064000000001"
    store.accounts.register(claim(now, address))
    assert store.accounts.register(claim(now, address, source="site")).account.state == "candidate"
    assert store.accounts.history("id1").doubtful
    verified = store.accounts.move("id1", "verified", reason="vue sur le site", by="équipe")
    assert verified.state == "verified"
    assert not store.accounts.history("id1").doubtful


def test_a_refused_account_is_not_proposed_again(store, now):
    store.accounts.register(claim(now))
    store.accounts.move("id1", "refused", reason="parodie", by="équipe")
    again = store.accounts.register(claim(now, source="site"))
    assert again.account.state == "refused"
    assert store.accounts.of_territory("00001") == []


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ((), "closed"),
        (("verified",), "candidate"),
        (("refused",), "verified"),
        (("verified", "closed"), "refused"),
    ],
)
def test_states_that_cannot_follow(store, now, path, refused):
    store.accounts.register(claim(now))
    for state in path:
        store.accounts.move("id1", state, reason="r", by="b")
    before = store.accounts.history("id1")
    with pytest.raises(TransitionError):
        store.accounts.move("id1", refused, reason="r", by="b")
    assert store.accounts.history("id1") == before


def test_a_rename_keeps_the_account_and_its_past(store, now):
    began = now()
    store.accounts.register(claim(now, "https://www.instagram.com/mairie"))
    changed = now.pass_(days=30)
    renamed = store.accounts.rename("id1", identity("https://www.instagram.com/ville"))
    assert (renamed.account, renamed.handle, renamed.revision) == ("id1", "ville", 2)
    past = store.accounts.history("id1").identities
    assert [(i.handle, i.since, i.until) for i in past] == [
        ("mairie", began, changed),
        ("ville", changed, None),
    ]
    found = store.accounts.find(identity("instagram.com/VILLE"))
    assert found.account == "id1"
    # The handle left is free for somebody else.
    other = store.accounts.register(claim(now, "https://www.instagram.com/mairie"))
    assert (other.outcome, other.account.account) == ("created", "id2")
    with pytest.raises(ConflictError):
        store.accounts.rename("id2", identity("https://www.instagram.com/ville"))


def test_a_handle_taken_over_is_a_conflict_until_the_first_is_closed(store, now):
    proof, owners = Proof("annuaire", "r", now()), (Ownership(territory="00001"),)

    def known_as(native_id: str) -> Claim:
        return Claim(
            Identity("facebook", "https://www.facebook.com/ville", "ville", native_id),
            owners,
            proof,
        )

    store.accounts.register(known_as("111"))
    assert store.accounts.register(known_as("222")).outcome == "conflict"
    store.accounts.move("id1", "verified", reason="r", by="b")
    store.accounts.move("id1", "closed", reason="page remplacée", by="b")
    replaced = store.accounts.register(known_as("222"))
    assert (replaced.outcome, replaced.account.account) == ("created", "id2")
    with pytest.raises(ConflictError):
        store.accounts.move("id1", "verified", reason="r", by="b")


def test_a_native_id_learnt_later_completes(store, now):
    store.accounts.register(claim(now))
    full = Identity(
        "bluesky", "https://bsky.app/profile/essai.example", "essai.example", "did:plc:x"
    )
    completed = store.accounts.register(Claim(full, (), Proof("site", "s", now())))
    assert (completed.outcome, completed.account.native_id) == ("extended", "did:plc:x")
    found = store.accounts.find(Identity("bluesky", "a", None, "did:plc:x"))
    assert found == completed.account


def test_owners_come_and_go(store, now):
    store.accounts.register(claim(now, "https://x.com/ville", "00001", "00002"))
    ended = now.pass_(days=1)
    account = store.accounts.disown("id1", "00001")
    assert [(o.territory, o.home, o.until) for o in account.owners] == [
        ("00001", True, ended),
        ("00002", True, None),
    ]
    assert account.home == "00002"
    assert store.accounts.of_territory("00001") == []
    assert [a.account for a in store.accounts.of_territory("00001", past=True)] == ["id1"]
    moved = store.accounts.own("id1", Ownership(territory="00003", home=True))
    assert moved.home == "00003"
    with pytest.raises(UnknownError):
        store.accounts.disown("id1", "00001")


def test_a_persons_account_is_not_the_territorys(store, now):
    store.accounts.register(claim(now, owner_kind="personne"))
    assert store.accounts.of_territory("00001") == []
    assert [a.owner_kind for a in store.accounts.of_territory("00001", people=True)] == ["personne"]


def test_ids_minted_elsewhere_are_kept(store, now):
    registered = store.accounts.register(claim(now, account="world-7"))
    assert registered.account.account == "world-7"


def test_many_claims_at_once_come_to_the_same_as_one_by_one(store, now):
    claims = [
        claim(now, f"https://bsky.app/profile/v{n % 40}.example", f"{n:05}") for n in range(60)
    ]
    registered = store.accounts.register_all(claims)
    assert outcomes(registered) == {"created": 40, "extended": 20, "known": 0, "conflict": 0}
    assert outcomes(store.accounts.register_all(claims))["known"] == 60
    assert kept(store) == 40


def test_nothing_is_kept_of_claims_that_fail_together(store, now):
    wrong = claim(now, "https://x.com/autre", account="x" * 8)
    doubled = claim(now, "https://x.com/encore", account="x" * 8)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate|conflict"):
        store.accounts.register_all([claim(now), wrong, doubled])
    assert kept(store) == 0


def test_unknown_accounts(store):
    assert store.accounts.get("nobody") is None
    assert store.accounts.find(identity("https://x.com/nobody")) is None
    with pytest.raises(UnknownError):
        store.accounts.history("nobody")
    with pytest.raises(UnknownError):
        store.accounts.move("nobody", "verified", reason="r", by="b")


def test_writers_at_the_same_time_all_succeed(open_store, store, now):
    store.accounts.register(claim(now, "https://x.com/ville", "00000"))
    failures: list[Exception] = []

    def own(number: int) -> None:
        mine = open_store()
        try:
            for step in range(5):
                mine.accounts.own("id1", Ownership(territory=f"{number}{step}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=own, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    account = store.accounts.get("id1")
    # Nobody's change is lost: every one made a revision of its own.
    assert (account.revision, len(account.owners)) == (21, 21)


def test_the_same_account_registered_at_the_same_time_is_one(open_store, store, now):
    gate = threading.Barrier(4)
    found: list[str] = []

    def register() -> None:
        mine = open_store()
        gate.wait(timeout=30)
        found.append(mine.accounts.register(claim(now)).account.account)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert kept(store) == 1


OFFICIAL_SOURCES = [("annuaire", "site"), ("claim", "annuaire"), ("registry", "annuaire", "site")]


@pytest.mark.parametrize("sources", OFFICIAL_SOURCES)
def test_who_reports_an_account_does_not_say_whose_it_is(store, now, sources):
    store.accounts.register(claim(now, source="likeness"))
    for source in sources:
        store.accounts.register(claim(now, ESSAI, "00002", source=source))
    late = store.accounts.register(claim(now, ESSAI, "00003", source="likeness"))
    assert late.outcome == "known"
    account = store.accounts.get("id1")
    assert (account.state, account.home) == ("verified", "00002")
    assert [one.territory for one in account.owners] == ["00002"]
    assert store.accounts.history("id1").imitated == ("00001",)
    assert store.accounts.of_territory("00001") == []


def test_a_site_and_its_own_webfinger_are_one_source(store, now):
    for source in ("site", "webfinger", "tomorrow's"):
        store.accounts.register(claim(now, source=source))
    assert store.accounts.get("id1").state == "candidate"
    store.accounts.register(claim(now, source="annuaire"))
    assert store.accounts.get("id1").state == "verified"


def test_a_source_of_a_newer_version_is_read(store, now):
    store.accounts.register(claim(now, source="tomorrow's"))
    (candidate,) = store.accounts.candidates(9)
    assert [one.source for one in candidate.proofs] == ["other"]


def test_changes_are_not_crowded_out_by_what_nobody_is_told_of(store, now):
    def address(name: str, number: int = 0) -> str:
        return f"https://bsky.app/profile/{name}{number}.example"

    town = store.accounts.register(claim(now, address("town"), state="verified")).account.account
    now.pass_(hours=1)
    store.accounts.rename(town, identity(address("city")))
    for number in range(3):
        now.pass_(hours=1)
        other = store.accounts.register(claim(now, address("other", number))).account.account
        store.accounts.rename(other, identity(address("another", number)))
        store.accounts.move(other, "refused", reason="non", by="équipe")
        store.accounts.set_owner_kind(town, "collectivité", reason="revu", by="équipe")
    assert [one.kind for one in store.accounts.changes(2)] == ["renamed", "added"]
    assert [one.kind for one in store.accounts.changes(1)] == ["renamed"]
