"""What Instagram and Facebook share: field expressions, credentials, limits, errors (Graph API).

A field expression such as ``media.limit(25).after(x){id,like_count}`` is read into a tree; answers
hold the fields asked for and no other.
"""

import re
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from simulation.history.ledger import Rule, Verdict
from simulation.serving.api import Api, Charge, Refusal
from simulation.serving.exchange import Answer, Asked, Json, answered

HOST = "graph.facebook.com"
RULE = Rule(200, 3600, "rolling")
"""Platform limit: 200 calls per rolling hour and user of the app; one token here is one user."""

TELLING = 5
"""Percent of use from which the answer says it (headers are absent while use is low)."""

_VERSION = re.compile(r"v\d+\.\d+$")


class BadExpression(ValueError):
    """A field expression that the API would refuse."""


@dataclass(slots=True)
class Field:
    """A field of an expression: its modifiers (``limit``, ``after``, ``as``…), its own fields."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict[str, str])
    fields: dict[str, "Field"] = field(default_factory=dict[str, "Field"])

    @property
    def alias(self) -> str:
        """The key under which the answer gives it."""
        return self.modifiers.get("as", self.name)

    def number(self, modifier: str, default: int, most: int) -> int:
        """A modifier as a number."""
        text = self.modifiers.get(modifier, "")
        return min(int(text), most) if text.isdigit() else default


def read_fields(expression: str) -> dict[str, Field]:
    """The fields of an expression by alias.

    Raises:
        BadExpression: when brackets do not match or a name is missing.
    """
    fields, rest = _fields(expression, 0)
    if expression[rest:].strip():
        raise BadExpression(f"unexpected {expression[rest : rest + 10]!r} at character {rest}")
    return fields


def _fields(text: str, start: int) -> tuple[dict[str, Field], int]:
    found: dict[str, Field] = {}
    place = start
    while True:
        name = re.compile(r"\s*([A-Za-z_0-9]+)").match(text, place)
        if name is None:
            if not found and not text[place:].strip():
                return found, place
            raise BadExpression(f"expected a field at character {place}")
        one = Field(name.group(1))
        place = name.end()
        while text.startswith(".", place):
            modifier = re.compile(r"\.([a-z_]+)\(([^()]*)\)").match(text, place)
            if modifier is None:
                raise BadExpression(f"expected a modifier at character {place}")
            one.modifiers[modifier.group(1)] = modifier.group(2)
            place = modifier.end()
        if text.startswith("{", place):
            one.fields, place = _fields(text, place + 1)
            if not text.startswith("}", place):
                raise BadExpression(f"expected }} at character {place}")
            place += 1
        found[one.alias] = one
        if not text.startswith(",", place):
            return found, place
        place += 1


class GraphNetwork(Api):
    """A network of the Graph API: credential, limit and headers are the same for every call."""

    hosts = (HOST,)
    rule = RULE

    def throttled(self, seconds: int) -> Answer:
        """The refusal of one call too many; it does not say for how long."""
        return throttled()

    def expired(self) -> Answer:
        """The answer to an expired token."""
        return expired()

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """``X-App-Usage``, in percent; absent while use is low."""
        used = 100 if not verdict.allowed else verdict.used_percent
        if used < TELLING:
            return {}
        shares = {"call_count": used, "total_time": used * 9 // 10, "total_cputime": used * 7 // 10}
        return {"X-App-Usage": msgspec.json.encode(shares).decode()}


def charged(asked: Asked, kind: str, cost: int = 1) -> Charge:
    """What a call is charged to: its token, which is written nowhere. Raises ``Refusal``."""
    token = token_of(asked)
    if not token:
        raise Refusal(failure(104, "An access token is required to request this resource."))
    if token.startswith("expired"):
        raise Refusal(expired())
    name = blake2b(token.encode(), digest_size=4).hexdigest()
    return Charge(f"graph {name}", kind, cost)


def fields_of(asked: Asked) -> dict[str, Field]:
    """The fields that a call asks for. Raises ``Refusal``."""
    try:
        return read_fields(asked.one("fields"))
    except BadExpression as problem:
        raise Refusal(failure(100, f"(#100) Syntax error: {problem}")) from None


def token_of(asked: Asked) -> str:
    """The access token of a call, in the query or in ``Authorization``."""
    bearer = asked.headers.get("Authorization", "")
    return asked.one("access_token") or bearer.removeprefix("Bearer ").strip()


def failure(
    code: int,
    message: str,
    *,
    kind: str = "OAuthException",
    subcode: int | None = None,
    transient: bool | None = None,
    user: tuple[str, str] | None = None,
) -> Answer:
    """An error of the Graph API."""
    error: Json = {"message": message, "type": kind, "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    if transient is not None:
        error["is_transient"] = transient
    if user is not None:
        error |= {"error_user_title": user[0], "error_user_msg": user[1]}
    error["fbtrace_id"] = "A" + blake2b(message.encode(), digest_size=11).hexdigest()
    return answered({"error": error}, 400)


def throttled() -> Answer:
    """The answer to one call too many: the Graph API does not say 429."""
    message = "(#4) Application request limit reached"
    return failure(4, message, subcode=1_349_210, transient=True)


def expired() -> Answer:
    """The answer to an expired token."""
    message = "Error validating access token: Session has expired."
    return failure(190, message, subcode=463)


def for_instagram(asked: Asked) -> bool:
    """Whether a call is for Instagram: both networks share the host."""
    return "business_discovery" in asked.one("fields") or "ig_hashtag" in asked.path


def versionless(parts: list[str]) -> list[str]:
    """The path's parts without the API version."""
    return parts[1:] if parts and _VERSION.match(parts[0]) else parts
