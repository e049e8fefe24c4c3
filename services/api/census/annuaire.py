"""The annuaire de l'administration (Service-Public.gouv.fr / DILA, Licence Ouverte 2.0).

Records come as the API's envelope, as its export (a bare array), as the bulk file (`service`), or
as JSON lines; nested fields natively or as JSON inside strings: both are read. A record speaks for
the collectivité of its pivot; everything that gives no account is refused by name.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import httpx

from contracts.accounts import Ownership
from contracts.addresses import Identity, network_of_label, read_address
from contracts.territories import Kind, Territories, Territory
from contracts.territories.annuaire import EXPORT
from libs.matching.words import fold
from services.api.census.fetching import Unreadable, fetched
from services.api.census.report import Report, Unusable, take_in
from services.api.store import Claim, Proof, Store

SOURCE = "Service-Public.gouv.fr / DILA"
EXPORT_BYTES = 256 << 20
Record = Mapping[str, Any]
Role = Literal["main", "service", "tourism"]
# Services that are a collectivité; the others of the annuaire (préfectures, France Services…) not.
COMMUNES = ("mairie", "paris_mairie", "mairie_com", "paris_mairie_arrondissement")
COLLECTIVITES = (*COMMUNES, "epci", "cg", "cr")


class BrokenFieldError(ValueError):
    """A nested field that is neither a list nor JSON that holds one."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Which territory a record speaks for, and whether it is its main desk or a smaller one."""

    territory: Territory
    main: bool
    remark: str | None = None


def import_annuaire(
    store: Store,
    data: bytes,
    territories: Territories,
    *,
    reference: str,
    dry_run: bool = False,
    least: int = 0,
) -> Report:
    """Register the accounts that the annuaire declares, as candidates.

    `reference` names the download's address, file and date, as the licence asks. Raises ValueError
    when the data are in none of the four forms, or hold less records than there are at `least`.
    """
    records = list(read_records(data))
    if len(records) < least:
        raise ValueError(f"{len(records)} records, {least} at least: not all of it came")
    found = declared(records, territories, reference, store.now())
    return take_in(store, len(records), found, dry_run=dry_run)


async def published(http: httpx.AsyncClient) -> bytes:
    """Return the annuaire as its publisher gives it now.

    Raises `Unreadable`, httpx's errors, `libs.outbound.public.Forbidden`.
    """
    status, kind, body = await fetched(http, EXPORT, EXPORT_BYTES)
    if status != 200:
        raise Unreadable("unreachable", f"it answers {status}, {kind or 'no type'}")
    return body


def read_records(data: bytes) -> Iterator[Record]:
    """Records of any of the forms in which the annuaire is given."""
    try:
        content = cast("object", json.loads(data))
    except json.JSONDecodeError:
        content = [json.loads(line) for line in data.splitlines() if line.strip()]
    if isinstance(content, dict):
        envelope = cast("Record", content)
        content = envelope.get("results", envelope.get("service", [envelope]))
    if not isinstance(content, list):
        raise ValueError("neither records, nor an envelope of records")
    for record in cast("list[object]", content):
        if isinstance(record, dict):
            yield cast("Record", record)


def declared(
    records: Iterable[Record], territories: Territories, reference: str, now: datetime
) -> Iterator[Claim | Unusable]:
    """Claims of the records, and what is refused, main desks first (pure).

    The same account declared by several desks of one territory is one claim, its first.
    """
    desks: list[tuple[Desk, Record]] = []
    for record in records:
        desk = desk_of(record, territories)
        if isinstance(desk, Unusable):
            yield desk
        else:
            desks.append((desk, record))
    desks.sort(key=lambda pair: not pair[0].main)
    seen: set[tuple[str, str]] = set()
    for desk, record in desks:
        for found in _accounts(desk, record, reference, now):
            if isinstance(found, Claim):
                key = (desk.territory.code, found.identity.key)
                if key in seen:
                    found = Unusable(_place(record), "same_as_another_desk", found.identity.address)
                seen.add(key)
            yield found


