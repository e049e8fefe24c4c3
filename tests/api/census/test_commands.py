"""A person corrects the registry: names, owners, whose an account is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from contracts.topics import COLLECT_OUTCOMES
from libs.engine.client import connect
from libs.engine.insert import insert
from libs.engine.migrate import migrate
from services.api.store import Claim, Proof, Store
from services.cli import main
from services.scorer.intake.rows import STORED
from tests.api.census.conftest import NOW
from tests.events import samples

OLD, NEW = "https://bsky.app/profile/avant.example", "https://bsky.app/profile/apres.example"


def identity(address: str) -> Identity:
    read = read_address(address)
    assert isinstance(read, Identity)
    return read


@pytest.fixture
def account(store: Store) -> str:
    owners = tuple(Ownership(territory=code, home=code == "1") for code in ("1", "2"))
    proof = Proof("team", "test", NOW)
    claim = Claim(identity(OLD), owners, proof, state="verified", reason="vu")
    return store.accounts.register(claim).account.account


def run(tmp_path: Path, *arguments: str, **settings: str) -> Result:
    given = {"installation": "live", "database_url": f"sqlite:///{tmp_path}/s.db", **settings}
    env = {f"OBSERVATOIRE_{name.upper()}": value for name, value in given.items()}
    return CliRunner().invoke(main, ["accounts", *arguments], env=env)


@pytest.mark.parametrize("named", [None, OLD], ids=["by its id", "by its address"])
def test_an_account_gets_its_new_name_and_keeps_its_id(tmp_path, store, account, named):
    done = run(tmp_path, "rename", named or account, NEW)
    assert done.exit_code == 0, done.output
    history = store.accounts.history(account)
    assert (history.account.handle, history.account.address) == ("apres.example", NEW)
    assert [(one.handle, one.until is None) for one in history.identities] == [
        ("avant.example", False),
        ("apres.example", True),
    ]


def test_a_person_s_account_and_an_owner_that_is_none(tmp_path, store, account):
    assert run(tmp_path, "disown", account, "1").exit_code == 0
    assert [one.account for one in store.accounts.of_territory("1")] == []
    assert [one.account for one in store.accounts.of_territory("2")] == [account]
    why = ("--reason", "compte du maire", "--by", "équipe")
    assert run(tmp_path, "owner", account, "personne", *why).exit_code == 0
    history = store.accounts.history(account)
    assert (history.account.owner_kind, history.account.home) == ("personne", "2")
    assert history.decisions[-1].reason == "compte du maire"


@pytest.mark.parametrize(
    "arguments",
    [
        ("rename", "nobody", NEW),
        ("rename", OLD, "https://example.org/nothing"),
        ("rename", OLD, "https://www.instagram.com/autre"),
        ("disown", OLD, "3"),
        ("owner", "nobody", "personne", "--reason", "r", "--by", "b"),
        ("owner", OLD, "elu", "--reason", "r", "--by", "b"),
        ("move", "nobody", "closed", "--reason", "r", "--by", "b"),
        ("show", "nobody"),
    ],
)
@pytest.mark.usefixtures("account")
def test_what_cannot_be_is_said_and_changes_nothing(tmp_path, store, arguments):
    before = store.accounts.history("id1")
    done = run(tmp_path, *arguments)
    assert done.exit_code in (1, 2)
    assert "Error" in done.output
    assert store.accounts.history("id1") == before


@pytest.mark.engine
def test_a_name_seen_by_the_collector_is_proposed_until_it_is_taken(
    tmp_path, account, clickhouse_url, database
):
    async def seen() -> None:
        await migrate(clickhouse_url, database, [])
        client = await connect(clickhouse_url, database)
        event = COLLECT_OUTCOMES.event.read(samples(COLLECT_OUTCOMES)[0])
        row: Any = event.model_dump(mode="json")
        told = {"subject": account, "subjects": [account], "renamed": {account: "apres.example"}}
        await insert(client, "collect_outcomes", [row_of(row) | told])
        await client.close()

    asyncio.run(seen())
    where = {"clickhouse_url": clickhouse_url, "database_name": database}
    proposed = run(tmp_path, "renamed", **where)
    assert proposed.output.split("\t") == [account, "bluesky", "avant.example", "apres.example\n"]
    assert run(tmp_path, "rename", account, NEW).exit_code == 0
    assert run(tmp_path, "renamed", **where).output == ""


def row_of(event: dict[str, Any]) -> dict[str, Any]:
    (stored,) = (one for one in STORED if one.topic is COLLECT_OUTCOMES)
    return {name: event[name] for name in stored.columns}
