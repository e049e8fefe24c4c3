"""E-mail: replies at every step of SMTP, what the mail is made of."""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage

import httpx
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from contracts.channels import address_of
from contracts.channels.mailto import CHANNEL
from contracts.messages import MessageDue
from services.alerts.channels.mailto import Mail, sorted_error
from services.alerts.delivery.channel import GiveUp, GuardedChannel, Outside, TryLater
from services.alerts.delivery.telling import Telling
from tests.alerts.builders import NOW, raised, watched
from tests.alerts.builders import telling as told
from tests.events import event
from tests.suites.channel import ChannelSuite, attempted

ADDRESS = "mailto:astreinte@essai-sur-onde.example"
SENDER = "Observatoire <alertes@observatoire.example>"
UNASKED = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
"""Mails go by SMTP."""


@settings(max_examples=100)
@given(st.text("aZ0!#$%&'*+/=?^_`{|}~-.", min_size=1, max_size=64))
@example("=?utf-8?q?=C3=A9?=")
@example("=?x")
@example("{}")
def test_what_the_form_takes_is_an_address_that_a_mail_can_bear(mailbox):
    """One that no mail can bear would be a fault of ours, tried for a day."""
    address = address_of(f"mailto:{mailbox}@b.example")
    assume(address is not None)
    mail = mail_at("smtp://127.0.0.1:1")
    assert bytes(mail.body(address, told(address)))
    message = event(MessageDue, recipient=address, due_at=NOW)
    written = mail.ready_made(address, message)
    assert bytes(written)
    assert str(written["To"]) == address.removeprefix("mailto:")


@pytest.mark.parametrize(
    "typed",
    ["é@b.example", "a@b", "a\0b@c.example", "a\x1b@c.example", "a b@c.example", "@c.example",
     "a@c.example\r\nBcc: d@e.example", "a@[127.0.0.1]", "a@-c.example", "a@c..example", "a@c.1",
     f"{'a' * 65}@c.example", f"a@{'c' * 64}.example", "a..b@c.example", ".a@c.example",
     "a,b@c.example", "=?utf-8?q?=C3=A9?=@c.example", "=?utf-8?q?a=0ABcc:x?=@c.example"],
)  # fmt: skip
def test_what_no_mail_can_bear_the_form_refuses(typed):
    assert address_of(typed if typed.startswith("mailto:") else f"mailto:{typed}") is None


@dataclass(frozen=True, slots=True)
class Script:
    """A mail server that answers `code` at a step, or hangs up there (0); else all is well."""

    step: str
    code: int

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._say(writer, "GREETING", 220):
            return
        while line := await reader.readline():
            verb = line.split()[0].upper().decode()
            if verb == "QUIT":
                return
            if not self._say(writer, verb, 354 if verb == "DATA" else 250):
                return
            if verb == "DATA" and not (self.step == "DATA" and self.code):
                await reader.readuntil(b"\r\n.\r\n")
                if not self._say(writer, "BODY", 250):
                    return

    def _say(self, writer: asyncio.StreamWriter, step: str, usual: int) -> bool:
        code = self.code if step == self.step else usual
        if code:
            writer.write(f"{code} said at {step}\r\n".encode())
        return bool(code)


def mail_at(url: str) -> Mail:
    return Mail(Outside(UNASKED, SENDER, {"mailto": url}))


@asynccontextmanager
async def facing(script: Script) -> AsyncIterator[Mail]:
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    channel = mail_at(f"smtp://127.0.0.1:{port}")
    yield channel
    await channel.close()
    server.close()


class TestMail(ChannelSuite):
    address = ADDRESS
    secret = ""
    bad_addresses = (
        "mailto:",
        "mailto:a",
        "mailto:a@b.example\r\nBcc: c@d.example",
        "mailto:a@b.example,c@d.example",
        "slack://T/B/X",
    )
    answers = {
        250: None,
        **dict.fromkeys((421, 450, 451, 452, 455, 530, 534, 535, 538), TryLater),
        **dict.fromkeys((500, 501, 503, 521, 550, 551, 552, 553, 554, 556), GiveUp),
    }
    troubles = {
        f"hangs up at {step}": Script(step, 0)
        for step in ("GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY")
    } | {"refuses us at the greeting": Script("GREETING", 554)}

    @staticmethod
    @asynccontextmanager
    async def meeting(answer: object) -> AsyncIterator[Mail]:
        script = answer if isinstance(answer, Script) else Script("BODY", int(str(answer)))
        async with facing(script) as channel:
            yield channel


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("code", "outcome"), [(451, TryLater), (550, GiveUp)])
async def test_replies_are_sorted_alike_at_every_step(step, code, outcome):
    telling = told(ADDRESS)
    async with facing(Script(step, code)) as channel:
        assert (await attempted(GuardedChannel(CHANNEL, channel), ADDRESS, telling))[0] is outcome


