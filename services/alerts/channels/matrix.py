"""Matrix and Tchap: a message of the installation's account to a room, once for each id.

Documentation: spec.matrix.org, client-server API, "Sending events to a room" (the server takes a
transaction id once: a repeat is no second message) and "Size limits" (65,536 bytes an event).
"""

from html import escape
from typing import ClassVar
from urllib.parse import quote

from contracts.event import hashed_id
from contracts.messages import MessageDue
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Telling


class Matrix(Hook):
    """Matrix; a key that is refused is ours to mend: the message waits."""

    scheme = "matrix"
    pace = 1.0
    longest = 60_000
    later = frozenset((401,))

    evidence_shown: ClassVar[int] = 5
    characters: ClassVar[int] = 2_000

    def message_id(self, message: str, address: str) -> str | None:
        """Return the transaction id, by which the server knows a repeat."""
        return hashed_id("matrix", message, address)

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert as text, and as HTML."""
        most = Matrix.evidence_shown
        text, html = (
            [telling.subject, telling.alert.why],
            [
                f"<strong>{escape(telling.subject)}</strong>",
                escape(telling.alert.why),
            ],
        )
        for line in telling.shown(most):
            said = line.titled[: Matrix.characters]
            where = f"{line.network}{line.often} · {line.times}"
            text += [f"> {said}\n{where}"]
            html += [f"<blockquote>{escape(said)}<br>{escape(where)}</blockquote>"]
        acts = telling.acts
        if more := telling.more(most):
            acts.append((f"… {more}", f"{telling.links.why}#preuves"))
        text += [f"{label} : {link}" for label, link in acts]
        html.append(
            " · ".join(f'<a href="{escape(link)}">{escape(label)}</a>' for label, link in acts)
        )
        return self._post(address, telling.thread.message, "\n\n".join(text), "<br>".join(html))

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return the text of a ready-made message."""
        text = f"{message.subject}\n\n{message.text}"[: Matrix.longest // 6]
        return self._post(address, message.message, text, escape(text).replace("\n", "<br>"))

    def _post(self, address: str, message: str, text: str, html: str) -> Post:
        room = quote(address.removeprefix("matrix://"), safe="")
        path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/"
        said = {
            "msgtype": "m.text",
            "body": text,
            "format": "org.matrix.custom.html",
            "formatted_body": html,
        }
        headers = {"Authorization": f"Bearer {self.token}"}
        return Post(path + str(self.message_id(message, address)), said, headers, "PUT")


def open_channel(outside: Outside) -> Matrix:
    """Open the channel."""
    return Matrix(outside)
