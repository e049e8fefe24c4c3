"""What a report is: one page about one account and one month, for somebody who has two minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.panels.panel import Panel
from services.api.figures.rows import AccountScore, KpiShare, TerritoryScore
from services.api.words.advice.choosing import Advice
from services.api.words.standing.places import Field
from services.api.words.standing.rulers import Ruler


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a report is about: an account, by the name of its collectivité, in a month.

    `advice` is what its page says to do.
    `rulers` are those of the barème that serves it, `others` the other accounts of the
    collectivité, scored or not. Without `ranked`, no place is told. `expected` says whether the
    month may still change, `unusual` why its territory says that it is out of the norm.
    """

    name: str
    score: AccountScore
    kpis: Sequence[KpiShare]
    electoral: bool
    among: Field
    advice: Advice
    rulers: Sequence[Ruler] = ()
    others: Sequence[TerritoryScore] = ()
    ranked: bool = True
    expected: str = ""
    unusual: str = ""


Sentence = Callable[[Subject], str]
"""Says one thing of a subject, in French; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark that whoever makes the page may rewrite: `slug` is its name in an address."""

    slug: str
    title: str
    say: Sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that an elected official may be asked, and what may be answered, by lines."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its sentences and remarks, then its panels, in order; one side of a sheet of A4.

    `ranks` are the panels that tell places. On the back, `answers` to who asks why.
    """

    slug: str
    audience: str
    title: str
    panels: tuple[Panel, ...]
    ranks: tuple[Panel, ...]
    standing: Sentence
    trend: Sentence
    remarks: tuple[Remark, ...]
    answers: Callable[[Subject], list[Answer]]
