"""Whether a network can be read: hosts, credentials, fields, quota, and an account read for real.

Each credential reads an account by the requests and readers of the service (`look.py`); nothing is
published. What is missing is a `Trouble` of a kind, by what is to be done about it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpx

from contracts.addresses import Identity
from contracts.jobs import JobSubject
from contracts.networks import NETWORKS, Network
from libs.clock import Clock
from services.collector.looking.look import Look, Looker, subject_of
from services.collector.readers.http import fetch
from services.collector.readers.reader import Failure, Parsed, Request

MOST_EXAMPLES = 3
"""Accounts that are tried: one that is gone says nothing of the network."""

TroubleKind = Literal[
    "no_account", "no_credential", "credential", "permission", "field", "quota", "host",
    "unavailable", "gone",
]  # fmt: skip

_KINDS: Mapping[str, TroubleKind] = {
    "credential": "credential",
    "refused": "permission",
    "rate_limited": "quota",
    "unavailable": "unavailable",
    "expired": "unavailable",
    "gone": "gone",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something missing: of what kind, about what (credential, host or fields), in whose words."""

    kind: TroubleKind
    about: str = ""
    detail: str = ""


@dataclass(slots=True)
class Checked:
    """A network, checked: `accounts` in the registry, hosts reached, what each credential read."""

    network: Network
    accounts: int
    credentials: tuple[str, ...]
    reached: list[str] = field(default_factory=list[str])
    looks: dict[str, Look] = field(default_factory=dict[str, Look])
    troubles: list[Trouble] = field(default_factory=list[Trouble])

    @property
    def read(self) -> Look | None:
        """Return the first look that read something of an account."""
        return next((look for look in self.looks.values() if look.account or look.posts), None)

    @property
    def used(self) -> bool:
        """Tell whether the installation means to read the network, whoever owns its accounts."""
        if self.network.by_owner:
            return False
        return bool(self.accounts or self.credentials)

    def accepted(self, name: str) -> bool:
        """Tell whether the network answered to a credential, if only that it may not."""
        steps = self.looks[name].steps if name in self.looks else []
        causes = {step.parsed.cause for step in steps}
        return bool(causes - {"credential", "unavailable"}) and "credential" not in causes

    def quota_left(self, name: str) -> int | None:
        """Return what the network says is left to a credential, where it says so."""
        steps = self.looks[name].steps if name in self.looks else []
        said = [left for step in steps if (left := step.parsed.quota_left) is not None]
        return min(said, default=None)


class Checker:
    """Checks networks with the installation's client and credentials, whose names are given.

    `host_of` says where an account is asked, of networks without hosts of their own.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Clock,
        looker: Looker,
        names: Mapping[str, tuple[str, ...]],
        host_of: Callable[[str, JobSubject], str],
    ) -> None:
        self._host_of = host_of
        self._http = http
        self._clock = clock
        self._looker = looker
        self._names = names

    async def check(self, network: Network, accounts: Sequence[Identity]) -> Checked:
        """Check a network on one of its accounts: those of the registry, or the one to look at.

        Where only owners let an account be read, no account is tried: hosts are.
        """
        names = self._names.get(network.slug, ())
        checked = Checked(network, len(accounts), names)
        if network.needs_token and not names:
            checked.troubles.append(Trouble("no_credential"))
        closed = await self._hosts(checked, accounts)
        if network.by_owner:
            return checked
        if not accounts:
            checked.troubles.append(Trouble("no_account"))
            return checked
        for name in names if network.needs_token else ("",):
            await self._read(checked, name, accounts, closed)
        return checked

    async def _hosts(self, checked: Checked, accounts: Sequence[Identity]) -> bool:
        """Ask each host for its first page; whatever it answers, it is reached."""
        own = (self._host_of(one.network, subject_of(one)) for one in accounts[:1])
        hosts = checked.network.hosts or tuple(own)
        for host in hosts:
            answer = await fetch(self._http, Request(f"https://{host}/"), self._clock)
            if isinstance(answer, Failure):
                checked.troubles.append(Trouble("host", host, answer.detail))
            else:
                checked.reached.append(host)
        return len(checked.reached) < len(hosts)

    async def _read(
        self, checked: Checked, name: str, accounts: Sequence[Identity], closed: bool
    ) -> None:
        found: list[Trouble] = []
        for identity in accounts[:MOST_EXAMPLES]:
            look = checked.looks[name] = await self._looker.look(identity, name or None)
            found = troubles_of(look, name)
            if all(trouble.kind != "gone" for trouble in found):
                break
        if closed:
            # It has been said already, by the host.
            found = [trouble for trouble in found if trouble.kind != "unavailable"]
        checked.troubles += found


def troubles_of(look: Look, name: str) -> list[Trouble]:
    """Return what a look with a credential could not do, once each."""
    found: dict[tuple[str, str], Trouble] = {}
    for step in look.steps:
        for trouble in _troubles(step.parsed, name):
            found.setdefault((trouble.kind, trouble.about), trouble)
    return list(found.values())


def unknown(names: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the names of credentials that are of no network that is observed."""
    known = {network.slug for network in NETWORKS}
    return [name for slug, named in names.items() if slug not in known for name in named]


def _troubles(parsed: Parsed, name: str) -> list[Trouble]:
    found = [Trouble("field", ", ".join(parsed.refused_fields))] if parsed.refused_fields else []
    if kind := _KINDS.get(parsed.cause):
        found.append(Trouble(kind, name, parsed.detail or ""))
    return found
