"""What Slack's incoming webhooks accept, and how a message reads on a page.

Limits and error words: Slack's reference of incoming webhooks and of Block Kit.
"""

import html
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

WEBHOOK = re.compile(r"/services/T\w+/B\w+/\w+")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlainText(_Part):
    """Text without marks, emoji allowed."""

    type: Literal["plain_text"]
    text: Annotated[str, Field(min_length=1, max_length=3000)]
    emoji: bool = True


class Marked(_Part):
    """Text with Slack's own marks."""

    type: Literal["mrkdwn"]
    text: Annotated[str, Field(min_length=1, max_length=3000)]
    verbatim: bool = False


Text = Annotated[PlainText | Marked, Field(discriminator="type")]


class Button(_Part):
    """A button that opens an address."""

    type: Literal["button"]
    text: PlainText
    action_id: Annotated[str, Field(max_length=255)] = ""
    url: Annotated[str, Field(max_length=3000)] = ""
    value: Annotated[str, Field(max_length=2000)] = ""
    style: Literal["primary", "danger"] | None = None
    accessibility_label: Annotated[str, Field(max_length=75)] = ""


class Image(_Part):
    """A picture by its address."""

    type: Literal["image"]
    image_url: Annotated[str, Field(max_length=3000)]
    alt_text: Annotated[str, Field(max_length=2000)]
    title: PlainText | None = None
    block_id: Annotated[str, Field(max_length=255)] = ""


class Header(_Part):
    """A title, 150 characters at most."""

    type: Literal["header"]
    text: PlainText
    block_id: Annotated[str, Field(max_length=255)] = ""

    def model_post_init(self, _: Any) -> None:
        """Hold the title to Slack's shorter limit."""
        if len(self.text.text) > 150:
            raise ValueError("a header has at most 150 characters")


class Section(_Part):
    """A paragraph, or up to ten short fields."""

    type: Literal["section"]
    text: Text | None = None
    fields: Annotated[list[Text], Field(min_length=1, max_length=10)] | None = None
    accessory: Button | Image | None = None
    block_id: Annotated[str, Field(max_length=255)] = ""
    expand: bool = False

    def model_post_init(self, _: Any) -> None:
        """Ask for what Slack asks: a text or fields."""
        if self.text is None and self.fields is None:
            raise ValueError("a section has a text or fields")


class Context(_Part):
    """Small print, ten elements at most."""

    type: Literal["context"]
    elements: Annotated[list[PlainText | Marked | Image], Field(min_length=1, max_length=10)]
    block_id: Annotated[str, Field(max_length=255)] = ""


class Actions(_Part):
    """A row of buttons."""

    type: Literal["actions"]
    elements: Annotated[list[Button], Field(min_length=1, max_length=25)]
    block_id: Annotated[str, Field(max_length=255)] = ""


class Divider(_Part):
    """A line."""

    type: Literal["divider"]
    block_id: Annotated[str, Field(max_length=255)] = ""


Block = Annotated[
    Header | Section | Context | Actions | Divider | Image, Field(discriminator="type")
]


class Payload(BaseModel):
    """The body of a webhook; unknown keys are ignored, as Slack does."""

    text: Annotated[str, Field(max_length=40_000)] = ""
    blocks: Annotated[list[Block], Field(max_length=50)] = []
    attachments: list[dict[str, Any]] = []


def read(payload: object) -> Payload | str:
    """Read a payload, or return the word that Slack answers to a bad one (status 400)."""
    if not isinstance(payload, dict):
        return "invalid_payload"
    try:
        read_ = Payload.model_validate(payload)
    except ValidationError as error:
        return (
            "invalid_blocks" if error.errors()[0]["loc"][:1] == ("blocks",) else "invalid_payload"
        )
    if not (read_.text or read_.blocks or read_.attachments):
        return "no_text"
    return read_


def marked(text: str) -> str:
    """Render Slack's marks as HTML (links, bold, italic, strike, code, lines), the rest escaped."""
    # Slack's own escapes (&amp; &lt; &gt;) become characters first, links are kept apart.
    links: list[str] = []

    def keep(found: re.Match[str]) -> str:
        address, _, label = found[1].partition("|")
        shown = html.escape(html.unescape(label or address))
        links.append(
            f'<a href="{html.escape(html.unescape(address))}" rel="noreferrer">{shown}</a>'
        )
        return f"\x00{len(links) - 1}\x00"

    rest = re.sub(r"<(https?://[^>]+)>", keep, text)
    rest = html.escape(html.unescape(rest), quote=False)
    for mark, tag in (("*", "strong"), ("_", "em"), ("~", "s"), ("`", "code")):
        rest = re.sub(
            rf"(?<!\w){re.escape(mark)}(\S(?:[^\n{re.escape(mark)}]*\S)?){re.escape(mark)}(?!\w)",
            rf"<{tag}>\1</{tag}>",
            rest,
        )
    rest = rest.replace("\n", "<br>")
    return re.sub(r"\x00(\d+)\x00", lambda found: links[int(found[1])], rest)