async def test_a_server_that_is_away_is_for_later():
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    telling = told(ADDRESS)
    channel = mail_at(f"smtp://127.0.0.1:{port}")
    assert (await attempted(GuardedChannel(CHANNEL, channel), ADDRESS, telling))[0] is TryLater


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_relay_that_wants_us_to_identify_is_a_fault_of_our_setting(step):
    telling = told(ADDRESS)
    async with facing(Script(step, 530)) as driver:
        with pytest.raises(TryLater) as later:
            await GuardedChannel(CHANNEL, driver).tell(ADDRESS, telling)
    assert later.value.ours


@pytest.mark.parametrize("code", range(200, 600, 7))
def test_any_odd_reply_is_given_up(code):
    assert isinstance(sorted_error(code, "x"), TryLater) == (400 <= code < 500)


def composed(total: int, **fields: object) -> EmailMessage:
    telling = told(ADDRESS, raised(total, **fields))
    return mail_at("smtp://127.0.0.1:25").body(ADDRESS, telling)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content())


def test_the_mail_says_who_why_and_how_to_stop():
    mail = composed(14)
    assert mail["Subject"].startswith("[SIMULATION]")
    assert "14" in mail["Subject"]
    assert mail["To"] == "astreinte@essai-sur-onde.example"
    assert "/veilles/w1/desinscription?destinataire=" in mail["List-Unsubscribe"]
    assert mail["Message-ID"] == composed(14)["Message-ID"]
    for kind in ("plain", "html"):
        said = body(mail, kind)
        for words in ("SIMULATION", "J’ai vu", "Ce n’est pas nous", "Pourquoi cette alerte"):
            assert words in said
        assert "Publié 8\u00a0h\u00a043\u00a0min\u00a012,1\u00a0s — reçu 12,7\u00a0s" in said
        assert "et 8\u00a0autres messages" in said
        assert "continuité du service de l’eau" in said


def test_what_people_write_is_no_html():
    said = body(composed(1, excerpt="<script>x</script> coupure d'eau"), "html")
    assert "<script>" not in said
    assert "<mark>coupure d&#39;eau</mark>" in said


def test_the_name_of_a_watch_or_a_link_cannot_add_headers():
    """Such a mail could not be made: it was tried for a day, and held its partition."""
    alert = raised(1).model_copy(update={"watch": "w1\nBcc: c@d.example\r"})
    mail = mail_at("smtp://127.0.0.1:25").body(ADDRESS, told(ADDRESS, alert))
    left = ready_made("https://p.example/x?a=1&b=%20\nBcc: c@d.example")
    assert (mail["Bcc"], left["Bcc"]) == (None, None)
    assert "%0A" in mail["List-Id"]
    assert left["List-Unsubscribe"].startswith("<https://p.example/x?a=1&b=%20%0ABcc")


def test_a_title_cannot_add_headers():
    alert = raised(1).model_copy(update={"title": "x\r\nBcc: c@d.example"})
    mail = mail_at("smtp://127.0.0.1:25").body(ADDRESS, told(ADDRESS, alert))
    assert mail["Bcc"] is None


