"""Faults on demand: what networks do on bad days, chosen by a test or a demonstration."""

from typing import Literal

import msgspec

from simulation.country.chance import Chance, happens
from simulation.serving.exchange import Answer, Asked

Kind = Literal["429", "500", "503", "html", "broken", "slow", "closed", "expired_token"]


class Fault(msgspec.Struct, frozen=True):
    """A fault: where it strikes (host, path, credential contain these texts), how often, how long.

    ``per_mille`` of the requests that match, from ``since`` until ``until``, moments of the world
    (None: always, for ever); ``seconds`` is the ``Retry-After`` of ``429`` and ``503``, and the
    delay of ``slow`` (wall clock) where ``millis`` does not say it: an ordinary latency.
    """

    kind: Kind
    host: str = ""
    path: str = ""
    per_mille: int = 1000
    until: int | None = None
    seconds: int = 30
    millis: int | None = None
    since: int | None = None
    credential: str = ""

    @property
    def delay(self) -> float:
        """Seconds by which ``slow`` delays an answer."""
        return self.seconds if self.millis is None else self.millis / 1000

    def concerns(self, asked: Asked) -> bool:
        """Whether a request is one of those that it may strike."""
        if self.since is not None and asked.moment < self.since:
            return False
        if self.until is not None and asked.moment >= self.until:
            return False
        if self.host not in asked.host or self.path not in f"{asked.path}?{asked.query}":
            return False
        return not self.credential or (
            self.credential in asked.headers.get("Authorization", "")
            or self.credential in asked.query
        )


class Faults:
    """The faults in force; which request is struck depends on its rank, not on the clock."""

    def __init__(self, chance: Chance) -> None:
        self.known: list[Fault] = []
        self.struck: dict[str, int] = {}
        self._chance = chance
        self._rank = 0

    def strike(self, asked: Asked) -> Fault | None:
        """The fault that strikes this request, if any."""
        if not self.known:
            return None
        self._rank += 1
        for index, fault in enumerate(self.known):
            if not fault.concerns(asked):
                continue
            if happens(self._chance.words("fault", f"{index}:{self._rank}")[0], fault.per_mille):
                self.struck[fault.kind] = self.struck.get(fault.kind, 0) + 1
                return fault
        return None


def spoilt(fault: Fault, answer: Answer) -> Answer:
    """The answer as the fault leaves it.

    ``slow`` and ``closed`` are for the server to act; ``429`` and ``expired_token`` are said by
    each network in its own words.
    """
    after = {"Retry-After": str(fault.seconds)}
    match fault.kind:
        case "500":
            return Answer(500, b"Internal Server Error", "text/plain; charset=utf-8")
        case "503":
            return Answer(
                503,
                b"<html><body>Service unavailable</body></html>",
                "text/html; charset=utf-8",
                after,
            )
        case "html":
            return Answer(
                200,
                b"<!doctype html><title>Verification</title><p>Are you human?",
                "text/html; charset=utf-8",
            )
        case "broken":
            return Answer(
                answer.status,
                answer.body[: len(answer.body) // 2],
                answer.content_type,
                answer.headers,
            )
        case _:
            return answer
