"""Takes claims into the registry: the same account is found again whatever its spelling."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import selectinload

from contracts.accounts import Ownership
from contracts.addresses import Identity
from contracts.event import next_revision
from contracts.networks import network_of
from services.api.store.models import AccountRow, DecisionRow, IdentityRow, OwnerRow, ProofRow
from services.api.store.registry.claims import Claim, Outcome, Proof, Source

AUTOMATIC = "automatique"
CONCORDANT_SOURCES = 2
"""Different sources that give an account to one territory, from which it is verified."""

LIKENESS = "likeness"
REPEATS = ("registry", LIKENESS, "other")
"""Sources that say nothing of their own: another installation has read the same annuaire, and a
name that is like an official one proves nothing. What an unknown one is worth is not known."""
VOICES = {one: one for one in get_args(Source) if one not in REPEATS} | {"webfinger": "site"}
"""Who speaks in each source: a site and its domain's WebFinger are one authority, said twice."""


class Known:
    """Accounts by handle and by native id, among those loaded; closed ones come last."""

    def __init__(self, rows: Iterable[AccountRow]) -> None:
        self._rows: dict[tuple[str, str], AccountRow] = {}
        for row in sorted(rows, key=lambda row: row.state != "closed"):
            self.add(row)

    def add(self, row: AccountRow) -> None:
        """Know this one too."""
        if row.handle_key:
            self._rows[row.network, f"@{row.handle_key}"] = row
        if row.native_id:
            self._rows[row.network, f"#{row.native_id}"] = row

    def find(self, identity: Identity) -> tuple[AccountRow | None, bool]:
        """The account of this identity, and whether its handle and native id are two accounts'."""
        by_id = self._rows.get((identity.network, f"#{identity.native_id}"))
        by_handle = self._rows.get((identity.network, f"@{handle_key(identity)}"))
        if by_id is not None:
            return by_id, by_handle is not None and by_handle is not by_id
        if by_handle is None or not _differ(by_handle.native_id, identity.native_id):
            return by_handle, False
        # The handle is now another account's: a closed one has left it free.
        return (None, False) if by_handle.state == "closed" else (by_handle, True)


def same_identity(*identities: Identity) -> ColumnElement[bool]:
    """Condition of the accounts that have the handle or the native id of one of these."""
    handles: defaultdict[str, set[str]] = defaultdict(set)
    native_ids: defaultdict[str, set[str]] = defaultdict(set)
    for identity in identities:
        if key := handle_key(identity):
            handles[identity.network].add(key)
        if identity.native_id is not None:
            native_ids[identity.network].add(identity.native_id)
    # Open and closed apart: the indexes of handles and native ids are of open accounts.
    same = [
        and_(condition, AccountRow.network == network, column.in_(sorted(keys)))
        for condition in (AccountRow.state != "closed", AccountRow.state == "closed")
        for column, by_network in (
            (AccountRow.handle_key, handles),
            (AccountRow.native_id, native_ids),
        )
        for network, keys in by_network.items()
    ]
    return or_(false(), *same)


def handle_key(identity: Identity) -> str | None:
    """Handle as it is compared, null when the address holds only a native id."""
    if identity.handle is None:
        return None
    handle = identity.handle if network_of(identity.network).paced else identity.handle.lower()
    named = Identity(identity.network, identity.address, handle)
    return named.key.split(":", 1)[1]


def take(
    claim: Claim, known: Known, now: datetime, mint: Callable[[], str]
) -> tuple[AccountRow, Outcome]:
    """Create the account of a claim, or add what the claim brings to the one that is known.

    A source never undoes a decision: state and kind of owner of a known account stay, except that
    two sources that agree verify a candidate. A report that a candidate is an impostor is added to
    its proofs, and changes nothing else.
    """
    row, two = known.find(claim.identity)
    if row is not None and two:
        return row, "conflict"
    if row is None:
        row = _create(claim, now, mint)
        known.add(row)
        return row, "created"
    if claim.proof.source == LIKENESS:
        first = LIKENESS not in {one.source for one in row.proofs}
        reported = first and row.state == "candidate" and _prove(row, claim, now)
        return row, "extended" if reported else "known"
    changed = _complete(row, claim)
    changed = _forget_imitated(row) or changed
    changed = _own(row, claim.owners, now) or changed
    proved = _prove(row, claim, now)
    changed = _verify_by_agreement(row, now) or changed
    if changed:
        row.revision = next_revision(row.revision)
        row.changed_at = now
        known.add(row)
    return row, "extended" if changed or proved else "known"


def decide(row: AccountRow, reason: str, by: str, at: datetime) -> None:
    """Write down the state and kind of owner that the account now has."""
    row.decisions.append(
        DecisionRow(
            state=row.state, owner_kind=row.owner_kind, reason=reason, decided_by=by, decided_at=at
        )
    )


