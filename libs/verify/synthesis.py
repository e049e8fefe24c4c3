"""The score of a territory over its networks (methodology, 14)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

from contracts.accounts import AccountRegistered
from libs.verify.month import rounded
from libs.verify.score import Verdict
from libs.verify.versions import Rules


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What a territory has: score, low, high in hundredths of a point, None where it has no score.

    `accounts` has the home account of each network held, `scored` the networks that count.
    """

    accounts: Mapping[str, str]
    scored: tuple[str, ...] = ()
    score: int | None = None
    low: int | None = None
    high: int | None = None


def syntheses(
    rules: Rules, accounts: Iterable[AccountRegistered], verdicts: Mapping[str, Verdict]
) -> dict[str, Synthesis]:
    """Return the score of each territory that holds an account in a month, from its verdicts."""
    latest: dict[str, AccountRegistered] = {}
    for account in sorted(accounts, key=lambda one: one.revision):
        latest[account.account] = account
    held: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts.values():
        if verdict.territory is not None:
            held[verdict.territory].append(verdict)
    return {
        territory: synthesis(rules, _at_home(territory, latest, of_territory))
        for territory, of_territory in held.items()
    }


def synthesis(rules: Rules, at_home: Sequence[Verdict]) -> Synthesis:
    """Return the score of a territory from the home account of each of its networks (14.3–14.5)."""
    accounts = {verdict.network: verdict.account for verdict in at_home}
    weighed = [(rules.use.get(one.network, 0), one) for one in at_home]
    counted = [(weight, one) for weight, one in weighed if weight and one.score is not None]
    total = sum(weight for weight, _ in counted)
    if not counted or 100 * total < 60 * sum(weight for weight, _ in weighed):
        return Synthesis(accounts)
    mean = under = over = 0
    for weight, one in counted:
        score, low, high = one.score or 0, one.low or 0, one.high or 0
        mean += weight * score
        under += (weight * (score - low)) ** 2
        over += (weight * (high - score)) ** 2
    return Synthesis(
        accounts,
        tuple(one.network for _, one in counted),
        rounded(mean, total),
        rounded(mean - isqrt(under), total),
        rounded(mean + isqrt(over), total),
    )


def _at_home(
    territory: str, registered: Mapping[str, AccountRegistered], verdicts: Iterable[Verdict]
) -> list[Verdict]:
    """Keep one account of each network: the town hall's, else the one longest known (14.1)."""

    def order(verdict: Verdict) -> tuple[bool, object, str]:
        account = registered[verdict.account]
        roles = [one.role for one in account.owners if one.home and one.territory == territory]
        return (roles[:1] != ["main"], account.registered_at, account.account)

    first: dict[str, Verdict] = {}
    for verdict in sorted(verdicts, key=order):
        first.setdefault(verdict.network, verdict)
    return list(first.values())
