"""« La page du mois »: one score, its places, its trend, three remarks; why, on the back."""

from calendar import monthrange

from contracts.networks import network_of
from contracts.panels.ma_collectivite import PEERS, SCORE_HISTORY, SCORE_SHARES
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.reports.report import Answer, Remark, Report, Subject
from services.api.words import sentences
from services.api.words.standing import moves, places
from services.api.words.standing.rulers import Ruler

WIDE = 10
"""Points between the bounds of a score from which it is its margin that is to be watched."""


def _standing(one: Subject) -> str:
    return places.standing(one.score, one.name, one.among)


def _trend(one: Subject) -> str:
    if one.score.score is not None:
        return moves.trend(one.score)
    family, meaning = sentences.reason(one.score)
    return f"{family}{NO_BREAK}: {meaning}"


def _success(one: Subject) -> str:
    if one.score.score is None:
        return "Rien n’est noté ce mois-ci : à écrire par l’agent."
    if one.unusual:
        return f"Mois hors norme, dit la collectivité ({one.unusual}){NO_BREAK}: rien n’y est loué."
    if sentences.strongest(one.kpis, one.score, electoral=one.electoral) is None:
        return "Aucun chiffre ne se détache ce mois-ci : à écrire par l’agent."
    said = sentences.helps(one.kpis, one.score, electoral=one.electoral)
    return f"{said[0].upper()}{said[1:]}."


def _watch(one: Subject) -> str:
    score = one.score
    if score.score is None:
        return "Un score demande quatre publications dans le mois, relues au septième jour."
    if score.low is not None and score.high is not None and score.high - score.low >= WIDE:
        return (
            f"Le score tient à {french.plural(score.posts or 0, 'publication')}{NO_BREAK}: d’une à "
            f"l’autre, les réactions varient, et il est entre {french.number(score.low, 1)} et "
            f"{french.number(score.high, 1)}."
        )
    lost = max(one.kpis, key=lambda kpi: kpi.lost or 0, default=None)
    if lost is None or not lost.lost:
        return "Rien de particulier."
    return (
        f"{lost.label}{NO_BREAK}: {sentences.worth(lost, score)} ("
        f"{sentences.median(lost, score)}), ce qui laisse le plus de points "
        f"({french.number(lost.lost, 1)})."
    )


def _decide(one: Subject) -> str:
    advice = one.advice
    if one.score.score is None or not advice.act:
        return f"Rien d’urgent. Qui répond aux commentaires le soir{NARROW}?"
    return f"{french.sentence_case(advice.act)} ({advice.why}). Qui, et quand{NARROW}?"


def _answers(one: Subject) -> list[Answer]:
    """Return questions and answers, those alone that the figures allow."""
    score = one.score
    if score.score is None:
        return [Answer("Pourquoi pas de score ?", _trend(one)), *_always(one)]
    points = french.number(score.score, 1)
    low, high = french.number(score.low, 1), french.number(score.high, 1)
    weights = sum(kpi.weight for kpi in one.kpis)
    why = [_worth(ruler, weights) for ruler in one.rulers]
    cell = [f"Le barème est celui de {one.rulers[0].cell}."] if one.rulers else []
    found = [
        Answer(f"Pourquoi {points} ?", "\n".join(why + cell)),
        Answer(
            "Est-ce exact ?",
            f"À la marge près{NO_BREAK}: entre {low} et {high}, parce que "
            f"{french.plural(score.posts or 0, 'publication')} ne suffisent pas à dire mieux.",
        ),
    ]
    if one.ranked:
        found.append(Answer("Devant qui, derrière qui ?", _standing(one)))
    return [*found, *_tool(one), *_always(one)]


def _worth(ruler: Ruler, weights: float) -> str:
    at = {tick.points: tick.value for tick in ruler.ticks}
    quarter = f", un sur quatre dépasse {at[75]}" if 75 in at else ""
    middle = (
        f"{NARROW}; dans le barème, la moitié fait {at[50]} ou plus{quarter}" if 50 in at else ""
    )
    return (
        f"{ruler.kpi.label} (compte pour {french.number(ruler.kpi.weight)} sur "
        f"{french.number(weights)}){NO_BREAK}: {ruler.value} vaut "
        f"{french.number(ruler.points, 1)} points{middle}."
    )


def _tool(one: Subject) -> list[Answer]:
    """Say what tools that divide by days would give, from the same reactions."""
    engagement = next((kpi.value for kpi in one.kpis if kpi.kpi == "engagement"), None)
    if engagement is None or not one.score.posts:
        return []
    first = french.first_day(one.score.period)
    days = monthrange(first.year, first.month)[1]
    daily = engagement * one.score.posts / days
    return [
        Answer(
            "Notre outil dit autre chose ?",
            f"Ici l’engagement est celui d’une publication, par abonné{NO_BREAK}: "
            f"{french.percent(engagement, 2)}. Un outil qui le compte par jour dirait "
            f"{french.percent(daily, 2)}{NO_BREAK}: {french.percent(engagement, 2)} × "
            f"{french.plural(one.score.posts, 'publication')} ÷ {days}{NO_BREAK}jours.",
        )
    ]


def _always(one: Subject) -> list[Answer]:
    found = [
        Answer(
            "À qui la faute, à qui le mérite ?",
            "Ce score mesure un compte, pas un agent, ni la qualité du service rendu. L’audience "
            "déjà acquise y pèse, et elle se gagne en années.",
        )
    ]
    if one.others:
        found.append(Answer("Et les autres réseaux ?", _elsewhere(one)))
    state = "provisoire" if one.score.state == "provisional" else "définitif"
    refaire = "Chacun peut refaire le calcul (« Vérifier ce score ») et contester le chiffre."
    return [
        *found,
        Answer("Ce chiffre peut-il changer ?", f"Ce mois est {state}. {one.expected} {refaire}"),
    ]


def _elsewhere(one: Subject) -> str:
    """Say the score of each other account, then the networks that have none."""
    networks = [other.network for other in (one.score, *one.others)]
    scored = [
        f"{network_of(other.network).name}"
        + (f" ({other.handle})" if networks.count(other.network) > 1 else "")
        + f"{NO_BREAK}: {french.number(other.score, 1)}"
        for other in one.others
        if other.score is not None
    ]
    none = sorted({network_of(other.network).name for other in one.others if other.score is None})
    said = [f"{f'{NARROW}; '.join(scored)}, sur{NO_BREAK}100."] if scored else []
    if none:
        said.append(f"{french.series(none)}{NO_BREAK}: sans score, ce qui n’est pas un zéro.")
    return " ".join(said)


REPORT = Report(
    slug="mensuel",
    audience="la direction et les élus",
    title="La page du mois",
    panels=(SCORE_HISTORY, SCORE_SHARES, PEERS),
    ranks=(PEERS,),
    standing=_standing,
    trend=_trend,
    remarks=(
        Remark("reussite", "Une réussite", _success),
        Remark("surveiller", "Un point à surveiller", _watch),
        Remark("decider", "Une décision à prendre", _decide),
    ),
    answers=_answers,
)
