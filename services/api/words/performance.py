"""What is found in the posts of an account, in French: sentences, certainty, shocks of growth."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.posts import KIND_LABELS
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.performance.contrasts import Dimension
from services.api.performance.findings import ANALYSED_FEWEST, Analysis, Finding
from services.api.performance.growth import Shock
from services.api.performance.posts import COMPARABLE_FEWEST, COMPARED_WITHIN, Compared

VERY_SURE, SURE = 0.0001, 0.003
"""The chance that a finding is none, below which it is said to be so."""

KINDS = {
    "text": "Les textes sans image",
    "photo": "Les photos",
    "album": "Les albums",
    "video": "Les vidéos",
    "link": "Les liens",
    "event": "Les événements",
    "other": "Les autres publications",
}
SUBJECTS: dict[Dimension, str] = {
    "format": "{}",
    "hour": "Publier {}",
    "weekday": "Publier {}",
    "topic": "Le sujet «\u00a0{}\u00a0»",
    "hashtag": "Le hashtag {}",
    "length": "Les textes de {}",
    "repeated": "Mettre {}",
    "rhythm": "En publier {}",
}
_BY_LABEL = {label: KINDS[kind] for kind, label in KIND_LABELS.items()}


def subject(one: Finding) -> str:
    """Name the posts that a finding is about: « Les vidéos », « Publier le week-end »."""
    value = _BY_LABEL.get(one.value, one.value) if one.dimension == "format" else one.value
    return SUBJECTS[one.dimension].format(value)


def effect(one: Finding) -> str:
    """Write what these posts gather: « 1,8 fois les réactions des autres », « 40 % de moins »."""
    if one.times >= 1:
        return f"{french.number(one.times, 1)} fois les réactions des autres"
    return f"{french.percent(1 - one.times, 0)} de réactions de moins que les autres"


def margin(one: Finding) -> str:
    """Write the interval of an effect, in the same terms."""
    if one.times >= 1:
        low, high = (french.number(value, 1) for value in (one.low, one.high))
        return f"entre {low} et {high} fois"
    low, high = (french.percent(1 - value, 0) for value in (one.high, one.low))
    return f"entre {low} et {high} de moins"


def certainty(one: Finding) -> str:
    """Say how sure a finding is, in a word."""
    return "très sûr" if one.chance < VERY_SURE else "sûr" if one.chance < SURE else "probable"


def summary(analysis: Analysis) -> str:
    """Write the sentence that goes before all others: what was found, or that nothing was."""
    count = french.number(len(analysis.posts))
    if not analysis.enough:
        return (
            f"Pas assez de publications pour conclure{NO_BREAK}: {count} comparables, sur "
            f"douze mois au plus, il en faut {ANALYSED_FEWEST}."
        )
    looked = f"{count}{NO_BREAK}publications, {analysis.asked} comparaisons"
    if not analysis.findings:
        return (
            f"Rien ne se distingue du hasard ({looked}){NARROW}: format, heure, jour, sujet et "
            "longueur ne changent pas nettement les réactions."
        )
    more = [f"{subject(one)}, {effect(one)}" for one in analysis.findings if one.times >= 1]
    less = [f"{subject(one)}, {effect(one)}" for one in analysis.findings if one.times < 1]
    said: list[str] = []
    if more:
        said.append(f"Ce qui fait plus réagir{NO_BREAK}: {_listed(more)}.")
    if less:
        said.append(f"Ce qui fait moins réagir{NO_BREAK}: {_listed(less)}.")
    return " ".join(said)


def _listed(parts: Sequence[str]) -> str:
    return f"{NARROW}; ".join(one[:1].lower() + one[1:] for one in parts)


def grown(one: Shock) -> str:
    """Write a shock of growth: « Du 3 au 6 mars 2026 : + 132 abonnés, d’habitude + 4 »."""
    when = f"Du {french.day_and_month(one.first)} au {french.day(one.last)}"
    return (
        f"{when}{NO_BREAK}: {french.signed(one.gained)} abonnés, "
        f"d’habitude {french.signed(one.usual)}."
    )


def normal(one: Compared) -> str:
    """Write a post beside its normal: « 3,1 fois l’habituel », or why that is not known."""
    if one.ratio is not None:
        return f"{french.number(one.ratio, 1)} fois"
    if one.interactions is None:
        return "non publié"
    if one.normal is not None:
        return french.UNKNOWN
    return "trop récente" if one.young else f"moins de {COMPARABLE_FEWEST} comparables"


def span(published: Sequence[datetime], now: datetime) -> str:
    """Say what time posts cover: « douze mois », « depuis le 26 août 2026 »."""
    oldest = min(published, default=now - COMPARED_WITHIN)
    if now - oldest >= COMPARED_WITHIN - timedelta(days=31):
        return "douze mois"
    return f"depuis le {french.day(oldest)}"
