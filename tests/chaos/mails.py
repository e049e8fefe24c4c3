"""A mail server that misbehaves when told: refuses, stalls, closes, wants authentication."""

import asyncio
import email
import email.policy
from collections import defaultdict
from datetime import UTC, datetime
from typing import Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

Manner = Literal["well", "refuses", "stalls", "closes", "hangs up", "wants authentication"]

STALLED_SECONDS = 15.0


class MailServer:
    """What it took: the moments (machine, UTC) of each copy, by Message-ID, and their bytes.

    `asked` counts the mails that were begun; a stall lasts `stalled_seconds`.
    """

    def __init__(self, stalled_seconds: float = STALLED_SECONDS, *, keeps: bool = True) -> None:
        """Prepare; one that `keeps` nothing counts what it took."""
        self.manner: Manner = "well"
        self.asked = self.taken = 0
        self.accepted: defaultdict[str, list[datetime]] = defaultdict(list)
        self.copies: defaultdict[str, set[bytes]] = defaultdict(set)
        self.unanswered = 0
        """Mails that were taken, and of which the sender was not told so."""
        self._stalled_seconds = stalled_seconds
        self._keeps = keeps
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        """Listen on this machine."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, hostname="mails.example"), "127.0.0.1", port
        )

    def stop(self) -> None:
        """Take nothing more."""
        if self._server is not None:
            self._server.close()

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer the beginning of a mail; the names are aiosmtpd's."""
        self.asked += 1
        if self.manner == "wants authentication":
            return "530 5.7.0 Authentication required"
        if self.manner == "closes" and server.transport is not None:
            server.transport.abort()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer the end of a mail, by the manner of now."""
        if self.manner == "refuses":
            return "451 4.3.0 Not now"
        if self.manner == "stalls":
            await asyncio.sleep(self._stalled_seconds)
            return "451 4.3.0 At last, not now"
        self._take(envelope.content if isinstance(envelope.content, bytes) else b"")
        if self.manner == "hangs up" and server.transport is not None:
            self.unanswered += 1
            server.transport.abort()
        return "250 2.0.0 Taken"

    def _take(self, raw: bytes) -> None:
        self.taken += 1
        if not self._keeps:
            return
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        name = str(mail.get("Message-ID", ""))
        self.accepted[name].append(datetime.now(UTC))
        self.copies[name].add(raw)

    @property
    def repeats(self) -> int:
        """Copies beyond the first of each mail."""
        return sum(len(copies) - 1 for copies in self.accepted.values())
