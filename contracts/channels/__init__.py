"""The channels by which people are told: facts, one file each; the driver of that name sends."""

from importlib import import_module

from contracts.channels.contract import VEIL, ChannelContract

__all__ = [
    "BY_SCHEME",
    "CHANNELS",
    "RECIPIENTS_AT_MOST",
    "VEIL",
    "ChannelContract",
    "address_of",
    "channel_of",
]

RECIPIENTS_AT_MOST = 50

SCHEMES = (
    "mailto",
    "slack",
    "mattermost",
    "teams",
    "matrix",
    "telegram",
    "sms",
    "webhook",
)

CHANNELS: tuple[ChannelContract, ...] = tuple(
    import_module(f"contracts.channels.{scheme}").CHANNEL for scheme in SCHEMES
)

BY_SCHEME: dict[str, ChannelContract] = {channel.scheme: channel for channel in CHANNELS}


def channel_of(address: str) -> ChannelContract | None:
    """Return the channel of an address, sealed or not; None for one that this version lacks."""
    return BY_SCHEME.get(address.partition(":")[0])


def address_of(typed: str) -> str | None:
    """Return the address that a person typed, of whatever channel it is; None for none."""
    return next(filter(None, (channel.address(typed) for channel in CHANNELS)), None)
