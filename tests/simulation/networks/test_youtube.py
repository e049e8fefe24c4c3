"""YouTube as it is invented, under the suite of its reader; below, what is its own."""

from tests.collector.networks.test_youtube import TestYoutube as Documented
from tests.simulation.collecting import busiest
from tests.suites.fictional import FictionalSuite
from tests.suites.network import accounts_of, posts_of


class TestFictionalYoutube(FictionalSuite):
    documented = Documented

    def test_hidden_counters_are_null_and_say_so(self, odd):
        channel = busiest(odd.networks, self.slug)
        channel.hidden = channel.comments_closed = True
        odd.networks.world.refresh()
        (seen,) = accounts_of(odd.read(channel, "profile"))
        assert (seen.followers, seen.absent["followers"]) == (None, "hidden")
        latest = odd.networks.world.latest(channel, odd.moment, 2)
        videos = posts_of(odd.read(channel, "readings", *latest))
        assert len(videos) == 2
        assert all(one.comments is None and one.absent["comments"] == "hidden" for one in videos)
