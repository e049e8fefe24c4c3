"""Teams: what the other side answers, cards by their schema, what people write being no mark-up."""

import httpx
import pytest
from jsonschema import Draft202012Validator

from contracts.channels.teams import CHANNEL
from contracts.messages import MessageDue
from services.alerts.channels.teams import Teams
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Post
from tests.alerts.builders import NOW, raised
from tests.alerts.builders import telling as told
from tests.events import event
from tests.suites.hook import HookSuite

ACTIONS_MOST = 6
"""Primary actions of a card in Teams (learn.microsoft.com, "Cards", "Adaptive Cards")."""


def element(kind: str, required: tuple[str, ...] = (), **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, **properties},
        "required": ["type", *required],
        "additionalProperties": False,
    }


TEXT, FLAG = {"type": "string", "minLength": 1}, {"type": "boolean"}
RUN = element(
    "TextRun", ("text",), text=TEXT, isSubtle=FLAG, italic=FLAG,
    size={"enum": ["Default", "Small", "Medium", "Large", "ExtraLarge"]},
    weight={"enum": ["Default", "Lighter", "Bolder"]},
)  # fmt: skip
BLOCK = element("RichTextBlock", ("inlines",), inlines={"type": "array", "items": RUN})
OPEN_URL = element(
    "Action.OpenUrl", ("url",), title=TEXT, url={"type": "string", "pattern": "^https?://"}
)
CARD = element(
    "AdaptiveCard", ("version",), version={"const": "1.4"}, **{"$schema": TEXT},
    body={"type": "array", "minItems": 1, "items": BLOCK},
    actions={"type": "array", "items": OPEN_URL, "maxItems": ACTIONS_MOST},
)  # fmt: skip
MESSAGE = element(
    "message", ("attachments",),
    attachments={
        "type": "array", "minItems": 1, "maxItems": 1,
        "items": {
            "type": "object", "additionalProperties": False, "required": ["contentType", "content"],
            "properties": {
                "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                "content": CARD,
            },
        },
    },
)  # fmt: skip
"""What adaptivecards.io publishes (schema 1.4, `schemas/src` of microsoft/AdaptiveCards) of the
elements that we use, and the message around a card that workflows take."""


class TestTeams(HookSuite):
    contract = CHANNEL
    driver = Teams

    def is_no_markup(self, post: Post, said: str) -> None:
        assert "TextBlock" not in said.replace("RichTextBlock", "")


def posts() -> list[Post]:
    channel, address = Teams(Outside(httpx.AsyncClient(), "a@b.fr")), CHANNEL.example
    long = "É" * 5_000
    alerts = [raised(1), raised(14), raised(20, excerpt=long), raised(0)]
    message = event(MessageDue, recipient=address, text=long, due_at=NOW)
    bodies = [channel.body(address, told(address, alert)) for alert in alerts]
    return [*bodies, channel.ready_made(address, message)]


@pytest.mark.parametrize("post", posts())
def test_a_card_is_what_its_schema_and_teams_take(post):
    errors = [error.message for error in Draft202012Validator(MESSAGE).iter_errors(post.json)]
    assert errors == []
    assert len(bytes(post)) <= Teams.longest
