"""The channels: one line says how a person can be told; its file in the alerts says how."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, named by the scheme of its recipients' addresses."""

    scheme: str
    label: str
    example: str


MAIL = Channel("mailto", "E-mail", "mailto:astreinte@essai-sur-onde.example")
SLACK = Channel("slack", "Slack", "slack://T000/B000/secret")

CHANNELS: tuple[Channel, ...] = (MAIL, SLACK)

BY_SCHEME: dict[str, Channel] = {channel.scheme: channel for channel in CHANNELS}
