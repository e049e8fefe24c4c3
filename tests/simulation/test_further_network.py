"""A further fictional network is one file: found, dispatched, counted, struck by faults."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from contracts.networks import BY_SLUG
from libs.clock import SteppedClock
from simulation import networks as files
from simulation.country.world import World
from simulation.network import network_named
from simulation.networks import rss
from simulation.serving.control import control
from simulation.serving.faults import Fault
from simulation.serving.platforms import Networks
from tests.simulation.client import Client

FILE = '''
"""Brouille: a network that even this world has not."""

from simulation.country.accounts import InventedAccounts, Names
from simulation.serving.exchange import Answer, Asked, answered
from simulation.country.law import Law, Played
from simulation.history.ledger import Rule
from simulation.network import Fictional, Sight, sight
from simulation.country.posts import Post
from simulation.country.world import World

HOST = "api.brouille.example"
RULE = Rule(3, 60)


class Accounts(InventedAccounts):
    slug = "brouille"
    law = Law(
        share=dict.fromkeys(
            ("hamlet", "village", "small", "town", "city", "large_city",
             "cc", "ca", "cu", "metropole", "departement", "region"), 500),
        followers=20, sigma=500, rate=400, engagement=15_000, growth=5,
        kinds={"video": (1000, 1000)}, split={"comments": 100},
        cast={"community_manager": Played()},
    )

    def identify(self, place, role, token, created):
        return Names(f"{self.name(place, role)}.example", token.hex())


class Brouille(Fictional):
    accounts = Accounts()
    hosts = (HOST,)

    def throttled(self, seconds: int) -> Answer:
        return answered({"brouille": "later"}, 429, {"Retry-After": str(seconds)})

    def expired(self) -> Answer:
        return answered({"brouille": "who?"}, 401)

    def answer(self, asked: Asked) -> Answer:
        verdict = self._ledger.ask("brouille", RULE, asked.moment, "place")
        if not verdict.allowed:
            return self.throttled(verdict.resets_at - asked.moment)
        place = self._world.place(asked.one("place"))
        return answered({"people": place.territory.population})

    @classmethod
    def see(cls, world: World, post: Post, moment: int) -> Sight:
        native = f"{post.account.serial}-{post.number}"
        return sight(post, native, f"https://{HOST}/{native}", "video", world.writer.post(post))


NETWORK = Brouille
'''
URL = "https://api.brouille.example/v1?place=Essai-sur-Onde"


@pytest.fixture
def further(
    tmp_path: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Networks]:
    """The networks of the world, and one more file beside those of the package."""
    (tmp_path / "brouille.py").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(files, "__path__", [*files.__path__, str(tmp_path)])
    clock = SteppedClock(datetime(2026, 10, 13, 10, 0, tzinfo=UTC))
    yield Networks(World(size=50), clock)
    sys.modules.pop("simulation.networks.brouille", None)
    network_named.cache_clear()


def test_a_file_is_all_it_takes(further):
    client = Client(further)
    assert client.get(URL) == (200, {"people": 8214})
    further.faults.known.append(Fault("429", host="brouille", seconds=7))
    assert client.get(URL) == (429, {"brouille": "later"})
    further.faults.known[:] = [Fault("expired_token")]
    assert client.get(URL) == (401, {"brouille": "who?"})
    further.faults.known.clear()
    assert [client.get(URL)[0] for _ in range(3)] == [200, 200, 429]
    told = msgspec.json.decode(control(further, "GET", "ledger", b"").body)["buckets"]["brouille"]
    assert (told["asked"], told["refused"], told["most_in_a_window"]) == (4, 1, 3)


def test_the_others_are_not_disturbed(further, networks):
    assert further.by_name.keys() == {*BY_SLUG, "brouille"}
    assert networks.by_name.keys() == {*BY_SLUG}
    sites = networks.world.by_network["rss"]
    site = next(one for one in sites if rss.manner(networks.world, one) == "rss")
    for path in (
        "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor=essaisuronde.example",
        "https://graph.facebook.com/v25.0/178?access_token=t&fields=id",
        site.native_id,
    ):
        with_it, without = Client(further), Client(networks)
        assert with_it.get(path) == without.get(path)
        assert with_it.body == without.body
    assert Client(networks).get(URL)[0] == 404
