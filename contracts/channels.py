"""The channels: one line says how a person can be told; its file in the alerts says how."""

import re
from dataclasses import dataclass

VEIL = "…"
"""Stands for what is not to be read."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, named by the scheme of its recipients' addresses.

    An address is whole by `pattern` and of at most `longest` characters, its scheme included. Two
    of the pattern's groups have a meaning for every channel: `secret`, where an address has one, is
    what nobody may read in a log, an error or an answer; `name` is by which people know it.

    Where people have an address in another form, it begins by `given` in place of `prefix`. `where`
    tells them in French where to find it, when that is not plain.
    """

    scheme: str
    label: str
    example: str
    pattern: re.Pattern[str]
    longest: int
    prefix: str = ""
    given: str = ""
    where: str = ""

    @property
    def example_given(self) -> str:
        """Return the example as people have it."""
        return self.given + self.example.removeprefix(self.prefix)

    def address(self, typed: str) -> str | None:
        """Return the address that a person typed, as it is or as people have it; None for none."""
        if typed.startswith(self.given) and not typed.startswith(self.prefix):
            typed = self.prefix + typed.removeprefix(self.given).removesuffix("/")
        return typed if self.takes(typed) else None

    def takes(self, address: str) -> bool:
        """Say whether an address is one of this channel."""
        return len(address) <= self.longest and self.pattern.fullmatch(address) is not None

    def secret(self, address: str) -> str | None:
        """Return the secret of an address; None where there is none."""
        return self._group(address, "secret")

    def name(self, address: str) -> str | None:
        """Return by what people know an address, beside the label of the channel, if anything."""
        return self._group(address, "name")

    def veiled(self, address: str) -> str:
        """Return an address without its secret, nor anything of what is not one: `slack:…`."""
        parts = self.pattern.fullmatch(address)
        if parts is None:
            return f"{self.scheme}:{VEIL}"
        if "secret" not in self.pattern.groupindex:
            return address
        start, end = parts.span("secret")
        return f"{address[:start]}{VEIL}{address[end:]}"

    def _group(self, address: str, group: str) -> str | None:
        parts = self.pattern.fullmatch(address)
        return parts[group] if parts and group in self.pattern.groupindex else None


MAIL = Channel(
    "mailto",
    "E-mail",
    "mailto:astreinte@ma-commune.example",
    re.compile(r"mailto:(?P<mailbox>[^\s@<>,;:\"]+@[^\s@<>,;:\"]+)"),
    len("mailto:") + 254,  # RFC 5321, 4.5.3.1.3, by erratum 1690
    prefix="mailto:",
)
SLACK = Channel(
    "slack",
    "Slack",
    "slack://T000/B000/secret",
    re.compile(r"slack://(?P<team>\w+)/(?P<name>\w+)/(?P<secret>\w+)", re.ASCII),
    512,
    prefix="slack://",
    given="https://hooks.slack.com/services/",
    where="à copier sur api.slack.com/apps, page «\u00a0Incoming Webhooks\u00a0» "
    "de votre application",
)

RECIPIENTS_AT_MOST = 50

CHANNELS: tuple[Channel, ...] = (MAIL, SLACK)

BY_SCHEME: dict[str, Channel] = {channel.scheme: channel for channel in CHANNELS}
