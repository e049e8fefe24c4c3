"""What the file of a KPI holds: its SQL expression and its French texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.accounts import AccountCounter


@dataclass(frozen=True, slots=True)
class Rule:
    """How a KPI is computed and told.

    `value` is a SQL expression in billionths over the columns of the month's facts
    (`services/scorer/month/facts.py`): null where the figure is not known; `by_version` has the
    expressions of the methodologies that knew another. `needs` are the counters of an account
    without which a network has no such KPI, `of_posts` whether it needs the posts' interactions.
    `posts` and `account` add facts to those there are, by name: SQL aggregates over the posts of an
    account (`published`, `kind`, `timely`, `deleted`) and over its measures (`seen`, `followers`,
    `following`, `absent`); `{start}` and `{end}` are the seconds of the month. `margin` is the SQL
    of how far the value may be off (billionths, the methodology's multiple of a standard error):
    the one on which a methodology's interval rests has it.

    `explanation` says in French what it is; `advice` what helps, empty where we never give any.
    """

    value: str
    needs: tuple[AccountCounter, ...]
    explanation: str
    advice: str
    of_posts: bool = False
    margin: str = ""
    by_version: Mapping[str, str] = field(default_factory=dict[str, str])
    posts: Mapping[str, str] = field(default_factory=dict[str, str])
    account: Mapping[str, str] = field(default_factory=dict[str, str])


def rounded(numerator: str, denominator: str) -> str:
    """Return the SQL of a quotient of integers, half rounded up (methodology, 2.4).

    Unsigned 64-bit: twice the numerator plus the denominator must stay below 2^64, which the
    ceiling of 9 × 10⁹ on counts ensures (methodology, 6).
    """
    return f"intDiv(2 * ({numerator}) + ({denominator}), 2 * ({denominator}))"
