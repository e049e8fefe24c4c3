"""The owners of fictional accounts let an application read them: codes, tokens, and their ends.

The authorisation code grant at the addresses of the network's own file, as its network documents
it (read in November 2026), stricter in one thing: a challenge of PKCE is asked for, so that a
client that forgets it is refused. Codes serve once; tokens say
whose they are and since when, under a mark that only the world's seed makes, so that they outlive
this server.
"""

import base64
import hashlib
from collections.abc import Callable
from hashlib import blake2b
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from contracts.networks import network_of
from simulation.country.accounts import Account
from simulation.serving.exchange import HTML, Answer, Asked, Json, answered

RETURN_PATH = "/connecter/{}/retour"
"""Where it registered to be led back to, at any portal of this machine: by letter."""

SHORT, LONG = 3_600, 60 * 86_400
"""Lives of the tokens that Meta gives for a code, and for that one."""

OPENS, RENEWS = "own", "new"
"""Begin a token that opens an account, and one that renews it."""

PAGES = 1
"""The number of a token that reads a page, among those of who administers it."""

YOUNG = 86_400
CODE_LIFE = 600
"""Seconds: a long token is renewed from that age on, a code is good for so long."""


class Code(NamedTuple):
    """What a code was given for, and until when it serves."""

    account: str
    redirect: str
    challenge: str
    until: int


class Held(NamedTuple):
    """What a token says: whose it is, how long it lives, since when, and which one it is."""

    native_id: str
    life: int
    since: int
    number: int = 0

    @property
    def until(self) -> int:
        """When it ends, in seconds."""
        return self.since + self.life