def desk_of(record: Record, territories: Territories) -> Desk | Unusable:
    """The territory that a record speaks for: by its pivot first, checked by its SIREN."""
    place = _place(record)
    if str(record.get("statut_de_diffusion") or "true").lower() != "true":
        return Unusable(place, "not_published", str(record.get("statut_de_diffusion")))
    try:
        pivots = [cast("Record", pivot) for pivot in nested(record.get("pivot"))]
    except BrokenFieldError as problem:
        return Unusable(place, "broken_field", f"pivot: {problem}")
    kinds = [str(pivot.get("type_service_local")) for pivot in pivots]
    wanted = [kind for kind in kinds if kind in COLLECTIVITES]
    if not wanted and (kinds or "code_insee_commune" not in record):
        return Unusable(place, "not_a_collectivite", ", ".join(kinds))
    kind = wanted[0] if wanted else "mairie"
    codes = [
        str(code)
        for pivot in pivots
        if pivot.get("type_service_local") == kind
        for code in cast("list[object]", pivot.get("code_insee_commune") or [])
    ]
    codes = codes or [str(record.get("code_insee_commune") or "")]
    territory = _territory(kind, codes, record, territories)
    if territory is None:
        return Unusable(place, "unknown_territory", f"{kind} {', '.join(codes)}")
    siren = str(record.get("siren") or "")
    differs = bool(siren and territory.siren and siren != territory.siren)
    remark = f"SIREN {siren}, attendu {territory.siren}" if differs else None
    return Desk(territory, not _is_smaller(kind, record), remark)


def nested(value: object) -> list[object]:
    """A nested field as a list: native, JSON inside a string, null and "" are all accepted.

    Raises BrokenFieldError for anything else.
    """
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except json.JSONDecodeError as problem:
            raise BrokenFieldError(value[:200]) from problem
    if value in (None, ""):
        return []
    if isinstance(value, dict):
        return [cast("object", value)]
    if not isinstance(value, list):
        raise BrokenFieldError(str(value)[:200])
    return cast("list[object]", value)


def _territory(
    kind: str, codes: Sequence[str], record: Record, territories: Territories
) -> Territory | None:
    """An EPCI by its SIREN; a département or région from a commune inside it, or its own code."""
    if kind == "epci":
        return territories.by_siren(str(record.get("siren") or ""))
    for code in codes:
        found = territories.resolve(code)
        if found is None:
            continue
        if kind in COMMUNES or found.kind is not Kind.COMMUNE:
            return found
        above = found.departement if kind == "cg" else f"{found.region}R"
        return territories.resolve(above or "") or found
    return None


def _is_smaller(kind: str, record: Record) -> bool:
    """Whether it is a part's desk, or an annexe: their accounts are those of a service."""
    words = fold(f"{kind} {record.get('nom') or ''}")
    smaller = (b"annexe", b"deleguee", b"associee", b"arrondissement", b"secteur")
    return any(word in words for word in smaller)


def _accounts(
    desk: Desk, record: Record, reference: str, now: datetime
) -> Iterator[Claim | Unusable]:
    place = _place(record)
    for field in ("reseau_social", "application_mobile"):
        try:
            entries = nested(record.get(field))
        except BrokenFieldError as problem:
            yield Unusable(place, "broken_field", f"{field}: {problem}")
            continue
        for entry in entries:
            if isinstance(entry, dict):
                yield _account(desk, cast("Record", entry), place, reference, now)
            else:
                yield Unusable(place, "broken_field", f"{field}: {str(entry)[:200]}")


def _account(
    desk: Desk, entry: Record, place: str, reference: str, now: datetime
) -> Claim | Unusable:
    address = str(entry.get("valeur") or "")
    label = str(entry.get("description") or "").strip()
    read = read_address(address, network_of_label(str(entry.get("custom_dico2") or "")))
    if not isinstance(read, Identity):
        return Unusable(place, read.refusal, address)
    detail = " ; ".join(filter(None, (label, desk.remark))) or None
    return Claim(
        identity=read,
        owners=(Ownership(territory=desk.territory.code, role=_role(desk, label)),),
        proof=Proof("annuaire", f"{SOURCE}, {reference}, {place}", now, detail),
    )


def _role(desk: Desk, label: str) -> Role:
    """A label says that the page is of something else than the collectivité as a whole."""
    if b"tourisme" in fold(label):
        return "tourism"
    return "main" if desk.main and not label else "service"


def _place(record: Record) -> str:
    return str(record.get("id") or record.get("nom") or "?")
