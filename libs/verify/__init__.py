"""The independent reading of the methodology: a month's scores from its events, in plain Python.

Written from docs/methodology.md alone; shares no code with the scorer. Tests compare the two for
every account; « Vérifier ce score » shows its arithmetic. Numbers in the docstrings are sections of
that document. All values are integers: KPI values and knots in billionths, points in millionths of
a point, scores in hundredths of a point, instants in whole seconds since 1970 UTC.
"""

from libs.verify.bareme import Bareme, Cell, Knots
from libs.verify.month import BILLION, MILLION, Month, Observed, Place
from libs.verify.score import Verdict, bareme, verdicts
from libs.verify.standing import Interval, moved
from libs.verify.synthesis import Synthesis, syntheses, synthesis
from libs.verify.versions import RULES, Rules, UnknownVersionError, rules_of

__all__ = [
    "BILLION",
    "MILLION",
    "RULES",
    "Bareme",
    "Cell",
    "Interval",
    "Knots",
    "Month",
    "Observed",
    "Place",
    "Rules",
    "Synthesis",
    "UnknownVersionError",
    "Verdict",
    "bareme",
    "moved",
    "rules_of",
    "syntheses",
    "synthesis",
    "verdicts",
]
