"""Mail relay and hooks: asked without a message to anybody."""

import asyncio
from collections.abc import Sequence
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiohttp
import aiosmtplib
import httpx

from contracts.channels import BY_SCHEME
from contracts.channels.contract import ChannelContract
from deploy.doctor.finding import Finding, fault, well
from libs.french import plural
from libs.outbound.client import channels_client_of
from libs.outbound.public import Forbidden
from libs.settings import Settings
from services.api.store import Store

MAIL, SECONDS = "Courriel", 10.0
DEAD = (401, 403, 404, 410)
"""What a hook answers that is revoked; an empty message to a living one is refused otherwise."""


async def look_at_mail(settings: Settings) -> list[Finding]:
    """Connect, identify, begin a mail and take it back."""
    urls = settings.channel_urls
    address = urls.get("mailto") or urls.get("*")
    if address is None or not address.startswith("smtp"):
        return [
            fault(
                "no-smtp", MAIL, "aucun relais : aucune alerte ni invitation ne part par courriel",
                'SMTP_URL, ou OBSERVATOIRE_CHANNEL_URLS={"mailto": "smtp://…"}',
            )
        ]  # fmt: skip
    host, server = urlsplit(address).hostname, _relay(address)
    try:
        await server.connect()
        await server.mail(parseaddr(settings.mail_from)[1])
        await server.rset()
        await server.quit()
    except aiosmtplib.SMTPResponseException as error:
        return [
            fault(
                "smtp-refuses", MAIL,
                f"{host} refuse : {error.code} {' '.join(error.message.split())}",
                "vérifier l’utilisateur, le mot de passe et OBSERVATOIRE_MAIL_FROM "
                "(docs/runbooks/not-delivered.md)",
            )
        ]  # fmt: skip
    except (aiosmtplib.SMTPException, OSError) as error:
        return [
            fault(
                "smtp-away", MAIL, f"{host} ne répond pas : {error}",
                "vérifier l’adresse, le port, le pare-feu",
            )
        ]  # fmt: skip
    finally:
        server.close()
    return [well(MAIL, f"{host} accepte")]


def _relay(address: str) -> aiosmtplib.SMTP:
    """Return the client of a mail server, by its address."""
    parts = urlsplit(address)
    secure = parts.scheme == "smtps"
    return aiosmtplib.SMTP(
        hostname=parts.hostname or "127.0.0.1",
        port=parts.port or (465 if secure else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=secure,
        timeout=SECONDS,
    )


async def look_at_hooks(settings: Settings, http: httpx.AsyncClient | None = None) -> list[Finding]:
    """Ask each hook of an active watch whether it is still there, by a message without content."""
    addresses = sorted(await asyncio.to_thread(_hooks, settings))
    if not addresses:
        return []
    client = http or channels_client_of(settings)
    dead: list[str] = []
    away: list[str] = []

    async def ask(address: str) -> None:
        shown = _channel(address).shown(address, masked=True)
        try:
            answer = await client.post(_url(settings, address), content=b"{}", timeout=SECONDS)
        except (httpx.HTTPError, aiohttp.ClientError, Forbidden) as error:
            away.append(f"{shown} ({type(error).__name__})")
        else:
            if answer.status_code in DEAD:
                dead.append(shown)

    try:
        await asyncio.gather(*map(ask, addresses))
    finally:
        if http is None:
            await client.aclose()
    return _told(dead, away) or [well("Canaux", f"adresses qui répondent : {len(addresses)}")]


def _told(dead: Sequence[str], away: Sequence[str]) -> list[Finding]:
    """Say which hooks are gone for good, and which do not answer."""
    found: list[Finding] = []
    if dead:
        revoked = plural(len(dead), "adresse révoquée", "adresses révoquées")
        found.append(
            fault(
                "dead-hook", "Canaux", f"{revoked}, dont {dead[0]}",
                "en demander une autre à qui suit la veille, et la remplacer dans le portail",
            )
        )  # fmt: skip
    if away:
        silent = plural(len(away), "adresse ne répond pas", "adresses ne répondent pas")
        found.append(
            fault(
                "hook-away", "Canaux", f"{silent}, dont {away[0]}",
                "vérifier la sortie vers Internet (proxy : HTTPS_PROXY)",
            )
        )  # fmt: skip
    return found


def _channel(address: str) -> ChannelContract:
    return BY_SCHEME[address.partition(":")[0]]


def _url(settings: Settings, address: str) -> str:
    """Return where a hook's messages are posted: what its owner was given to copy."""
    channel = _channel(address)
    urls = settings.channel_urls
    own = urls.get(channel.scheme, channel.host if "*" not in urls else "")
    base = own or f"{urls['*'].rstrip('/')}/{channel.scheme}"
    path = urlsplit(channel.given).path + address.removeprefix(channel.prefix)
    return base.rstrip("/") + path


def _hooks(settings: Settings) -> set[str]:
    """Return the hooks of active watches: channels whose addresses are given as a URL."""
    store = Store(settings.database_url, origin=settings.installation, now=settings.clock().now)
    try:
        return {
            recipient.address
            for watch in store.watches.all()
            if watch.state == "active"
            for recipient in watch.recipients
            if _channel(recipient.address).given.startswith("https://")
        }
    finally:
        store.close()
