"""Jobs of collection: what is granted, how it ended, and what is due again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from annotated_types import Ge, Le, MinLen

from contracts.event import Count, Event, Id, Moment, NetworkSlug, Origin, Record, hashed_id

HIGHEST_EPOCH = 2**30
"""The last election of a leader whose jobs are read."""

Epoch = Annotated[int, Ge(0), Le(HIGHEST_EPOCH)]
"""Of a scheduler's leaders, one after the other: a higher one is nobody's."""

Operation = Literal["profile", "posts", "uploads", "readings", "feed", "mentions"]
"""`profile`: counters of accounts; `posts`: a page of new posts; `uploads`: older pages, where new
posts are known from elsewhere; `readings`: counters of known posts again; `feed`: a feed's entries;
`mentions`: what others say."""

Cause = Literal[
    "done", "unchanged", "rate_limited", "unavailable", "gone", "refused", "credential", "expired"
]
"""How a job ended: `rate_limited` and `unavailable` are for later, `gone` is a fact about the
subject, `refused` (permission) stops the operation, `credential` stops the credential."""


class CauseWords(NamedTuple):
    """What is said of a cause in French: in a table, to whose account it is, what they can do."""

    brief: str
    why: str = ""
    to_do: str = "rien : nous essayons encore, de nous-mêmes."


CAUSES: Mapping[Cause, CauseWords] = {
    "done": CauseWords("réussi"),
    "unchanged": CauseWords("rien de nouveau"),
    "rate_limited": CauseWords(
        "quota atteint : le serveur nous fait attendre",
        "nous avons épuisé ce que {network} nous permet de lire ; nous reprendrons.",
    ),
    "unavailable": CauseWords(
        "le serveur ne répond pas", "{network} ne répond pas à nos demandes."
    ),
    "gone": CauseWords(
        "le compte n’existe plus",
        "{network} ne trouve aucun compte à l’adresse que nous connaissons.",
        "si le compte a changé d’adresse, signalez la nouvelle.",
    ),
    "refused": CauseWords(
        "le serveur refuse la lecture d’un compte",
        "{network} refuse que nous lisions ce compte.",
        "rien : l’accord dépend du réseau, et c’est à nous de l’obtenir.",
    ),
    "credential": CauseWords(
        "le serveur refuse notre jeton d’accès",
        "notre jeton d’accès n’est plus accepté par {network}.",
        "rien : c’est à nous de le renouveler.",
    ),
    "expired": CauseWords(
        "notre demande n’est pas partie à temps", "notre demande n’a pas pu partir à temps."
    ),
}

Absence = Literal["not_found", "moved", "hidden", "private", "deleted", "suspended", "taken_down"]
"""Why an account is not there, as its network says it: `not_found` says no more than that, `moved`
that another account answers by the name we know, `hidden` that its owner disabled it, `private`
that it is shown to its followers alone. The others are the network's own words."""

ABSENCES: Mapping[Absence, CauseWords] = {
    "not_found": CauseWords(
        "introuvable", CAUSES["gone"].why, "si le compte a changé d’adresse, signalez la nouvelle."
    ),
    "moved": CauseWords(
        "adresse prise par un autre",
        "un autre compte répond à l’adresse que nous connaissons.",
        "signalez l’adresse d’aujourd’hui.",
    ),
    "hidden": CauseWords(
        "désactivé",
        "{network} dit que ce compte est désactivé par son titulaire.",
        "le réactiver ; ses publications reviendront avec lui.",
    ),
    "private": CauseWords(
        "privé",
        "{network} dit que ce compte n’est montré qu’à ses abonnés.",
        "le rendre public, s’il est celui de la collectivité.",
    ),
    "deleted": CauseWords(
        "supprimé",
        "{network} dit que ce compte est supprimé.",
        "si un autre le remplace, signalez-le.",
    ),
    "suspended": CauseWords(
        "suspendu",
        "{network} dit que ce compte est suspendu.",
        "demander à {network} pourquoi ; ses publications reviendront avec lui.",
    ),
    "taken_down": CauseWords(
        "retiré",
        "{network} dit avoir retiré ce compte.",
        "demander à {network} pourquoi ; ses publications reviendront avec lui.",
    ),
}

_OWNER = "owner-"
"""Begins the name of who pays for an account that its owner connected; the account follows."""


def owner_bucket(network: str, account: str) -> str:
    """Return the bucket that pays for an account that its owner connected."""
    return f"{network}:{_OWNER}{account}"


def account_of_owner(bucket: str) -> str | None:
    """Return the account whose owner pays; None for a bucket of the installation's."""
    who = bucket.partition(":")[2].partition("#")[0]
    return who.removeprefix(_OWNER) if who.startswith(_OWNER) else None


SOURCE_FAILURES: frozenset[str] = frozenset({"unavailable", "rate_limited", "credential"})
"""Ends of jobs that say the network did not answer us; `refused`, `gone` are answers."""

FAILURES_LEAST = 3
FAILING_FOR = timedelta(minutes=5)
"""A source is failing after so many failures in a row, over so long."""


def source_failing(cause: str | None, failures: int, lasting: timedelta) -> bool:
    """Whether a network is « en panne », on every page and in every alert.

    So many failures without an answer between, over so long; at once when our credential is
    refused. `cause` is the last failure's.
    """
    if cause == "credential":
        return True
    return cause in SOURCE_FAILURES and failures >= FAILURES_LEAST and lasting >= FAILING_FOR


