"""Alerts: what is worth telling, what was told to whom, and what a decider remembers."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from contracts.event import Count, Event, Id, Moment, NetworkSlug, Record, hashed_id
from contracts.watches import Recipient

AlertKind = Literal["match", "peak", "threshold", "rank", "silence", "source_failed"]

BACK = ":back"
"""At the end of the group of a source that answers again."""

DeliveryOutcome = Literal["delivered", "failed", "silent"]

WHY_PAGE = "/alertes/{alert}/pourquoi"
NOT_US_PAGE = "/alertes/{alert}/pas-nous"
SEEN_PAGE = "/alertes/{alert}/vu"
MUTE_PAGE = "/alertes/{alert}/silence"
HAND_OVER_PAGE = "/alertes/{alert}/relais"
"""Pages of the portal that an alert links to, as those of `contracts/watches.py` do; `?veille=` is
the watch, so that nothing else is looked through."""


class Silence(StrEnum):
    """A reason to stay quiet; its value is the `why` of a silent delivery."""

    UNKNOWN_WATCH = "unknown_watch"
    DELETED = "deleted"
    PAUSED = "paused"
    ENDED = "ended"
    OWN = "own_account"
    IGNORED = "ignored"
    REWORDED = "reworded"
    REPEATED = "repeated"
    STALE = "stale"
    USUAL = "usual"
    QUIET = "quiet_hours"
    COOLDOWN = "cooldown"
    MERGED = "merged"
    NO_RECIPIENT = "no_recipient"
    UNCONFIRMED = "unconfirmed"
    DIGEST = "digest"
    MUTED = "muted"
    OFF_DUTY = "off_duty"
    BACKUP = "backup"
    FAULT = "fault"

    @property
    def words(self) -> str:
        """Return the reason as it is shown."""
        return WORDS[self]


WORDS: dict[Silence, str] = {
    Silence.UNKNOWN_WATCH: "cette veille n’existe plus",
    Silence.DELETED: "supprimé par son auteur avant d’être signalé",
    Silence.PAUSED: "veille en pause",
    Silence.ENDED: "veille terminée",
    Silence.OWN: "publié par votre propre collectivité",
    Silence.IGNORED: "écarté par « Ce n’est pas nous »",
    Silence.REWORDED: "écarté par les mots de la veille, changés depuis",
    Silence.REPEATED: "déjà vu",
    Silence.STALE: "trop ancien pour être signalé",
    Silence.USUAL: "nombre habituel de messages",
    Silence.QUIET: "heures calmes : signalé à leur fin",
    Silence.COOLDOWN: "regroupé avec le prochain message",
    Silence.MERGED: "déjà dit par un message de la même affaire",
    Silence.NO_RECIPIENT: "aucun destinataire",
    Silence.UNCONFIRMED: "destinataire qui n’a pas encore confirmé",
    Silence.DIGEST: "destinataire qui ne veut que le récapitulatif",
    Silence.MUTED: "destinataire qui a demandé une heure de silence",
    Silence.OFF_DUTY: "destinataire qui n’est pas d’astreinte",
    Silence.BACKUP: "renfort, prévenu si personne n’a vu",
    Silence.FAULT: "une erreur de notre fait a empêché de l’examiner",
}


class Evidence(Record):
    """One thing that made an alert: a mention or a post, where it is, what it says.

    `source` is that of the match, a registered account where it is a post (None of before it was
    kept): by it, what is erased is recognised.
    """

    subject: Id
    network: NetworkSlug
    address: Id
    published_at: Moment
    received_at: Moment
    title: str | None = None
    excerpt: str = ""
    terms: tuple[str, ...] = ()
    source: Id | None = None


class AlertDecided(Event):
    """What was told and why, in our words alone: what is left when texts have gone.

    `group` names the event in the world: one group is told once, then only when it grows or
    after the cooldown. `why` is the French sentence that answers « Pourquoi cette alerte ? ».
    """

    alert: Id
    watch: Id
    watch_revision: Count
    territory: Id
    kind: AlertKind
    group: Id
    title: str
    why: str
    total: Count
    usual: Count | None = None
    window_minutes: Count | None = None
    raised_at: Moment

    @property
    def key(self) -> str:
        """Return the watch."""
        return self.watch


class AlertRaised(AlertDecided):
    """Worth telling: the same with the evidence (at most 20 items; `total` counts them all).

    Published once for each person whom it concerns: `mark` is that of the recipient
    (`contracts/watches.py`); without, it is for all recipients of its watch.
    """

    evidence: tuple[Evidence, ...] = ()
    mark: Id | None = None

    @property
    def key(self) -> str:
        """Return the person, so that one instance knows all that is told to them."""
        return self.mark or self.watch

    def addressed(self, recipients: Iterable[Recipient]) -> "list[AlertRaised]":
        """Return the alert for each of these; as it is where one has no mark, or there is none."""
        whom = dict.fromkeys(one.mark for one in recipients)
        marks = [one for one in whom if one is not None]
        if not marks or len(marks) < len(whom):
            return [self]
        return [
            self.model_copy(update={"mark": one, "event_id": hashed_id("raised", self.alert, one)})
            for one in marks
        ]

    @property
    def decided(self) -> AlertDecided:
        """Return what may be kept longer than the texts of others."""
        return AlertDecided.model_validate(self.model_dump(exclude={"evidence", "mark"}))


class AlertDelivered(Event):
    """Told whom, through what, with what outcome; or silent, and why.

    `recipient` is the address as it may be shown (secrets hidden). `message_id` is the mail's, the
    same for a repeat. A silent one has channel and recipient `none` unless it is of one recipient,
    `why` is then a `Silence`; where no alert was raised, `alert` is an id of the silence itself.
    """

    alert: Id
    watch: Id
    channel: Id
    recipient: Id
    outcome: DeliveryOutcome
    why: str | None = None
    message_id: str | None = None
    attempts: Count = 1
    delivered_at: Moment

    @property
    def key(self) -> str:
        """Return the watch."""
        return self.watch


class AlertComposed(Event):
    """A message that tells one person of one event, as it is about to be handed over.

    Written first, so that whoever begins again hands over the same: `told`, by the id `message`.
    `thread` is the first message of the event, itself where it is the first. `deliveries` are the
    ids of the lines that will say what became of it, that of `told` first. Written once more with
    another first, it was taken over: that one hands it over. `subjects` are the texts that it
    brings, of which `told` shows 20. `recipient` is a hash of the address.
    """

    message: Id
    thread: Id
    channel: Id
    recipient: Id
    deliveries: tuple[Id, ...]
    subjects: tuple[Id, ...] = ()
    told: AlertRaised
    composed_at: Moment

    @property
    def key(self) -> str:
        """Return the recipient."""
        return self.recipient


class OpenGroup(Record):
    """An event in the world that was told and may still grow; `earlier` is when, before the last
    time (`told_at`), it was told. Of a failed source, `well_since` is when it answered again."""

    group: Id
    alert: Id
    since: Moment
    told_at: Moment
    earlier: Moment | None = None
    well_since: Moment | None = None
    total: Count


class HourCount(Record):
    """How many distinct matches an hour (UTC, its start) had."""

    hour: Moment
    count: Count


class PeakFound(Record):
    """An unusual number that was found and is not told yet (quiet hours, cooldown).

    `usual` is null when too little is known. `learning_until` is set while history is short.
    """

    count: Count
    usual: Count | None = None
    window_minutes: Count
    found_at: Moment
    learning_until: Moment | None = None


class DeciderState(Event):
    """Snapshot of a watch's decider: what was seen, open groups, what waits, offsets covered.

    On assignment the decider loads it, reads the tail of its partition from `offset` on (the
    first that is not covered), then decides. `sightings` packs the subjects seen and when
    (`libs/deciding/sightings.py`), so that a replay tells nothing twice; older ones
    remain as `hours`. `waiting` are the matches not told yet (`evidence` the latest of them), and
    `unlisted` how many more there are.
    `outgoing` are decided and perhaps not yet published: the snapshot is written first, so that
    after a kill the same alerts are published, once more. `learnt` is the end of the watch's
    past that was taken, `settled` that of the watch by whose words what waits was found.
    `generation` is that of the group: of two snapshots that cover as much, that of the later
    one holds.
    """

    watch: Id
    partition: Count
    offset: Count
    sightings: str = ""
    hours: tuple[HourCount, ...] = ()
    groups: tuple[OpenGroup, ...] = ()
    waiting: tuple[Id, ...] = ()
    unlisted: Count = 0
    evidence: tuple[Evidence, ...] = ()
    peak: PeakFound | None = None
    outgoing: tuple[AlertRaised, ...] = ()
    learnt: Moment | None = None
    settled: Count = 0
    generation: Count = 0
    saved_at: Moment

    @property
    def key(self) -> str:
        """Return the watch."""
        return self.watch
