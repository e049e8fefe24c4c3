"""What happens to the accounts of a territory, for the watches that ask for it: pure functions.

Each fact is known by a name, by which it is told once. What is not known is no fact: of an account
that was not read lately nothing is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from contracts.event import hashed_id
from contracts.networks import network_of
from contracts.watches import AccountFact
from libs.french import day_and_month, number, percent, plural
from services.api.figures.rows import AccountDay, AccountPost, KnownAccount, TerritoryScore
from services.api.store.registry.claims import History
from services.api.words.standing.moves import trend

FACTS: Mapping[AccountFact, str] = {
    "silence": "un compte ne publie plus, lui qui publiait",
    "drop": "un compte perd beaucoup d’abonnés en une semaine",
    "viral": "une publication fait réagir bien plus que d’habitude",
    "month": "les scores et les rangs du mois paraissent",
    "impostor": "un compte est reconnu comme une usurpation",
}
"""How the form and the page of a watch call them."""

READ_WITHIN = timedelta(days=2)
POSTS_LEAST = 5
SILENT_LEAST = timedelta(days=7)
"""Posts known of an account, and time without one, from which it may be said to be silent."""

SILENT_TIMES = 4
"""A silence is told after a week at least, and after four times the usual time between two posts;
no later than a week after that."""

DROP_LEAST, DROP_SHARE, DROP_OVER = 20, 0.03, timedelta(days=7)
VIRAL_WITHIN = timedelta(days=2)
VIRAL_TIMES, VIRAL_LEAST, VIRAL_KNOWN, VIRAL_COMPARED = 5, 20, 10, 30
"""A post of two days is viral that has five times the median interactions of the last thirty
before, twenty at least; of fewer than ten nothing is usual."""

UNDONE_WITHIN = timedelta(minutes=10)
NEWS = timedelta(days=7)
"""What the desk decides may be undone for a moment; what is older is no news."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened: its name, the subject of its mail, what it says, where to look."""

    name: str
    subject: str
    sentences: tuple[str, ...]
    address: str = ""


def silence(account: KnownAccount, posts: Sequence[AccountPost], now: datetime) -> Iterator[Fact]:
    """Yield that an account publishes no more; `posts` of some months, newest first."""
    moments = [one.published_at for one in posts if one.state == "present"]
    if len(moments) < POSTS_LEAST or not _read(account, now):
        return
    usual = timedelta(
        seconds=median((after - before).total_seconds() for after, before in pairwise(moments))
    )
    due = moments[0] + max(SILENT_LEAST, SILENT_TIMES * usual)
    if due <= now < due + NEWS:
        since = day_and_month(moments[0])
        yield Fact(
            hashed_id("silence", account.account, moments[0].isoformat()),
            f"Plus rien depuis le {since} · {_named(account)}",
            (
                (
                    f"{_named(account)} n’a rien publié depuis le {since} : d’habitude, une "
                    f"publication tous les {_days(usual)}."
                ),
                "Un compte qui se tait est parfois un accès perdu : qui peut encore y publier ?",
            ),
            account.address,
        )


def drop(account: KnownAccount, days: Sequence[AccountDay], now: datetime) -> Iterator[Fact]:
    """Yield that an account has lost followers; `days` of the last ones, oldest first."""
    known = [(one.day, one.followers) for one in days if one.followers is not None]
    if not known or not _read(account, now):
        return
    today, left = known[-1]
    before = [count for day, count in known if day <= today - DROP_OVER]
    if not before:
        return
    lost = before[-1] - left
    if lost >= max(DROP_LEAST, DROP_SHARE * before[-1]):
        yield Fact(
            hashed_id("drop", account.account, *map(str, today.isocalendar()[:2])),
            f"{number(lost)} abonnés de moins en une semaine · {_named(account)}",
            (
                (
                    f"{_named(account)} : {number(left)} abonnés, {number(lost)} de moins qu’il "
                    f"y a sept jours ({percent(lost / before[-1])})."
                ),
                "Un réseau qui retire de faux comptes fait de même : comparez avec vos voisins.",
            ),
            account.address,
        )


def viral(account: KnownAccount, posts: Sequence[AccountPost], now: datetime) -> Iterator[Fact]:
    """Yield posts of these two days that gather far more than is usual."""
    counted = [one for one in posts if one.state == "present" and one.interactions is not None]
    before = [one for one in counted if now - one.published_at > VIRAL_WITHIN][:VIRAL_COMPARED]
    if len(before) < VIRAL_KNOWN:
        return
    usual = median(one.interactions or 0 for one in before)
    for one in counted:
        gathered = one.interactions or 0
        if now - one.published_at > VIRAL_WITHIN or gathered < max(
            VIRAL_LEAST, VIRAL_TIMES * usual
        ):
            continue
        yield Fact(
            hashed_id("viral", account.account, one.post),
            f"{number(gathered)} réactions · {_named(account)}",
            (
                (
                    f"Une publication de {_named(account)} a {number(gathered)} réactions, "
                    f"commentaires et partages ; d’habitude {number(usual)}."
                ),
                *([f"« {' '.join(one.text.split())[:200]} »"] if one.text else []),
                "Lisez les commentaires : c’est là que cela se passe.",
            ),
            one.address or account.address,
        )


def month(period: str, said: str, scores: Sequence[TerritoryScore]) -> Iterator[Fact]:
    """Yield the scores of a month; `said` names it."""
    lines = [
        f"{network_of(one.network).name} ({one.handle}) : {number(one.score, 1)} sur 100"
        f"{f', {number(one.rank)}ᵉ sur {number(one.ranked)}' if one.rank else ''}. {trend(one)}"
        for one in scores
        if one.score is not None
    ]
    if lines:
        scored = plural(len(lines), "compte noté", "comptes notés")
        yield Fact(hashed_id("month", period), f"{said} : {scored}", tuple(lines))


def impostors(found: Sequence[History], now: datetime) -> Iterator[Fact]:
    """Yield the accounts that were found to pass for the territory."""
    for one in found:
        decided = max((each.decided_at for each in one.decisions), default=now)
        if UNDONE_WITHIN <= now - decided < NEWS:
            name = network_of(one.account.network).name
            yield Fact(
                hashed_id("impostor", one.account.account, decided.isoformat()),
                f"Faux compte · {one.account.handle} ({name})",
                (
                    (
                        f"Le compte {one.account.handle} sur {name} se fait passer pour votre "
                        "collectivité : l’observatoire l’a vérifié, et le dit à qui le demande."
                    ),
                    "Signalez-le au réseau, et dites-le à vos habitants depuis vos comptes.",
                ),
            )


def _read(account: KnownAccount, now: datetime) -> bool:
    """Tell whether an account was read lately: else its silence is ours."""
    return account.observed_at is not None and now - account.observed_at <= READ_WITHIN


def _named(account: KnownAccount) -> str:
    return f"{account.handle} ({network_of(account.network).name})"


def _days(gap: timedelta) -> str:
    days = max(1, round(gap / timedelta(days=1)))
    return f"{number(days)} jours" if days > 1 else "jours"
