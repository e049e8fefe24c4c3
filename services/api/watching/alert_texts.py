"""The texts of an alert: all of them, newest first, page by page, searched, as a file; 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.networks import network_of
from libs.deciding.stages import TELL_WITHIN
from libs.matching.query import found_in
from services.api.figures.watch_rows import WatchAlert, WatchMatch
from services.api.files.csv import Column

TEXTS_A_PAGE = 50
"""Texts of an alert on one page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the texts of an alert: `of` are there, `total` where nothing is searched."""

    texts: Sequence[WatchMatch]
    number: int
    of: int
    total: int
    asked: str = ""

    @property
    def last(self) -> int:
        """Return the number of the last page, from 1."""
        return max(1, -(-self.of // TEXTS_A_PAGE))


def since(alert: WatchAlert, before: WatchAlert | None) -> datetime:
    """Return the instant after which texts that came are those of this alert, not of another."""
    oldest = alert.raised_at - TELL_WITHIN
    return max(oldest, before.raised_at) if before else oldest


def texts_of_alert(
    alert: WatchAlert, before: WatchAlert | None, found: Sequence[WatchMatch]
) -> list[WatchMatch]:
    """Return the texts that an alert tells, newest first; `before` is the watch's earlier alert.

    Those that came since the earlier alert; of a peak, those published in its window, told before
    or not.
    """
    come = [one for one in found if one.matched_at <= alert.raised_at]
    if alert.window_minutes:
        window = alert.raised_at - timedelta(minutes=alert.window_minutes)
        inside = [one for one in come if one.published_at > window]
        if len(inside) >= alert.total:
            return inside
    after = since(alert, before)
    return [one for one in come if one.matched_at > after]


def page_of(texts: Sequence[WatchMatch], number: int, asked: str) -> Page:
    """Return a page of texts, those in which words are found."""
    words = " ".join(asked.split())
    shown = [one for one in texts if not words or found_in(_said(one), (words,))]
    number = min(max(1, number), max(1, -(-len(shown) // TEXTS_A_PAGE)))
    first = (number - 1) * TEXTS_A_PAGE
    return Page(shown[first : first + TEXTS_A_PAGE], number, len(shown), len(texts), words)


def _said(one: WatchMatch) -> str:
    return f"{one.title or ''} \n {one.excerpt}"


COLUMNS: tuple[Column[WatchMatch], ...] = (
    Column("publie_le", "published_at", "quand le texte a été publié", "UTC"),
    Column("recu_le", "observed_at", "quand il a été lu", "UTC"),
    Column("reseau", lambda one: network_of(one.network).name, "où il a été publié"),
    Column("titre", "title", "son titre, s’il en a un"),
    Column("extrait", "excerpt", "ses mots autour de ce qui a été trouvé, 300 signes au plus"),
    Column("mots_trouves", lambda one: ", ".join(one.terms), "ce que la veille y a trouvé"),
    Column("adresse", "address", "où le lire"),
    Column(
        "etat", "state", "présent, ou supprimé depuis",
        labels={"present": "présent", "deleted": "supprimé"},
    ),
)  # fmt: skip
