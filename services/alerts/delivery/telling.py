"""What is told, in words, whatever the channel: lines of evidence, times, links."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from contracts.addresses.fiction import fictional
from contracts.addresses.hosts import web_address
from contracts.alerts import (
    HAND_OVER_PAGE,
    MUTE_PAGE,
    NOT_US_PAGE,
    SEEN_PAGE,
    WHY_PAGE,
    AlertRaised,
    Evidence,
)
from contracts.networks import network_of
from contracts.watches import RECEIVING_PAGE, UNSUBSCRIBE_PAGE, WATCH_PAGE, Watched
from libs.deciding.grouping import merged
from libs.deciding.hours import zone_of
from libs.deciding.wording import curve, speaker, speakers
from libs.french import (
    NO_BREAK,
    clock_time,
    exact_seconds,
    exact_time,
    number,
    sentence_case,
    typography,
    weekday,
)
from libs.matching.highlight import marked

SIMULATION = "[SIMULATION]"

RHYTHM_LEAST = 4
RHYTHM_STEPS = 12
"""A curve of the hours is drawn from so many texts on, in so many steps."""

RHYTHM_SPAN = timedelta(minutes=2)
"""Texts from which it is said who speaks and when, in how many steps, over how long at least."""


def times(published_at: datetime, received_at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return « Publié 8 h 43 min 12,1 s — reçu 12,7 s », by the clocks of the watch.

    The day is said when it is not today; of the reception only what differs.
    """
    published, received = published_at.astimezone(zone), received_at.astimezone(zone)
    day = (
        "" if published.date() == now.astimezone(zone).date() else f"{weekday(published, zone)} à "
    )
    if received.replace(second=0, microsecond=0) == published.replace(second=0, microsecond=0):
        return f"Publié {day}{exact_time(published, zone)} — reçu {exact_seconds(received)}"
    other = "" if received.date() == published.date() else f"{weekday(received, zone)} à "
    return f"Publié {day}{exact_time(published, zone)} — reçu {other}{exact_time(received, zone)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence: `parts` is the excerpt cut at the terms found (text, found).

    `said` is how many texts say the same.
    """

    network: str
    address: str
    title: str | None
    parts: tuple[tuple[str, bool], ...]
    times: str
    said: int = 1

    @classmethod
    def of(
        cls, evidence: Evidence, now: datetime, zone: ZoneInfo, *, simulation: bool, said: int = 1
    ) -> Self:
        """Return a piece of evidence in words; what is made up leads to nobody real."""
        address = web_address(evidence.address) or ""
        return cls(
            network=network_of(evidence.network).name,
            address=fictional(address) if simulation else address,
            title=evidence.title,
            parts=tuple(marked(evidence.excerpt, evidence.terms)),
            times=times(evidence.published_at, evidence.received_at, now, zone),
            said=said,
        )

    @property
    def often(self) -> str:
        """Return « × 6 » where several texts say the same."""
        return f" × {number(self.said)}" if self.said > 1 else ""

    @property
    def text(self) -> str:
        """Return the excerpt as it is."""
        return "".join(part for part, _ in self.parts)

    @property
    def titled(self) -> str:
        """Return title and excerpt on one line."""
        return " ".join(f"{self.title or ''} {self.text}".split())


@dataclass(frozen=True, slots=True)
class Links:
    """Pages of the portal, each with a button (POST): mail scanners follow links, and must find
    nothing that they could do."""

    why: str
    not_us: str
    seen: str
    mute: str
    hand_over: str
    watch: str
    receiving: str
    unsubscribe: str

    @classmethod
    def of(cls, portal_url: str, alert: AlertRaised, name: str) -> Self:
        """Return the pages of an alert for a recipient, by the name that its watch gives it."""
        base = portal_url.rstrip("/")
        recipient = {"destinataire": name}
        query = f"?{urlencode({'veille': alert.watch, **recipient})}"
        names = {"alert": quote(alert.alert), "watch": quote(alert.watch)}
        return cls(
            why=base + WHY_PAGE.format(**names) + query,
            not_us=base + NOT_US_PAGE.format(**names) + query,
            seen=base + SEEN_PAGE.format(**names) + query,
            mute=base + MUTE_PAGE.format(**names) + query,
            hand_over=base + HAND_OVER_PAGE.format(**names) + query,
            watch=base + WATCH_PAGE.format(**names),
            receiving=f"{base}{RECEIVING_PAGE.format(**names)}?{urlencode(recipient)}",
            unsubscribe=f"{base}{UNSUBSCRIBE_PAGE.format(**names)}?{urlencode(recipient)}",
        )


@dataclass(frozen=True, slots=True)
class Thread:
    """The id of a message, and that of the first of its event where it follows one."""

    message: str
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """An alert for one recipient, ready to be laid out by a channel."""

    alert: AlertRaised
    watch: Watched
    links: Links
    lines: tuple[Line, ...]
    told_at: datetime
    thread: Thread

    @classmethod
    def of(
        cls,
        alert: AlertRaised,
        watch: Watched,
        address: str,
        portal_url: str,
        now: datetime,
        thread: Thread | None = None,
    ) -> Self:
        """Return what is told of an alert to the recipient of this address.

        Texts that say the same are one line, with how often it was said.
        """
        zone = zone_of(watch)
        return cls(
            alert=alert,
            watch=watch,
            links=Links.of(portal_url, alert, watch.recipient_name(address)),
            lines=tuple(
                Line.of(one, now, zone, simulation=alert.origin == "simulation", said=said)
                for one, said in merged(alert.evidence)
            ),
            told_at=now,
            thread=thread or Thread(alert.alert),
        )

    @property
    def simulation(self) -> bool:
        """Tell whether what is told was made up."""
        return self.alert.origin == "simulation"

    @property
    def subject(self) -> str:
        """Return the title, marked when it is simulated."""
        return f"{SIMULATION} {self.alert.title}" if self.simulation else self.alert.title

    @property
    def rhythm(self) -> str:
        """Return who speaks and when, « Qui parle : Bluesky (5). De 8 h 40 à 8 h 43 : ▁▃█▂ »; empty
        for few texts, or where some are not at hand."""
        texts = self.alert.evidence
        if len(texts) < RHYTHM_LEAST or len(texts) != self.alert.total:
            return ""
        said = f"Qui parle : {speakers(speaker(one.network, one.address) for one in texts)}."
        moments = sorted(one.published_at for one in texts)
        first, last = moments[0], moments[-1]
        if last - first < RHYTHM_SPAN:
            return said
        zone = zone_of(self.watch)
        drawn = curve(moments, first, (last - first) / RHYTHM_STEPS, RHYTHM_STEPS)
        begun = "" if last - first < timedelta(hours=20) else f"{weekday(first, zone)}, "
        between = f"{begun}de {clock_time(first, zone)} à {clock_time(last, zone)}"
        return typography(f"{said} {sentence_case(between)} : {drawn}")

    @property
    def acts(self) -> list[tuple[str, str]]:
        """Return what a recipient may do, in words, and the page of each."""
        not_us = [("Ce n’est pas nous", self.links.not_us)] if self.lines else []
        return [
            ("J’ai vu", self.links.seen),
            *not_us,
            ("Pourquoi cette alerte ?", self.links.why),
            ("Silence une heure", self.links.mute),
            ("Passer la main", self.links.hand_over),
        ]

    def shown(self, most: int) -> tuple[Line, ...]:
        """Return so many lines at most: half from the beginning, half from the end."""
        if len(self.lines) <= most:
            return self.lines
        return (*self.lines[: most // 2], *self.lines[-(most - most // 2) :])

    def more(self, most: int) -> str | None:
        """Return how many matches are not shown beside so many, in words."""
        hidden = self.alert.total - sum(line.said for line in self.shown(most))
        if not self.lines or hidden <= 0:
            return None
        other = "autres messages" if hidden > 1 else "autre message"
        return f"et {number(hidden)}{NO_BREAK}{other}"
