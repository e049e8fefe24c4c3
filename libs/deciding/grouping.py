"""One event is one message to one person, whatever watches and networks it came by.

Alerts are decided by watch; here those for one address are put together. Two are of one event when
a text of one says the same as one of the other, or when they share two found terms and the
territory, within half an hour. The first is told at once, the others as one update: when the event
has grown (`REMINDERS`), else when the half hour ends. What brings no new text is told no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from contracts.alerts import AlertComposed, AlertRaised, Evidence
from contracts.event import hashed_id
from contracts.watches import REMINDERS
from libs.deciding.state import SOURCE_PREFIX, sample
from libs.deciding.wording import messages
from libs.matching.words import line

OPEN = timedelta(minutes=30)
"""How long an event is one for a person, from its first message on."""

TERMS_SHARED = 2
"""Terms of the watch found in two texts that make them one event, of one territory."""

WORDS_LEAST = 3
"""Words of a text that says the same as another: « plus d’eau » may be said of anything."""


FOLLOWS = "Suite de la même affaire : seuls les textes nouveaux sont montrés ici."


class Said(Protocol):
    """A text, as an alert or a page holds it."""

    @property
    def title(self) -> str | None:
        """What it is headed by, where it is."""
        ...

    @property
    def excerpt(self) -> str:
        """Its words."""
        ...


S = TypeVar("S", bound=Said)


def canonical(one: Said) -> bytes:
    """Return what a text says, however it is written and wherever it stands."""
    title = line(one.title or "")
    said = line(one.excerpt)
    return title if title.strip() and not said.strip() else said


@dataclass(frozen=True, slots=True)
class Marks:
    """By what alerts of one event are known."""

    texts: frozenset[bytes]
    terms: frozenset[bytes]
    territory: str
    source: str

    @classmethod
    def of(cls, alert: AlertRaised) -> "Marks":
        """Return the marks of an alert."""
        texts = (canonical(one) for one in alert.evidence)
        return cls(
            texts=frozenset(text for text in texts if text.count(b" ") > WORDS_LEAST),
            terms=frozenset(line(term) for one in alert.evidence for term in one.terms),
            territory=alert.territory,
            source=alert.group if alert.group.startswith(SOURCE_PREFIX) else "",
        )

    def alike(self, other: "Marks") -> bool:
        """Tell whether two alerts are of one event."""
        if self.source or other.source:
            return self.source == other.source
        if self.texts & other.texts:
            return True
        shared = len(self.terms & other.terms)
        return shared >= TERMS_SHARED and self.territory == other.territory


class Message(NamedTuple):
    """What is told at once: the alert that tells it, and all texts that it brings."""

    told: AlertRaised
    subjects: frozenset[str]

    @classmethod
    def of(cls, alert: AlertRaised) -> "Message":
        """Return what an alert tells by itself."""
        return cls(alert, frozenset(one.subject for one in alert.evidence))


@dataclass(slots=True)
class Incident:
    """One event as one person hears of it; `thread` is the first message, which the others follow.

    `total` counts the texts told, 0 until a message was accepted; `held` are alerts that wait for
    the update.
    """

    thread: str
    opened_at: datetime
    told_at: datetime
    marks: list[Marks]
    subjects: set[str] = field(default_factory=set[str])
    total: int = 0
    earlier: datetime | None = None
    held: list[AlertRaised] = field(default_factory=list[AlertRaised])

    @classmethod
    def of(cls, alert: AlertRaised, now: datetime) -> "Incident":
        """Open an event by its first alert; it counts as told once that is accepted."""
        return cls(alert.alert, now, now, [Marks.of(alert)])

    @classmethod
    def again(cls, composed: Sequence[AlertComposed]) -> "Incident":
        """Open an event by the messages of it that were composed, in order; none counts as told."""
        first = composed[0]
        marks = [Marks.of(one.told) for one in composed]
        return cls(first.thread, first.composed_at, first.composed_at, marks)

    def accepted(self, message: Message, at: datetime) -> None:
        """Count what a message told as told."""
        self.earlier, self.told_at = (self.told_at if self.total else None), at
        self.subjects |= message.subjects
        self.total += max(1, message.told.total)

    @property
    def ends_at(self) -> datetime:
        """When what comes is another event (UTC)."""
        return self.opened_at + OPEN

    def takes(self, alert: AlertRaised, now: datetime) -> bool:
        """Tell whether an alert is of this event."""
        marks = Marks.of(alert)
        return now < self.ends_at and any(one.alike(marks) for one in self.marks)

    def hold(self, alert: AlertRaised) -> None:
        """Keep an alert for the update."""
        self.held.append(alert)
        self.marks.append(Marks.of(alert))

    def fresh(self) -> int:
        """Return how many texts the alerts held would add to what was told."""
        return len(self._new()) + sum(
            max(0, one.total - len(one.evidence))
            for one in self.held
            if self.subjects.isdisjoint(shown.subject for shown in one.evidence)
        )

    def due(self) -> datetime | None:
        """Return when the update is due; None while nothing is held."""
        if not self.held:
            return None
        if not self.total:  # the first message was refused
            return self.told_at
        fresh, rules = self.fresh(), REMINDERS
        apart = timedelta(minutes=rules.minutes)
        if fresh >= max(rules.least, (rules.crisis - 1) * self.total):
            return min(self.ends_at, self.earlier + apart if self.earlier else self.told_at)
        if fresh >= max(rules.least, (rules.ratio - 1) * self.total):
            return min(self.ends_at, self.told_at + apart)
        return self.ends_at if fresh else self.told_at

    def update(self) -> tuple[list[AlertRaised], Message | None]:
        """Return the alerts held, and what is to be told of them; None where nothing is new."""
        new, fresh = self._new(), self.fresh()
        held, self.held = self.held, []
        if not new and self.total:
            return held, None
        told = _as_one(held, new, fresh)
        return held, Message(told, frozenset(one.subject for one in new))

    def _new(self) -> list[Evidence]:
        found: dict[str, Evidence] = {}
        for alert in self.held:
            for one in alert.evidence:
                if one.subject not in self.subjects:
                    found.setdefault(one.subject, one)
        return list(found.values())


def update_id(thread: str, held: Sequence[AlertRaised]) -> str:
    """Return the id of an update: its event's, and that of its first alert."""
    return hashed_id("update", thread, held[0].alert)


