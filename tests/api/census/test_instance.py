"""The registry of one installation, taken over by another: two portals, over HTTP."""

import shutil
from dataclasses import replace

import feedparser
import httpx
import pytest
from click.testing import CliRunner

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from services.api.census.instance import NoRegistryError, fetch, take_over
from services.api.store import Claim, Proof, Store
from services.cli import main
from tests.api.answers import RecordedFigures
from tests.api.census.conftest import NOW
from tests.api.conftest import SIMULATION, client_of, create_tables
from tests.api.world import territories as invented

TOWN = "00101"
KNOWN = ("essai", "autre", "parti", "mairesse", "attente")


def claim(handle: str, *, state="verified", **more) -> Claim:
    identity = read_address(f"https://bsky.app/profile/{handle}.example")
    assert isinstance(identity, Identity)
    owners = (Ownership(territory=TOWN, role="main", home=True),)
    return Claim(identity, owners, Proof("team", "test", NOW), state=state, reason="vu", **more)


@pytest.fixture
def there() -> Store:
    """The small state of the other installation: three accounts are told, two are not."""
    held = Store("sqlite://", origin="simulation", now=lambda: NOW)
    create_tables(held)
    held.accounts.register_all(
        [
            claim("essai", name="Ville d’Essai"),
            claim("autre"),
            claim("parti"),
            claim("mairesse", owner_kind="personne"),
            claim("attente", state="candidate"),
        ]
    )
    gone = held.accounts.find(claim("parti").identity)
    held.accounts.move(gone.account, "closed", reason="fermé", by="équipe")
    yield held
    held.close()


@pytest.fixture
def here() -> Store:
    held = Store("sqlite://", origin="simulation", now=lambda: NOW)
    create_tables(held)
    yield held
    held.close()


@pytest.fixture
async def portal(there):
    async with client_of(SIMULATION, invented(), RecordedFigures(), there) as client:
        yield client


def known(store: Store) -> dict[str, str]:
    found = {name: store.accounts.find(claim(name).identity) for name in KNOWN}
    return {name: one.state for name, one in found.items() if one}


async def test_what_is_verified_there_is_a_candidate_here(portal, here):
    lines = await fetch(portal, "http://portail.example/")
    assert len(lines) == 3

    def take(**how):
        return take_over(here, lines, invented(), url="http://portail.example", **how)

    rehearsed = take()
    assert (rehearsed.outcomes["created"], rehearsed.reasons) == (2, {"closed_there": 1})
    assert known(here) == {}
    assert take(dry_run=False).outcomes["created"] == 2
    assert known(here) == {"essai": "candidate", "autre": "candidate"}
    assert take(dry_run=False).outcomes == {"created": 0, "extended": 0, "known": 2, "conflict": 0}
    found = here.accounts.find(claim("essai").identity)
    assert (found.name, found.home) == ("Ville d’Essai", TOWN)
    assert here.accounts.history(found.account).proofs[0].source == "registry"


async def test_another_registry_is_no_second_source(portal, here):
    lines = await fetch(portal, "http://portail.example")
    take_over(here, lines, invented(), url="http://portail.example", dry_run=False)
    again = replace(claim("essai", state="candidate"), proof=Proof("annuaire", "x", NOW))
    assert here.accounts.register(again).account.state == "candidate"
    again = replace(again, proof=Proof("wikidata", "x", NOW))
    assert here.accounts.register(again).account.state == "verified"


async def test_what_was_refused_here_stays_refused(portal, here):
    refused = here.accounts.register(claim("essai", state="candidate")).account.account
    here.accounts.move(refused, "refused", reason="non", by="équipe")
    lines = await fetch(portal, "http://portail.example")
    take_over(here, lines, invented(), url="http://portail.example", dry_run=False)
    assert known(here)["essai"] == "refused"


def answering(status: int, kind: str, content: bytes) -> httpx.AsyncClient:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"content-type": kind}, content=content)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("status", "kind", "content", "word"),
    [
        (404, "application/json", b"{}", "404"),
        (200, "text/html", b"<p>Bonjour", "html"),
        (200, "application/x-ndjson", b'{"address": "https://bsky', "cut short"),
    ],
)
async def test_what_is_no_registry_is_said(status, kind, content, word):
    async with answering(status, kind, content) as http:
        with pytest.raises(NoRegistryError, match=word):
            await fetch(http, "https://autre.example")


def test_lines_that_are_none_and_another_kind_of_figures_are_counted(here):
    lines = [b"no json", b'{"address": "https://bsky.app/profile/a.example", "origin": "live"}']
    report = take_over(here, lines, invented(), url="https://autre.example")
    assert [one.reason.partition(":")[0] for one in report.refused] == ["bad_line", "wrong_origin"]


def test_the_command_says_what_does_not_answer(tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "s.db")
    env = {
        "OBSERVATOIRE_INSTALLATION": "live",
        "OBSERVATOIRE_DATABASE_URL": f"sqlite:///{tmp_path}/s.db",
    }
    for url in ("http://127.0.0.1:9", "nonsense"):
        done = CliRunner().invoke(main, ["registry", "pull", url], env=env)
        assert done.exit_code == 1, done.output
        assert isinstance(done.exception, SystemExit)


async def test_changes_are_a_feed(portal, there):
    essai = there.accounts.find(claim("essai").identity).account
    there.accounts.rename(essai, claim("nouveau").identity)
    autre = there.accounts.find(claim("autre").identity).account
    there.accounts.move(autre, "refused", reason="ce n’est pas eux", by="équipe")
    candidate = there.accounts.find(claim("attente").identity).account
    there.accounts.move(candidate, "refused", reason="non", by="équipe")
    answer = await portal.get("/api/v1/registry.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo
    kinds = sorted(one.id.rsplit("-", 2)[1] for one in found.entries)
    assert kinds == ["added", "added", "added", "closed", "refused", "renamed"]
    assert len({one.id for one in found.entries}) == 6
    assert all(one.title.startswith("[SIMULATION] Bluesky, ") for one in found.entries)
    words = answer.text
    assert "mairesse" not in words
    assert "attente" not in words
    refused = next(one for one in found.entries if "-refused-" in one.id)
    assert "Essai-sur-Onde" not in refused.title
    renamed = next(one for one in found.entries if "-renamed-" in one.id)
    assert "essai.example" in renamed.summary
    assert renamed.link.endswith("adresse=https%3A%2F%2Fbsky.app%2Fprofile%2Fnouveau.example")


async def test_a_feed_of_nothing_is_one(portal, there):
    for one in there.accounts.public("", 10):
        there.accounts.set_owner_kind(one.account, "personne", reason="x", by="équipe")
    found = feedparser.parse((await portal.get("/api/v1/registry.atom")).content)
    assert (found.bozo, found.entries) == (False, [])
    assert (await portal.get("/api/v1/registry")).content == b""
