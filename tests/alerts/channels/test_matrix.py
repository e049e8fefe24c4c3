"""Matrix: what the other side answers, and what people write being no mark-up."""

from contracts.channels.matrix import CHANNEL
from services.alerts.channels.matrix import Matrix
from services.alerts.delivery.hook import Post
from tests.alerts.builders import raised
from tests.alerts.builders import telling as told
from tests.suites.hook import TOKEN, HookSuite


class TestMatrix(HookSuite):
    contract = CHANNEL
    driver = Matrix

    def is_no_markup(self, post: Post, said: str) -> None:
        assert "<b>" not in post.json["formatted_body"]

    async def test_a_message_is_sent_once_by_its_id_and_with_our_key(self):
        async with self.meeting(200) as driver:
            post = driver.body(self.address, told(self.address, raised(14)))
            sent_as = driver.message_id("a1", self.address)
        assert post.headers["Authorization"] == f"Bearer {TOKEN}"
        assert (post.method, post.path.rpartition("/")[2]) == ("PUT", sent_as)
