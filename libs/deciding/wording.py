"""What an alert says, in French: a title to read on a watch face, and why it is told."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.addresses.hosts import parts_of
from contracts.alerts import Evidence, PeakFound
from contracts.networks import network_of
from contracts.watches import Watched
from libs.deciding.hours import zone_of
from libs.french import (
    NARROW,
    NO_BREAK,
    apostrophes,
    duration,
    number,
    plural,
    quoted,
    sentence_case,
    series,
    weekday,
)
from libs.matching.query import written_in


def messages(count: int) -> str:
    """Return a number of messages with its noun."""
    return plural(count, "message")


SPEAKERS_NAMED = 3
"""Sources that the sentence names; of others it says how many."""

CURVE = "▁▂▃▄▅▆▇█"


def speaker(network: str, address: str) -> str:
    """Return who speaks: the site of an article, else the network."""
    known = network_of(network)
    host = parts_of(address).hostname if known.mentions == "feed" else None
    return (host or known.name).removeprefix("www.")


def speakers(names: Iterable[str]) -> str:
    """Write who speaks, most first: « lagazette.example (4), Bluesky (12) »."""
    found = Counter(names).most_common()
    said = [f"{name} ({number(count)})" for name, count in found[:SPEAKERS_NAMED]]
    others = len(found) - SPEAKERS_NAMED
    return series([*said, *([plural(others, "autre")] if others > 0 else [])])


def curve(moments: Iterable[datetime], since: datetime, step: timedelta, steps: int) -> str:
    """Draw how many moments fall into each step: « ▁▁▃█▂ »; nothing where none does."""
    counts = Counter(min(steps - 1, max(0, int((at - since) / step))) for at in moments)
    most = max(counts.values(), default=0)
    if not most:
        return ""
    return "".join(CURVE[-(-counts[place] * (len(CURVE) - 1) // most)] for place in range(steps))


TITLE_CHARACTERS = 70
"""Of a text, as much as a telephone shows of a subject."""


def one_text(evidence: Evidence) -> str:
    """Return the words of a text and its network, to be read on a watch face."""
    said = " ".join((evidence.title or evidence.excerpt).replace(" · ", " ").split())
    said = said.strip("…. ")
    found = min((place for term in evidence.terms if (place := said.find(term)) >= 0), default=0)
    if found > TITLE_CHARACTERS // 2:
        said = f"…{said[found:]}"
    if len(said) > TITLE_CHARACTERS:
        said = f"{said[:TITLE_CHARACTERS].rsplit(' ', 1)[0]}…"
    return f"{sentence_case(apostrophes(said))} · {network_of(evidence.network).name}"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one alert: `total` messages, of which `counted` were told before, and of the
    same event `told` others, which are not in the total; `growth` is how many times it has
    grown since, where it is told again for that.
    """

    watch: Watched
    place: str
    evidence: Sequence[Evidence]
    total: int
    peak: PeakFound | None
    counted: int
    told: int
    growth: int = 0

    def topic(self) -> str:
        """Return what is talked about: the term found most, as the watch writes it."""
        names = (self.place, *self.watch.query.all)
        topics = [term for term in self.watch.query.any if not written_in(term, names)]
        found = Counter(
            topic
            for evidence in self.evidence
            for topic in dict.fromkeys(
                topic for spelled in evidence.terms for topic in written_in(spelled, topics)
            )
        )
        return found.most_common(1)[0][0] if found else self.watch.name

    def title(self) -> str:
        """Return « Coupure d’eau · 14 en 20 min · Essai-sur-Onde »; of one text, « Plus d’eau rue
        Basse depuis ce matin · Bluesky ».

        The place is left out when no text names it: a watch may look further than its territory.
        """
        if self.total == 1 and len(self.evidence) == 1 and not self.peak:
            return one_text(self.evidence[0])
        much = (
            f"{number(self.total)} en {duration(self.peak.window_minutes)}"
            if self.peak
            else messages(self.total)
        )
        where = f" · {self.place}" if self._placed() else ""
        return f"{sentence_case(apostrophes(self.topic()))} · {much}{where}"

    def _placed(self) -> bool:
        """Tell whether a text names the place; each does that must to be found."""
        said = (
            text for one in self.evidence for text in (one.title or "", one.excerpt, *one.terms)
        )
        needed = any(written_in(term, (self.place,)) for term in self.watch.query.all)
        return needed or any(written_in(text, (self.place,)) for text in said)

    def why(self) -> str:
        """Return the sentences that answer « Pourquoi cette alerte ? »."""
        return " ".join(
            filter(None, [self._what(), self._again(), self._grown(), self._learning()])
        )

    def _what(self) -> str:
        verb = "parlent" if self.total > 1 else "parle"
        said = f"{verb} de {quoted(self.topic())}"
        if self.peak is None:
            return f"{sentence_case(messages(self.total))} {said}."
        usual = ""
        if self.peak.usual is not None:
            usual = (
                f"{NARROW}; d’habitude {number(self.peak.usual) if self.peak.usual else 'aucun'}"
            )
        much = f"{messages(self.total)} en {duration(self.peak.window_minutes)}"
        if self.counted:
            more = "s" if self.counted > 1 else ""
            much += f", dont {number(self.counted)} déjà signalé{more},"
        return f"{much} {said}{usual}."

    def _again(self) -> str:
        if not self.told:
            return ""
        more = "s" if self.told > 1 else ""
        return (
            f"{sentence_case(number(self.told))} autre{more} de la même affaire "
            f"{'ont' if more else 'a'} déjà été signalé{more}."
        )

    def _grown(self) -> str:
        if not self.growth:
            return ""
        much = f"été multipliée par {number(self.growth)}" if self.growth > 2 else "doublé"
        return (
            f"L’affaire a {much} depuis le message précédent, d’où ce rappel"
            f"{NARROW}; {quoted('J’ai vu')} arrête les rappels deux heures, sauf si l’affaire "
            "triple."
        )

    def _learning(self) -> str:
        if self.peak is None or self.peak.learning_until is None:
            return ""
        until = weekday(self.peak.learning_until, zone_of(self.watch))
        return (
            f"Cette veille est en apprentissage jusqu’au {until}{NO_BREAK}: elle ne connaît pas "
            "encore ce qui est habituel."
        )
