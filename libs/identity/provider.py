"""One identity provider: where an agent is sent, and who the provider says has come back.

The authorization code flow of OpenID Connect Core 1.0 (§3.1), with PKCE (RFC 7636), the issuer in
answers (RFC 9207) and RP-Initiated Logout 1.0. What signs and what is signed is authlib's and
joserfc's to check; every request goes through the guarded client, and what it answers is bounded.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc7636 import (
    create_s256_code_challenge,  # pyright: ignore[reportUnknownVariableType]
)
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from libs.identity.asking import Refused, Unreachable, ask, json_object, with_query
from libs.identity.attempt import Attempt, Identity
from libs.identity.declared import DeclaredProvider, safe

log = structlog.get_logger(__name__)

SKEW_SECONDS = 60
"""Seconds by which the provider's clock may differ from ours."""

METADATA_KEPT_SECONDS = 3600.0
"""Seconds for which what a provider says of itself, and its keys, are kept."""

KEYS_ASKED_EVERY_SECONDS = 60.0
"""Seconds at least between two requests for keys: tokens with invented keys cause no more."""

NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")


class Provider:
    """Asks one provider; `redirect_uri` and `left_uri` are the two pages registered there."""

    def __init__(
        self,
        declared: DeclaredProvider,
        http: httpx.AsyncClient,
        redirect_uri: str,
        left_uri: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = declared.name
        self._declared = declared
        self._http = http
        self._redirect_uri = redirect_uri
        self._left_uri = left_uri
        self._now = now
        self._metadata: dict[str, Any] = {}
        self._read_at = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._reading = asyncio.Lock()

    async def way_in(self, attempt: Attempt) -> str:
        """Return the address to which an agent is sent. Raises `Unreachable`."""
        metadata = await self._described()
        asked = {
            "response_type": "code",
            "client_id": self._declared.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._declared.scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
        }
        if self._declared.pkce:
            asked["code_challenge"] = create_s256_code_challenge(attempt.verifier)
            asked["code_challenge_method"] = "S256"
        return with_query(metadata["authorization_endpoint"], asked)

    async def way_out(self, id_token: str, state: str) -> str | None:
        """Return where an agent ends the session of the provider; None where it has no such."""
        endpoint = (await self._described()).get("end_session_endpoint")
        if not endpoint:
            return None
        asked = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": self._left_uri,
            "state": state,
        }
        return with_query(endpoint, asked)

    async def identity(self, attempt: Attempt, code: str, issuer: str | None) -> Identity:
        """Return who came back with a code; `issuer` is what the answer says it is of.

        Raises `Refused`, and `Unreachable` where the provider does not answer.
        """
        metadata = await self._described()
        said = metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer != self._declared.issuer and (issuer is not None or said):
            raise Refused("the answer is of another issuer")
        given = await self._exchanged(metadata, attempt, code)
        id_token, access_token = given.get("id_token"), given.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise Refused("no identity token")
        claims = await self._checked(metadata, id_token, attempt.nonce, access_token)
        if self._declared.address_claim not in claims:
            claims |= await self._user(metadata, access_token, str(claims["sub"]))
        return Identity(self._address(claims), id_token)

    def _address(self, claims: Mapping[str, Any]) -> str:
        address, verified = claims.get(self._declared.address_claim), self._declared.verified_claim
        if not isinstance(address, str):
            raise Refused("no address is given")
        if verified is not None and claims.get(verified) is not True:
            raise Refused("the address is not verified")
        return address

    async def _exchanged(
        self, metadata: Mapping[str, Any], attempt: Attempt, code: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
        }
        if self._declared.pkce:
            form["code_verifier"] = attempt.verifier
        posted = "client_secret_post" in str(metadata.get("token_endpoint_auth_methods_supported"))
        us: Any = ClientAuth(
            self._declared.client_id,
            self._declared.client_secret.get_secret_value(),
            "client_secret_post" if posted else "client_secret_basic",
        )
        url, headers, body = us.prepare(
            "POST",
            metadata["token_endpoint"],
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            urlencode(form),
        )
        status, _, answer = await ask(self._http, "POST", url, headers, body)
        if status >= 500:
            raise Unreachable(f"{status} to a code")
        if status != 200:  # used before, too old, of another client, or without its proof
            raise Refused(f"the code is refused ({status})")
        return json_object(answer)

    async def _checked(
        self, metadata: Mapping[str, Any], token: str, nonce: str, access_token: str
    ) -> dict[str, Any]:
        """Return the claims of an identity token that was made for us, now, for this attempt."""
        header, said = await self._signed(metadata, token)
        mine = {"essential": True, "value": self._declared.client_id}
        claims: Any = CodeIDToken(
            said,
            header,
            {"iss": {"essential": True, "value": self._declared.issuer}, "aud": mine},
            {
                "nonce": nonce,
                "client_id": self._declared.client_id,
                "access_token": access_token,
            },
        )
        try:
            claims.validate(now=int(self._now()), leeway=SKEW_SECONDS)
        except JoseError as error:
            raise Refused(f"identity token: {error}") from error
        return dict(claims)

    async def _user(
        self, metadata: Mapping[str, Any], access_token: str, subject: str
    ) -> dict[str, Any]:
        """Return what the provider says besides of the same person, signed or not."""
        if not (endpoint := metadata.get("userinfo_endpoint")):
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        status, kind, answer = await ask(self._http, "GET", endpoint, headers)
        if status != 200:
            raise Unreachable(f"{status} about who came")
        if kind.startswith("application/jwt"):
            _, said = await self._signed(metadata, answer.decode("ascii", "replace"))
            audience = said.get("aud", self._declared.client_id)
            if said.get("iss", self._declared.issuer) != self._declared.issuer or (
                self._declared.client_id
                not in ([audience] if isinstance(audience, str) else audience)
            ):
                raise Refused("what is said of who came is for somebody else")
        else:
            said = json_object(answer)
        if said.get("sub") != subject:
            raise Refused("what is said is of somebody else")
        return said

    async def _signed(
        self, metadata: Mapping[str, Any], token: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return header and claims of a token that the provider signed by the declared algorithm.

        A key that is not known is asked for once: providers change theirs.
        """
        keys = await self._published(metadata, since=self._now() - METADATA_KEPT_SECONDS)
        for last in (False, True):
            try:
                read = jwt.decode(token, keys, algorithms=[self._declared.algorithm])
                return dict(read.header), dict(read.claims)
            except (JoseError, ValueError) as error:
                if last:
                    raise Refused(f"signature: {error}") from error
                keys = await self._published(metadata, since=self._now() - KEYS_ASKED_EVERY_SECONDS)
        raise AssertionError

    async def _published(self, metadata: Mapping[str, Any], since: float) -> KeySet:
        """Return the keys of the provider, asked for again where they were before `since`."""
        async with self._reading:
            if self._keys is None or self._keys_at < since:
                _, _, answer = await ask(self._http, "GET", metadata["jwks_uri"])
                self._keys = KeySet(_keys(json_object(answer).get("keys")))
                self._keys_at = self._now()
            return self._keys

    async def _described(self) -> dict[str, Any]:
        """Return what the provider says of itself, kept an hour, and longer while it is away."""
        async with self._reading:
            if self._metadata and self._now() - self._read_at < METADATA_KEPT_SECONDS:
                return self._metadata
            try:
                self._metadata = await self._discovered()
                self._read_at = self._now()
            except Unreachable as error:
                if not self._metadata:
                    raise
                log.warning("provider not asked anew", provider=self.name, error=str(error))
            return self._metadata

    async def _discovered(self) -> dict[str, Any]:
        status, _, answer = await ask(
            self._http, "GET", get_well_known_url(self._declared.issuer, external=True)
        )
        if status != 200:
            raise Unreachable(f"{status} about itself")
        found = json_object(answer)
        if found.get("issuer") != self._declared.issuer:
            raise Unreachable(f"it says that it is {str(found.get('issuer'))[:100]}")
        unsafe = [
            name
            for name in (*NEEDED, *OPTIONAL)
            if (name in NEEDED or name in found) and not safe(found.get(name))
        ]
        if unsafe:
            raise Unreachable(f"no https address: {', '.join(unsafe)}")
        return found


def _keys(published: object) -> list[Any]:
    """Return the keys of a set that are of a kind we know: one that is not spoils no other."""
    found: list[Any] = []
    for one in cast("list[Any]", published) if isinstance(published, list) else ():
        with suppress(JoseError, AttributeError, KeyError, TypeError, ValueError):
            found.append(import_key(one))
    if not found:
        raise Unreachable("no keys")
    return found
