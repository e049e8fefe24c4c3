"""What a reader finds in an answer, gathered into events by the rules that all networks share.

Every null counter says why; a post's date never lies in the future; observations have the id of
their subject and slot; a name that another account has taken is nobody's.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import ValidationError

from contracts.accounts import ACCOUNT_COUNTERS, AccountCounter, AccountObserved
from contracts.event import AbsenceReason, Event, hashed_id, observation_id
from contracts.jobs import Cause, JobGranted, JobSubject, PostReading
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
from services.collector.network import Answer, Parsed
from services.collector.text import hashtags

LONGEST_TEXT = 100_000

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
        self._deleted: dict[str, tuple[str, ...]] = {}
        self.gone: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.native_ids: dict[str, str] = {}
        self.skipped: Counter[str] = Counter()

    def identify(self, subject: JobSubject, native_id: str, handle: str | None) -> bool:
        """Note who answered; False when the name now belongs to another account than ours."""
        if subject.native_id is not None and subject.native_id != native_id:
            self.gone[subject.subject] = TAKEN
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
        absent: Mapping[AccountCounter, AbsenceReason] | None = None,
    ) -> None:
        """Add the counters of an account; `absent` says why those asked for are null."""
        reasons: dict[AccountCounter, AbsenceReason] = {
            **self._network.absent_account_counters(),
            **{name: reason for name, reason in (absent or {}).items() if counters[name] is None},
        }
        event = AccountObserved.write(
            event_id=observation_id(subject.subject, self._job.slot),
            origin=self._job.origin,
            account=subject.subject,
            network=self._network.slug,
            native_id=native_id or subject.native_id,
            handle=handle or subject.handle,
            name=name or None,
            slot=self._job.slot,
            observed_at=self._answer.moment,
            **{counter: counters.get(counter) for counter in ACCOUNT_COUNTERS},
            absent=reasons,
        )
        self._events.append((ACCOUNTS_OBSERVED, event))

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

    def post(
        self,
        subject: JobSubject,
        *,
        native_id: str,
        address: str | None,
        kind: PostKind,
        published_at: datetime,
        counters: Mapping[PostCounter, int | None],
        absent: Mapping[PostCounter, AbsenceReason] | None = None,
        text: str | None = None,
        language: str | None = None,
        shown: bool = True,
        heard_of: bool = False,
    ) -> None:
        """Add a post with its counters, and its text at first sight.

        `shown` is False when its author asks that the text be not displayed; `heard_of` when the
        answer has not all counters, so that the post is to be read at once.
        """
        published_at = min(published_at, self._answer.moment)
        if not self.wants(subject, native_id, published_at):
            self.skipped["not due"] += 1
            return
        reasons: dict[PostCounter, AbsenceReason] = {
            **self._network.absent_post_counters(),
            **{name: reason for name, reason in (absent or {}).items() if counters[name] is None},
        }
        said = text or ""
        post = post_id(self._network.slug, native_id)
        built = self.usable(
            lambda: PostObserved.write(
                event_id=observation_id(post, self._job.slot),
                origin=self._job.origin,
                post=post,
                account=subject.subject,
                network=self._network.slug,
                native_id=native_id,
                address=address,
                kind=kind,
                published_at=published_at,
                slot=self._job.slot,
                observed_at=self._answer.moment,
                **{counter: counters.get(counter) for counter in POST_COUNTERS},
                absent=reasons,
                text_length=len(said),
                hashtags=hashtags(said),
                language=language,
            ),
            POSTS_OBSERVED,
        )
        if not built:
            return
        self._readings.setdefault(subject.subject, []).append(
            PostReading(
                native_id=native_id,
                published_at=published_at,
                read_at=None if heard_of else self._answer.moment,
            )
        )
        if said and shown and (subject.subject, native_id) not in self._due:
            self._text(subject, post, address, published_at, said, language)

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
            text=text[:LONGEST_TEXT],
            language=language,
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
    ) -> None:
        """Add something public said by somebody else."""
        mention = mention_id(address)
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
                title=title or None,
                text=text[:LONGEST_TEXT],
                language=language,
                author=author,
            ),
            MENTIONS_OBSERVED,
        )

    def not_given(self, subject: JobSubject, native_ids: tuple[str, ...]) -> None:
        """Note posts that were asked for and not given: missing, or deleted when missing again."""
        if not native_ids:
            return
        if not self._job.confirm:
            self._missing[subject.subject] = native_ids
            return
        self._deleted[subject.subject] = native_ids
        for native_id in native_ids:
            known = self._due[subject.subject, native_id]
            post = post_id(self._network.slug, native_id)
            event = PostObserved.write(
                event_id=hashed_id("deleted", post, str(known.missing_at)),
                origin=self._job.origin,
                post=post,
                account=subject.subject,
                network=self._network.slug,
                native_id=native_id,
                state="deleted",
                published_at=known.published_at,
                slot=self._job.slot,
                observed_at=self._answer.moment,
                **dict.fromkeys(POST_COUNTERS),
                absent=dict.fromkeys(POST_COUNTERS, "not_published"),
            )
            self._events.append((POSTS_OBSERVED, event))

    @property
    def bound(self) -> datetime | None:
        """Return how far back pages are to be read: the job's bound, or an older post that is due.

        None when the job has no bound (UTC).
        """
        if self._job.since is None:
            return None
        due = [post.published_at for subject in self._job.subjects for post in subject.posts]
        return min([self._job.since, *due])

    def missing_from_page(self, subject: JobSubject, dates: Mapping[str, datetime]) -> None:
        """Note the due posts that a page of the account should hold, by their dates, and has not.

        `dates` are those of the whole page, by id (UTC). The first page goes up to now.
        """
        if not dates:
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

    def parsed(
        self,
        *,
        cause: Cause = "done",
        detail: str | None = None,
        next_cursor: str | None = None,
        quota_left: int | None = None,
        retry_at: datetime | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Parsed:
        """Return all that was found. A job whose only subject is gone is itself `gone`."""
        unusable = [f"{why} ×{count}" for why, count in self.skipped.items() if "unusable" in why]
        detail = detail or "; ".join(unusable)[:200] or None
        if cause == "done" and len(self._job.subjects) == 1 and self.gone:
            cause, detail = "gone", next(iter(self.gone.values()))
        return Parsed(
            cause=cause,
            detail=detail,
            events=tuple(self._events),
            next_cursor=next_cursor,
            quota_left=quota_left,
            retry_at=retry_at,
            etag=etag,
            last_modified=last_modified,
            gone=self.gone,
            renamed=self.renamed,
            native_ids=self.native_ids,
            readings={subject: tuple(found) for subject, found in self._readings.items()},
            missing=self._missing,
            deleted=self._deleted,
            skipped=dict(self.skipped),
        )
