"""An API that counts calls: headers of every answer say what is left, and refusals are raised."""

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar, NamedTuple

from simulation.country.posts import Post
from simulation.history.ledger import Rule, Verdict
from simulation.network import Fictional
from simulation.serving.exchange import Answer, Asked, answered

NUMBER_BITS = 28
"""Of a post's number in its id; above them the rank of its account."""


class Refusal(Exception):
    """A call is refused, by this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Charge(NamedTuple):
    """What a call is charged to: a bucket of the ledger, a kind of calls in it, units."""

    bucket: str
    kind: str
    cost: int = 1


class Api(Fictional):
    """A network that is asked by such an API."""

    rule: ClassVar[Rule]
    by_owner: ClassVar[bool] = False
    """Whether it is the owner of an account who asks, who sees what is hidden from others."""

    @abstractmethod
    def charge(self, asked: Asked) -> Charge:
        """What a call is charged to; raises ``Refusal`` where it has no right to ask."""

    @abstractmethod
    def reply(self, asked: Asked) -> object:
        """The answer to a call that is let in, or its JSON; raises ``Refusal``."""

    def limits(self, verdict: Verdict) -> dict[str, str]:
        """Headers that say what is left: none."""
        return {}

    def answer(self, asked: Asked) -> Answer:
        """Answer a call."""
        headers: dict[str, str] = {}
        try:
            bucket, kind, cost = self.charge(asked)
            verdict = self._ledger.ask(bucket, self.rule, asked.moment, kind, cost)
            headers = self.limits(verdict)
            if verdict.allowed:
                said = self.reply(asked)
            else:
                said = self.throttled(verdict.resets_at - asked.moment)
        except Refusal as refusal:
            said = refusal.answer
        answer = said if isinstance(said, Answer) else answered(said)
        return replace(answer, headers=headers | answer.headers) if headers else answer

    def numbered(self, number: int, moment: int) -> Post | None:
        """The post of a number (see ``number_of``), if who asks sees it at a moment."""
        rank, own = divmod(number, 1 << NUMBER_BITS)
        account = self._by_rank.get(rank)
        if account is None:
            return None
        return self._world.post(account, own, moment, by_owner=self.by_owner)


def number_of(post: Post) -> int:
    """A number that holds the account of a post and its own."""
    return post.account.rank << NUMBER_BITS | post.number
