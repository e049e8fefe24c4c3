"""What the portal says of a score, in words: pure functions from rows to French sentences.

Binding rules (users, « What would be felt as unfair »): no place of the second half is told; below
the interval it is « stable »; no advice on the follow ratio; frequency advice is muted in an
electoral period; nobody is a « flop ».
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from decimal import Decimal

from contracts.kpis import BY_SLUG, Kpi
from contracts.networks import network_of
from services.api.figures.rows import AccountScore, KpiShare, RankedAccount, TerritoryAccount
from services.api.words import french
from services.api.words.french import NARROW, NO_BREAK
from services.api.words.halves import Half, half
from services.api.words.lessons import Lesson, lesson_for

OURS = "De notre fait"
THEIRS = "Pas assez de publications"
TERMS = "Conditions du réseau"

REASONS: dict[str, tuple[str, str]] = {
    "hidden": (
        "Masqué",
        (
            "Le compte cache des compteurs dont le score a besoin (le plus souvent ses mentions "
            "« j’aime ») : personne ne peut le noter. Les afficher suffit."
        ),
    ),
    "few_posts": (
        THEIRS,
        (
            "Moins de 4 publications dans le mois : une moyenne n’aurait pas de sens. "
            "Les chiffres sur 90 jours sont donnés plus bas."
        ),
    ),
    "followers_unknown": (
        OURS,
        "Nous n’avons pas relevé le nombre d’abonnés près du début et de la fin du mois.",
    ),
    "posts_gap": (
        OURS,
        (
            "Il nous manque des relevés de publications ce mois-ci : plus d’une sur dix n’a pas "
            "été relue au septième jour."
        ),
    ),
    "not_observed": (
        OURS,
        "Nous n’avons pas lu ce compte ce mois-ci. Non observé : ce n’est pas un zéro.",
    ),
    "no_bareme": (
        OURS,
        "Trop peu de comptes comparables pour établir un barème : il en faut davantage.",
    ),
    "unranked_territory": (
        "Hors classement",
        "Les collectivités d’outre-mer à statut particulier sont listées, sans rang.",
    ),
    "unscored_network": (
        TERMS,
        (
            "Les conditions de ce réseau interdisent d’en tirer un score. Ses compteurs sont "
            "montrés à part."
        ),
    ),
}
"""Why an account has no score: its family, and what it means."""

ABSENCES = {
    "not_published": "ce réseau ne le publie pas",
    "hidden": "masqué par le compte",
    "not_permitted": "non observé : ce n’est pas un zéro",
    "not_asked": "non demandé",
}

LEAST_SHOWN = Decimal("0.05")
"""Points under which a move is written 0,0."""


def standing(score: AccountScore, name: str) -> str:
    """Say where an account stands in its month, among how many.

    Places are those of the interval, told in the first half alone (decision 0013).
    """
    when = french.in_month(score.period).capitalize()
    where = f"sur{NO_BREAK}{network_of(score.network).name}"
    if score.reason is not None or score.score is None:
        return f"{when}, {where}, {name} n’a pas de score."
    found = half(score)
    if found is None:
        points = french.number(score.score, 1)
        return (
            f"{when}, {where}, {name} obtient {points} sur{NO_BREAK}100{NARROW}; moins de dix "
            "comptes de sa catégorie sont notés : la liste est sans rang."
        )
    field = _field(score)
    if found is Half.FIRST:
        return f"{when}, {where}, {name} est {_place(score)} sur {field}."
    stands = "autour du milieu" if found is Half.MIDDLE else "dans la seconde moitié"
    return f"{when}, {where}, {name} est {stands} des {field}."


def _field(score: AccountScore) -> str:
    """Say among whom: « 212 communes de sa taille », « 900 comptes de sa catégorie »."""
    if score.stratum_rank is not None and score.stratum_ranked is not None:
        return f"{french.number(score.stratum_ranked)}{NO_BREAK}communes de sa taille"
    return f"{french.number(score.ranked)}{NO_BREAK}comptes de sa catégorie"


def _place(score: AccountScore) -> str:
    rank = score.rank if score.stratum_rank is None else score.stratum_rank
    best = score.stratum_high_rank or rank
    worst = score.stratum_low_rank or rank
    if score.stratum_rank is None or best == worst:
        return f"à la {french.ordinal(rank or 0)}{NO_BREAK}place"
    return f"entre la {french.ordinal(best or 0)} et la {french.ordinal(worst or 0)}{NO_BREAK}place"


def trend(score: AccountScore) -> str:
    """Say how it moved since the month before: « Stable » inside the interval.

    Outside, it is the score that moved, so it is told in points: places may go the other way.
    """
    if score.score is None or score.previous_score is None:
        return "Pas de mois précédent à comparer."
    points = score.score - score.previous_score
    if abs(points) < LEAST_SHOWN or within(score.previous_score, score.low, score.high):
        moved = _moved_within(score, points)
        less = "" if moved.startswith("même") else ", c’est moins que la marge"
        return f"Stable{NARROW}: {moved}{less}."
    word = "progrès" if points > 0 else "recul"
    return f"Score en {word}{NARROW}: {_points(points)}, plus que la marge."


def within(previous: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether the score of the month before lies in the interval of this one (unknown: yes)."""
    return low is None or high is None or low <= previous <= high


