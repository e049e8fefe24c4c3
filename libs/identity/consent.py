"""The owner of an account lets us read it: to the network's page and back with a token.

An authorisation code grant (RFC 6749) with PKCE by S256 (RFC 7636), by the facts of each network
(`contracts/networks/consent.py`). Every request goes through the guarded client of who asks, and
what it answers is bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast

import httpx

from contracts.networks.consent import Consent, Prolonged
from libs.identity.asking import Refused, Unreachable, ask, json_object, with_query
from libs.identity.declared import DeclaredApplication
from libs.identity.grants import LONGEST_KEPT, NoToken, OwnerToken, posted, read_token


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose account a token reads, as the network says it."""

    native_id: str | None
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
            self._consent.client: self._application.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._consent.joined.join(self._consent.scopes),
            "state": state,
            "code_challenge_method": "S256",
        }
        asked["code_challenge"] = (
            create_s256_code_challenge(verifier)
            if self._consent.challenge == "base64url"
            else sha256(verifier.encode()).hexdigest()
        )
        return with_query(self._consent.authorize, asked)

    async def given(
        self, code: str, verifier: str, is_chosen: Callable[[Owner], bool]
    ) -> tuple[OwnerToken, Owner]:
        """Return the token that a code is worth, and whose account it reads.

        Of the pages that somebody administers it is the one that is chosen, if she does that one.

        Raises `Refused`, and `Unreachable` where the network does not answer.
        """
        asked = {
            "grant_type": "authorization_code",
            "redirect_uri": self._redirect_uri,
            "code": code,
            "code_verifier": verifier,
            **dict(self._consent.extra),
        }
        form = posted(self._consent, self._application, self._consent.token, asked)
        answer = await ask(self._http, "POST", form.url, form.headers, form.body)
        given = _granted(answer, "the code")
        if self._consent.prolonged is not None:
            given = await self._lasting(self._consent.prolonged, given)
        try:
            token = read_token(self._consent, given, self._now())
        except NoToken as error:
            raise Unreachable(str(error)) from error
        if self._consent.pages:
            return await self._page(token, is_chosen)
        return token, await self._owner(token)

    async def _lasting(self, by: Prolonged, given: dict[str, object]) -> dict[str, object]:
        short, secret = given.get("access_token"), self._application.client_secret
        if not isinstance(short, str) or not short:
            raise Unreachable("no token")
        asked = {"grant_type": by.grant, "client_secret": secret.get_secret_value()}
        if by.named:
            asked[self._consent.client] = self._application.client_id
        url = with_query(by.address, asked | {by.short: short})
        return _granted(await ask(self._http, "GET", url), "the token")

    async def _page(
        self, token: OwnerToken, is_chosen: Callable[[Owner], bool]
    ) -> tuple[OwnerToken, Owner]:
        listed = (await self._told_of(token)).get("data")
        pages = cast("list[object]", listed) if isinstance(listed, list) else []
        known = [page for one in pages if (page := _page_of(one)) is not None]
        if not known:
            raise Refused("no page is administered by who said yes")
        owner, text = next((one for one in known if is_chosen(one[0])), known[0])
        end = self._now() + timedelta(seconds=self._consent.lifetime)
        return OwnerToken(text, end, end), owner

    async def _told_of(self, token: OwnerToken) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {token.text}", "Accept": "application/json"}
        answer = await ask(self._http, "GET", self._consent.identity, headers)
        return _answered(answer, "the question who it is")

    async def _owner(self, token: OwnerToken) -> Owner:
        found = _bare(await self._told_of(token))
        for name in self._consent.identity_in:
            inner = found.get(name)
            found = cast("dict[str, object]", inner) if isinstance(inner, dict) else {}
        native_id, handle = found.get("user_id") or found.get("id"), found.get("username")
        if not isinstance(handle, str) or not handle:
            raise Refused("it is not said whose account it is")
        return Owner(native_id if isinstance(native_id, str) else None, handle)


def _page_of(listed: object) -> tuple[Owner, str] | None:
    """Return a page and the token that reads it; None for what is none."""
    page = cast("dict[str, object]", listed) if isinstance(listed, dict) else {}
    native_id, text = page.get("id"), page.get("access_token")
    if not isinstance(native_id, str) or not isinstance(text, str) or not text:
        return None
    if len(text) > LONGEST_KEPT:
        return None
    return Owner(native_id, str(page.get("username") or native_id)), text


def _granted(answer: tuple[int, str, bytes], what: str) -> dict[str, object]:
    return _bare(_answered(answer, what))


def _answered(answer: tuple[int, str, bytes], what: str) -> dict[str, object]:
    """Return what an answer gives; one that may be better later is `Unreachable`."""
    status, _, body = answer
    if status in (408, 429) or status >= 500:
        raise Unreachable(f"HTTP {status}")
    if status != 200:  # used before, too old, of another client, taken back, without its proof
        raise Refused(f"HTTP {status}: {what} is refused")
    return json_object(body)


def _bare(given: dict[str, object]) -> dict[str, object]:
    listed: object = given.get("data")
    # Instagram documents these answers in a list of one, and has been seen to give them bare.
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        return cast("dict[str, object]", listed[0])
    return given
