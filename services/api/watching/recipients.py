"""Whom a watch tells, as pages show it: nothing of a machine, a mailbox hidden from passers-by."""

import hmac
from collections.abc import Sequence

from contracts.channels import BY_SCHEME, VEIL
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
    channel = BY_SCHEME.get(address.partition(":")[0])
    return channel.shown(address, masked=masked) if channel else "autre canal"


def veiled(watch: Watched, *, masked: bool = True) -> Watched:
    """Return a watch without the secret of any channel; `masked` hides mailboxes too."""
    hidden = [
        one.model_copy(update={"address": _veiled(one.address, masked=masked)})
        for one in watch.recipients
    ]
    return watch.model_copy(update={"recipients": tuple(hidden), "links_key": None})


def _veiled(address: str, *, masked: bool) -> str:
    scheme = address.partition(":")[0]
    channel = BY_SCHEME.get(scheme)
    if channel and channel.personal:
        return f"{scheme}:{channel.shown(address, masked=masked)}"
    return channel.veiled(address) if channel else f"{scheme}:{VEIL}"


def failing_channels(watch: Watched, alerts: Sequence[WatchAlert]) -> frozenset[str]:
    """Return the names of the recipients to whom the last delivery failed; alerts newest first."""
    last: dict[str, str] = {}
    for alert in alerts:
        for one in alert.deliveries:
            if one.outcome in ("delivered", "failed"):
                last.setdefault(one.recipient, one.outcome)
    failed = {recipient for recipient, outcome in last.items() if outcome == "failed"}
    known = ((one, BY_SCHEME.get(one.address.partition(":")[0])) for one in watch.recipients)
    return frozenset(
        watch.recipient_name(one.address)
        for one, channel in known
        if channel and channel.veiled(one.address) in failed
    )
