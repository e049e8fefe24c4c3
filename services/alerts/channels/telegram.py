"""Telegram: a message of the installation's bot to a group or a channel, as plain text.

Documentation: core.telegram.org/bots/api, "sendMessage" (4,096 characters), "Making requests" (the
bot's token is in the path); core.telegram.org/bots/faq, "My bot is hitting limits" (one message a
second in a chat, twenty a minute in a group, thirty a second in all).
"""

from typing import Any, ClassVar

from contracts.messages import MessageDue
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Line, Telling


class Telegram(Hook):
    """Telegram; a token that is refused is ours to mend: the message waits."""

    scheme = "telegram"
    pace = 3.0
    longest = 40_000
    later = frozenset((401,))

    evidence_shown: ClassVar[int] = 5
    characters: ClassVar[int] = 4_096

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert as text, with buttons that lead to its pages."""
        most = Telegram.evidence_shown
        said = [telling.subject, telling.alert.why, *map(_quoted, telling.shown(most))]
        if more := telling.more(most):
            said.append(f"… {more}")
        return self._post(address, said, telling.acts)

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return the text of a ready-made message."""
        return self._post(address, [message.subject, message.text], [])

    def _post(self, address: str, said: list[str], acts: list[tuple[str, str]]) -> Post:
        body: dict[str, Any] = {
            "chat_id": address.removeprefix("telegram://"),
            "text": cut(calling_nobody("\n\n".join(said)), Telegram.characters),
            "link_preview_options": {"is_disabled": True},
        }
        if acts:
            buttons = [[{"text": label, "url": link}] for label, link in acts]
            body["reply_markup"] = {"inline_keyboard": buttons}
        return Post(f"/bot{self.token}/sendMessage", body)


def calling_nobody(text: str) -> str:
    """Return a text in which no name calls anybody; without a mode of markup all else is words."""
    return text.replace("@", "@\u200b")


def cut(text: str, most: int) -> str:
    """Return a text of so many characters at most, as Telegram counts them: units of UTF-16."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * most - 2].decode("utf-16-le", errors="ignore") + "…"


def _quoted(line: Line) -> str:
    return f"{line.titled[:600]}\n{line.network}{line.often} · {line.times}\n{line.address}".strip()


def open_channel(outside: Outside) -> Telegram:
    """Open the channel."""
    return Telegram(outside)
