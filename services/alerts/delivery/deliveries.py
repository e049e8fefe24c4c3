"""What is to be delivered, to whom: from an alert and its watch, or from a message of the api."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from contracts.alerts import AlertComposed, AlertDelivered, AlertRaised, Silence
from contracts.channels import address_of
from contracts.event import Origin, hashed_id
from contracts.messages import MessageDue
from contracts.watches import Recipient, Watched
from libs.deciding.duty import personal_silence
from libs.deciding.stages import TELL_WITHIN
from libs.deciding.state import without
from libs.letter import letter
from libs.sealing import Keys, MissingKey
from services.alerts.deciding.known import Known
from services.alerts.delivery.channel import GuardedChannel, TryLater
from services.alerts.delivery.journal import delivery_id
from services.alerts.delivery.telling import Telling, Thread
from services.alerts.metrics import SILENCED

log = structlog.get_logger(__name__)

MESSAGES = "messages"
"""Stands for the watch in the log of what is of no watch."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one recipient: `send` hands it over, or `silence` says why it is not.

    `due_at` is when it was to be told, after what holds alerts on purpose (UTC). `alert` is what a
    delivery of a watch tells; `tell` hands over the message that was composed of it, or of several,
    unless `silenced` says why not: the recipient has asked for silence since.
    `others` tell the watch's other recipients, once a day, that this one is not reached.
    """

    id: str
    message: str
    watch: str
    address: str
    origin: Origin
    send: Callable[[], Awaitable[None]] | None = None
    silence: Silence | None = None
    due_at: datetime | None = None
    alert: AlertRaised | None = None
    tell: Callable[[AlertComposed], Awaitable[None]] | None = None
    silenced: Callable[[AlertRaised], Silence | None] = lambda _: None
    others: Callable[[], tuple[MessageDue, ...]] = tuple

    def log_line(
        self,
        channel: GuardedChannel,
        outcome: str,
        why: str | None,
        attempts: int,
        now: datetime,
        message: str | None = None,
    ) -> AlertDelivered:
        """Return the line of the log; `message` is the one that told it, where not its own."""
        return AlertDelivered.model_validate(
            {
                "event_id": self.id,
                "origin": self.origin,
                "alert": self.message,
                "watch": self.watch,
                "channel": channel.scheme,
                "recipient": channel.shown(self.address),
                "outcome": outcome,
                "why": why,
                "message_id": channel.message_id(message or self.message, self.address),
                "attempts": attempts,
                "delivered_at": now,
            }
        )


def opened(keys: Keys, address: str) -> tuple[str, str | None]:
    """Return an address in the clear; sealed as it is where it does not open, with why."""
    try:
        return keys.open(address), None
    except (MissingKey, ValueError) as error:
        return address, str(error)


def unreached(
    watch: Watched, recipient: Recipient, shown: str, now: datetime
) -> tuple[MessageDue, ...]:
    """Return what tells the other recipients that a message to this one was refused.

    The same for all refusals of a day: it is told once. Addresses stay sealed as they are.
    """
    gone = f"La veille «\u00a0{watch.name}\u00a0» ne joint plus {shown}\u00a0: message refusé."
    what = (
        "Les autres destinataires, dont vous, continuent d’être prévenus. Vérifiez cette adresse, "
        "ou retirez-la, sur la page de la veille."
    )
    sentences = (gone, what)
    day = now.date().isoformat()
    subject = f"Un destinataire n’est plus joint · {watch.name}"
    return tuple(
        MessageDue(
            event_id=name,
            origin=watch.origin,
            message=name,
            recipient=one.address,
            kind="channel_failed",
            subject=subject,
            text="\n\n".join(sentences),
            html=letter(subject, sentences, {}, simulation=watch.origin == "simulation"),
            due_at=now,
        )
        for one in watch.recipients
        if one.confirmed and one.address != recipient.address
        for name in [hashed_id("unreached", watch.watch, shown, one.address, day)]
    )


class AlertDeliveries:
    """The deliveries of alerts on one channel; recipients are those of the watch as it is now."""

    def __init__(self, channel: GuardedChannel, known: Known, portal_url: str, keys: Keys) -> None:
        self._channel = channel
        self._watches = known.watches
        self._suppressions = known.suppressions
        self._clock = known.clock
        self._portal_url = portal_url
        self._keys = keys

    async def __call__(self, alert: AlertRaised, read_at: float | None = None) -> list[Delivery]:
        """Return one delivery a recipient of this channel; `read_at` in the loop's time.

        Raises `Later` where it cannot be known now whether there is such a watch.
        """
        watch = await self._watches.expect(alert.watch, read_at, surely=True)
        if watch is None:
            log.warning("alert of no watch", alert=alert.alert, watch=alert.watch)
            SILENCED.labels(Silence.UNKNOWN_WATCH.value).inc()
            return []
        scheme = f"{self._channel.scheme}:"
        return [
            self._delivery(alert, watch, recipient)
            for recipient in watch.recipients
            if recipient.address.startswith(scheme) and alert.mark in (None, recipient.mark)
        ]

    def _delivery(self, alert: AlertRaised, watch: Watched, recipient: Recipient) -> Delivery:
        address, fault = opened(self._keys, recipient.address)

        async def tell(composed: AlertComposed) -> None:
            if fault:
                raise TryLater(fault, ours=True)
            kept = without(composed.told, self._suppressions)  # erased while it waited
            of = self._watches.get(kept.watch) or watch
            key = of.links_key and self._keys.open(of.links_key)
            known = of.model_copy(update={"links_key": key})
            first = composed.thread == composed.message
            thread = Thread(composed.message, None if first else composed.thread)
            await self._channel.tell(
                address,
                Telling.of(kept, known, address, self._portal_url, composed.composed_at, thread),
            )

        return Delivery(
            id=delivery_id(alert.alert, address),
            message=alert.alert,
            watch=alert.watch,
            address=address,
            origin=alert.origin,
            silence=self._silence(alert, watch, recipient),
            due_at=alert.raised_at,
            alert=alert,
            tell=tell,
            silenced=lambda told: self._muted(told, address),
            others=lambda: unreached(
                watch, recipient, self._channel.shown(address), self._clock.now()
            ),
        )

    def _muted(self, alert: AlertRaised, address: str) -> Silence | None:
        """Say whether an address has asked for silence, as its watch is now."""
        watch = self._watches.get(alert.watch)
        for one in watch.recipients if watch else ():
            if watch and opened(self._keys, one.address)[0] == address:
                silence = personal_silence(watch, one, alert, self._clock.now())
                return silence if silence is Silence.MUTED else None
        return None

    def _silence(self, alert: AlertRaised, watch: Watched, recipient: Recipient) -> Silence | None:
        if not recipient.confirmed:
            return Silence.UNCONFIRMED
        if watch.state != "active":
            return Silence.PAUSED if watch.state == "paused" else Silence.ENDED
        if alert.raised_at < self._clock.now() - TELL_WITHIN:
            return Silence.STALE
        return personal_silence(watch, recipient, alert, self._clock.now())


class MessageDeliveries:
    """The deliveries of messages that the api made, on one channel."""

    def __init__(self, channel: GuardedChannel, keys: Keys) -> None:
        self._channel = channel
        self._keys = keys

    async def __call__(self, message: MessageDue, _: float | None = None) -> list[Delivery]:
        """Return the one delivery, if the recipient is of this channel."""
        sealed, fault = opened(self._keys, message.recipient)
        address = address_of(sealed) or sealed
        if not address.startswith(f"{self._channel.scheme}:"):
            return []

        async def send() -> None:
            if fault:
                raise TryLater(fault, ours=True)
            sealed = ("text", "html", *(["leave"] if message.leave else []))
            said = {name: self._keys.open(getattr(message, name)) for name in sealed}
            await self._channel.send(address, message.model_copy(update=said))

        return [
            Delivery(
                id=delivery_id(message.message, address),
                message=message.message,
                watch=MESSAGES,
                address=address,
                origin=message.origin,
                send=send,
                due_at=message.due_at,
            )
        ]
