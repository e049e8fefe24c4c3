"""Identity providers, and applications at networks, as an installation declares them."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Algorithm = Literal["RS256", "ES256", "PS256", "EdDSA"]
"""By a key that the provider publishes: what a shared secret signs, whoever has it can sign."""

HERE = frozenset(("127.0.0.1", "localhost", "::1"))


class DeclaredProvider(BaseModel):
    """Its `issuer` is compared letter by letter with what it says of itself and signs.

    `verified_claim` is the claim that must be true for the address to be believed; null where the
    provider answers for every address that it gives (ProConnect has no such claim). `private`
    lets the portal reach its host on a network that is not the public Internet, without the proxy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=2, max_length=40)
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    scopes: str = "openid email"
    address_claim: str = "email"
    verified_claim: str | None = "email_verified"
    algorithm: Algorithm = "RS256"
    pkce: bool = True
    private: bool = False

    @model_validator(mode="after")
    def _checked(self) -> "DeclaredProvider":
        if not safe(self.issuer) or urlsplit(self.issuer).query:
            raise ValueError("an issuer is an https address, without a question mark")
        if "openid" not in self.scopes.split():
            raise ValueError("scopes of OpenID Connect hold « openid »")
        return self


class DeclaredApplication(BaseModel):
    """Our application at a network, by which owners of accounts let us read them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr = Field(min_length=1)


def safe(url: object) -> bool:
    """Tell whether an address is one by https, or of this very machine."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in HERE))
