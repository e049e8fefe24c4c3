"""Signed webhooks, as Standard Webhooks has them: JSON, an id, a time, a signature of all three.

Documentation: standard-webhooks/standard-webhooks, spec/standard-webhooks.md: headers `webhook-id`
(the same for a repeat), `webhook-timestamp` (seconds, of the attempt: who receives refuses one of
more than five minutes), `webhook-signature` (`v1,` and HMAC-SHA-256 in base64 of id, time and body
between full stops); a key is `whsec_` and base64; 410 says that the hook is no more.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from contracts.event import hashed_id
from contracts.messages import MessageDue
from services.alerts.delivery.channel import GiveUp, Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Line, Telling

KEY = "#whsec_"


class Webhook(Hook):
    """A webhook; the time limit of an attempt and its retries are those of every hook."""

    scheme = "webhook"
    longest = 65_536

    evidence_shown: ClassVar[int] = 20

    def message_id(self, message: str, address: str) -> str | None:
        """Return the id by which who receives it knows a repeat."""
        return hashed_id("webhook", message, address)

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert as data, its pages by what they are for."""
        alert = telling.alert
        data = {
            "alert": alert.alert,
            "watch": alert.watch,
            "territory": alert.territory,
            "name": telling.watch.name,
            "kind": alert.kind,
            "group": alert.group,
            "title": telling.subject,
            "why": alert.why,
            "total": alert.total,
            "simulation": telling.simulation,
            "texts": [_text(line) for line in telling.shown(Webhook.evidence_shown)],
            "pages": dict(telling.acts),
        }
        at = alert.raised_at.isoformat()
        return self._post(address, telling.thread.message, "alert.raised", at, data)

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return a ready-made message as data."""
        data = {"kind": message.kind, "title": message.subject, "text": message.text}
        at = message.due_at.isoformat()
        return self._post(address, message.message, "message.due", at, data)

    def signed(self, address: str, body: Post) -> Mapping[str, str]:
        """Return the time of this attempt, and the signature of all."""
        at = str(int(self._now().timestamp()))
        said = b".".join((body.headers["webhook-id"].encode(), at.encode(), bytes(body)))
        signature = b64encode(hmac.digest(_key(address), said, "sha256")).decode()
        return {"webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}

    def _post(self, address: str, message: str, kind: str, at: str, data: dict[str, Any]) -> Post:
        name = self.message_id(message, address) or message
        said = {"type": kind, "timestamp": at, "data": data}
        return Post(_path(address), said, {"webhook-id": name})


def _text(line: Line) -> dict[str, Any]:
    return {
        "network": line.network,
        "address": line.address,
        "title": line.title,
        "text": line.text,
        "said": line.said,
    }


def _path(address: str) -> str:
    where = address.removeprefix("webhook://").partition(KEY)[0]
    return "/" + where.partition("/")[2]


def _key(address: str) -> bytes:
    """Return the key of an address. Raises `GiveUp` where it is no base64."""
    try:
        return b64decode(address.partition(KEY)[2], validate=True)
    except ValueError:
        raise GiveUp("the key of the signature is no base64") from None


def open_channel(outside: Outside) -> Webhook:
    """Open the channel."""
    return Webhook(outside)
