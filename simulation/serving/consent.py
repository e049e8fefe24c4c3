"""The owners of fictional accounts let an application read them: codes, tokens, and their ends.

The authorisation code grant at the addresses of the network's own file, as Meta documents it
(Threads: Get Access Tokens, Long-Lived Tokens, read in November 2026), stricter in one thing: a
challenge of PKCE is asked for, so that a client that forgets it is refused. Codes serve once;
tokens say whose they are and since when, under a mark that only the world's seed makes, so that
they outlive this server.
"""

import base64
import hashlib
from collections.abc import Callable
from hashlib import blake2b
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from contracts.networks import network_of
from simulation.country.accounts import Account
from simulation.serving.exchange import HTML, Answer, Asked, answered

RETURN_PATH = "/connecter/{}/retour"
"""Where it registered to be led back to, at any portal of this machine: by letter."""

SHORT, LONG = 3_600, 60 * 86_400
YOUNG = 86_400
CODE_LIFE = 600


class Code(NamedTuple):
    """What a code was given for, and until when it serves."""

    account: str
    redirect: str
    challenge: str
    until: int


class Held(NamedTuple):
    """What a token says: whose it is, how long it lives, since when."""

    native_id: str
    life: int
    since: int

    @property
    def until(self) -> int:
        """When it ends, in seconds."""
        return self.since + self.life


class Consents:
    """The authorisations of one fictional network.

    The application that it knows is called `essai-` and its `slug`, its secret too; the slug is in
    the registered address. `listed`: what a code gives is in a list of one.
    """

    def __init__(self, slug: str, seed: str, *, listed: bool = False) -> None:
        consent = network_of(slug).consent
        assert consent is not None
        self._consent = consent
        self._slug = slug
        self._listed = listed
        self._application = f"essai-{slug}"
        self._key = blake2b(f"{seed} {slug}".encode()).digest()
        self._codes: dict[str, Code] = {}
        self._given = 0
        self.taken_back: dict[str, int] = {}

    def answer(self, asked: Asked, named: Callable[[str, int], Account | None]) -> Answer | None:
        """Answer what leads to a token, which is counted in no quota; None for anything else.

        `named` finds the account of a name, whose owner decides.
        """
        at, grant = f"https://{asked.host}{asked.path}", asked.one("grant_type")
        match asked.method:
            case "GET" if at == self._consent.authorize:
                return self._page(asked)
            case "POST" if at == self._consent.authorize:
                handle = dict(_form(asked)).get("compte", "").strip().removeprefix("@").lower()
                return self._decided(asked, named(handle, asked.moment))
            case "POST" if at == self._consent.token:
                return self._exchanged(asked)
            case "GET" if at == self._consent.prolong and grant == self._consent.prolong_grant:
                return self._prolonged(asked)
            case "GET" if at == self._consent.renew and grant == self._consent.renew_grant:
                return self._renewed(asked)
            case _:
                return None

    def _page(self, asked: Asked, wrong_name: str = "") -> Answer:
        """The page of consent: what is asked, by whom, and for which account."""
        if (wrong := self._wrong(asked)) is not None:
            return Answer(400, wrong.encode(), "text/plain; charset=utf-8")
        scopes = escape(asked.one("scope").replace(",", ", "))
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
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        good = (
            code is not None
            and form.get("grant_type") == "authorization_code"
            and code.until > asked.moment
            and form.get("client_id") == form.get("client_secret") == self._application
            and form.get("redirect_uri") == code.redirect
            and code.challenge == base64.urlsafe_b64encode(proof).decode().rstrip("=")
        )
        if code is None or not good:
            return _no("Invalid authorization code")
        token = self._token(Held(code.account, SHORT, asked.moment))
        given = {"access_token": token, "user_id": int(code.account)}
        return answered({"data": [given]} if self._listed else given)

    def _prolonged(self, asked: Asked) -> Answer:
        """A token that lasts, for a short one and the secret of the application."""
        held = self.held(asked.one("access_token"), asked.moment)
        if held is None or asked.one("client_secret") != self._application or held.life != SHORT:
            return _no("Error validating access token")
        return self._lasting(held, asked.moment)

    def _renewed(self, asked: Asked) -> Answer:
        """Another token, for one that lasts, is a day old and has not ended."""
        held = self.held(asked.one("access_token"), asked.moment)
        if held is None or held.life != LONG or asked.moment - held.since < YOUNG:
            return _no("Error validating access token")
        return self._lasting(held, asked.moment)

    def held(self, token: str, moment: int) -> Held | None:
        """What a token says, while it is good: neither ended nor taken back by its owner."""
        parts = token.split(".")
        if len(parts) != 5 or parts[0] != "own" or not all(one.isdigit() for one in parts[1:4]):
            return None
        held = Held(parts[1], int(parts[2]), int(parts[3]))
        if self._token(held) != token or held.until <= moment:
            return None
        return None if self.taken_back.get(held.native_id, 0) > held.since else held

    def _wrong(self, asked: Asked) -> str | None:
        redirect = urlsplit(asked.one("redirect_uri"))
        registered = redirect.path == RETURN_PATH.format(self._slug) and not redirect.query
        if asked.one("client_id") != self._application or asked.one("response_type") != "code":
            return "Unknown application"
        if not registered or redirect.scheme not in ("http", "https"):
            return "This address is not registered"
        if asked.one("code_challenge_method") != "S256" or not asked.one("code_challenge"):
            return "A challenge by S256 is required"
        return None

    def _lasting(self, held: Held, moment: int) -> Answer:
        token = self._token(Held(held.native_id, LONG, moment))
        return answered({"access_token": token, "token_type": "bearer", "expires_in": LONG})

    def _token(self, held: Held) -> str:
        said = f"own.{held.native_id}.{held.life}.{held.since}"
        mark = blake2b(said.encode(), key=self._key[:32], digest_size=12)
        return f"{said}.{mark.hexdigest()}"


def _form(asked: Asked) -> list[tuple[str, str]]:
    """The fields of a form that was sent."""
    return parse_qsl(asked.body.decode("utf-8", "replace"))


def _led(redirect: str, said: dict[str, str]) -> Answer:
    headers = {"Location": f"{redirect}?{urlencode(said)}", "Cache-Control": "no-store"}
    return Answer(303, b"", "", headers)


def _no(message: str) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": 190, "fbtrace_id": "A0"}
    return answered({"error": error}, 400)


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