def _as_one(held: Sequence[AlertRaised], new: Sequence[Evidence], fresh: int) -> AlertRaised:
    """Return one alert that tells what is new in several."""
    known = {one.subject for one in new}
    bringing = [one for one in held if known & {shown.subject for shown in one.evidence}]
    last = (bringing or held)[-1]
    evidence = tuple(sample(sorted(new, key=lambda one: one.published_at)))
    if len(bringing) <= 1:
        return last.model_copy(update={"evidence": evidence, "total": fresh})
    topic, *rest = last.title.split(" · ")
    place = rest[1:]
    title = " · ".join([topic, f"{messages(fresh)} de plus", *place])
    told = {"evidence": evidence, "total": fresh, "title": title, "why": f"{last.why} {FOLLOWS}"}
    return last.model_copy(update=told)


def merged(evidence: Iterable[Evidence]) -> list[tuple[Evidence, int]]:
    """Return texts that say the same as one, the first of them, and how many there are."""
    return [(same[0], len(same)) for same in alike(evidence)]


def alike(texts: Iterable[S]) -> list[list[S]]:
    """Return texts by what they say, in their order; a text of few words stands alone."""
    found: dict[bytes, list[S]] = {}
    for number, one in enumerate(texts):
        said = canonical(one)
        key = said if said.count(b" ") > WORDS_LEAST else b"%d" % number
        found.setdefault(key, []).append(one)
    return list(found.values())
