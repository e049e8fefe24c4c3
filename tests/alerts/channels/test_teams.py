"""Teams: what the other side answers, and what people write being no mark-up."""

from contracts.channels.teams import CHANNEL
from services.alerts.channels.teams import Teams
from services.alerts.delivery.hook import Post
from tests.suites.hook import HookSuite


class TestTeams(HookSuite):
    contract = CHANNEL
    driver = Teams

    def is_no_markup(self, post: Post, said: str) -> None:
        assert "TextBlock" not in said.replace("RichTextBlock", "")
