"""What happened to a watch over a day or a week, for its digest: pure, from what the engine has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.alerts import Silence
from contracts.watches import Watched
from libs.deciding.wording import curve, speaker, speakers
from libs.french import number, plural, series
from libs.matching.words import line
from services.api.figures.watch_rows import WatchAlert, WatchHour, WatchMatch, WatchSilence
from services.api.watching.proof_of_life import ProofOfLife
from services.api.watching.regular.salient import salient, words

COMPARED = timedelta(days=28)
"""What is usual is the mean of so many days before."""

KNOWN_LEAST = timedelta(days=7)
"""Of fewer days nothing is said to be usual."""

WORTH_READING = 3
"""Texts that a digest names."""

UNTOLD = frozenset((Silence.REPEATED, Silence.STALE, Silence.DIGEST, Silence.UNCONFIRMED))
"""Silences that are nobody's news in a digest: seen before, old, or of a recipient's choice."""


@dataclass(frozen=True, slots=True)
class Part:
    """One watch in a digest: what came in the `days` from `since` to `at`, and what surrounds it.

    `hours` are those of the time compared with too; `seen` says by whom an alert was seen.
    """

    watch: Watched
    place: str
    at: datetime
    since: datetime
    days: int
    texts: Sequence[WatchMatch]
    hours: Sequence[WatchHour]
    alerts: Sequence[WatchAlert]
    silences: Sequence[WatchSilence]
    seen: Mapping[str, str]
    life: ProofOfLife

    @property
    def quiet(self) -> bool:
        """Tell whether there is nothing to report."""
        return not self.texts and not self.alerts

    @property
    def span(self) -> timedelta:
        """Return how long that is: an hour less or more where clocks change."""
        return self.at - self.since

    @property
    def usual(self) -> float | None:
        """Return how many texts such a span has as a mean; None while too little is known."""
        known = self.watch.past.since if self.watch.past else self.watch.created_at
        begun = max(known, self.since - COMPARED)
        length = self.since - begun
        if length < KNOWN_LEAST:
            return None
        before = sum(one.matches for one in self.hours if begun <= one.hour < self.since)
        return before * self.span / length

    def count_words(self) -> str:
        """Write « 34 textes en 24 h ; d’habitude 12 » and how many times that is."""
        within = "24 h" if self.days == 1 else f"{self.days} jours"
        said = f"{plural(len(self.texts), 'texte')} en {within}"
        usual = self.usual
        if usual is None:
            return f"{said} ; l’habituel n’est pas encore connu"
        if usual < 0.05:
            return f"{said} ; d’habitude aucun"
        times = len(self.texts) / usual
        many = f", soit {_rounded(times)} fois plus" if times >= 2 else ""
        return f"{said} ; d’habitude {_rounded(usual)}{many}"

    def curve(self) -> str:
        """Draw how many texts came by hour of a day, by day of a week: « ▁▁▃█▂ »."""
        steps = 24 if self.days == 1 else self.days
        moments = (one.matched_at for one in self.texts)
        return curve(moments, self.since, self.span / steps, steps)

    def speakers(self) -> str:
        """Write who speaks, most first: « lagazette.example (4), Bluesky (12) »."""
        return speakers(map(speaker_of, self.texts))

    def salient(self) -> str:
        """Write the words of many of the texts, « robinet (12), école (5) »."""
        said = [f"{one.title or ''} {one.excerpt}" for one in self.texts if one.state == "present"]
        return words(salient(self.watch, self.place, said))

    def held(self) -> str:
        """Write what was not told at once and why, most first."""
        return series(
            f"{number(one.times)} × {Silence(one.why).words}"
            for one in self.silences
            if one.why in set(Silence) - UNTOLD
        )

    def worth_reading(self) -> list[tuple[WatchMatch, int]]:
        """Return three texts at most, and how many times each was said.

        Most repeated first, then those with more of the words looked for, then the newest; each of
        another speaker as long as there are some.
        """
        alike: dict[bytes, list[WatchMatch]] = {}
        for one in self.texts:
            if one.state == "present":
                alike.setdefault(line(f"{one.title or ''} {one.excerpt}"), []).append(one)
        ranked = sorted(
            ((group[0], len(group)) for group in alike.values()),
            key=lambda one: (-one[1], -len(set(one[0].terms)), -one[0].published_at.timestamp()),
        )
        told: set[str] = set()
        first: list[tuple[WatchMatch, int]] = []
        for one in ranked:
            if speaker_of(one[0]) not in told:
                told.add(speaker_of(one[0]))
                first.append(one)
        others = [one for one in ranked if one not in first]
        return [*first, *others][:WORTH_READING]


def speaker_of(text: WatchMatch) -> str:
    """Return who says a text."""
    return speaker(text.network, text.address)


def _rounded(value: float) -> str:
    value = round(value, 1)
    return number(value, 0 if value >= 10 or value == int(value) else 1)


def subject(parts: Sequence[Part]) -> str:
    """Write the subject of a digest: « Rien à signaler », or what there is of it."""
    places = list(dict.fromkeys(one.place for one in parts))
    where = f" · {places[0]}" if len(places) == 1 else ""
    every = "de la semaine" if all(one.days > 1 for one in parts) else "du jour"
    if all(one.quiet for one in parts):
        return f"Rien à signaler · {plural(len(parts), 'veille')}{where}"
    texts, alerts = _total(one.texts for one in parts), _total(one.alerts for one in parts)
    said = [plural(texts, "texte"), *([plural(alerts, "alerte")] if alerts else [])]
    return f"Récapitulatif {every} · {', '.join(said)}{where}"


def _total(lists: Iterable[Sequence[object]]) -> int:
    return sum(map(len, lists))
