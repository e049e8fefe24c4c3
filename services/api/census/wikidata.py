"""Wikidata (CC0): the accounts that items of collectivités name, by the properties of networks.

Results come as the SPARQL service gives them (application/sparql-results+json), by the question
that `question` writes: one row a statement, so that several values multiply nothing. Properties are
in the networks' files. Made from documentation: no answer of the service was recorded here.
Sources: www.w3.org/TR/sparql11-results-json and
www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from contracts.networks import KNOWN
from contracts.territories import Territories, Territory
from services.api.census.report import Report, Unusable, take_in
from services.api.census.roles import role_of
from services.api.store import Claim, Proof, Store

SOURCE = "Wikidata (CC0)"
CODES = {"P374": "commune", "P2586": "département", "P2585": "région", "P1616": "SIREN"}
"""Properties by which an item says which collectivité it is of."""

FORMS: Mapping[str, tuple[str, str]] = {
    prop: (network.slug, address) for network in KNOWN for prop, address in network.wikidata.items()
}
"""Of each property, the network and what a value of it makes an address of."""

_ENTITY = "http://www.wikidata.org/entity/"
_ONTOLOGY = "http://wikiba.se/ontology#"


class Value(msgspec.Struct, frozen=True):
    """A value of a row: what stands there, whatever its type."""

    value: str


class _Results(msgspec.Struct):
    bindings: list[dict[str, Value]]


class _Answer(msgspec.Struct):
    results: _Results


_decode = msgspec.json.Decoder(_Answer).decode
Row = Mapping[str, str]


def question(departement: str) -> str:
    """Write what to ask of query.wikidata.org about the communes of a département.

    One département at a time answers within the service's minute. `"*"` asks for the départements,
    régions and groupings of all of France.
    """
    claims = " ".join(f"(wd:{one} p:{one} ps:{one})" for one in sorted(FORMS))
    wanted = ("P374",) if departement != "*" else ("P2586", "P2585", "P1616")
    codes = " UNION ".join(
        f'{{ ?item wdt:{one} ?code . BIND("{one}" AS ?kind) }}' for one in wanted
    )
    # SIREN of public bodies begin with 1 or 2, those of collectivités with 2.
    within = (
        f'STRSTARTS(?code, "{departement}")'
        if departement != "*"
        else ('?kind != "P1616" || STRSTARTS(?code, "2")')
    )
    return (
        "SELECT ?item ?kind ?code ?property ?value ?rank ?until WHERE {\n"
        f"  VALUES (?property ?claim ?main) {{ {claims} }}\n"
        f"  {codes} FILTER({within})\n"
        "  ?item ?claim ?statement . ?statement ?main ?value ; wikibase:rank ?rank .\n"
        "  OPTIONAL { ?statement pq:P582 ?until }\n"
        "}\n"
    )


def import_wikidata(
    store: Store, data: bytes, territories: Territories, *, reference: str, dry_run: bool = False
) -> Report:
    """Register what Wikidata names, as candidates. Raises ValueError when these are no results."""
    rows = read_rows(data)
    found = named(rows, territories, reference, store.now())
    return take_in(store, len(rows), found, dry_run=dry_run)


def read_rows(data: bytes) -> list[Row]:
    """Return the rows of results. Raises ValueError where they are not in the service's form."""
    try:
        answer = _decode(data)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"not the results of a SPARQL service (JSON): {problem}") from problem
    return [{name: one.value for name, one in row.items()} for row in answer.results.bindings]


def named(
    rows: Iterable[Row], territories: Territories, reference: str, now: datetime
) -> Iterator[Claim | Unusable]:
    """Return a claim a row, or why it gives none (pure)."""
    for row in rows:
        yield _claim(row, territories, reference, now)


def _claim(row: Row, territories: Territories, reference: str, now: datetime) -> Claim | Unusable:
    item = row.get("item", "?").removeprefix(_ENTITY)
    prop, value = row.get("property", "").removeprefix(_ENTITY), row.get("value", "")
    place = f"{item} {prop}"
    if prop not in FORMS:
        return Unusable(place, "unknown_property", value)
    if row.get("rank", "").removeprefix(_ONTOLOGY) == "DeprecatedRank":
        return Unusable(place, "deprecated", value)
    if row.get("until"):
        return Unusable(place, "ended", f"{value}, {row['until'][:10]}")
    territory = _territory(row, territories)
    if territory is None:
        return Unusable(place, "unknown_territory", f"{row.get('kind')} {row.get('code')}")
    slug, address = FORMS[prop]
    read = read_address(address.format(value.strip()), slug)
    if not isinstance(read, Identity):
        return Unusable(place, read.refusal, value)
    return Claim(
        identity=read,
        owners=(Ownership(territory=territory.code, role=role_of(value)),),  # or a tourist office's
        proof=Proof("wikidata", f"{SOURCE}, {reference}, {item}", now, prop),
    )


def _territory(row: Row, territories: Territories) -> Territory | None:
    kind, code = row.get("kind", ""), row.get("code", "")
    if kind == "P1616":
        return territories.by_siren(code)
    if kind not in CODES:
        return None
    return territories.resolve(f"{code}R" if kind == "P2585" else code)
