"""How defences are taken away: a function, a setting or a header is put in another's place."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from contracts.channels import BY_SCHEME, mailto
from libs import browsers
from libs.outbound import public
from services.api.store.agents.delegations import DelegationRow
from services.api.store.agents.notes import CurveNoteRow
from services.api.web.rendering import ENVIRONMENT

Remove = Callable[[pytest.MonkeyPatch], None]


def replaced(*places: str, by: object) -> Remove:
    """Put something else in place of functions or settings."""

    def remove(patch: pytest.MonkeyPatch) -> None:
        for place in places:
            patch.setattr(place, by)

    return remove


def let_through(*_: object, **__: object) -> None:
    """Stand for a check that finds nothing wrong."""


def yes(*_: object, **__: object) -> bool:
    return True


def as_it_is(value: Any, *_: object) -> Any:
    return value


class Everything:
    def __contains__(self, _: object) -> bool:
        return True


def any_note(session: Any, _: str, note: str) -> Any:
    """Find a note, whosever it is."""
    return session.get(CurveNoteRow, note)


def asked_for(session: Any, own: list[str]) -> Any:
    """Give what is asked for as if it was granted."""
    asked = select(DelegationRow.territory).where(DelegationRow.delegate.in_(own))
    return session.scalars(asked)


def origin(patch: pytest.MonkeyPatch) -> None:
    def unasked(headers: Any, _: object) -> bool:
        return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")

    patch.setattr("services.api.web.gate.sent_by_another_site", unasked)


def fetch_metadata(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(browsers, "FROM_HERE", {"same-origin", "none", "same-site", "cross-site"})


def days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("services.api.web.parameters.EARLIEST_MOMENT", datetime(1, 1, 1, tzinfo=UTC))
    patch.setattr("services.api.web.parameters.LATEST_MOMENT", datetime(9999, 12, 31, tzinfo=UTC))
    patch.setattr("services.api.web.parameters.LONGEST_SPAN", timedelta.max)


def private_networks(patch: pytest.MonkeyPatch) -> None:
    for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        patch.setattr(kind, "is_global", True)


def multicast(patch: pytest.MonkeyPatch) -> None:
    for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        patch.setattr(kind, "is_multicast", False)


def wrapped(patch: pytest.MonkeyPatch) -> None:
    """Take addresses of IPv4 in IPv6 for public: no gateway is known, nor what it wraps."""
    patch.setattr(public, "REFUSED", ())
    private_networks(patch)


def nat64(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(public, "NAT64", ipaddress.ip_network("2001:db8::/128"))


def unguarded(patch: pytest.MonkeyPatch) -> None:
    """Neither the address that is written is looked at, nor the one that is called."""
    patch.setattr("libs.outbound.client.check", let_through)
    patch.setattr(public, "is_public", yes)


def numbers(patch: pytest.MonkeyPatch) -> None:
    def no_number(_: str) -> bytes:
        raise OSError

    patch.setattr("libs.outbound.public.socket.inet_aton", no_number)


def mail_address(patch: pytest.MonkeyPatch) -> None:
    anything = re.compile("mailto:.*@.*", re.DOTALL)
    lenient = replace(mailto.CHANNEL, pattern=anything, written=lambda typed: typed)
    patch.setattr("contracts.channels.CHANNELS", (lenient,))


def contracts(patch: pytest.MonkeyPatch) -> None:
    for scheme in BY_SCHEME:
        patch.setitem(BY_SCHEME, scheme, replace(BY_SCHEME[scheme], pattern=re.compile(".*")))


def file_mode(patch: pytest.MonkeyPatch) -> None:
    touch = Path.touch
    patch.setattr(Path, "touch", lambda path, **_: touch(path))


def no_headers(patch: pytest.MonkeyPatch) -> None:
    class Bare:
        def __init__(self, app: Any, **_: object) -> None:
            self.app = app

        async def __call__(self, *given: Any) -> None:
            await self.app(*given)

    patch.setattr("services.api.app.AnswerHeaders", Bare)


def unescaped(patch: pytest.MonkeyPatch) -> None:
    written = ENVIRONMENT.overlay(autoescape=False)
    patch.setattr("services.api.web.rendering.ENVIRONMENT", written)


def set_aside(patch: pytest.MonkeyPatch) -> None:
    def ends(_: object, __: str, error: Exception) -> None:
        raise error

    patch.setattr("services.collector.planning.planner.Planner.set_aside", ends)


def roles(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("services.api.web.access.may", yes)
    patch.setattr("services.api.web.access.agents", let_through)
