"""The rehearsal of a publication: each of its steps, done without its effect, and what it says."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs import french
from services.api.figures.gate import Gate
from services.api.figures.month_rows import MonthRevision
from services.api.files.feed import entry_of
from services.api.files.month import MonthFiles
from services.api.store.contests import Contest
from services.api.words.month_state import final_from


@dataclass(frozen=True, slots=True)
class Check:
    """A step: its name, whether it is ready, what was found, and whether it is waited for."""

    name: str
    ready: bool
    says: str
    waited_for: bool = True


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to look at: the gate, contests without an answer, the end of the notice."""

    gate: Gate
    contests: Sequence[Contest]
    due: datetime | None


async def rehearse(
    files: MonthFiles, month: MonthRevision, looked: Looked, now: datetime
) -> list[Check]:
    """Return the steps in their order. Raises `EngineUnavailable`."""
    digests, found = await asyncio.gather(
        files.digests(month.period), files.recomputed(month.period)
    )
    title, _ = entry_of(month.model_copy(update={"state": "final"}), simulation=False)
    lines = len(digests.files)
    return [
        _fingerprint(month, found),
        Check(
            "Fichiers",
            lines > 0,
            f"{french.plural(lines, 'fichier')}, chacun avec sa somme SHA-256.",
        ),
        *_looked_at(looked),
        *_due(month, looked.due, now),
        Check("Flux des révisions", True, f"dirait « {title} »."),
    ]


def _fingerprint(month: MonthRevision, found: str) -> Check:
    same = found == month.hash
    return Check(
        "Empreinte",
        same,
        "refaite depuis chaque ligne, elle est celle du calcul."
        if same
        else f"refaite, ce n’est pas celle du calcul ({month.hash[:12]}…) : ne publiez pas.",
    )


def _looked_at(looked: Looked) -> list[Check]:
    """Return what a person still has to read or to answer."""
    points, contests = looked.gate.count, len(looked.contests)
    return [
        Check(
            "Points à regarder",
            not points,
            "rien." if not points else "à relire plus haut ; ils n’empêchent pas de publier.",
            waited_for=False,
        ),
        Check(
            "Contestations",
            not contests,
            "aucune sans réponse." if not contests else "répondez-y avant de publier.",
        ),
    ]


def _due(month: MonthRevision, due: datetime | None, now: datetime) -> list[Check]:
    """Return what is waited for: the end of the notice, and the day of the methodology."""
    day = final_from(month.period)
    announced = "à faire."
    if due is not None:
        delay = "court jusqu’au" if now < due else "est passé depuis le"
        announced = f"son délai {delay} {french.moment(due)}."
    return [
        Check("Annonce", due is not None and now >= due, announced),
        Check(
            "Jour",
            now.astimezone(french.PARIS).date() >= day,
            f"la méthodologie le permet à partir du {french.short_day(day)}.",
        ),
    ]
