"""Tokens of owners: how they are asked for and taken back, and what is kept of them.

Pure: the portal asks for the first by a code, the collector for those that follow and for the end,
by the same facts (`contracts/networks/consent.py`).
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlencode

from contracts.networks.consent import Consent
from libs.identity.declared import DeclaredApplication

LONGEST_KEPT = 2_800
"""Characters of what is sealed: it has to fit, sealed, in an event and in a column."""

LONGEST_LIFE = 366 * 86_400
ENDS = ("refresh_expires_in", "refresh_token_expires_in")
"""What networks call the seconds that the accord has left."""


class NoToken(ValueError):
    """An answer that gives no token that can be used; its words show none."""


@dataclass(frozen=True, slots=True)
class OwnerToken:
    """What an owner let us have; it shows in no log. Instants in UTC.

    `text` opens her account until `until`, and `refresh` asks for another (none where the token
    itself does, or nothing). The accord ends at `expires_at`.
    """

    text: str = field(repr=False)
    expires_at: datetime
    until: datetime
    refresh: str = field(default="", repr=False)

    def kept(self) -> str:
        """Return it as it is sealed: the token, with what renews it where there is such a thing."""
        if not self.refresh:
            return self.text
        told = {"token": self.text, "refresh": self.refresh, "until": self.until.isoformat()}
        return json.dumps(told, separators=(",", ":"))


def opened(kept: str, expires_at: datetime) -> OwnerToken:
    """Return what was sealed, of an accord that ends then."""
    if not kept.startswith("{"):
        return OwnerToken(kept, expires_at, expires_at)
    told = json.loads(kept)
    until = datetime.fromisoformat(told["until"])
    return OwnerToken(told["token"], expires_at, until, told["refresh"])


class Post(NamedTuple):
    """A form to be posted, and what no log may show of it."""

    url: str
    headers: dict[str, str]
    body: str


def posted(
    consent: Consent, application: DeclaredApplication, url: str, asked: Mapping[str, str]
) -> Post:
    """Return a form of our application, which proves who it is as the network takes it."""
    name, secret = application.client_id, application.client_secret.get_secret_value()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if consent.basic:
        pair = f"{quote(name, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        asked = {consent.client: name, "client_secret": secret, **asked}
    return Post(url, headers, urlencode(asked))


def renewal(consent: Consent, application: DeclaredApplication, refresh: str) -> Post:
    """Return what asks for another token (RFC 6749, section 6)."""
    asked = {"grant_type": "refresh_token", "refresh_token": refresh, **dict(consent.extra)}
    return posted(consent, application, consent.token, asked)


def revocation(consent: Consent, application: DeclaredApplication, token: str) -> Post:
    """Return what tells the network that an accord has ended (RFC 7009)."""
    return posted(consent, application, consent.revoke, {"token": token})


def read_token(
    consent: Consent, given: Mapping[str, object], now: datetime, before: str = ""
) -> OwnerToken:
    """Return the token that an answer gives; `before` renewed it, and does again if none is given.

    Raises `NoToken`.
    """
    text, refresh = given.get("access_token"), given.get("refresh_token") or before
    if not isinstance(text, str) or not text or not isinstance(refresh, str):
        raise NoToken("no token")
    until = now + _life(given.get("expires_in"))
    if not refresh:
        return _fitting(OwnerToken(text, until, until))
    left = next((given[name] for name in ENDS if name in given), consent.lifetime)
    end = max(until, now + _life(left))
    return _fitting(OwnerToken(text, end.astimezone(UTC), until, refresh))


def _life(seconds: object) -> timedelta:
    if not isinstance(seconds, int) or seconds <= 0:
        raise NoToken("a token without an end")
    return timedelta(seconds=min(seconds, LONGEST_LIFE))


def _fitting(token: OwnerToken) -> OwnerToken:
    if len(token.kept().encode()) > LONGEST_KEPT:
        raise NoToken("a token too long to be kept")
    return token