def with_parts() -> Select[AccountRow]:
    """Accounts with their owners, proofs, identities and decisions, in one query each."""
    return select(AccountRow).options(
        selectinload(AccountRow.owners),
        selectinload(AccountRow.proofs),
        selectinload(AccountRow.identities),
        selectinload(AccountRow.decisions),
    )


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _create(claim: Claim, now: datetime, mint: Callable[[], str]) -> AccountRow:
    identity, since = claim.identity, claim.registered_at or now
    row = AccountRow(
        id=claim.account or mint(),
        network=identity.network,
        handle=identity.handle,
        handle_key=handle_key(identity),
        native_id=identity.native_id,
        address=identity.address,
        name=claim.name,
        owner_kind=claim.owner_kind,
        covers=list(claim.covers) or None,
        doubtful=identity.doubtful,
        state=claim.state,
        revision=1,
        published_revision=0,
        registered_at=since,
        changed_at=now,
    )
    row.identities.append(
        IdentityRow(
            handle=row.handle, native_id=row.native_id, address=row.address, since=since, until=None
        )
    )
    _own(row, claim.owners, since)
    _prove(row, claim, now)
    decide(row, claim.reason or f"source : {claim.proof.source}", claim.proof.source, now)
    return row


def _complete(row: AccountRow, claim: Claim) -> bool:
    """Fill in what was not known; True when something was."""
    identity, filled = claim.identity, False
    if row.native_id is None and identity.native_id is not None:
        row.native_id, filled = identity.native_id, True
    if row.handle is None and identity.handle is not None:
        row.handle, row.handle_key = identity.handle, handle_key(identity)
        row.address, filled = identity.address, True
    if row.name is None and claim.name is not None:
        row.name, filled = claim.name, True
    if claim.covers and list(claim.covers) != row.covers:
        row.covers, filled = list(claim.covers), True
    if filled and (present := next((i for i in row.identities if i.until is None), None)):
        present.handle, present.native_id, present.address = row.handle, row.native_id, row.address
    return filled


def _forget_imitated(row: AccountRow) -> bool:
    """End what only a report says of a candidate, once a source does: whoever reports is anybody.

    The proof keeps which territory was said to be imitated.
    """
    if row.state != "candidate":
        return False
    owned = {proof.territory for proof in row.proofs if proof.source != LIKENESS}
    imitated = {proof.territory for proof in row.proofs} - owned
    kept = [owner for owner in row.owners if owner.territory not in imitated]
    forgotten = len(kept) < len(row.owners)
    row.owners = kept
    return forgotten


def _own(row: AccountRow, owners: Sequence[Ownership], now: datetime) -> bool:
    """Add the ownerships that are not there; the first of an account is its home."""
    added = False
    for owner in owners:
        there = any(
            (o.territory, o.role, o.until) == (owner.territory, owner.role, owner.until)
            for o in row.owners
        )
        if there:
            continue
        has_home = any(o.home and o.until is None for o in row.owners)
        row.owners.append(
            OwnerRow(
                territory=owner.territory,
                role=owner.role,
                home=not has_home
                and owner.until is None
                and (owner.home or not _names_home(owners)),
                since=owner.since or now,
                until=owner.until,
            )
        )
        added = True
    return added


def _names_home(owners: Sequence[Ownership]) -> bool:
    """Whether one of them says that it is the home."""
    return any(owner.home for owner in owners)


def _prove(row: AccountRow, claim: Claim, now: datetime) -> bool:
    """Keep the proof for each owner; True when it is a new one."""
    added = False
    for owner in claim.owners:
        kept = _proof_of(row, owner.territory, claim.proof)
        if kept is not None:
            kept.last_seen_at = max(kept.last_seen_at, claim.proof.seen_at)
            kept.detail = claim.proof.detail or kept.detail
            continue
        row.proofs.append(
            ProofRow(
                territory=owner.territory,
                source=claim.proof.source,
                reference=claim.proof.reference,
                detail=claim.proof.detail,
                first_seen_at=claim.proof.seen_at,
                last_seen_at=claim.proof.seen_at,
            )
        )
        added = True
    return added


def _proof_of(row: AccountRow, territory: str, proof: Proof) -> ProofRow | None:
    wanted = (territory, proof.source, proof.reference)
    return next((p for p in row.proofs if (p.territory, p.source, p.reference) == wanted), None)


def _verify_by_agreement(row: AccountRow, now: datetime) -> bool:
    """Verify a candidate that two different sources give to one same territory."""
    if row.state != "candidate" or row.doubtful or row.owner_kind != "collectivité":
        return False
    for territory in {owner.territory for owner in row.owners if owner.until is None}:
        told = {one.source for one in row.proofs if one.territory == territory}
        sources = sorted({VOICES[source] for source in told if source in VOICES})
        if len(sources) >= CONCORDANT_SOURCES:
            row.state = "verified"
            decide(row, f"preuves concordantes : {', '.join(sources)}", AUTOMATIC, now)
            return True
    return False
