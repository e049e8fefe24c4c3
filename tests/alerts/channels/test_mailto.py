"""E-mail: replies at every step of SMTP, what the mail is made of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from services.alerts.channel import GiveUp, TryLater
from services.alerts.channels.mailto import Mail, sorted_error
from services.alerts.telling import Telling
from tests.alerts.builders import NOW, raised, watched
from tests.suites.channel import ChannelSuite, attempted

ADDRESS = "mailto:astreinte@essai-sur-onde.example"
SENDER = "Observatoire <alertes@observatoire.example>"


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


@asynccontextmanager
async def facing(script: Script) -> AsyncIterator[Mail]:
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    channel = Mail(f"smtp://127.0.0.1:{port}", SENDER)
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
        **dict.fromkeys((421, 450, 451, 452, 455), TryLater),
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
async def test_replies_are_sorted_alike_at_every_step(
    step: str, code: int, outcome: type[Exception]
) -> None:
    telling = Telling.of(raised(1), watched(), ADDRESS, "https://portail.example", NOW)
    async with facing(Script(step, code)) as channel:
        assert (await attempted(channel, ADDRESS, telling))[0] is outcome


async def test_a_server_that_is_away_is_for_later() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    telling = Telling.of(raised(1), watched(), ADDRESS, "https://portail.example", NOW)
    channel = Mail(f"smtp://127.0.0.1:{port}", SENDER)
    assert (await attempted(channel, ADDRESS, telling))[0] is TryLater


@pytest.mark.parametrize("code", range(200, 600, 7))
def test_any_odd_reply_is_given_up(code: int) -> None:
    assert isinstance(sorted_error(code, "x"), TryLater) == (400 <= code < 500)


def composed(total: int, **fields: object) -> EmailMessage:
    telling = Telling.of(
        raised(total, **fields), watched(), ADDRESS, "https://portail.example", NOW
    )
    return Mail("smtp://127.0.0.1:25", SENDER).compose(ADDRESS, telling)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content())


def test_the_mail_says_who_why_and_how_to_stop() -> None:
    mail = composed(14)
    assert mail["Subject"] == ("[SIMULATION] Coupure d’eau · 14 en 20\u00a0min · Essai-sur-Onde")
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


def test_what_people_write_is_no_html() -> None:
    said = body(composed(1, excerpt="<script>x</script> coupure d'eau"), "html")
    assert "<script>" not in said
    assert "<mark>coupure d&#39;eau</mark>" in said


def test_a_title_cannot_add_headers() -> None:
    telling = Telling.of(
        raised(1).model_copy(update={"title": "x\r\nBcc: c@d.example"}),
        *(watched(), ADDRESS, "https://portail.example", NOW),
    )
    mail = Mail("smtp://127.0.0.1:25", SENDER).compose(ADDRESS, telling)
    assert mail["Bcc"] is None


async def test_one_connection_serves_many_mails() -> None:
    opened = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await Script("", 0).serve(reader, writer)

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    channel = Mail(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", SENDER)
    telling = Telling.of(raised(1), watched(), ADDRESS, "https://portail.example", NOW)
    for _ in range(5):
        await channel.tell(ADDRESS, telling)
    await channel.close()
    server.close()
    assert opened == 1
