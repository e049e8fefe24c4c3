"""How the owner of an account lets us read it: the network's own OAuth 2 addresses, as facts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consent:
    """An authorisation code grant (RFC 6749, section 4.1), with what the network adds to it.

    `authorize` is the page where the owner says yes; `token` takes its code. The token that it
    gives ends soon: `prolong` gives, for it, one that lives `lifetime` seconds, by the grant type
    `prolong_grant`; `renew` gives, for that one, another, by `renew_grant`, as often as one likes.
    `identity` says whose the token is: an answer with `id` and `username`.

    In French, `worth` says when it is worth it, `brings` and `never` what the owner lets us read
    and what we never ask for, `taken_back` where they take it back on the network itself. `source`
    names the documentation and when it was read.
    """

    authorize: str
    token: str
    prolong: str
    prolong_grant: str
    renew: str
    renew_grant: str
    identity: str
    scopes: tuple[str, ...]
    lifetime: int
    worth: str
    brings: str
    never: str
    taken_back: str
    source: str
