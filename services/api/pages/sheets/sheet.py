"""A report about one account and month, all its words ready: page, PDF, slides and mail say them.

What its maker changes (remarks, no rank) comes with the question: it is kept nowhere.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.networks import network_of
from contracts.panels.panel import Panel
from contracts.territories import Territory
from libs import french
from libs.french import typography
from services.api.figures.rows import TerritoryScore
from services.api.figures.views import BAREME_KNOTS, MONTH_CELLS, PERIODS
from services.api.installation import Installation
from services.api.pages.pictures import unit_of
from services.api.pages.territories.account import (
    Detail,
    advised,
    choose,
    detailed,
    drawn,
    electoral_state,
    seen,
)
from services.api.pages.territories.around import below
from services.api.pages.territories.territory import known
from services.api.reports.report import Answer, Report, Subject
from services.api.store.agents.delegations import Face
from services.api.web.panels import Figure, picture
from services.api.words.advice.choosing import Advice
from services.api.words.circumstances import CAUSES
from services.api.words.elections import ElectoralState
from services.api.words.month_state import expected
from services.api.words.standing.places import field as among
from services.api.words.standing.rulers import rulers

REMARK_CHARACTERS = 240
"""Signs of a remark: three of them, and the page stays one side of a sheet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a report: an account (of a network, or by its id), remarks, places or not.

    `remarks` are those that somebody wrote, by slug; the others are proposed.
    """

    month: str
    network: str | None = None
    account: str | None = None
    remarks: Mapping[str, str] = field(default_factory=dict[str, str])
    ranked: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """A remark as it stands; `rewritten` when it is not the one proposed."""

    slug: str
    title: str
    text: str
    rewritten: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture of a sheet: its question, unit, the same in words, the SVG for narrow columns."""

    question: str
    unit: str
    words: str
    svg: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report, written; `standing` is empty where places are hidden."""

    report: Report
    territory: Territory
    place: str
    score: TerritoryScore
    standing: str
    trend: str
    remarks: Sequence[Said]
    answers: Sequence[Answer]
    figures: Sequence[Figure]
    detail: Detail
    electoral: ElectoralState | None
    ranked: bool
    faces: Sequence[Face] = ()

    @property
    def about(self) -> str:
        """Say what it is about: « La page du mois · octobre 2026 · Instagram »."""
        network = network_of(self.score.network).name
        return f"{self.report.title} · {french.month(self.score.period)} · {network}"

    @property
    def state(self) -> str:
        """Return « provisoire » or « définitif »."""
        return "provisoire" if self.score.state == "provisional" else "définitif"

    def named(self, simulation: bool) -> str:
        """Return the name of a file of it, without extension."""
        mark = "simulation_" if simulation else ""
        network = french.plain(network_of(self.score.network).name)
        return f"{mark}{french.plain(self.territory.nom)}_{network}_{self.score.period}"


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of an account that one reports on, and of the period it is in."""

    subject: Subject
    chosen: TerritoryScore
    detail: Detail
    electoral: ElectoralState | None


async def look(
    here: Installation, territory: Territory, asked: Asked, panels: Sequence[Panel] = ()
) -> Looked | None:
    """Read what a report says and shows; None where nothing is computed for the territory then."""
    _, scores, months = await known(here.figures, territory.code, asked.month)
    chosen = choose(scores, asked.network, asked.account)
    at = seen(await here.figures.read(PERIODS), asked.month, here.clock.now())
    detail = await detailed(here.figures, chosen, months, at, panels)
    if chosen is None or detail is None:
        return None
    covered = below(here.territories, territory)
    said = await asyncio.to_thread(here.store.circumstances.of, territory.code)
    electoral = await electoral_state(here.store, territory, at.last)
    cells, knots = await asyncio.gather(
        here.figures.read(MONTH_CELLS, period=asked.month),
        here.figures.read(BAREME_KNOTS, methodology=chosen.methodology),
    )
    subject = Subject(
        territory.nom,
        chosen,
        detail.kpis,
        electoral is not None and electoral.muted,
        among(chosen, cells),
        advised(chosen, detail, at, knots, scores, covered, electoral) or Advice(lesson=None),
        rulers(detail.kpis, chosen, knots),
        [one for one in scores if one.account != chosen.account],
        asked.ranked,
        expected(chosen.period, chosen.state, here.clock.now()),
        CAUSES[said.unusual[asked.month]] if asked.month in said.unusual else "",
    )
    return Looked(subject, chosen, detail, electoral)


async def compose(
    here: Installation, report: Report, territory: Territory, asked: Asked
) -> Sheet | None:
    """Write a report; None where nothing is computed for the territory and the month."""
    if (found := await look(here, territory, asked, report.panels)) is None:
        return None
    subject = found.subject
    shown = [one for one in report.panels if asked.ranked or one not in report.ranks]
    return Sheet(
        report,
        territory,
        here.territories.place(territory),
        found.chosen,
        report.standing(subject) if asked.ranked else "",
        report.trend(subject),
        _remarks(subject, report, asked.remarks),
        report.answers(subject),
        drawn(found.chosen, found.detail, shown),
        found.detail,
        found.electoral,
        asked.ranked,
        await asyncio.to_thread(here.store.delegations.faces, territory.code),
    )


def one_line(remark: str | None) -> str:
    """Return a remark as somebody wrote it, on one line, cut where it is too long."""
    return " ".join((remark or "").split())[:REMARK_CHARACTERS]


def _remarks(subject: Subject, report: Report, given: Mapping[str, str]) -> list[Said]:
    found: list[Said] = []
    for one in report.remarks:
        proposed, written = one.say(subject), one_line(given.get(one.slug))
        rewritten = written not in ("", one_line(typography(proposed)))
        found.append(Said(one.slug, one.title, written or proposed, rewritten))
    return found


async def pictures(sheet: Sheet, *, simulation: bool) -> list[Drawn]:
    """Draw the panels of a report, for columns of half a page."""
    found: list[Drawn] = []
    for one in sheet.figures:
        rows = sheet.detail.loaded.shown(one.panel)
        svg = await picture(one.panel, rows, simulation, sheet.territory.nom, narrow=True)
        told = " ; ".join(", ".join(cells[:2]) for cells in one.cells)
        words = typography(f"{one.panel.question} {told}.")
        found.append(Drawn(one.panel.question, unit_of(one.panel), words, svg))
    return found
