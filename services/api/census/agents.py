"""Who may enter, by the annuaire: the addresses that main desks publish, and their domains.

Addresses are kept as keyed hashes alone. A domain is a territory's where its main desk has both an
address and its site there: an address at a provider's says nothing of a domain.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from contracts.addresses.hosts import ascii_host
from contracts.territories import Territories
from services.api.census.annuaire import BrokenFieldError, Record, desk_of, nested
from services.api.census.report import Unusable
from services.api.store.agents.entitled import Entitled

Keyed = Callable[[str], str | None]
"""The keyed hash of an address; None for what is no address."""


def entitled(
    records: Iterable[Record], territories: Territories, keyed: Keyed
) -> Iterator[Entitled]:
    """Return what lets agents enter, from the records of the annuaire (pure)."""
    for record in records:
        desk = desk_of(record, territories)
        if isinstance(desk, Unusable) or not desk.main:
            continue
        code, sites = desk.territory.code, set(_sites(record))
        for address in _addresses(record):
            if (key := keyed(address)) is None:
                continue
            yield Entitled("address", key, code)
            host = ascii_host(address.rpartition("@")[2].strip().lower())
            if host in sites:
                yield Entitled("domain", host, code)


def _addresses(record: Record) -> Iterator[str]:
    """Return the addresses of a record: one, several between « ; », or a list."""
    given: object = record.get("adresse_courriel")
    many = cast("list[object]", given) if isinstance(given, list) else [given]
    for one in many:
        yield from (part for part in _written(one).split(";") if "@" in part)


def _sites(record: Record) -> Iterator[str]:
    try:
        entries = nested(record.get("site_internet"))
    except BrokenFieldError:
        return
    for entry in entries:
        written = _written(entry)
        try:
            host = urlsplit(written if "//" in written else f"//{written}").hostname or ""
        except ValueError:
            continue
        if known := ascii_host(host.removeprefix("www.")):
            yield known


def _written(entry: object) -> str:
    """Return what an entry holds: it stands alone, or under `valeur`."""
    value = cast("dict[str, Any]", entry).get("valeur") if isinstance(entry, dict) else entry
    return str(value or "")
