"""Whether a month may still change, in words, at the day when it is read.

A month may be made final from the 9th of the second month after it (methodology, 4), by people who
go through it: until they have, it is « provisoire », whatever its age, and says so.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from libs import french
from libs.french import PARIS
from services.api.figures.month_rows import MonthRevision

FINAL_FROM_DAY = 9
"""The day of the second month after it from which a month may be made final."""

FINAL = "Il ne change plus que par une révision publiée, avec sa raison."


def final_from(period: str) -> date:
    """Return the day from which a month may be made final. Raises `ValueError` for no month."""
    first = french.first_day(period)
    year, month = divmod(12 * first.year + first.month + 1, 12)
    return date(year, month + 1, FINAL_FROM_DAY)


def final_at(period: str, announced: datetime) -> datetime:
    """Return when a month may be final that is announced for an instant: not before its day."""
    return max(announced, datetime.combine(final_from(period), time(), PARIS))


def withdrawn(period: str, revisions: Iterable[MonthRevision]) -> str:
    """Say of a month that is not published that it was taken away, when and why; else empty."""
    for one in revisions:
        if one.period == period and one.withdrawn_at:
            month, when = french.month(period).capitalize(), french.moment(one.withdrawn_at)
            why = french.full_stop(one.withdrawn or "")
            return f"{month} a été retiré le {when} : {why} Ne citez plus ses chiffres."
    return ""


def expected(period: str, state: str, now: datetime, announced: datetime | None = None) -> str:
    """Say what is to be expected of a month: a sentence that is true on the day of `now`.

    `announced` is the instant from which it is said to be final.
    """
    if state == "final":
        return FINAL
    if announced is not None and now < (at := final_at(period, announced)):
        return f"Définitif à partir du {french.moment(at)} : d’ici là, contestez ce qui est faux."
    due = final_from(period)
    when = french.short_day(due)
    if now.astimezone(PARIS).date() < due:
        return f"Définitif au plus tôt le {when}, après relecture."
    return f"Sa relecture, possible depuis le {when}, n’est pas faite."
