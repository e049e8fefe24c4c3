"""What the file of a channel says: by which addresses people are told through it."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

VEIL = "…"
"""Stands for what is not to be read."""

PART = 4
"""Characters of a part of a secret that is not looked for by itself: « / » is everywhere."""


@dataclass(frozen=True, slots=True)
class ChannelContract:
    """A channel, named by the scheme of its recipients' addresses.

    An address is whole by `pattern` and of at most `longest` characters, its scheme included.
    Three of the pattern's groups have a meaning for every channel: `secret`, where an address has
    one, may stand in no log, error or answer; `name` is how people know the address; `host` is
    where its messages go, if the address says so. Parts of a secret that are sent apart from one
    another have groups of their own in it, `secret_…`.

    `host` is the address of the other side where all of a channel have the same (None where it is
    in the address); an installation may name another, and `setting` is the environment variable
    that has always named it, if one has.

    Where people have an address in another form, it begins by `given` in place of `prefix`, and
    `written` returns it as it is sent to. `where` tells them in French where to find an address, or
    what it may hold, if that is not plain. A `personal` one is one person's: passers-by do not see
    it.
    """

    scheme: str
    label: str
    example: str
    pattern: re.Pattern[str]
    longest: int
    host: str | None = None
    setting: str = ""
    prefix: str = ""
    given: str = ""
    written: Callable[[str], str] = str
    where: str = ""
    personal: bool = False

    @property
    def example_given(self) -> str:
        """Return the example as people have it."""
        return self.given + self.example.removeprefix(self.prefix)

    def address(self, typed: str) -> str | None:
        """Return the address that a person typed, as it is or as people have it; None for none.

        Signs that cannot be seen, which come with what is pasted, are left out.
        """
        typed = "".join(sign for sign in typed if unicodedata.category(sign) != "Cf").strip()
        if typed.startswith(self.given) and not typed.startswith(self.prefix):
            typed = self.prefix + typed.removeprefix(self.given).removesuffix("/")
        address = self.written(typed)
        return address if self.takes(address) else None

    def takes(self, address: str) -> bool:
        """Say whether an address is one of this channel."""
        return len(address) <= self.longest and self.pattern.fullmatch(address) is not None

    def secret(self, address: str) -> str | None:
        """Return the secret of an address; None where there is none."""
        return self._group(address, "secret")

    def secrets(self, address: str) -> tuple[str, ...]:
        """Return the secret of an address and its parts, those that are long enough to be known."""
        parts = self.pattern.fullmatch(address)
        found = parts.groupdict().items() if parts else ()
        return tuple(
            said
            for group, said in found
            if said and (group == "secret" or (group.startswith("secret_") and len(said) > PART))
        )

    def name(self, address: str) -> str | None:
        """Return by what people know an address, beside the label of the channel, if anything."""
        return self._group(address, "name")

    def host_of(self, address: str) -> str:
        """Return whom messages to an address go to: those to one host wait for one another."""
        return urlsplit(self.host).netloc if self.host else self._group(address, "host") or ""

    def shown(self, address: str, *, masked: bool) -> str:
        """Write an address for people, by its public part; `masked` hides whose a personal one is.

        « Slack B0ONDE »; « anne@essai.example », or « a…@essai.example ».
        """
        if not self.personal:
            return " ".join([self.label, *filter(None, [self.name(address)])])
        before, at, after = address.removeprefix(f"{self.scheme}:").rpartition("@")
        return f"{before[:1]}{VEIL}{at}{after}" if masked and before else f"{before}{at}{after}"

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
