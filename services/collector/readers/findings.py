"""What a reader finds in an answer, gathered into events by the rules that all networks share.

Every null counter says why, and one below zero is null, hidden. A post's date never lies in the
future. Observations have the id of their subject and slot. An account that answers by the name of
another is not taken for it. Where something in an answer could not be read, what it lacks proves
nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.accounts import ACCOUNT_COUNTERS, AccountCounter, AccountObserved
from contracts.addresses.hosts import web_address
from contracts.event import AbsenceReason, Event, hashed_id, observation_id
from contracts.jobs import Absence, Cause, JobGranted, JobSubject, PostReading
from contracts.mentions import MentionObserved, mention_id
from contracts.networks import Network
from contracts.posts import (
    POST_COUNTERS,
    PostCounter,
    PostKind,
    PostObserved,
    TextObserved,
    post_id,
)
from contracts.topics import (
    ACCOUNTS_OBSERVED,
    MENTIONS_OBSERVED,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
    Topic,
)
from services.collector.parsing.dates import read_iso, read_seconds
from services.collector.parsing.lenient import DROPPED, counted, decode
from services.collector.parsing.text import LONGEST_TEXT, derived_of, fit, line
from services.collector.readers.reader import Answer, Parsed, UnreadableBody

T = TypeVar("T")

TAKEN = "another account answers by this name"


class Findings:
    """Gathers what one answer says. Create it, add what is found, then `parsed`."""

    def __init__(self, network: Network, job: JobGranted, answer: Answer) -> None:
        self._network = network
        self._job = job
        self._answer = answer
        self._events: list[tuple[Topic, Event]] = []
        self._due = {
            (subject.subject, post.native_id): post
            for subject in job.subjects
            for post in subject.posts
        }
        self._readings: dict[str, list[PostReading]] = {}
        self._missing: dict[str, tuple[str, ...]] = {}
        self._deleted: dict[str, list[str]] = {}
        self._alone: list[str] = []
        self.gone: dict[str, str] = {}
        self.absences: dict[str, Absence] = {}
        self.renamed: dict[str, str] = {}
        self.native_ids: dict[str, str] = {}
        self._followers: dict[str, int] = {}
        self.skipped: Counter[str] = Counter()
        self.dates: dict[str, datetime] = {}
        self._speakers: dict[str, str] = {}

    def read(self, form: type[T]) -> T:
        """Return the answer's body as its form, without what of it cannot be read."""
        return decode(self._answer.body, form, self.skipped)

    def left_out(self, subject: JobSubject, why: str, absence: Absence = "not_found") -> None:
        """Note that an account asked for is not in the answer: gone, unless its line was spoilt."""
        if not self.skipped[DROPPED]:
            self.gone[subject.subject] = why
            self.absences[subject.subject] = absence
        elif len(self._job.subjects) > 1:
            self._alone.append(subject.subject)
        else:
            raise UnreadableBody("an account that cannot be read")

    def identify(self, subject: JobSubject, native_id: str, handle: str | None) -> bool:
        """Note who answered; False when the name now belongs to another account than ours."""
        if subject.native_id is not None and subject.native_id != native_id:
            self.gone[subject.subject] = TAKEN
            self.absences[subject.subject] = "moved"
            return False
        if subject.native_id is None:
            self.native_ids[subject.subject] = native_id
        if handle and handle.casefold() != subject.handle.casefold():
            self.renamed[subject.subject] = handle
        return True

    def account(
        self,
        subject: JobSubject,
        *,
        native_id: str | None,
        handle: str | None,
        name: str | None,
        counters: Mapping[AccountCounter, int | None],
        absent: AbsenceReason | Mapping[AccountCounter, AbsenceReason] = "not_asked",
    ) -> None:
        """Add the counters of an account; `absent` says why those asked for are null."""
        known, reasons = counted(counters, absent, self._network.absent_account_counters())
        built = self.usable(
            lambda: AccountObserved.write(
                event_id=observation_id(subject.subject, self._job.slot),
                origin=self._job.origin,
                account=subject.subject,
                network=self._network.slug,
                native_id=native_id or subject.native_id,
                handle=handle or subject.handle,
                name=line(name),
                slot=self._job.slot,
                observed_at=self._answer.moment,
                **{counter: known.get(counter) for counter in ACCOUNT_COUNTERS},
                absent=reasons,
            ),
            ACCOUNTS_OBSERVED,
        )
        if built and (followers := known.get("followers")) is not None:
            self._followers[subject.subject] = followers

    def usable(self, build: Callable[[], Event], topic: Topic) -> bool:
        """Add an event if it can be built: one thing that no event can hold spoils not the page."""
        try:
            self._events.append((topic, build()))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            self.skipped[f"unusable: {'.'.join(str(part) for part in first['loc'])}"] += 1
            return False
        return True

    def wants(self, subject: JobSubject, native_id: str, published_at: datetime) -> bool:
        """Tell whether the job is about this post: due again, or published since the bound."""
        if (subject.subject, native_id) in self._due:
            return True
        since = self._job.since
        return self._job.operation != "readings" and (since is None or published_at >= since)

    def post(  # noqa: PLR0913 - one for each thing that a network may say of a post
        self,
        subject: JobSubject,
        *,
        native_id: str,
        address: str | None,
        kind: PostKind,
        published_at: datetime,
        counters: Mapping[PostCounter, int | None],
        absent: AbsenceReason | Mapping[PostCounter, AbsenceReason] = "not_asked",
        text: str | None = None,
        language: str | None = None,
        tags: tuple[str, ...] = (),
        shown: bool = True,
        heard_of: bool = False,
        fresh: bool = False,
    ) -> None:
        """Add a post with its counters, and its text at first sight.

        `tags` are the hashtags that the network names, else they are read from the text; `shown` is
        False when its author asks that the text be not displayed; `heard_of` when the answer has
        not all counters, so that the post is to be read at once; `fresh` when it is known to be
        new, whatever its date. The date of a post that was dated
        ahead is that of its first sight.
        """
        due = self._due.get((subject.subject, native_id))
        published_at = self._dated(published_at, due)
        if not fresh and not self.wants(subject, native_id, published_at):
            self.skipped["not due"] += 1
            return
        known, reasons = counted(counters, absent, self._network.absent_post_counters())
        address = web_address(address)
        said = fit(text or "")[:LONGEST_TEXT]
        post = post_id(self._network.slug, native_id)
        built = self.usable(
            lambda: self._observed(
                subject, native_id, event_id=observation_id(post, self._job.slot),
                address=address, kind=kind, published_at=published_at,
                **{counter: known.get(counter) for counter in POST_COUNTERS}, absent=reasons,
                **derived_of(said, tags), language=line(language),
            ),
            POSTS_OBSERVED,
        )  # fmt: skip
        if not built:
            return
        self._note_reading(subject, native_id, published_at, heard_of=heard_of)
        if said and shown and due is None:
            self._text(subject, post, address, published_at, said, language)

    def _dated(self, published_at: datetime, due: PostReading | None) -> datetime:
        """Return the date of a post: never ahead, and that of its first sight if it was then."""
        published_at = min(published_at, self._answer.moment)
        if due is not None and published_at > due.published_at + timedelta(seconds=1):
            return due.published_at
        return published_at

    def _note_reading(
        self, subject: JobSubject, native_id: str, published_at: datetime, *, heard_of: bool
    ) -> None:
        """Note that a post was read, or only heard of, where posts are read again at ages."""
        if self._network.freshness.readings:
            reading = PostReading(
                native_id=native_id,
                published_at=published_at,
                read_at=None if heard_of else self._answer.moment,
            )
            self._readings.setdefault(subject.subject, []).append(reading)

    def _text(
        self,
        subject: JobSubject,
        post: str,
        address: str | None,
        published_at: datetime,
        text: str,
        language: str | None,
    ) -> None:
        event = TextObserved(
            event_id=hashed_id("text", post, text),
            origin=self._job.origin,
            post=post,
            account=subject.subject,
            network=self._network.slug,
            address=address,
            published_at=published_at,
            observed_at=self._answer.moment,
            text=text,
            language=line(language),
        )
        self._events.append((TEXTS_OBSERVED, event))

    def mention(
        self,
        *,
        address: str,
        source: str,
        published_at: datetime,
        title: str | None,
        text: str,
        language: str | None,
        author: str | None = None,
        item: str = "",
        speaker: str | None = None,
    ) -> None:
        """Add something public said by somebody else, if its address is one of the web.

        `item` tells it from others of that address; `speaker` is the account that says it, by the
        network's id or as a registry names it: an account that is observed is nobody else.
        """
        if web_address(address) is None:
            self.skipped["entry without an address"] += 1
            return
        mention = mention_id(address, item)
        if speaker is not None:
            self._speakers[mention] = speaker
        self.usable(
            lambda: MentionObserved(
                event_id=hashed_id("mention observed", mention, title or "", text),
                origin=self._job.origin,
                mention=mention,
                network=self._network.slug,
                address=address,
                source=source,
                published_at=min(published_at, self._answer.moment),
                observed_at=self._answer.moment,
                title=line(title),
                text=fit(text)[:LONGEST_TEXT],
                language=line(language),
                author=line(author),
            ),
            MENTIONS_OBSERVED,
        )

    def not_given(self, subject: JobSubject, native_ids: tuple[str, ...]) -> None:
        """Note posts that were asked for and not given: missing, or deleted when missing again."""
        if self.skipped[DROPPED]:
            return
        if self._job.confirm:
            for native_id in native_ids:
                self._delete(subject, native_id)
        elif native_ids:
            self._missing[subject.subject] = native_ids

    def _observed(self, subject: JobSubject, native_id: str, **fields: object) -> PostObserved:
        return PostObserved.write(
            origin=self._job.origin,
            post=post_id(self._network.slug, native_id),
            account=subject.subject,
            network=self._network.slug,
            native_id=native_id,
            slot=self._job.slot,
            observed_at=self._answer.moment,
            **fields,
        )

    def _leave_for_later(self) -> None:
        """Have what the answer says nothing of be read at its next age, not at once again."""
        for (subject, native_id), known in self._due.items():
            found = self._readings.setdefault(subject, [])
            told = {*self._missing.get(subject, ()), *self._deleted.get(subject, ())}
            if native_id not in told and all(post.native_id != native_id for post in found):
                read = {"read_at": self._answer.moment, "missing_at": None}
                found.append(known.model_copy(update=read))

    def _delete(self, subject: JobSubject, native_id: str) -> None:
        known = self._due[subject.subject, native_id]
        event = self._observed(
            subject,
            native_id,
            event_id=hashed_id("deleted", self._network.slug, native_id, str(known.missing_at)),
            state="deleted",
            published_at=known.published_at,
            **dict.fromkeys(POST_COUNTERS),
            absent=dict.fromkeys(POST_COUNTERS, "not_published"),
        )
        self._deleted.setdefault(subject.subject, []).append(native_id)
        self._events.append((POSTS_OBSERVED, event))

    def moment(
        self, native_id: str, said: str | int | None, known: datetime | None = None
    ) -> datetime | None:
        """Note the date of a post as an answer has it, else the one known, and return it (UTC).

        A number is in seconds of 1970. A post without any cannot be read: it is counted as such.
        """
        read = read_seconds(said) if isinstance(said, int) else read_iso(said)
        moment = read or known
        if moment is None:
            self.skipped[DROPPED] += 1
        else:
            self.dates[native_id] = moment
        return moment

    def again(self, given: Mapping[str, T]) -> Iterator[tuple[JobSubject, PostReading, T]]:
        """Give the posts asked for that an answer has, by their ids, and note those it has not."""
        for subject in self._job.subjects:
            for known in subject.posts:
                if known.native_id in given:
                    yield subject, known, given[known.native_id]
            absent = (post.native_id for post in subject.posts)
            self.not_given(subject, tuple(name for name in absent if name not in given))

    def is_own(self, account: str | None, author: str | None) -> bool:
        """Tell whether a post is its account's own; one of somebody else is counted and left out.

        Both as the network names them; where it does not name one, the post is taken for its own.
        """
        if account is None or author is None or account == author:
            return True
        self.skipped["post of somebody else"] += 1
        return False

    def far_enough(self, moments: Iterable[datetime] | None = None) -> bool:
        """Tell whether posts go beyond the job's bound, and older ones that are due.

        `moments` are theirs, where `dates` are not (UTC).
        """
        if self._job.since is None:
            return False
        bound = min([self._job.since, *(post.published_at for post in self._due.values())])
        return min(self.dates.values() if moments is None else moments, default=bound) < bound

    def end_page(self, subject: JobSubject) -> bool:
        """Tell whether an older page is wanted, after all of one: `dates` are those of its posts.

        Due posts that it should hold by their dates, and has not, are noted as missing. The first
        page goes up to now.
        """
        self._missing_from_page(subject)
        return bool(self.dates) and not self.far_enough()

    def _missing_from_page(self, subject: JobSubject) -> None:
        dates = self.dates
        if not dates or self.skipped[DROPPED]:
            return
        oldest, newest = min(dates.values()), max(dates.values())
        self.not_given(
            subject,
            tuple(
                post.native_id
                for post in subject.posts
                if post.native_id not in dates
                and oldest < post.published_at
                and (self._job.page == 0 or post.published_at < newest)
            ),
        )

    def parsed(self, *, cause: Cause = "done", detail: str | None = None, **told: Any) -> Parsed:
        """Return all that was found, with what else of `Parsed` the answer told.

        A job whose only subject is gone is itself `gone`.
        """
        unusable = [f"{why} ×{count}" for why, count in self.skipped.items() if "unusable" in why]
        detail = detail or "; ".join(unusable)[:200] or None
        if self._job.operation == "readings":
            self._leave_for_later()
        if cause == "done" and len(self._job.subjects) == 1 and self.gone:
            cause, detail = "gone", next(iter(self.gone.values()))
        return Parsed(
            cause=cause,
            detail=detail,
            events=tuple(self._events),
            gone=self.gone,
            absences=self.absences,
            renamed=self.renamed,
            native_ids=self.native_ids,
            followers=self._followers,
            readings={subject: tuple(found) for subject, found in self._readings.items() if found},
            missing=self._missing,
            deleted={subject: tuple(found) for subject, found in self._deleted.items()},
            alone=tuple(self._alone),
            speakers=self._speakers,
            skipped=dict(self.skipped),
            **told,
        )
