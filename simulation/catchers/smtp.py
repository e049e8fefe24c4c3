"""A mail server that keeps every mail and delivers none."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from libs.clock import Clock
from simulation.catchers.faults import Faults
from simulation.catchers.messages import Tray, mail


class MailCatcher:
    """aiosmtpd's handler: accepts, or refuses as planned, and keeps."""

    def __init__(self, tray: Tray, faults: Faults, clock: Clock) -> None:
        self._tray = tray
        self._faults = faults
        self._clock = clock

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer the end of a mail; the name is aiosmtpd's."""
        if fault := self._faults.take():
            return f"{fault.status} 4.3.0 Simulation: planned failure"
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        number = self._tray.next_number()
        sender, recipients = envelope.mail_from or "", envelope.rcpt_tos
        self._tray.keep(mail(number, self._clock.now(), sender, recipients, raw))
        return f"250 2.0.0 SIMULATION kept as {number}"


def protocol(catcher: MailCatcher) -> SMTP:
    """Return what serves one connection."""
    return SMTP(
        catcher, enable_SMTPUTF8=True, hostname="catcher.example", data_size_limit=30_000_000
    )