def _moved_within(score: AccountScore, points: Decimal) -> str:
    """Say by how much: in places where these are told and lie in their margin, else in points."""
    now, before = score.stratum_rank, score.previous_stratum_rank
    if half(score) is Half.FIRST and now is not None and before is not None:
        best, worst = score.stratum_high_rank or now, score.stratum_low_rank or now
        if now == before:
            return "même place"
        if abs(now - before) <= worst - best:
            noun = "place" if abs(now - before) < 2 else "places"
            return f"{french.signed(before - now)}{NO_BREAK}{noun}"
    return "même score" if abs(points) < LEAST_SHOWN else _points(points)


def _points(points: Decimal) -> str:
    return f"{french.signed(points, 1)}{NO_BREAK}{'point' if abs(points) < 2 else 'points'}"


def strongest(kpis: Sequence[KpiShare], *, electoral: bool) -> KpiShare | None:
    """Return the KPI that helps most: the most points of 100, above the median of its category.

    One without words for it is left aside; in an electoral period rhythm too is not praised.
    """
    known = [one for one in kpis if BY_SLUG[one.kpi].helps and _above(one)]
    if electoral:
        known = [one for one in known if not BY_SLUG[one.kpi].muted_in_elections]
    return max(known, key=lambda one: one.points or 0, default=None)


def _above(kpi: KpiShare) -> bool:
    """Whether a KPI is above the median that the table beside it shows: unknown is not."""
    if kpi.points is None or kpi.value is None or kpi.cell_median is None:
        return False
    return kpi.value > kpi.cell_median


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
    """Say what helps an account most, or that nothing does yet."""
    best = strongest(kpis, electoral=electoral)
    if best is None:
        aside = " (rythme de publication mis à part)" if electoral else ""
        return f"ce mois-ci, aucun indicateur ne dépasse la médiane de votre catégorie{aside}"
    value = f"{worth(best, score)}{NARROW}; médiane{NO_BREAK}: {middle(best)}"
    return BY_SLUG[best.kpi].helps.format(value=value)


def advise(kpis: Sequence[KpiShare], *, electoral: bool) -> Lesson | None:
    """Return what to do this week, and how: of the lever that cost most; None: nothing urgent."""
    held = [one for one in kpis if BY_SLUG[one.kpi].lever and one.lost is not None]
    if electoral:
        held = [one for one in held if not BY_SLUG[one.kpi].muted_in_elections]
    worst = max(held, key=lambda one: one.lost or 0, default=None)
    if worst is None:
        return None
    if (worst.points or 0) >= 75:
        return lesson_for("followers")
    return lesson_for(worst.kpi)


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
    return REASONS.get(score.reason or "", (OURS, "La raison n’est pas connue : signalez-le-nous."))


def absence(account: TerritoryAccount) -> str:
    """Say why the followers of an account are null; never observed is not zero either."""
    if "followers" not in network_of(account.network).account_counters:
        return ABSENCES["not_published"]
    return ABSENCES.get(account.absent.get("followers", ""), ABSENCES["not_permitted"])
