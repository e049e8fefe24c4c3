"""E-mail: `mailto:person@town.fr`, in text and HTML, by SMTP.

Reply codes: RFC 5321, 4.2.1 (4yz: later, 5yz: never). List-Unsubscribe: RFC 2369, and
RFC 8058 (one click, a POST by the mail program).
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote, urlsplit

import aiosmtplib
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from contracts.event import hashed_id
from contracts.messages import MessageDue
from libs.letter import STYLE
from libs.outbound.client import tls
from services.alerts.delivery.channel import GiveUp, Outside, TryLater
from services.alerts.delivery.telling import SIMULATION, Telling

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_POLICY = SMTP_POLICY.clone(max_line_length=998)
"""RFC 5322, 2.1.1. Folded at 78, a long link is written in encoded words, which are not allowed in
List-Unsubscribe (RFC 2047, 5) and which no mail program reads there."""


_SIGNS = ":/?#[]@!$&'()*+,;=%-._~"
"""Those of an address beside letters and digits (RFC 3986, 2.2 and 2.3)."""


class Mail:
    """E-mail; connections are kept open and taken in turn."""

    parallel: ClassVar[int] = 8
    pace: ClassVar[float] = 0.0
    longest: ClassVar[int] = 65_536
    """RFC 5321, 4.5.3.1.7: what every server takes."""

    timeout_seconds: ClassVar[float] = 30.0
    evidence_shown: ClassVar[int] = 6
    """What is read on a telephone before one goes to the page."""

    def __init__(self, outside: Outside) -> None:
        self._server = urlsplit(outside.base("mailto") or "")
        self._tls = tls(outside.ca_file) if outside.ca_file else None
        self._sender = outside.sender
        self._envelope = parseaddr(outside.sender)[1]
        self._domain = self._envelope.rpartition("@")[2] or "observatoire.example"
        self._idle: list[aiosmtplib.SMTP] = []

    def message_id(self, message: str, address: str) -> str | None:
        """Return the Message-ID, the same for every attempt."""
        return f"<{hashed_id('mail', message, address)}@{self._domain}>"

    def body(self, address: str, telling: Telling) -> EmailMessage:
        """Return the mail of an alert; those of one event are one conversation."""
        alert = telling.alert
        thread = telling.thread
        mail = self._envelope_of(address, thread.message, telling.subject, telling.told_at)
        group = f"<{hashed_id('group', alert.group, address)}@{self._domain}>"
        first = self.message_id(thread.follows, address) if thread.follows else None
        if first:
            mail["In-Reply-To"] = first
        mail["References"] = " ".join(filter(None, (group, first)))
        mail["List-Id"] = f"<{quote(alert.watch, safe='')}.veilles.{self._domain}>"
        _may_be_left(mail, telling.links.unsubscribe)
        most = self.evidence_shown
        text, html = (
            _TEMPLATES.get_template(name).render(telling=telling, most=most, style=STYLE)
            for name in ("alert.txt", "alert.html")
        )
        return _filled(mail, text, html)

    def ready_made(self, address: str, message: MessageDue) -> EmailMessage:
        """Return a mail that the api made."""
        marked = message.origin == "simulation" and not message.subject.startswith(SIMULATION)
        subject = f"{SIMULATION} {message.subject}" if marked else message.subject
        mail = self._envelope_of(address, message.message, subject, message.due_at)
        if message.leave:
            _may_be_left(mail, message.leave)
        return _filled(mail, message.text, message.html)

    async def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def _envelope_of(self, address: str, message: str, subject: str, at: datetime) -> EmailMessage:
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = self._sender
        mail["To"] = _mailbox(address)
        mail["Subject"] = " ".join(subject.splitlines())
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = self.message_id(message, address)
        mail["Auto-Submitted"] = "auto-generated"
        return mail

    async def send(self, address: str, body: EmailMessage) -> None:
        """Give the mail to the server; returns when it has accepted it."""
        try:
            async with self._connection() as server:
                await server.sendmail(self._envelope, [_mailbox(address)], bytes(body))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            raise sorted_error(first.code, first.message) from None
        except aiosmtplib.SMTPAuthenticationError as error:
            why = f"{error.code}: the mail server refuses our credentials"
            raise TryLater(why, ours=True) from None
        except aiosmtplib.SMTPConnectResponseError as error:
            raise TryLater(f"{error.code}: {error.message}") from None
        except aiosmtplib.SMTPResponseException as error:
            raise sorted_error(error.code, error.message) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TryLater(str(error) or type(error).__name__) from None

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[aiosmtplib.SMTP, None]:
        """Lend a connection; it is kept for the next mail unless it failed."""
        server = await self._ready()
        try:
            yield server
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused):
            self._idle.append(server)
            raise
        except BaseException:
            server.close()
            raise
        self._idle.append(server)

    async def _ready(self) -> aiosmtplib.SMTP:
        while self._idle:
            server = self._idle.pop()
            if server.is_connected:
                return server
        secure = self._server.scheme == "smtps"
        server = aiosmtplib.SMTP(
            hostname=self._server.hostname or "127.0.0.1",
            port=self._server.port or (465 if secure else 25),
            username=unquote(self._server.username) if self._server.username else None,
            password=unquote(self._server.password) if self._server.password else None,
            use_tls=secure,
            tls_context=self._tls,
            timeout=self.timeout_seconds,
        )
        try:
            await server.connect()
        except asyncio.CancelledError:
            server.close()
            raise
        return server


def sorted_error(code: int, message: str) -> TryLater | GiveUp:
    """Return what a reply of the server means: 4yz later, 5yz (and anything odd) never.

    What is no reply of SMTP comes from something in between: later. So is what a server says to
    who does not identify, or not well enough (RFC 4954, 6): our setting is to be mended.
    """
    why = f"{code}: {' '.join(message.split())[:200]}"
    later = 400 <= code < 500 or code == aiosmtplib.SMTPStatus.invalid_response
    ours = code in (530, 534, 535, 538)
    return TryLater(why, ours=ours) if later or ours else GiveUp(why)


def _filled(mail: EmailMessage, text: str, html: str) -> EmailMessage:
    """Add both bodies; nothing is drawn, so that a repeat is the same to the byte."""
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = "fr"
    mail.set_boundary(hashed_id("boundary", str(mail["Message-ID"])))
    return mail


def _may_be_left(mail: EmailMessage, link: str) -> None:
    # What is no sign of an address would make no header, and the mail be tried for a day.
    mail["List-Unsubscribe"] = f"<{quote(link, safe=_SIGNS)}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _mailbox(address: str) -> str:
    return address.removeprefix("mailto:")


def open_channel(outside: Outside) -> Mail:
    """Open the channel."""
    return Mail(outside)
