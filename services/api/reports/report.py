"""What a report is: one page about one account and one month, for somebody who has two minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.panels.panel import Panel
from services.api.figures.rows import AccountScore, KpiShare
from services.api.words.standing.places import Field


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a report is about: an account, by the name of its collectivité, in a month."""

    name: str
    score: AccountScore
    kpis: Sequence[KpiShare]
    electoral: bool
    among: Field


Sentence = Callable[[Subject], str]
"""Says one thing of a subject, in French; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its sentences, then its panels, in order; it is printed on one sheet of A4."""

    slug: str
    audience: str
    title: str
    panels: tuple[Panel, ...]
    sentences: tuple[Sentence, ...]