class Consents:
    """The authorisations of one fictional network.

    The application that it knows is called `essai-` and its `slug`, its secret too; the slug is in
    the registered address. `listed`: what a code gives is in a list of one. Where a token is given
    with one that renews it, `life` is its own, and `ends` what it calls that of the other.
    """

    def __init__(
        self, slug: str, seed: str, *, listed: bool = False, life: int = SHORT, ends: str = ""
    ) -> None:
        consent = network_of(slug).consent
        assert consent is not None
        self._consent = consent
        self._slug = slug
        self._listed = listed
        self._life = life
        self._ends = ends
        self._application = f"essai-{slug}"
        self._key = blake2b(f"{seed} {slug}".encode()).digest()
        self._codes: dict[str, Code] = {}
        self._given = 0
        self._used: dict[str, int] = {}
        self._seen: set[int] = set()
        self.taken_back: dict[str, int] = {}

    def answer(self, asked: Asked, named: Callable[[str, int], Account | None]) -> Answer | None:
        """Answer what leads to a token, which is counted in no quota; None for anything else.

        `named` finds the account of a name, whose owner decides.
        """
        at, grant = f"https://{asked.host}{asked.path}", asked.one("grant_type")
        by = self._consent.prolonged
        match asked.method:
            case "GET" if at == self._consent.authorize:
                return self._page(asked)
            case "POST" if at == self._consent.authorize:
                handle = dict(_form(asked)).get("compte", "").strip().removeprefix("@").lower()
                return self._decided(asked, named(handle, asked.moment))
            case "POST" if at == self._consent.token:
                again = dict(_form(asked)).get("grant_type") == "refresh_token" and not by
                return self._again(asked) if again else self._exchanged(asked)
            case "POST" if at == self._consent.revoke:
                return self._revoked(asked)
            case "GET" if by and (at, grant) == (by.address, by.grant):
                return self._prolonged(asked)
            case "GET" if by and (at, grant) == (by.renewal, by.renewal_grant):
                return self._renewed(asked)
            case _:
                return None

    def _page(self, asked: Asked, wrong_name: str = "") -> Answer:
        """The page of consent: what is asked, by whom, and for which account."""
        if (wrong := self._wrong(asked)) is not None:
            return Answer(400, wrong.encode(), "text/plain; charset=utf-8")
        scopes = escape(asked.one("scope").replace(self._consent.joined, ", "))
        told = f"<p role='alert'>{wrong_name}</p>" if wrong_name else ""
        return Answer(200, PAGE.format(scopes=scopes, told=told).encode(), HTML)

    def _decided(self, asked: Asked, account: Account | None) -> Answer:
        """Lead back with a code, or with a refusal; the account is who decides."""
        if (wrong := self._wrong(asked)) is not None:
            return Answer(400, wrong.encode(), "text/plain; charset=utf-8")
        redirect, state = asked.one("redirect_uri"), asked.one("state")
        if dict(_form(asked)).get("choix") != "oui":
            said = {"error": "access_denied", "error_reason": "user_denied", "state": state}
            return _led(redirect, said)
        if account is None:
            return self._page(asked, "Aucun compte n’a ce nom.")
        self._given += 1
        mark = blake2b(f"{self._given} {asked.moment}".encode(), key=self._key[:32], digest_size=16)
        code = mark.hexdigest()
        self._codes[code] = Code(
            account.native_id, redirect, asked.one("code_challenge"), asked.moment + CODE_LIFE
        )
        return _led(redirect, {"code": code, "state": state})

    def _exchanged(self, asked: Asked) -> Answer:
        """A token for a code: once, for its application, address and proof."""
        form = dict(_form(asked))
        code = self._codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode())
        written = base64.urlsafe_b64encode(proof.digest()).decode().rstrip("=")
        good = (
            code is not None
            and form.get("grant_type") == "authorization_code"
            and code.until > asked.moment
            and self._is_ours(asked)
            and form.get("redirect_uri") == code.redirect
            and code.challenge
            == (written if self._consent.challenge == "base64url" else proof.hexdigest())
        )
        if code is None or not good:
            return self._no("Invalid authorization code")
        if self._consent.prolonged is None:
            return answered(self.pair(code.account, asked.moment))
        token = self._token(Held(code.account, SHORT, asked.moment))
        given = {"access_token": token, "user_id": int(code.account)}
        return answered({"data": [given]} if self._listed else given)

    def _prolonged(self, asked: Asked) -> Answer:
        """A token that lasts, for a short one and the secret of the application."""
        by = self._consent.prolonged
        held = self.held(asked.one(by.short if by else ""), asked.moment)
        if held is None or asked.one("client_secret") != self._application or held.life != SHORT:
            return self._no("Error validating access token")
        return self._lasting(held, asked.moment)

    def _renewed(self, asked: Asked) -> Answer:
        """Another token, for one that lasts, is a day old and has not ended."""
        held = self.held(asked.one("access_token"), asked.moment)
        if held is None or held.life != LONG or asked.moment - held.since < YOUNG:
            return self._no("Error validating access token")
        return self._lasting(held, asked.moment)

    def _again(self, asked: Asked) -> Answer:
        """Another pair of tokens, for what renews one.

        It serves until the pair that it gave is used: an answer may be lost on its way.
        """
        token = dict(_form(asked)).get("refresh_token", "")
        held = self.held(token, asked.moment, RENEWS)
        if held is None or self._used.get(token) in self._seen or not self._is_ours(asked):
            return self._no("Refresh token is invalid or expired")
        pair = self.pair(held.native_id, asked.moment)
        self._used[token] = self._given
        return answered(pair)

    def _revoked(self, asked: Asked) -> Answer:
        """The end of what an owner let the application have."""
        held = self.held(dict(_form(asked)).get("token", ""), asked.moment)
        if held is None or not self._is_ours(asked):
            return self._no("Token is invalid")
        self.taken_back[held.native_id] = asked.moment + 1
        return Answer(200, b"", "application/json")

    def held(self, token: str, moment: int, kind: str = OPENS) -> Held | None:
        """What a token says, while it is good: neither ended nor taken back by its owner."""
        parts = token.split(".")
        if len(parts) != 6 or parts[0] != kind or not all(one.isdigit() for one in parts[1:5]):
            return None
        held = Held(parts[1], *map(int, parts[2:5]))
        if self._token(held, kind) != token or held.until <= moment:
            return None
        self._seen.add(held.number)
        return None if self.taken_back.get(held.native_id, 0) > held.since else held

    def _wrong(self, asked: Asked) -> str | None:
        redirect = urlsplit(asked.one("redirect_uri"))
        registered = redirect.path == RETURN_PATH.format(self._slug) and not redirect.query
        if (
            asked.one(self._consent.client) != self._application
            or asked.one("response_type") != "code"
        ):
            return "Unknown application"
        if not registered or redirect.scheme not in ("http", "https"):
            return "This address is not registered"
        if asked.one("code_challenge_method") != "S256" or not asked.one("code_challenge"):
            return "A challenge by S256 is required"
        return None

    def _lasting(self, held: Held, moment: int) -> Answer:
        token = self._token(Held(held.native_id, LONG, moment))
        return answered({"access_token": token, "token_type": "bearer", "expires_in": LONG})

    def page_token(self, native_id: str, moment: int) -> str:
        """The token of a page, as who administers it is given it: it is of her accord's length."""
        return self._token(Held(native_id, self._consent.lifetime, moment, PAGES))

    def pair(self, native_id: str, moment: int) -> Json:
        """A token of an account, and what renews it, as if its owner had just said yes."""
        self._given += 1
        life = self._consent.lifetime
        return {
            "access_token": self._token(Held(native_id, self._life, moment, self._given)),
            "token_type": "bearer",
            "expires_in": self._life,
            "refresh_token": self._token(Held(native_id, life, moment, self._given), RENEWS),
            self._ends: life,
            "scope": self._consent.joined.join(self._consent.scopes),
        }

    def _token(self, held: Held, kind: str = OPENS) -> str:
        said = f"{kind}.{held.native_id}.{held.life}.{held.since}.{held.number}"
        mark = blake2b(said.encode(), key=self._key[:32], digest_size=12)
        return f"{said}.{mark.hexdigest()}"

    def _is_ours(self, asked: Asked) -> bool:
        """Whether a form proves that it comes from the application, as the network takes it."""
        form = dict(_form(asked))
        pair = form.get(self._consent.client), form.get("client_secret")
        if self._consent.basic:
            scheme, _, said = asked.headers.get("Authorization", "").partition(" ")
            known = f"{self._application}:{self._application}"
            told = base64.b64decode(said).decode() if scheme == "Basic" else ""
            return unquote(told) == known
        return pair == (self._application, self._application)

    def _no(self, message: str) -> Answer:
        if self._consent.prolonged is None:
            error = {"error": "invalid_grant", "error_description": message, "log_id": "20261124"}
            return answered(error, 400)
        told = {"message": message, "type": "OAuthException", "code": 190, "fbtrace_id": "A0"}
        return answered({"error": told}, 400)


def _form(asked: Asked) -> list[tuple[str, str]]:
    """The fields of a form that was sent."""
    return parse_qsl(asked.body.decode("utf-8", "replace"))


def _led(redirect: str, said: dict[str, str]) -> Answer:
    headers = {"Location": f"{redirect}?{urlencode(said)}", "Cache-Control": "no-store"}
    return Answer(303, b"", "", headers)


PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Donner votre accord</title>
<style>body{{font:1.1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}}
input,button{{font:inherit;padding:.4rem .8rem;margin:.3rem .3rem .3rem 0}}</style></head>
<body><p><strong>Réseau inventé</strong>, la France d’essai</p>
<h1>Donner votre accord</h1>
<p>L’observatoire demande à lire un compte : {scopes}.</p>{told}
<form method="post"><p><label>Nom du compte <input name="compte" autocomplete="off"></label></p>
<button name="choix" value="oui">Autoriser</button>
<button name="choix" value="non">Refuser</button></form></body></html>
"""
