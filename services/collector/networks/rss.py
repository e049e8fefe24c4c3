"""Feeds: sites of authorities, press, Google Alerts (RFC 4287, RSS 0.91 to 2.0).

- A feed owned by a registered account (`feed`) gives posts and texts; any other (`mentions`) is a
  source and gives mentions. No counter exists. Given are the items never seen before, and those
  since the job's bound, which may have been edited.
- Conditional requests; 304 is a success without body. Where the server's tag changes at each
  answer, the hash of the body tells what has changed.
- 301 and 308 are remembered, 302 and 307 are not; 410 stops; a page instead of a feed is looked
  into for where the feed went; 403 and 503 pages are walls: once a day, when the second look an
  hour later meets it too.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from statistics import median
from typing import ClassVar
from urllib.parse import urljoin

from contracts.event import LONGEST_ID
from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.rss import NETWORK as RSS
from services.collector.parsing.feed import (
    Feed,
    canonical,
    feed_of_page,
    looks_like_html,
    read_feed,
)
from services.collector.parsing.items import MOST_ITEMS, Item, items_of
from services.collector.readers.findings import Findings
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    Parsed,
    Reader,
    Request,
    UnreadableBody,
    host_of,
)

SHORTEST_PACE = timedelta(minutes=10)
LONGEST_PACE = timedelta(hours=24)
EMPTY_PACE = timedelta(hours=1)
"""A feed is read at the pace of its items, within these bounds; one without items at this one."""

WALL_PAUSE = timedelta(days=1)
"""A site that shows robots a page instead of its feed is asked again after so long."""

_COUNT = re.compile("[0-9]{1,9}")
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
)


class Rss(Reader):
    """Any feed."""

    network: ClassVar[Network] = RSS

    def host(self, subject: JobSubject) -> str:
        """Return the host of the feed's address."""
        return host_of(subject.handle)

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the conditional request of a feed."""
        headers = [("Accept", ACCEPT)]
        _, _, tag = (job.etag or "").partition(" ")
        if tag:
            headers.append(("If-None-Match", tag))
        if job.last_modified:
            headers.append(("If-Modified-Since", job.last_modified))
        return Request(job.subjects[0].handle, headers=tuple(headers), follows_redirects=True)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Tell a wall from an outage: 403 or 503 with a page is a wall, once a day."""
        if answer.status in (403, 503) and looks_like_html(answer.body):
            return Failure(
                "refused",
                f"HTTP {answer.status}: a wall against robots",
                answer.moment + WALL_PAUSE,
            )
        return super().failure(job, answer)

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read a feed into posts of its owner, or into mentions."""
        found = Findings(RSS, job, answer)
        subject = job.subjects[0]
        stated = _stated_pace(answer)
        modified = answer.headers.get("last-modified", job.last_modified)
        if answer.status == 304 or _same_body(job, answer):
            _follow(subject, answer, found)
            retry_at = answer.moment + stated if stated else None
            return found.parsed(
                cause="unchanged", retry_at=retry_at,
                etag=job.etag, last_modified=modified, items=job.items,
            )  # fmt: skip
        if looks_like_html(answer.body):
            return _page_instead(subject, answer, found)
        content_type = answer.headers.get("content-type", "")
        feed = read_feed(answer.body, content_type, answer.moved_to or subject.handle)
        if feed is None:
            raise UnreadableBody("neither RSS nor Atom")
        _follow(subject, answer, found)
        items, remembered = items_of(subject.subject, feed.entries, job.items, answer.moment)
        add = _add_post if job.operation == "feed" else _add_mention
        for item in items:
            add(job, item, feed, found)
        found.skipped += Counter(
            {"unusable: entry": feed.unusable, "unusable: too many": len(feed.entries) - MOST_ITEMS}
        )
        if not feed.whole:
            # What was cut off is asked for again: the server must not say that nothing changed.
            return found.parsed(
                detail="a feed cut short",
                retry_at=answer.moment + SHORTEST_PACE,
                items=remembered,
            )
        return found.parsed(
            retry_at=answer.moment + pace_of(items, feed.every, stated, answer.moment),
            etag=_validator(answer),
            last_modified=modified,
            items=remembered,
        )


READER = Rss


def pace_of(
    items: Sequence[Item], every: int | None, stated: timedelta | None, moment: datetime
) -> timedelta:
    """Return how long to leave a feed: what it asks for, else half of its usual gap.

    The time since its newest item is a gap too, the only one of a feed that bears one date. From 10
    minutes when it publishes often to 24 hours when it does not (our choice, from the reference).
    """
    asked = max(stated or timedelta(), timedelta(seconds=every or 0))
    dates = sorted({*(item.published_at for item in items), moment})
    gaps = [(after - before).total_seconds() / 2 for before, after in pairwise(dates)]
    usual = timedelta(seconds=median(gaps)) if gaps else EMPTY_PACE
    return min(max(asked or usual, SHORTEST_PACE), LONGEST_PACE)


def _follow(subject: JobSubject, answer: Answer, found: Findings) -> None:
    """Tell that a feed has moved, which is so when it was read there.

    A site that was made anew sends its old addresses to its home page.
    """
    if answer.moved_to and answer.moved_to != subject.handle:
        found.renamed[subject.subject] = answer.moved_to


def _page_instead(subject: JobSubject, answer: Answer, found: Findings) -> Parsed:
    declared = feed_of_page(answer.body)
    if declared:
        moved = urljoin(answer.moved_to or subject.handle, declared)
        if moved != subject.handle:
            found.renamed[subject.subject] = moved
            return found.parsed(cause="unavailable", detail=f"a page; its feed is {moved}")
    return found.parsed(cause="unavailable", detail="a page instead of a feed")


def _validator(answer: Answer) -> str:
    """Return what tells a changed feed: the body's hash, then the server's own tag, verbatim.

    Some servers change their tag at each answer: the hash then tells.
    """
    digest = blake2b(answer.body, digest_size=12).hexdigest()
    return f"{digest} {answer.headers.get('etag', '')}"[:LONGEST_ID]


def _same_body(job: JobGranted, answer: Answer) -> bool:
    return job.etag is not None and job.etag.split(" ")[0] == _validator(answer).split(" ")[0]


def _stated_pace(answer: Answer) -> timedelta | None:
    for part in answer.headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "max-age" and _COUNT.fullmatch(value) and int(value):
            return min(timedelta(seconds=int(value)), LONGEST_PACE)
    return None


def _fresh(job: JobGranted, item: Item) -> bool:
    """Tell whether an item was put online since the last reading, whatever date it bears.

    What is remembered of a feed says so; before, its first reading goes back as far as the job.
    """
    return item.fresh and job.items is not None


def _add_post(job: JobGranted, item: Item, feed: Feed, found: Findings) -> None:
    entry = item.entry
    found.post(
        job.subjects[0],
        native_id=item.known.native_id,
        address=entry.address[:LONGEST_ID] if entry.address else None,
        kind=entry.kind,
        published_at=item.published_at,
        counters={},
        text="\n".join(filter(None, (entry.title, entry.text))),
        language=feed.language,
        fresh=_fresh(job, item),
    )


def _add_mention(job: JobGranted, item: Item, feed: Feed, found: Findings) -> None:
    entry, source = item.entry, job.subjects[0].handle
    if entry.address is None:
        found.skipped["entry without an address"] += 1
        return
    if job.since is not None and item.published_at < job.since and not _fresh(job, item):
        found.skipped["not due"] += 1
        return
    alerts = (entry.guid or "").startswith("tag:google.com,2013:googlealerts/")
    alone = not item.known.second and len(entry.address) <= LONGEST_ID
    found.mention(
        address=entry.address[:LONGEST_ID],
        item="" if alone else item.known.native_id,
        source=(canonical(source) or source)[:LONGEST_ID],
        published_at=item.published_at,
        title=entry.title,
        text=entry.text,
        language=feed.language,
        author=None if alerts else feed.title,
    )
