"""One message through a channel, on purpose: does the other side take it?"""

from dataclasses import dataclass

import httpx

from contracts.channels import VEIL, address_of
from contracts.event import hashed_id
from contracts.messages import MessageDue
from libs.outbound.client import channels_client_of
from libs.settings import Settings
from services.alerts.delivery.channel import DeliveryError, Outside, open_channels
from services.alerts.delivery.redaction import RedactedError

SUBJECT = "Essai d’un canal de l’observatoire"
TEXT = "Ce message a été demandé par l’équipe de l’observatoire : l’adresse reçoit. Rien à faire."


@dataclass(frozen=True, slots=True)
class Outcome:
    """An address as it may be shown, and why the message was not taken (None: it was)."""

    shown: str
    why: str | None


async def try_channel(
    settings: Settings, typed: str, http: httpx.AsyncClient | None = None
) -> Outcome:
    """Send one; an address of no channel is one that is not taken."""
    address = address_of(typed)
    if address is None:
        return Outcome(f"{typed.partition(':')[0][:20]}:{VEIL}", "no address of any channel")
    client = http or channels_client_of(settings)
    now = settings.clock().now
    outside = Outside(
        client, settings.mail_from, settings.channel_urls, settings.channel_tokens,
        settings.ca_file, now, settings.channel_forms,
    )  # fmt: skip
    channels = open_channels(outside)
    channel = channels[address.partition(":")[0]]
    at = now()
    message = hashed_id("channel-test", address, at.isoformat())
    mark = "[SIMULATION] " if settings.installation == "simulation" else ""
    due = MessageDue(
        event_id=message,
        origin=settings.installation,
        message=message,
        recipient=address,
        kind="test",
        subject=mark + SUBJECT,
        text=TEXT,
        html=f"<p>{TEXT}</p>",
        due_at=at,
    )
    try:
        await channel.send(address, due)
    except (DeliveryError, RedactedError) as error:
        return Outcome(channel.shown(address), str(error))
    finally:
        for one in channels.values():
            await one.close()
        if http is None:
            await client.aclose()
    return Outcome(channel.shown(address), None)
