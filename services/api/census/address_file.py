"""A file of addresses by territory: JSON lines, one account each.

    {"address": "https://bsky.app/profile/essai.example", "territories": ["00001"],
     "network": "…", "handle": "essai.example", "native_id": "did:plc:…", "account": "…",
     "name": "Ville d’Essai", "role": "main", "owner_kind": "collectivité", "state": "verified",
     "registered_at": "2026-01-01T00:00:00Z", "origin": "simulation", "reason": "…"}

Only `address` is compulsory. The first territory is the home. `account` is an id minted elsewhere
(the demonstration's world). `owner_kind` "source": a feed that is nobody's here, whose entries are
mentions; its territories are those of which it speaks. `origin`, when given, must be the
installation's.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec

from contracts.accounts import AccountState, Ownership
from contracts.addresses import Identity, read_address
from contracts.territories import Territories
from services.api.census.report import Report, Tell, Unusable, take_in
from services.api.store import Claim, Proof, Store

ROLES = ("main", "service", "mayor", "tourism", "other")


class AddressLine(msgspec.Struct, frozen=True):
    """One line of the file."""

    address: str
    territories: tuple[str, ...] = ()
    network: str | None = None
    handle: str | None = None
    native_id: str | None = None
    account: str | None = None
    name: str | None = None
    role: str = "main"
    owner_kind: Literal["collectivité", "personne", "source"] = "collectivité"
    state: AccountState = "candidate"
    registered_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    origin: str | None = None
    reason: str = ""


_decode = msgspec.json.Decoder(AddressLine).decode


def import_addresses(
    store: Store,
    lines: Iterable[bytes],
    territories: Territories,
    *,
    reference: str,
    dry_run: bool = False,
    tell: Tell = lambda _, __: None,
) -> Report:
    """Register the accounts of a file; a second time changes nothing.

    `reference` names the file and its date in the proofs.
    """
    kept = [line for line in lines if line.strip()]
    found = read_lines(kept, territories, Proof("file", reference, store.now()), store.origin)
    return take_in(store, len(kept), found, dry_run=dry_run, tell=tell)


def read_lines(
    lines: Iterable[bytes], territories: Territories, proof: Proof, origin: str
) -> Iterator[Claim | Unusable]:
    """A claim a line, or why it gives none (pure)."""
    for number, raw in enumerate(lines, 1):
        place = f"line {number}"
        try:
            line = _decode(raw)
        except msgspec.MsgspecError as problem:
            yield Unusable(place, f"bad_line: {problem}", raw[:200].decode(errors="replace"))
            continue
        yield _claim(line, place, territories, proof, origin)


def _claim(
    line: AddressLine, place: str, territories: Territories, proof: Proof, origin: str
) -> Claim | Unusable:
    if line.origin not in (None, origin):
        return Unusable(place, "wrong_origin", str(line.origin))
    read = read_address(line.address, line.network)
    if not isinstance(read, Identity):
        return Unusable(place, read.refusal, line.address)
    if line.network is not None and read.network != line.network:
        return Unusable(place, "other_network", line.address)
    owners = [territories.resolve(code) for code in line.territories]
    if None in owners or not (owners or line.owner_kind == "source"):
        return Unusable(place, "unknown_territory", ", ".join(line.territories))
    codes = tuple(dict.fromkeys(owner.code for owner in owners if owner))
    source = line.owner_kind == "source"
    role = cast("Any", line.role if line.role in ROLES else "other")
    return Claim(
        identity=Identity(
            read.network,
            read.address,
            line.handle or read.handle,
            line.native_id or read.native_id,
            read.doubtful,
        ),
        owners=tuple(
            Ownership(territory=code, role=role, home=position == 0, since=line.registered_at)
            for position, code in enumerate(() if source else codes)
        ),
        covers=codes if source else (),
        proof=proof,
        state=line.state,
        reason=line.reason,
        owner_kind="personne" if line.owner_kind == "personne" else "collectivité",
        name=line.name,
        account=line.account,
        registered_at=line.registered_at,
    )
