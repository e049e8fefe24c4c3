"""A file of addresses by territory becomes accounts, once; each bad line is refused by name."""

import json

import pytest
from click.testing import CliRunner

from contracts.territories import Territories
from services.api.census.address_file import import_addresses
from services.api.census.commands import accounts
from services.api.census.report import Report
from services.api.store import Store
from tests.api.census.conftest import NOW

LENS = {"address": "https://bsky.app/profile/lens.example", "territories": ["62498"]}


def imported(store: Store, territories: Territories, *lines: object) -> Report:
    encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return import_addresses(store, encoded, territories, reference="essai.jsonl")


def test_a_line_with_all_that_is_known(store, territories):
    line = LENS | {
        "network": "bluesky", "native_id": "did:plc:z72i7hdynmk6r22z27h6tvur", "account": "world-1",
        "name": "Ville de Lens", "state": "verified", "registered_at": "2026-01-01T00:00:00Z",
        "origin": "live", "unheard_of": 1,
    }  # fmt: skip
    assert imported(store, territories, line, b"\n").outcomes["created"] == 1
    account = store.accounts.get("world-1")
    assert account.model_dump(include={"handle", "native_id", "name", "state", "home"}) == {
        "handle": "lens.example",
        "native_id": "did:plc:z72i7hdynmk6r22z27h6tvur",
        "name": "Ville de Lens",
        "state": "verified",
    }
    assert account.home == "62498"
    assert account.registered_at == account.owners[0].since
    assert account.registered_at < account.changed_at == NOW
    assert imported(store, territories, line).outcomes["known"] == 1
    assert store.accounts.get("world-1") == account


def test_former_codes_lead_to_the_present_territory(store, territories):
    imported(store, territories, LENS | {"territories": ["01340", "67", "01015"]})
    (account,) = store.accounts.of_territory("01015")
    assert [(o.territory, o.home) for o in account.owners] == [("01015", True), ("6AE", False)]


def test_a_source_belongs_to_nobody(store, territories):
    feed = {"address": "https://gazette.example/rss.xml", "network": "rss", "owner_kind": "source"}
    imported(store, territories, feed | {"state": "verified"})
    account = store.accounts.get("id1")
    assert (account.network, account.owners, account.home) == ("rss", (), None)
    assert account.covers == ()
    imported(store, territories, feed | {"territories": ["62498", "01340"]})
    account = store.accounts.get("id1")
    assert (account.owners, account.covers, account.revision) == ((), ("62498", "01015"), 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "bad_line"),
        ({"territories": ["62498"]}, "bad_line"),
        (LENS | {"state": "perhaps"}, "bad_line"),
        (LENS | {"registered_at": "2026-01-01T00:00:00"}, "bad_line"),
        (LENS | {"origin": "simulation"}, "wrong_origin"),
        (LENS | {"territories": ["99999"]}, "unknown_territory"),
        (LENS | {"territories": []}, "unknown_territory"),
        (LENS | {"network": "facebook"}, "other_network"),
        (LENS | {"address": "https://www.facebook.com/groups/1"}, "group"),
    ],
)
def test_bad_lines(store, territories, line, reason):
    good = {"address": "https://x.com/lens", "territories": ["62498"]}
    report = imported(store, territories, line, good)
    assert report.outcomes["created"] == 1
    (refused,) = report.refused
    assert refused.place == "line 1"
    assert refused.reason.split(":")[0] == reason


def test_commands(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/s.db")
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "live")
    file = tmp_path / "adresses.jsonl"
    file.write_text(json.dumps(LENS) + "\n" + json.dumps(LENS | {"address": "x"}) + "\n")
    run = CliRunner()
    dry = run.invoke(accounts, ["import", str(file), "--dry-run"])
    assert "dry run" in dry.output
    done = run.invoke(accounts, ["import", str(file)])
    assert "2 records: 1 created" in done.output
    assert "refused 1 × no_network, such as line 2: x" in done.output
    listed = run.invoke(accounts, ["of", "62498"]).output.split("\t")
    assert listed[1:] == ["candidate", "bluesky", "https://bsky.app/profile/lens.example\n"]
    moved = run.invoke(accounts, ["move", listed[0], "verified", "--reason", "vu", "--by", "moi"])
    assert moved.output == f"{listed[0]}\tverified\n"
    shown = run.invoke(accounts, ["show", "https://bsky.app/profile/lens.example"])
    assert "moi: vu" in shown.output
    assert run.invoke(accounts, ["show", "nobody"]).exit_code == 1
    again = run.invoke(accounts, ["move", listed[0], "candidate", "--reason", "r", "--by", "b"])
    assert again.exit_code == 1
    assert "verified → candidate" in again.output
