"""Whom a watch tells, as pages show it: nothing of a machine, a mailbox hidden from passers-by."""

import hmac
from collections.abc import Sequence

from contracts.channels import VEIL, channel_of
from contracts.watches import Watched
from services.api.figures.watch_rows import WatchAlert


def address_named(watch: Watched, name: str) -> str | None:
    """Return the address that a link names by its hash; None when the watch has it no more."""
    named = ((watch.recipient_name(one.address), one.address) for one in watch.recipients)
    given = name.encode()
    found = (one for known, one in named if hmac.compare_digest(known.encode(), given))
    return next(found, None)


def shown(address: str, *, masked: bool) -> str:
    """Write an address for people: `masked` hides whose a personal one is."""
    channel = channel_of(address)
    return channel.shown(address, masked=masked) if channel else "autre canal"


def veiled(watch: Watched, *, masked: bool = True) -> Watched:
    """Return a watch without the secret of any channel; `masked` hides mailboxes too."""
    hidden = [
        one.model_copy(update={"address": _veiled(one.address, masked=masked)})
        for one in watch.recipients
    ]
    return watch.model_copy(update={"recipients": tuple(hidden), "links_key": None})


def _veiled(address: str, *, masked: bool) -> str:
    scheme, channel = address.partition(":")[0], channel_of(address)
    if channel and channel.personal:
        return f"{scheme}:{channel.shown(address, masked=masked)}"
    return channel.veiled(address) if channel else f"{scheme}:{VEIL}"


REFUSED = (
    "Le dernier message n’a pas été accepté : vérifiez l’adresse, retirez-la ou ajoutez-en une "
    "autre."
)
NO_CHANNEL = (
    "Ce canal n’existe plus ici : rien n’y est envoyé. Retirez-le, et ajoutez une autre adresse."
)


def failing_channels(watch: Watched, alerts: Sequence[WatchAlert]) -> dict[str, str]:
    """Return the recipients who are not reached, by name, and why; alerts newest first.

    The last delivery to them failed, or this version has no such channel.
    """
    last: dict[str, str] = {}
    for alert in alerts:
        for one in alert.deliveries:
            if one.outcome in ("delivered", "failed"):
                last.setdefault(one.recipient, one.outcome)
    failing: dict[str, str] = {}
    for one in watch.recipients:
        channel = channel_of(one.address)
        if channel is None:
            failing[watch.recipient_name(one.address)] = NO_CHANNEL
        elif last.get(channel.veiled(one.address)) == "failed":
            failing[watch.recipient_name(one.address)] = REFUSED
    return failing
