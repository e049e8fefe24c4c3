"""The annuaire's records, in every form seen, give candidates or named refusals."""

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from contracts.territories import Territories
from contracts.territories.annuaire import HOST
from services.api.census import annuaire
from services.api.census.annuaire import Desk, desk_of, import_annuaire, published, read_records
from services.api.census.fetching import Unreadable
from services.api.census.report import Report, Unusable
from services.api.store import Store
from services.cli import main
from tests.api.store.conftest import kept

RECORDED = {
    # file: (records, accounts created, refusals by reason)
    "mairie-aurillac-reseau-social.json": (1, 3, {}),
    "mairies-deux-alpes-reseau-social.json": (2, 1, {"same_as_another_desk": 1}),
    "mairie-arelaune-strings.json": (1, 0, {}),
    "mairies-la-hague-select.json": (2, 0, {}),
    "annuaire-mairies.json": (10, 0, {}),
    "annuaire-mairies-export.json": (10, 0, {}),
    "bulk-2023-record.json": (1, 0, {}),
    "export-record-with-reseau-social.json": (1, 0, {"not_a_collectivite": 1}),
}


def imported(store: Store, territories: Territories, records: object) -> Report:
    return import_annuaire(store, json.dumps(records).encode(), territories, reference="essai")


def record(networks: Iterable[Any] | str | None, **fields: object) -> dict[str, object]:
    return {
        "id": "r1",
        "nom": "Mairie - Lens",
        "pivot": [{"type_service_local": "mairie", "code_insee_commune": ["62498"]}],
        "reseau_social": networks,
        **fields,
    }


def network(value: str, name: str = "", label: str = "") -> dict[str, str]:
    return {"valeur": value, "custom_dico2": name, "description": label}


@pytest.mark.recordings
@pytest.mark.parametrize(("name", "expected"), RECORDED.items())
def test_recorded_records(store, territories, recordings, name, expected):
    data = (recordings / "annuaire" / name).read_bytes()
    report = import_annuaire(store, data, territories, reference=name)
    assert (report.records, report.outcomes["created"], report.reasons) == expected


@pytest.mark.recordings
def test_every_recorded_desk_finds_its_territory(territories, recordings):
    owners: dict[str, str] = {}
    for name in RECORDED:
        for one in read_records((recordings / "annuaire" / name).read_bytes()):
            desk = desk_of(one, territories)
            if isinstance(desk, Desk):
                assert desk.remark is None
                owners[str(one["nom"])] = desk.territory.code
    assert owners["Mairie - Aurillac"] == "15014"
    assert owners["Conseil territorial de Saint-Barthélemy"] == "97701"
    # The pivot wins over the top-level code (14387).
    assert [code for name, code in owners.items() if "Magny-le-Freule" in name] == ["14431"]
    assert len(owners) > 10


@pytest.mark.recordings
def test_aurillac_is_registered_whole(store, territories, recordings):
    data = (recordings / "annuaire" / "mairie-aurillac-reseau-social.json").read_bytes()
    import_annuaire(store, data, territories, reference="capture de juin 2024")
    accounts = store.accounts.of_territory("15014")
    assert [(a.network, a.handle, a.state) for a in accounts] == [
        ("facebook", "mairiedaurillac", "candidate"),
        ("instagram", "mairiedaurillac", "candidate"),
        ("youtube", "user/villeaurillac15", "candidate"),
    ]
    (proof,) = store.accounts.history(accounts[0].account).proofs
    assert proof.reference.startswith("Service-Public.gouv.fr / DILA, capture de juin 2024, ")
    again = import_annuaire(store, data, territories, reference="capture de juin 2024")
    assert again.outcomes == {"created": 0, "extended": 0, "known": 3, "conflict": 0}


@pytest.mark.parametrize("wrap", [lambda r: {"total_count": 1, "results": [r]}, lambda r: [r],
                                  lambda r: {"service": [r]}, lambda r: r])  # fmt: skip
