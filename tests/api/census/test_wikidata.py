"""What Wikidata names gives candidates, by the form of the SPARQL service, or named refusals."""

import json

import pytest

from contracts.addresses import Identity, read_address
from contracts.networks import KNOWN
from services.api.census.report import Report
from services.api.census.wikidata import CODES, FORMS, import_wikidata, question

ENTITY = "http://www.wikidata.org/entity/"
VALUES = {
    "P2397": f"UC{'x' * 22}", "P4033": "lens@mastodon.example", "P1019": "https://lens.example/rss",
    "P3267": "12345678@N00", "P12361": "lens.example", "P4264": "1234",
}  # fmt: skip


def row(prop: str = "P2003", value: str = "villedelens", **fields: str) -> dict[str, object]:
    """A row as the service writes one: each value with its type."""
    given = {
        "item": f"{ENTITY}Q82988", "property": f"{ENTITY}{prop}", "value": value, "kind": "P374",
        "code": "62498", "rank": "http://wikiba.se/ontology#NormalRank",
    } | fields  # fmt: skip
    return {name: {"type": "literal", "value": one} for name, one in given.items()}


def imported(store, territories, *rows: object) -> Report:
    answer = {"head": {"vars": []}, "results": {"bindings": rows}}
    data = json.dumps(answer).encode()
    return import_wikidata(store, data, territories, reference="reponse.json (2026-11-30)")


@pytest.mark.parametrize("prop", FORMS)
def test_each_property_of_a_network_makes_an_address_that_is_read(prop):
    slug, address = FORMS[prop]
    read = read_address(address.format(VALUES.get(prop, "villedelens")), slug)
    assert isinstance(read, Identity)
    assert read.network == slug


def test_a_network_of_the_great_public_is_asked_for():
    asked = {slug for slug, _ in FORMS.values()}
    unasked = {"peertube", "telegram", "whatsapp", "panneaupocket", "intramuros"}
    assert {network.slug for network in KNOWN} - asked == unasked


def test_a_value_gives_a_candidate_with_its_item_as_proof(store, territories):
    assert imported(store, territories, row()).outcomes["created"] == 1
    (account,) = store.accounts.of_territory("62498")
    assert (account.network, account.handle, account.state) == (
        "instagram", "villedelens", "candidate",
    )  # fmt: skip
    (proof,) = store.accounts.history(account.account).proofs
    assert (proof.source, proof.detail) == ("wikidata", "P2003")
    assert "Q82988" in proof.reference
    assert imported(store, territories, row()).outcomes["known"] == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"rank": "http://wikiba.se/ontology#DeprecatedRank"}, "deprecated"),
        ({"until": "2024-01-01T00:00:00Z"}, "ended"),
        ({"code": "99999"}, "unknown_territory"),
        ({"kind": "P17"}, "unknown_territory"),
        ({"prop": "P999"}, "unknown_property"),
        ({"prop": "P4033", "value": "not an address"}, "not_an_address"),
        ({"value": ""}, "home_page"),
    ],
)
def test_what_gives_no_account_is_refused_by_name(store, territories, fields, reason):
    report = imported(store, territories, row(**fields), row(value="autre"))
    assert list(report.reasons) == [reason]
    assert report.outcomes["created"] == 1  # one bad row spoils no other


@pytest.mark.parametrize(
    ("kind", "code", "found"),
    [("P2586", "62", "62"), ("P2585", "32", "32R"), ("P374", "01340", "01015")],
)
def test_départements_régions_and_former_communes_are_found(store, territories, kind, code, found):
    imported(store, territories, row(kind=kind, code=code))
    assert store.accounts.of_territory(found)


def test_a_tourist_office_is_no_town_hall(store, territories):
    imported(store, territories, row(value="lens_tourisme"))
    (account,) = store.accounts.of_territory("62498")
    assert account.owners[0].role == "tourism"


@pytest.mark.parametrize("data", [b"", b"<html>", b"[]", b'{"results": {"bindings": [1]}}'])
def test_what_are_no_results_is_an_error(store, territories, data):
    with pytest.raises(ValueError, match="SPARQL"):
        import_wikidata(store, data, territories, reference="x")


@pytest.mark.parametrize("departement", ["33", "2A", "*"])
def test_the_question_asks_every_property_within_its_département(departement):
    asked = question(departement)
    assert all(f"p:{prop} ps:{prop}" in asked for prop in FORMS)
    assert asked.count("{") == asked.count("}")
    wanted = {"P374"} if departement != "*" else set(CODES) - {"P374"}
    assert {one for one in CODES if f"wdt:{one} " in asked} == wanted
