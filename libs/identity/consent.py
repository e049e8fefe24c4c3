"""The owner of an account lets us read it: to the network's page and back with a token.

An authorisation code grant (RFC 6749) with PKCE by S256 (RFC 7636), by the facts of each network
(`contracts/networks/consent.py`). Every request goes through the guarded client of who asks, and
what it answers is bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode

import httpx

from contracts.networks.consent import Consent
from libs.identity.asking import Refused, Unreachable, ask, json_object, with_query
from libs.identity.declared import DeclaredApplication

LONGEST_TOKEN = 2_048
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class OwnerToken:
    """A token of an owner, which shows in no log, and its end (UTC)."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose account a token reads, as the network says it."""

    native_id: str
    handle: str


class OwnerConsent:
    """Asks the owners of accounts of one network; `redirect_uri` is the page registered there."""

    def __init__(
        self,
        consent: Consent,
        application: DeclaredApplication,
        http: httpx.AsyncClient,
        redirect_uri: str,
        now: Callable[[], datetime],
    ) -> None:
        self._consent = consent
        self._application = application
        self._http = http
        self._redirect_uri = redirect_uri
        self._now = now

    def way_in(self, state: str, verifier: str) -> str:
        """Return the page where an owner says yes or no."""
        from authlib.oauth2.rfc7636 import (
            create_s256_code_challenge,  # pyright: ignore[reportUnknownVariableType]
        )

        asked: dict[str, str] = {
            "response_type": "code",
            "client_id": self._application.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": ",".join(self._consent.scopes),
            "state": state,
            "code_challenge_method": "S256",
        }
        asked["code_challenge"] = create_s256_code_challenge(verifier)
        return with_query(self._consent.authorize, asked)

    async def given(self, code: str, verifier: str) -> tuple[OwnerToken, Owner]:
        """Return the token that a code is worth, and whose account it reads.

        Raises `Refused`, and `Unreachable` where the network does not answer.
        """
        secret = self._application.client_secret.get_secret_value()
        form = {
            "grant_type": "authorization_code",
            "client_id": self._application.client_id,
            "client_secret": secret,
            "redirect_uri": self._redirect_uri,
            "code": code,
            "code_verifier": verifier,
        }
        answer = await ask(self._http, "POST", self._consent.token, FORM, urlencode(form))
        short = _text(_granted(answer, "the code"))
        grant = {"grant_type": self._consent.prolong_grant, "client_secret": secret}
        token = await _lasting(
            self._http, self._consent.prolong, grant | {"access_token": short}, self._now()
        )
        return token, await self._owner(token)

    async def _owner(self, token: OwnerToken) -> Owner:
        headers = {"Authorization": f"Bearer {token.text}", "Accept": "application/json"}
        found = _granted(
            await ask(self._http, "GET", self._consent.identity, headers), "the question who it is"
        )
        native_id, handle = found.get("user_id") or found.get("id"), found.get("username")
        if not isinstance(native_id, str) or not isinstance(handle, str) or not handle:
            raise Refused("it is not said whose account it is")
        return Owner(native_id, handle)


async def _lasting(
    http: httpx.AsyncClient, url: str, grant: dict[str, str], now: datetime
) -> OwnerToken:
    given = _granted(await ask(http, "GET", with_query(url, grant)), "the token")
    seconds = given.get("expires_in")
    if not isinstance(seconds, int) or seconds <= 0:
        raise Unreachable("a token without an end")
    return OwnerToken(_text(given), now + timedelta(seconds=min(seconds, 366 * 86_400)))


def _granted(answer: tuple[int, str, bytes], what: str) -> dict[str, object]:
    """Return what an answer gives; one that may be better later is `Unreachable`."""
    status, _, body = answer
    if status in (408, 429) or status >= 500:
        raise Unreachable(f"HTTP {status}")
    if status != 200:  # used before, too old, of another client, taken back, without its proof
        raise Refused(f"HTTP {status}: {what} is refused")
    given = json_object(body)
    listed: object = given.get("data")
    # Instagram documents these answers in a list of one, and has been seen to give them bare.
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        return cast("dict[str, object]", listed[0])
    return given


def _text(given: dict[str, object]) -> str:
    token = given.get("access_token")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        raise Unreachable("no token")
    return token
