"""What holds a month back: far fewer accounts, or figures, than the month before."""

import pytest

from services.scorer.month.fewer import Counted, FewAccountsError, check
from services.scorer.month.period import Month

OCTOBER = Month(2026, 10)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"bluesky": 100, "instagram": 100}, None),
        ({"bluesky": 100, "instagram": 79}, "79 ranked on Instagram"),
        ({"bluesky": 100, "instagram": 80}, None),
        ({"bluesky": 100}, None),  # scored no more
        ({"bluesky": 100, "instagram": 100, "mastodon": 3}, None),  # had ten: few say nothing
    ],
)
def test_a_network_that_was_hardly_measured_holds_the_month(now, told):
    before = Counted(400, 210, {"bluesky": 100, "instagram": 100, "mastodon": 10})
    if told is None:
        check(OCTOBER, Counted(400, 200, now), before)
        return
    with pytest.raises(FewAccountsError, match=told):
        check(OCTOBER, Counted(400, 200, now), before)