async def test_one_connection_serves_many_mails():
    opened = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await Script("", 0).serve(reader, writer)

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    channel = mail_at(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    telling = told(ADDRESS)
    for _ in range(5):
        await channel.send(ADDRESS, channel.body(ADDRESS, telling))
    await channel.close()
    server.close()
    assert opened == 1


PARTS = st.text("az09.+-_'é\u0301@ \u200b\x00,;<>\"ｅ漢", max_size=12)


@given(st.one_of(st.text(max_size=40), st.emails(), st.tuples(PARTS, PARTS).map("@".join)))
def test_what_the_form_takes_is_a_mail_that_can_be_sent(typed):
    """Without SMTPUTF8, which few relays offer: headers and envelope in ASCII."""
    address = address_of(typed)
    if address is None or not address.startswith("mailto:"):
        return
    mail = mail_at("smtp://127.0.0.1:25").body(address, told(address))
    assert CHANNEL.takes(address)
    assert mail["To"] == address.removeprefix("mailto:")
    assert mail["To"].addresses[0].addr_spec == address.removeprefix("mailto:")
    bytes(mail).decode("ascii")
    address.encode("ascii")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("contact@mairie-épinal.example", "mailto:contact@xn--mairie-pinal-heb.example"),
        ("hélène@mairie.example", None),
        ("\u200bastreinte@mairie.example", "mailto:astreinte@mairie.example"),
        ("astre\u00adinte@mairie.example\ufeff", "mailto:astreinte@mairie.example"),
        ("astreinte@mairie", None),
        ("a\x00@b.example", None),
        ("a\x1b@b.example", None),
        ("a@b.example\r\nBcc: c@d.example", None),
        ("a..b@c.example", None),
        ("a@127.0.0.1", None),
        (f"{'a' * 65}@b.example", None),
    ],
)
def test_addresses_beyond_ascii_are_made_sendable_or_refused(typed, address):
    assert address_of(typed) == address


def parsed(mail: EmailMessage) -> list[bytes]:
    """Return the header lines as they travel, each with what is folded under it."""
    head = bytes(mail).split(b"\r\n\r\n", 1)[0]
    return re.split(rb"\r\n(?![ \t])", head)


def ready_made(leave: str | None) -> EmailMessage:
    message = MessageDue(
        event_id="m",
        origin="live",
        message="m",
        recipient=ADDRESS,
        kind="watch_confirmation",
        subject="Recevoir la veille ?",
        text="Bonjour",
        html="<p>Bonjour</p>",
        leave=leave,
        due_at=NOW,
    )
    return mail_at("smtp://127.0.0.1:25").ready_made(ADDRESS, message)


@pytest.mark.parametrize(
    "subject",
    [
        "Coupure d’eau · 14 en 20\u00a0min · Essai-sur-Onde",
        f"« {'é' * 60} » à l’École, « {'à' * 60} »",
        f"{'Préfecture ' * 12}: crue",
        f"{'eau ' * 30}à {'é' * 3} {'x' * 80}",
    ],
)
def test_a_subject_is_read_as_it_was_written_wherever_it_is_folded(subject):
    """A reader drops the space between two encoded words (RFC 2047): one of them holds it."""
    message = MessageDue.model_validate(
        {"event_id": "m", "origin": "live", "message": "m", "recipient": ADDRESS, "due_at": NOW,
         "kind": "watch_confirmation", "subject": subject, "text": "a", "html": "<p>a</p>"}
    )  # fmt: skip
    sent = bytes(mail_at("smtp://127.0.0.1:25").ready_made(ADDRESS, message))
    assert email.message_from_bytes(sent, policy=email.policy.default)["Subject"] == subject
    written = email.message_from_bytes(sent, policy=email.policy.compat32)["Subject"]
    assert str(make_header(decode_header(re.sub("\r?\n", "", written)))) == subject


LONG = f"https://{'observatoire-de-la-presence.' * 3}example/veilles/{'a' * 32}/desinscription"


@pytest.mark.parametrize(
    "mail",
    [
        ready_made(f"{LONG}?destinataire={'b' * 32}"),
        mail_at("smtp://127.0.0.1:25").body(
            ADDRESS, Telling.of(raised(14), watched(watch="a" * 32), ADDRESS, LONG, NOW)
        ),
    ],
)
def test_one_click_stops_any_mail(mail):
    """As a mail program reads it: one line, one address, no encoded word (RFC 2369, 8058)."""
    lines = [line for line in parsed(mail) if line.lower().startswith(b"list-unsubscribe:")]
    assert len(lines) == 1
    assert b"\r\n" not in lines[0]
    assert b"=?" not in lines[0]
    read = email.message_from_bytes(bytes(mail), policy=email.policy.compat32)
    assert re.fullmatch(r"<https://[\w./?=&%-]+>", read["List-Unsubscribe"])
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["Content-Language"] == "fr"
    assert max(map(len, bytes(mail).split(b"\r\n"))) <= 998
