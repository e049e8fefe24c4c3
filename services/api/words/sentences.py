"""What the portal says of a score, in words: pure functions from rows to French sentences.

Rules that each sentence keeps: no place of the second half is told; below
the interval it is « stable »; rhythm is not praised in an electoral period; nobody is a « flop ».
What to do is in `advice/`.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence

from contracts.kpis import BY_SLUG, Kpi
from contracts.networks import network_of
from contracts.scores import reason_words
from contracts.territories import Category
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.figures.rows import AccountScore, KnownAccount, KpiShare, RankedAccount
from services.api.words.unscored import why_unscored

NOT_OBSERVED = "non observé : ce n’est pas un zéro"


def strongest(kpis: Sequence[KpiShare], score: AccountScore, *, electoral: bool) -> KpiShare | None:
    """Return the KPI that helps most: the most points of 100, above the median of its category.

    As it is written too: one that reads like its median says nothing. One worth less than half of
    its points does not help, and one without words for it is left aside; in an electoral period
    rhythm too is not praised.
    """
    known = [
        one
        for one in above(kpis)
        if _praised(one, electoral=electoral)
        and (one.points or 0) >= HALF
        and worth(one, score) != middle(one)
    ]
    return max(known, key=lambda one: one.points or 0, default=None)


HALF = 50
"""Points of a KPI at the median of the reference: fewer are not what helps."""

GOOD = 75
"""Points from which a KPI needs no advice: three accounts in four of the reference have fewer."""


def above(kpis: Iterable[KpiShare]) -> list[KpiShare]:
    """Return the KPIs that are above the median beside them: what is unknown is not."""
    return [
        one
        for one in kpis
        if one.points is not None
        and one.value is not None
        and one.cell_median is not None
        and one.value > one.cell_median
    ]


def _praised(kpi: KpiShare, *, electoral: bool) -> bool:
    known = BY_SLUG[kpi.kpi]
    return bool(known.helps) and not (electoral and known.muted_in_elections)


def worth(kpi: KpiShare, score: AccountScore) -> str:
    """Write the value of a KPI; a rhythm above what is counted, as it truly was.

    « 3,3 par jour (compté 1,00 : plafond de la méthodologie 6.3) »: posts by days of the month.
    """
    counted = french.quantity(kpi.value, kpi.unit)
    most = BY_SLUG[kpi.kpi].most
    if most is None or kpi.value is None or score.posts is None:
        return counted
    first = french.first_day(score.period)
    daily = score.posts / monthrange(first.year, first.month)[1]
    if kpi.value < most or daily <= most:
        return counted
    return (
        f"{french.number(daily, 1)} par jour (compté {french.number(kpi.value, 2)}{NO_BREAK}: "
        f"plafond de la méthodologie{NO_BREAK}6.3)"
    )


def middle(kpi: KpiShare) -> str:
    """Write the median of a KPI; one at the most counted may truly be above it."""
    return _capped(kpi.cell_median, french.quantity(kpi.cell_median, kpi.unit), kpi.kpi)


def median(kpi: KpiShare, score: AccountScore) -> str:
    """Write the median of a KPI and of whom it is: « médiane des petites villes : 3,1 % »."""
    whose = f"des {Category(score.category).label}" if score.category else "du mois"
    return f"médiane {whose}{NO_BREAK}: {middle(kpi)}"


def figure(line: RankedAccount, kpi: Kpi) -> str:
    """Write the value of a KPI in a ranking: « 3,2 % », « 0,52 », « 1,00 ou plus », « 1 204 »."""
    value: float | None = getattr(line, kpi.slug)
    written = french.quantity(value, kpi.unit)
    if kpi.whole or kpi.unit == "per_day":
        written = french.number(value, 0 if kpi.whole else 2)
    return _capped(value, written, kpi.slug)


def weekly(posts: float) -> str:
    """Write a rhythm in words: « 1,6 publication par semaine », singular below two."""
    noun = "publication" if posts < 2 else "publications"
    return f"{french.number(posts, 1)}{NO_BREAK}{noun} par semaine"


def _capped(value: float | None, written: str, kpi: str) -> str:
    most = BY_SLUG[kpi].most
    return f"{written} ou plus" if most is not None and (value or 0) >= most else written


def helps(kpis: Sequence[KpiShare], score: AccountScore, *, electoral: bool) -> str:
    """Say which KPI helps an account most, or that none does; and which ones are left aside."""
    best = strongest(kpis, score, electoral=electoral)
    if best is not None:
        value = f"{worth(best, score)}{NARROW}; {median(best, score)}"
        return BY_SLUG[best.kpi].helps.format(value=value)
    higher = above(kpis)
    if not higher:
        return "ce mois-ci, aucun indicateur ne dépasse la médiane de sa catégorie"
    names = ", ".join(one.label.lower() for one in higher)
    aside = [one for one in higher if not _praised(one, electoral=electoral)]
    why = " (en période électorale, le rythme n’est pas loué)" if electoral and aside else ""
    beyond = f"au-dessus de la médiane de sa catégorie{NO_BREAK}: {names}{why}"
    return f"{beyond}{NARROW}; rien ne s’en détache"


def shares(kpis: Iterable[KpiShare]) -> tuple[float, float]:
    """Return the points « hérités » (audience) and « de ce mois » (engagement, publications)."""
    inherited = earned = 0.0
    for one in kpis:
        if BY_SLUG[one.kpi].inherited:
            inherited += one.contribution or 0.0
        else:
            earned += one.contribution or 0.0
    return inherited, earned


def reason(score: AccountScore) -> tuple[str, str]:
    """Return the family of the reason why an account is not ranked, and what it means."""
    if score.reason == "unscored_network":
        return why_unscored(score.network)
    words = reason_words(score.reason)
    return words.family, words.meaning


def absence(account: KnownAccount) -> str:
    """Say why the followers of an account are null; never observed is not zero either."""
    if "followers" not in network_of(account.network).account_counters:
        return french.ABSENCES["not_published"]
    return french.ABSENCES.get(account.absent.get("followers", ""), NOT_OBSERVED)
