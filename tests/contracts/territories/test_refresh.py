"""A package becomes collectivités; anything else is refused by name."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts.territories import Kind, Nature, read_territories
from deploy.registry.commands import territories as command
from deploy.registry.package import UnknownPackageError, read_package
from deploy.registry.refresh import refresh


def commune(code: str, nom: str, **more: object) -> dict[str, object]:
    departement = more.pop("departement", code[:2])
    return {
        "code": code, "nom": nom, "zone": "metro", "departement": departement, "region": "84",
        "type": "commune-actuelle", "typeLiaison": 0, "population": 1_000,
    } | more  # fmt: skip


def area(code: str, nom: str, **more: object) -> dict[str, object]:
    return {"code": code, "nom": nom, "zone": "metro", "region": "84", "typeLiaison": 0} | more


DATA: dict[str, list[dict[str, object]]] = {
    "communes": [
        commune("69123", "Lyon", anciensCodes=["69232"], codesPostaux=["69001"]),
        commune("69381", "Lyon 1er", type="arrondissement-municipal", commune="69123"),
        commune("69010", "Arbresle"),
        commune("01001", "Abergement", population=None),
        commune("01002", "Vieux", type="commune-deleguee", chefLieu="01001"),
    ],
    "epci": [
        {
            "code": "200046977",
            "nom": "Métropole  de Lyon",
            "type": "MET69",
            "membres": [{"code": "69123"}],
            "populationMunicipale": 7,
        }
    ],
    "ept": [],
    "departements": [
        area("01", "Ain"),
        area("69", "Rhône"),
        area("67", "Bas-Rhin"),
        area("68", "Haut-Rhin"),
        area("2A", "Corse-du-Sud"),
        area("2B", "Haute-Corse"),
        area("972", "Martinique"),
        area("973", "Guyane"),
    ],
    "regions": [area("84", "Auvergne-Rhône-Alpes"), area("94", "Corse")],
}


def package(folder: Path, version: str = "6.1.0", name: str | None = None, **data: object) -> Path:
    path = folder / "package.tgz"
    about = {"name": name or "@etalab/decoupage-administratif", "version": version}
    files = {"package.json": about} | {f"data/{key}.json": rows for key, rows in data.items()}
    with tarfile.open(path, "w:gz") as tar:
        for member, content in files.items():
            encoded = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"package/{member}")
            entry.size = len(encoded)
            tar.addfile(entry, io.BytesIO(encoded))
    return path


def test_a_package_becomes_collectivites(tmp_path):
    manifest, rows = read_package(package(tmp_path, **DATA))
    by_code = {row.code: row for row in rows}
    assert (manifest.version, manifest.year) == ("6.1.0", 2026)
    metropole = by_code["200046977"]
    assert (metropole.nom, metropole.nature) == ("Métropole de Lyon", Nature.METROPOLE)
    # Its population is the sum of its communes', not the package's figure of another year.
    assert metropole.population == 1_000
    assert by_code["69123"].covered_by == ("200046977",)
    assert [part.nom for part in by_code["69123"].parts] == ["Lyon 1er"]
    assert by_code["69010"].covered_by == ("69D",)
    assert by_code["69D"].population == 1_000
    assert by_code["01"].population is None
    assert by_code["84R"].population == 2_000
    assert [part.code for part in by_code["01001"].parts] == ["01002"]
    assert {row.code for row in rows if row.kind is Kind.REGION} == {"84R", "20R", "972R", "973R"}


def test_the_same_package_gives_the_same_bytes(tmp_path):
    # A set whose links lead nowhere is not written: Alsace's région is not in this small country.
    closed = DATA | {"regions": [*DATA["regions"], area("44", "Grand Est")]}
    archive = package(tmp_path, **closed)
    refresh(archive, tmp_path / "a")
    refresh(archive, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_territories(tmp_path / "a")[0].counts["commune"] == 3


@pytest.mark.parametrize(
    "archive", [{"name": "another", **DATA}, {"version": "7.0.0", **DATA}, {"epci": []}]
)
def test_other_packages_are_refused(tmp_path, archive):
    path = package(tmp_path, **archive)
    with pytest.raises(UnknownPackageError):
        read_package(path)
    ran = CliRunner().invoke(
        command, ["refresh", "--package", str(path), "--to", str(tmp_path / "x")]
    )
    assert ran.exit_code == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("given", [[], ["--npm", "6.0.0", "--package"]])
def test_one_source_is_named(tmp_path, given):
    (tmp_path / "p").touch()
    arguments = [*given, str(tmp_path / "p")] if given else []
    assert CliRunner().invoke(command, ["refresh", *arguments]).exit_code == 2


def test_commands_find_and_show():
    run = CliRunner()
    found = run.invoke(command, ["find", "st", "etienne", "--limit", "1"])
    assert found.output.split("\t")[:2] == ["42218", "Saint-Étienne (Loire)"]
    shown = json.loads(run.invoke(command, ["show", "75"]).output)
    assert (shown["code"], shown["category"]) == ("75056", "grandes-villes")
    assert json.loads(run.invoke(command, ["about"]).output)["licence"] == "Licence Ouverte 2.0"
    assert run.invoke(command, ["show", "nowhere"]).exit_code == 1
    assert run.invoke(command, ["find", "zzzzqq"]).exit_code == 1