@pytest.mark.parametrize("encode", [lambda value: value, json.dumps])
def test_every_envelope_and_both_encodings(store, territories, wrap, encode):
    one = record(encode([network("https://x.com/lens", "X")]))
    one["pivot"] = encode(one["pivot"])
    assert imported(store, territories, wrap(one)).outcomes["created"] == 1
    assert [a.handle for a in store.accounts.of_territory("62498")] == ["lens"]


@pytest.mark.parametrize(
    ("networks", "reasons"),
    [
        (None, {}),
        ("", {}),
        ("[]", {}),
        ("null", {}),
        ("[{not json", {"broken_field": 1}),
        ("12", {"broken_field": 1}),
        (["https://x.com/lens"], {"broken_field": 1}),
        ([network("")], {"empty": 1}),
        ([network("https://www.facebook.com/groups/1", "Facebook")], {"group": 1}),
        ([network("mairie@lens.example", "Facebook")], {"e_mail": 1}),
        ([network("https://www.linkedin.com/in/quelquun", "LinkedIn")], {"person": 1}),
        ([network("www.lens.example")], {"website": 1}),
    ],
)
def test_values_that_give_no_account(store, territories, networks, reasons):
    report = imported(store, territories, [record(networks)])
    assert (report.registered, report.reasons) == ((), reasons)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"statut_de_diffusion": "false"}, "not_published"),
        ({"pivot": "[{"}, "broken_field"),
        ({"pivot": [{"type_service_local": "prefecture", "code_insee_commune": ["62041"]}]},
         "not_a_collectivite"),
        ({"pivot": [{"type_service_local": "mairie", "code_insee_commune": ["99999"]}]},
         "unknown_territory"),
        ({"pivot": [{"type_service_local": "epci", "code_insee_commune": ["62498"]}]},
         "unknown_territory"),
    ],
)  # fmt: skip
def test_records_that_speak_for_nobody(store, territories, fields, reason):
    one = record([network("https://x.com/lens")], **fields)
    assert imported(store, territories, [one]).reasons == {reason: 1}


@pytest.mark.parametrize(
    ("kind", "code", "siren", "owner"),
    [
        ("mairie", "62498", "216204982", "62498"),
        ("mairie", "13201", "", "13055"),
        ("mairie", "01340", "", "01015"),
        ("epci", "62498", "246200364", "246200364"),
        ("cg", "62041", "", "62"),
        ("cg", "67482", "", "6AE"),
        ("cg", "69123", "", "69D"),
        ("cg", "2A004", "", "20R"),
        ("cr", "59350", "", "32R"),
        ("cr", "97209", "", "972R"),
        ("cr", "2A004", "", "20R"),
    ],
)
def test_whose_desk_it_is(territories, kind, code, siren, owner):
    pivot = [{"type_service_local": kind, "code_insee_commune": [code]}]
    desk = desk_of(record(None, pivot=pivot, siren=siren), territories)
    assert isinstance(desk, Desk)
    assert (desk.territory.code, desk.remark) == (owner, None)


def test_a_siren_that_disagrees_is_remarked(store, territories):
    imported(store, territories, [record([network("https://x.com/lens")], siren="123456789")])
    assert store.accounts.history("id1").proofs[0].detail == "SIREN 123456789, attendu 216204982"


@pytest.mark.parametrize(
    ("nom", "label", "role"),
    [
        ("Mairie - Lens", "", "main"),
        ("Mairie - Lens", "Service jeunesse", "service"),
        ("Mairie - Lens", "Office de Tourisme", "tourism"),
        ("Mairie déléguée - Quelque part", "", "service"),
        ("Mairie annexe - Grande Résidence", "", "service"),
    ],
)
def test_roles(store, territories, nom, label, role):
    imported(store, territories, [record([network("https://x.com/lens", "X", label)], nom=nom)])
    (account,) = store.accounts.of_territory("62498")
    assert [owner.role for owner in account.owners] == [role]


def test_one_page_of_two_desks_is_the_main_desks(store, territories):
    page = [network("https://www.facebook.com/lens", "Facebook")]
    smaller = record(page, id="r0", nom="Mairie annexe - Lens")
    report = imported(store, territories, [smaller, record(page)])
    assert report.reasons == {"same_as_another_desk": 1}
    (account,) = store.accounts.of_territory("62498")
    assert [owner.role for owner in account.owners] == ["main"]


