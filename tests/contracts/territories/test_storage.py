"""A file of territories holds what was written, and says when it does not."""

import gzip

import msgspec
import pytest

from contracts.territories import (
    BrokenTerritoriesError,
    Category,
    Kind,
    Nature,
    Territories,
    read_territories,
    write_territories,
)
from contracts.territories.catalogue import REGISTRY_FILE
from libs.matching.territories import find
from tests.territories import MANIFEST, invented

SIZE = {"population": 8_214, "region": "00"}
INVENTED = [
    invented(
        "00001", "Essai-sur-Onde", epci="000000001", covered_by=("000000001", "001"),
        postal_codes=("00100",), **SIZE,
    ),
    invented("001", "Onde-et-Loir", Kind.DEPARTEMENT, **SIZE),
    invented("000000001", "CC des Essais", Kind.EPCI, nature=Nature.CC, population=8_214),
]  # fmt: skip


def test_written_is_read_back(tmp_path):
    path = tmp_path / "essai.jsonl.gz"
    written = write_territories(path, INVENTED, MANIFEST)
    manifest, rows = read_territories(path)
    assert manifest == written
    assert manifest.counts == {"commune": 1, "epci": 1, "departement": 1}
    assert sorted(rows, key=lambda row: row.code) == sorted(INVENTED, key=lambda row: row.code)


def test_same_content_same_bytes(tmp_path):
    write_territories(tmp_path / "a", INVENTED, MANIFEST)
    write_territories(tmp_path / "b", reversed(INVENTED), MANIFEST)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_invented_stand_beside_real(tmp_path):
    path = tmp_path / "essai.jsonl.gz"
    write_territories(path, INVENTED, MANIFEST)
    both = Territories.load(extra=path)
    assert both["00001"].category is Category.PETITES_VILLES
    assert both["00001"].stratum == "7500-9999"
    assert both["62498"].nom == "Lens"
    assert [row.code for row in find(both, "essai sur")] == ["00001"]
    assert both.place(both["00001"]) == "Essai-sur-Onde (Onde-et-Loir)"
    assert [manifest.origin for manifest in both.manifests] == ["registry", "simulation"]
    assert "00001" not in Territories.load()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "001"}, "twice"),
        ({"origin": "registry"}, "origin"),
        ({"year": 2025}, "year"),
        ({"covered_by": ("99999",)}, "99999"),
        ({"epci": "200000000"}, "200000000"),
    ],
)
def test_broken_sets_are_not_written(tmp_path, change, said):
    rows = [msgspec.structs.replace(INVENTED[0], **change), *INVENTED[1:]]
    with pytest.raises(BrokenTerritoriesError, match=said):
        write_territories(tmp_path / "x", rows, MANIFEST)


def test_a_code_in_two_sets_is_refused(tmp_path):
    path = tmp_path / "x"
    real = msgspec.structs.replace(INVENTED[1], code="33")
    write_territories(path, [real], MANIFEST)
    with pytest.raises(BrokenTerritoriesError, match="two sets"):
        Territories.load(extra=path)


def test_altered_file_is_refused(tmp_path):
    path = tmp_path / "x"
    write_territories(path, INVENTED, MANIFEST)
    altered = gzip.decompress(path.read_bytes()).replace(b"8214", b"9214")
    path.write_bytes(gzip.compress(altered))
    with pytest.raises(BrokenTerritoriesError, match="digest"):
        read_territories(path)
    path.write_bytes(b"not gzip")
    with pytest.raises(BrokenTerritoriesError):
        read_territories(path)


def test_committed_file_is_what_the_writer_gives(tmp_path):
    manifest, rows = read_territories(REGISTRY_FILE)
    again = write_territories(tmp_path / "again", rows, manifest)
    assert again == manifest
    assert gzip.decompress((tmp_path / "again").read_bytes()) == gzip.decompress(
        REGISTRY_FILE.read_bytes()
    )
