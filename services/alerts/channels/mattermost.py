"""Mattermost, by incoming webhooks: `mattermost://HOST/hooks/KEY` is posted to `/hooks/KEY` there.

Documentation: developers.mattermost.com, "Incoming webhooks" (`text` in Markdown; 16,383 characters
a post, longer ones are cut in several by the server).
"""

import re
from typing import ClassVar

from contracts.messages import MessageDue
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Line, Telling

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~@:-])")


class Mattermost(Hook):
    """Mattermost; ten messages a second are its default limit for all clients."""

    scheme = "mattermost"
    pace = 0.5
    longest = 65_536

    characters: ClassVar[int] = 16_000
    evidence_shown: ClassVar[int] = 5

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert in Markdown."""
        most = Mattermost.evidence_shown
        lines = [f"#### {escaped(telling.subject)}", escaped(telling.alert.why)]
        lines += map(_quoted, telling.shown(most))
        if more := telling.more(most):
            lines.append(f"… {more} : [lire tous les textes]({telling.links.why}#preuves)")
        first, *others = (f"[{label}]({link})" for label, link in telling.acts)
        lines.append(" · ".join([f"**{first}**", *others]))
        return Post(_path(address), {"text": "\n\n".join(lines)[: Mattermost.characters]})

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return the text of a ready-made message."""
        text = escaped(f"{message.subject}\n\n{message.text}")
        return Post(_path(address), {"text": text[: Mattermost.characters]})


def _path(address: str) -> str:
    return "/" + address.removeprefix("mattermost://").partition("/")[2]


def escaped(text: str) -> str:
    """Escape what Mattermost reads as marks: nobody is called, no link is made of what is said."""
    return _MARKS.sub(r"\\\1", text).replace("\\@", "@\u200b")


def _quoted(line: Line) -> str:
    where = f"[{escaped(line.network)}](<{line.address}>)" if line.address else line.network
    return f"> {escaped(line.titled)[:1_000]}\n> {where}{line.often} · {escaped(line.times)}"


def open_channel(outside: Outside) -> Mattermost:
    """Open the channel."""
    return Mattermost(outside)
