"""What a page says of an account, held against the figures beside it: a list of contradictions."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from services.api.figures.month_rows import MonthCell
from services.api.figures.rows import AccountScore, KpiShare
from services.api.words import sentences
from services.api.words.advice.choosing import advise
from services.api.words.advice.situation import GROUPS, Situation
from services.api.words.standing import moves, places
from services.api.words.standing.first_half import Half, half

NUMBER = r"[+−]?\d[\d\u202f]*(?:,\d+)?"


def numbers(text: str) -> list[float]:
    """The numbers of a sentence, as they are written."""
    found = re.findall(NUMBER, text)
    return [float(one.replace("\u202f", "").replace(",", ".").replace("−", "-")) for one in found]


def contradictions(
    score: AccountScore, kpis: Sequence[KpiShare], cells: Sequence[MonthCell]
) -> list[str]:
    """Every sentence about an account that its figures contradict, with which."""
    return [f"{score.account} {score.period}: {one}" for one in _all(score, kpis, cells)]


def _all(
    score: AccountScore, kpis: Sequence[KpiShare], cells: Sequence[MonthCell]
) -> Iterator[str]:
    if score.score is None:
        return
    yield from _of_places(score, cells)
    yield from _of_moves(score)
    yield from _of_points(score, kpis)
    for electoral in (False, True):
        yield from _of_kpis(score, kpis, electoral=electoral)


def _of_places(score: AccountScore, cells: Sequence[MonthCell]) -> Iterator[str]:
    among, bounds = places.field(score, cells), places.bounds(score)
    said = places.standing(score, "X", among)
    if bounds is None:
        if " place" in said:
            yield f"a place without a rank: {said}"
        return
    best, worst = bounds
    rank = score.rank if score.stratum_rank is None else score.stratum_rank
    if not best <= rank <= worst <= among.accounts:
        yield f"places {best} to {worst} of {among.accounts}, rank {rank}"
    if "comptes" not in among.counted:
        of_network = [one for one in cells if one.network == score.network]
        of_field = [
            one
            for one in of_network
            if one.stratum == score.stratum or score.stratum_rank is None
            if one.category == score.category
        ]
        if sum(one.territories for one in of_field) != among.accounts:
            yield f"accounts counted as territories: {among.counted}"
    if (half(score) is Half.FIRST) != (" place sur " in said.replace("\u00a0", " ")):
        yield f"a place of the second half: {said}"
    low, high = (round(float(one), 1) for one in (score.low, score.high))
    if not low - 1e-9 <= round(float(score.score), 1) <= high + 1e-9:
        yield f"a margin without its score: {low} {score.score} {high}"


def _of_moves(score: AccountScore) -> Iterator[str]:
    moved, said = moves.move(score, score.methodology), moves.trend(score)
    if moved is None:
        if score.previous_score is not None and score.previous_methodology == score.methodology:
            yield f"a month before that is not compared: {said}"
        return
    apart = score.low > score.previous_high or score.high < score.previous_low
    if score.methodology not in moves.BY_ITS_OWN_MARGIN and moved.told and not apart:
        yield f"a move inside the margins: {said}"
    if ("progrès" in said) != (moved.told and moved.points > 0):
        yield f"up or not: {said}"
    if ("recul" in said) != (moved.told and moved.points < 0):
        yield f"down or not: {said}"
    if "place" in said:
        yield f"places mixed with points: {said}"


def _of_points(score: AccountScore, kpis: Sequence[KpiShare]) -> Iterator[str]:
    parts = sentences.shares(kpis)
    if kpis and abs(sum(parts) - float(score.score or 0)) > 0.06:
        yield f"what is inherited and earned is not the score: {parts} {score.score}"
    for one in kpis:
        if one.contribution is None or one.lost is None or one.points is None:
            continue
        weights = sum(each.weight for each in kpis)
        if abs(one.contribution + one.lost - 100 * one.weight / weights) > 0.02:
            yield f"gained and lost are not its weight: {one.kpi} {one.contribution} {one.lost}"
        if not 0 <= one.points <= 100:
            yield f"points out of 0 to 100: {one.kpi} {one.points}"


def _of_kpis(score: AccountScore, kpis: Sequence[KpiShare], *, electoral: bool) -> Iterator[str]:
    best = sentences.strongest(kpis, score, electoral=electoral)
    said = sentences.helps(kpis, score, electoral=electoral)
    if best is not None:
        if not (best.value > best.cell_median and best.points >= sentences.HALF):
            yield f"praised below its median: {said}"
        if len(set(numbers(said)[:2])) == 1 and best.kpi != "frequency":
            yield f"praised for nothing: {said}"
    if re.search("médiane (?:du mois|:)", said.replace("\u00a0", " ")):
        yield f"a median of nobody: {said}"
    if "aucun indicateur" in said and sentences.above(kpis):
        yield f"one is above the median: {said}"
    day = date(2026, 11, 24) if electoral else date(2026, 6, 16)
    yield from of_advice(Situation(score=score, kpis=kpis, day=day), said)


def of_advice(of: Situation, helps: str) -> Iterator[str]:
    """What is advised beside what helps, held against the figures."""
    advice, best = advise(of), of.praised
    if advice.group is None:
        if any(of.aside(one) is None for one in of.losses):
            yield f"nothing is urgent, and {of.losses} are lost"
        return
    told = f"{advice.lever}, {advice.reason}: {advice.why}"
    if best is not None and best.kpi in GROUPS[advice.group]:
        yield f"praised and corrected: {helps}; {told}"
    if of.electoral and advice.group == "rhythm" and advice.lever != "avant":
        yield f"a rhythm advised in an electoral period: {told}"
    if advice.group not in of.losses[:2] and not advice.instead:
        yield f"neither of the two largest losses: {told}"
    if re.search("médiane(?! des )", advice.why):
        yield f"a median of nobody: {told}"
    if "; médiane " in advice.why:
        value, median = numbers(advice.why)[-2:]
        if not value < median:
            yield f"told below the median: {told}"
    if advice.effect is not None and of.score.score is not None and of.score.high is not None:
        score, high = advice.effect.score, of.score.high
        if not of.score.score < score <= 100 or advice.effect.within != (score <= high):
            yield f"an effect that figures deny: {advice.effect.said}"
