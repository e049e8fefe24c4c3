"""An identity provider in memory, which can be told to lie."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from libs.identity.declared import DeclaredProvider

ISSUER = "https://identite.example/api/v2"
CLIENT, SECRET = "observatoire", "the-secret-of-the-portal"
DECLARED = DeclaredProvider.model_validate(
    {"name": "ProConnect", "issuer": ISSUER, "client_id": CLIENT, "client_secret": SECRET}
)
KEYS = {name: RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("one", "two")}

Claims = dict[str, Any]


def unchanged(claims: Claims) -> Claims:
    return claims


@dataclass
class FakeProvider:
    """Answers by HTTP as providers do; `claims` and `sign` are what a liar changes."""

    claims: Callable[[Claims], Claims] = unchanged
    described: Callable[[Claims], Claims] = unchanged
    user: Callable[[Claims], Claims] = unchanged
    sign: Callable[[Claims], str] | None = None
    key: str = "one"
    published: tuple[str, ...] = ("one",)
    address: str = "anne@essai-sur-onde.example"
    in_token: bool = True
    signed_user: bool = False
    down: bool = False
    now: Callable[[], float] = time.time
    asked: list[str] = field(default_factory=list[str])
    numbers: Iterator[int] = field(default_factory=count)
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport())

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def came(self, url: str) -> dict[str, str]:
        """Somebody signs in at the address to which they were sent; what they come back with."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        code = f"code-{next(self.numbers)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v2")
        self.asked.append(path)
        if self.down:
            raise httpx.ConnectError("no route")
        match path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.described(self._description()))
            case "/jwks":
                keys = [KEYS[one].as_dict(private=False) for one in self.published]
                return httpx.Response(200, json={"keys": [{"kty": "of-tomorrow"}, *keys]})
            case "/token":
                return self._token(request)
            case "/userinfo":
                return self._user(request)
            case _:
                return httpx.Response(404)

    def _description(self) -> Claims:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "end_session_endpoint": f"{ISSUER}/session/end",
            "jwks_uri": f"{ISSUER}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("client_secret") != SECRET:
            return httpx.Response(400, json={"error": "invalid_grant"})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked.get("code_challenge", proof) != proof or (
            asked["redirect_uri"] != form["redirect_uri"]
        ):
            return httpx.Response(400, json={"error": "invalid_grant"})
        moment = int(self.now())
        claims = {
            "iss": ISSUER,
            "sub": "agent-1",
            "aud": CLIENT,
            "iat": moment,
            "exp": moment + 60,
            "nonce": asked["nonce"],
        }
        if self.in_token:
            claims |= {"email": self.address, "email_verified": True}
        signed = (self.sign or self.signed)(self.claims(claims))
        return httpx.Response(
            200, json={"access_token": "access", "token_type": "Bearer", "id_token": signed}
        )

    def signed(self, claims: Claims) -> str:
        key = KEYS[self.key]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def _user(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer access"
        claims = {"sub": "agent-1", "email": self.address, "email_verified": True}
        if not self.signed_user:
            return httpx.Response(200, json=self.user(claims))
        said = self.user(claims | {"iss": ISSUER, "aud": CLIENT})
        return httpx.Response(
            200, content=self.signed(said), headers={"content-type": "application/jwt"}
        )


def unsigned(claims: Claims) -> str:
    """A token that says that nobody signed it."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(_encoded(json.dumps(one).encode()) for one in parts) + "."


def signed_by_what_is_published(claims: Claims) -> str:
    """A token signed by HMAC with the provider's public key, which everybody has."""
    public = KEYS["one"].as_pem(private=False)
    head = _encoded(json.dumps({"alg": "HS256", "kid": KEYS["one"].kid}).encode())
    signed = f"{head}.{_encoded(json.dumps(claims).encode())}"
    return f"{signed}.{_encoded(hmac.new(public, signed.encode(), 'sha256').digest())}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
