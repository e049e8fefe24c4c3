"""The channels: one line says how a person can be told; its file in the alerts says how."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, named by the scheme of its recipients' addresses.

    An address is whole by `pattern` and of at most `longest` characters, its scheme included.
    """

    scheme: str
    label: str
    example: str
    pattern: re.Pattern[str]
    longest: int

    def takes(self, address: str) -> bool:
        """Say whether an address is one of this channel."""
        return len(address) <= self.longest and self.pattern.fullmatch(address) is not None


MAIL = Channel(
    "mailto",
    "E-mail",
    "mailto:astreinte@essai-sur-onde.example",
    re.compile(r"mailto:(?P<mailbox>[^\s@<>,;:\"]+@[^\s@<>,;:\"]+)"),
    len("mailto:") + 254,  # RFC 5321, 4.5.3.1.3, by erratum 1690
)
SLACK = Channel(
    "slack",
    "Slack",
    "slack://T000/B000/secret",
    re.compile(r"slack://(?P<team>\w+)/(?P<hook>\w+)/(?P<secret>\w+)", re.ASCII),
    512,
)

RECIPIENTS_AT_MOST = 50

CHANNELS: tuple[Channel, ...] = (MAIL, SLACK)

BY_SCHEME: dict[str, Channel] = {channel.scheme: channel for channel in CHANNELS}
