"""Mastodon as it is invented, under the suite of its reader; below, what is its own."""

from simulation.networks.mastodon import CLOSED
from tests.collector.networks.test_mastodon import TestMastodon as Documented
from tests.suites.fictional import FictionalSuite


class TestFictionalMastodon(FictionalSuite):
    documented = Documented

    def test_an_instance_may_refuse_the_anonymous(self, odd):
        parsed = odd.read(odd.any(self.slug, lambda one: one.host == CLOSED), "profile")
        assert (parsed.cause, parsed.events) == ("refused", ())
        assert parsed.detail
