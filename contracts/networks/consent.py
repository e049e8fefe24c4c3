"""How the owner of an account lets us read it: the network's own OAuth 2 addresses, as facts."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Prolonged:
    """How Meta's tokens live on: none is given beside them that asks for another.

    The token that a code is worth ends soon. `address` gives, for it (named `short`), one that
    lasts, by the grant type `grant`; `renewal` gives, for that one, another, by `renewal_grant`,
    where there is such a thing. `named`: our application is named beside its secret.
    """

    address: str
    grant: str
    renewal: str = ""
    renewal_grant: str = ""
    short: str = "access_token"
    named: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """An authorisation code grant (RFC 6749, section 4.1), with what the network adds to it.

    `authorize` is the page where the owner says yes; `token` takes its code, and gives a token with
    another that renews it, at the same address (section 6), where it is not `prolonged` otherwise.
    The accord lasts `lifetime` seconds from its last renewal, where the network does not say.
    `revoke` is where the network is told that it has ended (RFC 7009), where it takes that.

    `identity` says whose the token is, under the names of `identity_in`: an answer with `username`,
    and `id` where it has one. With `pages` it is somebody's who administers pages: its answer lists
    them, each with the token that reads it.

    `client` is what the network calls the id of our application; with `basic` it is told by the
    header, with its secret. `extra` is asked beside a code and a renewal. `joined` stands between
    scopes, and `challenge` is how the digest of PKCE is written.

    In French, `worth` says when it is worth it, `brings` and `never` what the owner lets us read
    and what we never ask for, `taken_back` where they take it back on the network itself. `source`
    names the documentation and when it was read.
    """

    authorize: str
    token: str
    identity: str
    scopes: tuple[str, ...]
    lifetime: int
    worth: str
    brings: str
    never: str
    taken_back: str
    source: str
    prolonged: Prolonged | None = None
    revoke: str = ""
    identity_in: tuple[str, ...] = ()
    client: str = "client_id"
    basic: bool = False
    extra: tuple[tuple[str, str], ...] = ()
    joined: str = ","
    challenge: Literal["base64url", "hexadecimal"] = "base64url"
    pages: bool = False

    @property
    def renews(self) -> bool:
        """Return whether an accord goes on by itself, without its owner giving it again."""
        return self.prolonged is None or bool(self.prolonged.renewal)
