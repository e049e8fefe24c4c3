"""Feeds as they are invented, under the suite of their reader; below, what is their own."""

from simulation.country.accounts import Account
from simulation.networks import rss
from tests.collector.networks.test_rss import TestRss as Documented
from tests.suites.fictional import FictionalSuite
from tests.suites.network import posts_of


class TestFictionalRss(FictionalSuite):
    documented = Documented

    def test_a_feed_that_moved_a_wall_and_an_old_encoding(self, odd):
        world = odd.networks.world

        def like(manner: str) -> Account:
            return odd.any(self.slug, lambda one: rss.manner(world, one) == manner)

        assert odd.read(like("wall"), "feed").cause == "refused"
        for manner in ("rss", "atom", "latin"):
            account = like(manner)
            found = {one.native_id: one for one in posts_of(odd.read(account, "feed"))}
            assert len(found) == len(world.latest(account, odd.moment, rss.ITEMS_SHOWN)) > 3
            texts = [str(event) for _, event in odd.read(account, "feed").events]
            assert any("é" in text for text in texts)
            assert not any("Ã" in text for text in texts)
