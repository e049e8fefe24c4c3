"""Instagram as it is invented, under the suite of its reader; below, what is its own."""

from contracts.accounts import AccountObserved
from contracts.posts import PostObserved
from tests.collector.networks.test_instagram import TestInstagram as Documented
from tests.simulation.collecting import busiest
from tests.suites.fictional import FictionalSuite
from tests.suites.network import posts_of


class TestFictionalInstagram(FictionalSuite):
    documented = Documented
    asked_by_name = True

    def test_a_personal_account_is_as_if_it_were_not(self, odd):
        parsed = odd.read(odd.any(self.slug, lambda one: one.form == "personal"), "posts")
        assert (parsed.cause, parsed.events) == ("gone", ())
        assert parsed.detail

    def test_hidden_likes_are_null_and_say_so(self, odd):
        hidden = odd.any(self.slug, lambda one: one.form == "professional" and not one.hidden)
        hidden.hidden = True
        odd.networks.world.refresh()
        posts = posts_of(odd.read(hidden, "posts"))
        assert posts
        assert all(post.likes is None and post.absent["likes"] == "hidden" for post in posts)

    def test_an_account_and_its_posts_are_told_by_one_call(self, odd):
        parsed = odd.read(busiest(odd.networks, self.slug), "posts")
        kinds = [type(event) for _, event in parsed.events]
        assert kinds.count(AccountObserved) == 1
        assert kinds.count(PostObserved) > 5
