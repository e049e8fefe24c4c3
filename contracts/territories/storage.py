"""How a set of territories is kept in one compact file.

A gzip file of JSON lines: the first is the manifest, each other one territory, sorted by kind and
code, fields at their default left out. The bytes are the same for the same content (no time
stamp), so that a refresh without change is no change.
"""

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from contracts.territories.categories import Kind
from contracts.territories.territory import Territory, TerritoryOrigin


class BrokenTerritoriesError(ValueError):
    """A file of territories that is not what its manifest says."""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where a set of territories comes from, and what may be done with it.

    ``counts`` (rows by kind) and ``sha256`` (of the uncompressed rows) are filled by the writer.
    """

    name: str
    version: str
    origin: TerritoryOrigin
    year: int
    source: str
    licence: str
    attribution: str
    population: str
    counts: dict[str, int] = {}
    sha256: str = ""


_KIND_ORDER = {kind: place for place, kind in enumerate(Kind)}
_rows_decoder = msgspec.json.Decoder(Territory)
_manifest_decoder = msgspec.json.Decoder(Manifest)
_encoder = msgspec.json.Encoder()


def write_territories(path: Path, territories: Iterable[Territory], manifest: Manifest) -> Manifest:
    """Write the file and return its manifest, completed with counts and digest.

    Raises BrokenTerritoriesError when a code is there twice, a link leads nowhere inside the set,
    or a row's origin or year is not the manifest's.
    """
    rows = sorted(territories, key=lambda row: (_KIND_ORDER[row.kind], row.code))
    _check(rows, manifest)
    body = b"".join(_encoder.encode(row) + b"\n" for row in rows)
    complete = msgspec.structs.replace(
        manifest,
        counts=dict(Counter(str(row.kind) for row in rows)),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(_encoder.encode(complete) + b"\n" + body, 9, mtime=0))
    return complete


def read_territories(path: Path) -> tuple[Manifest, list[Territory]]:
    """Manifest and rows; raises BrokenTerritoriesError for rows that its manifest does not say."""
    try:
        head, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
        manifest = _manifest_decoder.decode(head)
        rows = _rows_decoder.decode_lines(body)
    except (OSError, EOFError, msgspec.MsgspecError) as problem:
        raise BrokenTerritoriesError(f"{path}: {problem}") from problem
    if hashlib.sha256(body).hexdigest() != manifest.sha256:
        raise BrokenTerritoriesError(f"{path}: rows differ from the digest in the manifest")
    return manifest, rows


def _check(rows: list[Territory], manifest: Manifest) -> None:
    seen = Counter(row.code for row in rows)
    twice = [code for code, times in seen.items() if times > 1]
    if twice:
        raise BrokenTerritoriesError(f"codes there twice: {twice[:5]}")
    for row in rows:
        if row.origin != manifest.origin or row.year != manifest.year:
            raise BrokenTerritoriesError(f"{row.code}: origin or year is not the manifest's")
        lost = [code for code in (*row.covered_by, row.epci, row.ept) if code and code not in seen]
        if lost:
            raise BrokenTerritoriesError(f"{row.code}: links to {lost}, absent from the set")
