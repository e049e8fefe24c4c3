"""`observatoire erasures`: what is told of whom, and that an account is collected no more."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from contracts.erasures import Erased, author_key
from contracts.event import Event
from contracts.mentions import mention_id
from contracts.topics import ERASURES, Topic
from libs.settings import Settings
from libs.wire.wire import Wire
from services.api.census.commands import accounts
from services.api.rights.erasing import erasures
from services.api.store.agents.declarations import DeclaredFigures
from services.api.store.models import Base
from services.api.store.opening import store_of

PROFILE = "https://bsky.app/profile/lens.example"
DID = f"did:plc:{'habitant' * 3}"
TEXT = f"https://bsky.app/profile/{DID}/post/3k"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Erased]:
    """What is published."""
    kept: list[Erased] = []

    class Told(Wire):
        async def start(self) -> None: ...

        async def stop(self) -> None: ...

        async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
            assert topic is ERASURES
            kept.extend(cast("Iterable[Erased]", events))

    monkeypatch.setattr("libs.wire.wire.Wire", Told)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/s.db")
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "live")
    return kept


def subjects(told: list[Erased]) -> list[tuple[str, str]]:
    return [(erased.kind, erased.subject) for erased in told]


def test_a_text_and_an_author_are_told_without_their_address(told):
    run = CliRunner()
    assert run.invoke(erasures, ["mention", TEXT, "--reason", "r"]).exit_code == 0
    assert run.invoke(erasures, ["author", TEXT, "--reason", "r"]).exit_code == 0
    profile = author_key(f"https://bsky.app/profile/{DID}")
    assert subjects(told) == [("mention", mention_id(TEXT)), ("author", profile)]
    assert all(b"habitant" not in erased.encode() for erased in told)
    for nameless in ("habitante", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"):
        nobody = run.invoke(erasures, ["author", nameless, "--reason", "r"])
        assert nobody.exit_code == 1
        assert "names no author" in nobody.output


def test_what_a_simulation_shows_is_what_its_records_say(told, monkeypatch):
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "simulation")
    shown = TEXT.replace("bsky.app", "bsky.app.example")
    run = CliRunner()
    for kind in ("mention", "author"):
        done = run.invoke(erasures, [kind, shown, "--reason", "r"])
        assert done.exit_code == 0, done.output
    assert subjects(told) == [("mention", mention_id(TEXT)), ("author", author_key(TEXT))]


def test_an_account_is_refused_and_told_by_its_id_and_its_profile(told, tmp_path):
    run = CliRunner()
    file = tmp_path / "adresses.jsonl"
    file.write_text(f'{{"address": "{PROFILE}", "territories": ["62498"]}}\n')
    run.invoke(accounts, ["import", str(file)])
    why = ["--reason", "r", "--by", "b"]
    for _ in range(2):  # twice: nothing breaks
        done = run.invoke(erasures, ["account", PROFILE, *why])
        assert done.exit_code == 0, done.output
    registered = run.invoke(accounts, ["show", PROFILE]).output
    assert '"state": "refused"' in registered
    assert subjects(told[:2]) == [("account", told[0].subject), ("author", author_key(PROFILE))]
    assert f'"account": "{told[0].subject}"' in registered
    assert told[0].key == f"account:{told[0].subject}"
    assert run.invoke(erasures, ["account", "nobody", *why]).exit_code == 1


def test_an_account_is_an_author_by_its_name_and_by_its_number(told, tmp_path):
    """Texts of Bluesky say the number alone."""
    run = CliRunner()
    file = tmp_path / "adresses.jsonl"
    claim = {"address": PROFILE, "network": "bluesky", "native_id": DID}
    file.write_text(json.dumps(claim | {"territories": ["62498"]}) + "\n")
    assert run.invoke(accounts, ["import", str(file)]).exit_code == 0
    why = ["--reason", "r", "--by", "b"]
    assert run.invoke(erasures, ["account", PROFILE, *why]).exit_code == 0
    keys = [author_key(PROFILE), author_key(TEXT)]
    assert subjects(told)[1:] == [("author", key) for key in keys]


BY_ACCOUNT = {
    "account_owners", "account_identities", "account_proofs", "account_decisions", "connections",
    "contests", "curve_notes", "declarations",
}  # fmt: skip
KEPT = {"account_owners", "account_identities", "account_proofs", "account_decisions"}
"""By these the registry refuses it again; a connection stays, without who made it, until told."""


def test_nothing_that_agents_said_of_an_account_outlives_it(told, tmp_path):
    """A table of tomorrow that names accounts is found here."""
    tables = {name: one for name, one in Base.metadata.tables.items() if "account" in one.columns}
    assert set(tables) == BY_ACCOUNT
    run, file = CliRunner(), tmp_path / "adresses.jsonl"
    file.write_text(f'{{"address": "{PROFILE}", "territories": ["62498"]}}\n')
    run.invoke(accounts, ["import", str(file)])
    store = store_of(Settings())
    (one,) = store.accounts.of_territory("62498")
    store.notes.write("62498", one.account, date(2026, 11, 2), "piscine", public=True, by="a")
    store.contests.contest(one.account, "2026-10", "score", "non")
    said = DeclaredFigures(network="bluesky", account="Lens.example", tool="t")
    other = DeclaredFigures(network="bluesky", account="autre.example", tool="t")
    store.declarations.declare("62498", [said, other], file="f.csv", by="a")
    done = run.invoke(erasures, ["account", PROFILE, "--reason", "r", "--by", "b"])
    assert done.exit_code == 0, done.output
    with store.database.reading() as session:
        left = {
            name: session.scalar(select(func.count()).select_from(t)) for name, t in tables.items()
        }
    assert {name for name, count in left.items() if count} == KEPT | {"declarations"}
    assert [one.account for one in store.declarations.of_territory("62498")] == ["autre.example"]
    store.close()