def test_one_page_of_two_towns_has_two_owners(store, territories):
    page = [network("https://www.facebook.com/lens", "Facebook")]
    pivot = [{"type_service_local": "mairie", "code_insee_commune": ["62510"]}]
    imported(store, territories, [record(page), record(page, id="r2", pivot=pivot)])
    (account,) = store.accounts.of_territory("62510")
    assert [(o.territory, o.home) for o in account.owners] == [("62498", True), ("62510", False)]


def test_neither_records_nor_an_envelope(store, territories):
    with pytest.raises(ValueError, match="records"):
        import_annuaire(store, b"12", territories, reference="x")


def test_a_dry_run_registers_nothing(store, territories):
    data = json.dumps([record([network("https://x.com/lens")])]).encode()
    report = import_annuaire(store, data, territories, reference="x", dry_run=True)
    assert report.outcomes["created"] == 1
    assert kept(store) == 0
    imported(store, territories, [record([network("https://x.com/lens")])])
    report = import_annuaire(store, data, territories, reference="x", dry_run=True)
    assert (report.outcomes["created"], kept(store)) == (0, 1)


def test_refusals_say_where(store, territories):
    report = imported(store, territories, [record([network("https://t.co/x")])])
    assert report.refused == (Unusable("r1", "shortener", "https://t.co/x"),)


@pytest.mark.parametrize(
    ("kind", "code", "name", "territory", "main"),
    [
        ("paris_mairie", "75056", "Mairie - Paris", "75056", True),
        ("paris_mairie_arrondissement", "75115", "Mairie - Paris 15e", "75056", False),
        ("mairie", "69383", "Mairie - Lyon 3e arrondissement", "69123", False),
        ("mairie", "13201", "Mairie du 1er secteur - Marseille", "13055", False),
        ("mairie_com", "98735", "Mairie - Papeete", "98735", True),
        ("mairie_com", "98818", "Mairie - Nouméa", "98818", True),
        ("mairie", "50041", "Mairie - La Hague", "50041", True),
        ("mairie", "50041", "Mairie déléguée - Beaumont-Hague", "50041", False),
    ],
)
def test_paris_its_parts_and_overseas_have_desks(territories, kind, code, name, territory, main):
    pivot = {"type_service_local": kind, "code_insee_commune": [code]}
    desk = desk_of(record(None, nom=name, pivot=[pivot]), territories)
    assert isinstance(desk, Desk)
    assert (desk.territory.code, desk.main) == (territory, main)


async def answered(status: int, body: object) -> bytes:
    """What comes of the publisher's answer."""
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(status, json=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        data = await published(http)
    (url,) = asked
    assert url.host == HOST
    assert "telephone" not in url.params["select"]
    return data


async def test_its_publisher_is_asked_for_what_is_read_of_it(store, territories):
    data = await answered(200, [record([network("https://x.com/lens")])])
    import_annuaire(store, data, territories, reference="x")
    assert kept(store) == 1
    with pytest.raises(Unreadable, match="503"):
        await answered(503, {"error": "maintenance"})


def test_an_annuaire_that_is_not_whole_changes_nothing(tmp_path, store, monkeypatch):
    """Who may sign in is replaced by what it says: half of it would shut the others out."""

    async def half(_: httpx.AsyncClient) -> bytes:
        return json.dumps([record([network("https://x.com/lens")])]).encode()

    monkeypatch.setattr(annuaire, "published", half)
    env = {"OBSERVATOIRE_INSTALLATION": "live", "DATABASE_URL": f"sqlite:///{tmp_path}/s.db"}
    told = CliRunner().invoke(main, ["accounts", "import-annuaire", "--fetch"], env=env)
    assert (told.exit_code, kept(store)) == (1, 0)
    assert "1 records" in told.output
    both = ["accounts", "import-annuaire", "--fetch", __file__]
    assert CliRunner().invoke(main, both, env=env).exit_code == 2