class PostReading(Record):
    """A known post that is to be read again until 28 days old.

    `read_at` is when its counters were last read, `missing_at` when a batched reading first did
    not give it: a second, confirming reading decides whether it is deleted (all UTC).
    """

    native_id: Id
    published_at: Moment
    read_at: Moment | None = None
    missing_at: Moment | None = None


class JobSubject(Record):
    """An account (or a feed) of a job, with what the network needs to name it.

    `posts` are those whose counters are to be read: all of a `readings` job, and in a `posts` job
    the known ones that are due again (the network's pages give them at no further cost).
    """

    subject: Id
    handle: Id
    native_id: Id | None = None
    posts: tuple[PostReading, ...] = ()


class JobGranted(Event):
    """One request's worth of work, granted until `expires_at`; a worker drops it afterwards.

    `epoch` fences: a job of an older leader is dropped. `bucket` is the quota it is paid from
    (`network:credential`, `network:host` or `network:all`). `cursor` continues a paged reading and
    `since` bounds it (UTC). With `confirm`, posts that are missing again are deleted, and an
    account that did not answer is asked by itself. `items` is what is remembered of a feed's,
    written and read by its reader alone; null at first.
    """

    job: Id
    network: NetworkSlug
    operation: Operation
    bucket: Id
    subjects: Annotated[tuple[JobSubject, ...], MinLen(1)]
    slot: Moment
    cursor: str | None = None
    since: Moment | None = None
    etag: str | None = None
    last_modified: str | None = None
    items: str | None = None
    page: Count = 0
    confirm: bool = False
    epoch: Epoch
    granted_at: Moment
    expires_at: Moment

    @property
    def key(self) -> str:
        """Return the first subject."""
        return self.subjects[0].subject


LONGEST_FAILURE = 500
"""Signs that are told of why something followed failed."""


class JobEnded(Event):
    """How a job ended: cause, what is left of the quota, where the next page begins.

    `subject` is the first of `subjects`, all those of the job. `gone` lists the ones that do not
    answer any more (→ why), `absences` what the network says of those that are not there or are not
    for all (→ which), `renamed` those that answer by another handle or address (→ it),
    `native_ids` those whose network id was learnt (→ it), `followers` those whose count was read (→
    it). `readings` are the posts whose counters
    were read (`read_at` is null for a post only heard of), `missing` those asked for and not given,
    `deleted` the ones missing again. `alone` are the subjects of which the answer to a batch says
    nothing: each is to be asked by itself. `retry_at` is the earliest next moment that the network
    asks for, whatever the cause; `quota_left` is what its headers say is left in the bucket.
    """

    job: Id
    network: NetworkSlug
    operation: Operation
    bucket: Id
    subject: Id
    subjects: tuple[Id, ...] = ()
    cause: Cause
    detail: str | None = None
    requests: Count = 1
    quota_left: Count | None = None
    retry_at: Moment | None = None
    next_cursor: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    items: str | None = None
    page: Count = 0
    slot: Moment
    observed: Count = 0
    gone: dict[str, str] = {}
    absences: dict[str, Absence] = {}
    renamed: dict[str, str] = {}
    native_ids: dict[str, str] = {}
    followers: dict[str, Count] = {}
    readings: dict[str, tuple[PostReading, ...]] = {}
    missing: dict[str, tuple[Id, ...]] = {}
    deleted: dict[str, tuple[Id, ...]] = {}
    alone: tuple[Id, ...] = ()
    ended_at: Moment

    @classmethod
    def unheard(
        cls, origin: Origin, network: NetworkSlug, subject: Id, why: str, now: datetime
    ) -> "JobEnded":
        """Return the end that says of what is followed, and no job asks for, that it failed."""
        job = hashed_id(subject, "lost", now.isoformat())
        return cls(
            event_id=job, origin=origin, job=job, network=network, operation="mentions",
            bucket=subject, subject=subject, cause="unavailable", detail=why[:LONGEST_FAILURE],
            slot=now, ended_at=now,
        )  # fmt: skip

    @property
    def key(self) -> str:
        """Return the subject."""
        return self.subject


class Spent(Record):
    """Requests granted from a bucket in a slice of time that began at `at`."""

    bucket: Id
    at: Moment
    requests: Count


class Progress(Event):
    """What the scheduler remembers of a subject: when it was read, what is due, its validators.

    `profile_at` and `posts_at` are the slots last completed; `cursor`, `page` and `paging_slot` an
    unfinished paged reading. `handle`, `native_id` are the network's answer where it differs from
    the registry or adds to it. `pace` is the seconds between two readings of a feed. `unreachable`
    counts the readings in a row at which the subject did not answer.

    Some rows are of no account: the scheduler's own (`epoch`, quotas `spent`), a stream's
    (`cursor`), and those of buckets that a network asked to leave alone (`not_before`). A row of an
    older `revision` is ignored.
    """

    subject: Id
    network: NetworkSlug
    revision: Count = 0
    profile_at: Moment | None = None
    posts_at: Moment | None = None
    cursor: str | None = None
    page: Count = 0
    paging_slot: Moment | None = None
    etag: str | None = None
    last_modified: str | None = None
    items: str | None = None
    handle: Id | None = None
    native_id: Id | None = None
    pace: Count | None = None
    not_before: Moment | None = None
    unreachable: Count = 0
    unreachable_since: Moment | None = None
    readings: tuple[PostReading, ...] = ()
    epoch: Epoch = 0
    spent: tuple[Spent, ...] = ()
    changed_at: Moment

    @property
    def key(self) -> str:
        """Return the subject."""
        return self.subject
