"""« La page du mois »: one score, one place, one trend, what helps and what to do."""

from contracts.panels.ma_collectivite import PEERS, SCORE_HISTORY, SCORE_SHARES
from services.api.reports.report import Report, Subject
from services.api.words import sentences
from services.api.words.standing import moves, places


def _standing(one: Subject) -> str:
    return places.standing(one.score, one.name, one.among)


def _trend(one: Subject) -> str:
    if one.score.score is not None:
        return moves.trend(one.score)
    family, meaning = sentences.reason(one.score)
    return f"{family} : {meaning}"


def _helps(one: Subject) -> str:
    if one.score.score is None:
        return ""
    return (
        f"Ce qui aide le compte : {sentences.helps(one.kpis, one.score, electoral=one.electoral)}."
    )


def _advice(one: Subject) -> str:
    if one.score.score is None:
        return ""
    lesson = sentences.advise(one.kpis, one.score, electoral=one.electoral)
    return f"À faire : {lesson.act}." if lesson else "Rien d’urgent."


REPORT = Report(
    slug="mensuel",
    audience="la direction et les élus",
    title="La page du mois",
    panels=(SCORE_HISTORY, SCORE_SHARES, PEERS),
    sentences=(_standing, _trend, _helps, _advice),
)
