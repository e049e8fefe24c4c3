"""A report as slides: what it says, each of its charts, then what to answer."""

from collections.abc import Sequence
from datetime import datetime

from libs import french
from services.api.files.deck import MARGIN, WIDTH, Deck
from services.api.pages.sheets.sheet import Drawn, Sheet

ANSWERS_A_SLIDE = 3
"""Answers of a report that one slide has room for."""


def slides(
    sheet: Sheet, pictures: Sequence[Drawn], *, address: str, now: datetime, simulation: bool
) -> bytes:
    """Return the slides; `address` is the portal's."""
    deck = Deck(f"Observatoire, {address}, édité le {french.moment(now)}", simulation=simulation)
    about, score = f"{sheet.place} · {sheet.about} · {sheet.state}", sheet.score
    deck.slide(sheet.territory.nom, f"{about} · points sur 100")
    if score.score is not None:
        margin = f"entre {french.number(score.low, 1)} et {french.number(score.high, 1)}"
        points = [(french.number(score.score, 1), 60, True, "accent"), (margin, 14, False, "soft")]
        deck.words(points, top=4.2, height=3.8, width=8)
    said = [(one, 20, False, "ink") for one in (sheet.standing, sheet.trend) if one]
    deck.words(said, top=4.6, height=3.6, left=10, width=WIDTH - 10 - MARGIN)
    wide = (WIDTH - 2 * MARGIN) / max(1, len(sheet.remarks))
    for place, one in enumerate(sheet.remarks):
        deck.words(
            [(one.title, 18, True, "accent"), (one.text, 16, False, "ink")],
            top=9.5,
            height=7.5,
            left=MARGIN + place * wide,
            width=wide - 0.8,
        )
    for one in pictures:
        deck.slide(one.question, " · ".join(filter(None, (about, one.unit))))
        deck.picture(one.svg, one.words, left=MARGIN, top=4.2, height=13)
    many = -(-len(sheet.answers) // ANSWERS_A_SLIDE)
    for start in range(0, len(sheet.answers), ANSWERS_A_SLIDE):
        place = f" ({start // ANSWERS_A_SLIDE + 1} sur {many})" if many > 1 else ""
        deck.slide(f"Si l’on vous demande pourquoi{place}", about)
        told = [
            part
            for one in sheet.answers[start : start + ANSWERS_A_SLIDE]
            for part in (
                (one.question, 16, True, "ink"),
                *((line, 14, False, "ink") for line in one.answer.splitlines()),
            )
        ]
        deck.words(told, top=4.2, height=13)
    return deck.content()
