"""Mattermost: what the other side answers, and what people write being no mark-up."""

from contracts.channels.mattermost import CHANNEL
from services.alerts.channels.mattermost import Mattermost
from services.alerts.delivery.hook import Post
from tests.suites.hook import HookSuite


class TestMattermost(HookSuite):
    contract = CHANNEL
    driver = Mattermost

    def is_no_markup(self, post: Post, said: str) -> None:
        assert "](https://evil" not in said
        assert "@all" not in said
