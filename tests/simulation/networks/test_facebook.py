"""Facebook as it is invented, under the suite of its reader; below, what is its own."""

import pytest

from tests.collector.networks.test_facebook import TestFacebook as Documented
from tests.suites.fictional import FictionalSuite


class TestFictionalFacebook(FictionalSuite):
    documented = Documented
    closed = "refused"
    """Facebook answers alike for a page that is gone and for one that may not be seen."""

    @pytest.mark.parametrize(
        ("operation", "form"),
        [("profile", "unreviewed"), ("profile", "profile"), ("posts", "group")],
    )
    def test_who_may_not_be_seen_is_said_so(self, odd, operation, form):
        parsed = odd.read(odd.any(self.slug, lambda one: one.form == form), operation)
        assert (parsed.cause, parsed.events) == ("refused", ())
        assert parsed.detail
