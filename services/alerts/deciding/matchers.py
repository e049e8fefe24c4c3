"""Matching: what was said is told to the deciders of the watches that it concerns.

Stateless and parallel: any instance may match any text. Only a deletion, which carries no text,
needs to know which watches its subject concerned: every instance reads back the matches of the last
two days for that (a decider tells nothing older).
"""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import chain

import structlog
from pydantic import ValidationError

from contracts.mentions import MentionMatched, MentionObserved
from contracts.posts import PostObserved, TextObserved
from contracts.topics import MENTIONS_MATCHED, MENTIONS_OBSERVED, POSTS_OBSERVED, TEXTS_OBSERVED
from contracts.watches import Watched
from libs.deciding.said import Said
from libs.matching.match import Matcher
from libs.tracing.spans import NO_TRACES, Traces, trace_id
from libs.wire.backends.log import Batches
from libs.wire.checking import Received
from libs.wire.wire import Wire
from services.alerts.deciding.concerned import Concerned
from services.alerts.deciding.known import Known
from services.alerts.metrics import MATCHED, TEXTS_READ

MENTIONS_GROUP = "alerts-mentions"
TEXTS_GROUP = "alerts-texts"
DELETIONS_GROUP = "alerts-deletions"

_DELETED = b'"deleted"'

TOLD_MOST = 20
"""Watches named in one line of the log."""

log = structlog.get_logger(__name__)


class Matchers:
    """The watches as one matcher, and the subscriptions that feed it.

    Mentions, texts and deletions are read in groups of their own: a rebuild of posts never delays a
    mention.
    """

    def __init__(self, wire: Wire, known: Known) -> None:
        self._wire = wire
        self._accounts = known.accounts
        self._suppressions = known.suppressions
        self._clock = known.clock
        self._watches: dict[str, Watched] = {}
        self._matcher: Matcher | None = None
        self._concerned = Concerned()

    def change(self, watch: str, watched: Watched | None) -> None:
        """Take a watch as it is now; where it looks for something else, the matcher is made anew
        before the next batch.

        « J’ai vu », a mute or a confirmation changes nothing that is looked for, and comes when
        everybody clicks: the terms of all watches are not made ready again for it.
        """
        before = self._watches.pop(watch, None)
        after = watched if watched is not None and watched.state == "active" else None
        if after is not None:
            self._watches[watch] = after
        if (before and before.query) != (after and after.query):
            self._matcher = None

    def remember(self, match: MentionMatched) -> None:
        """Know which watches a subject concerned."""
        if match.state == "present":
            self._concerned.add(match)

    def subscribe(self, session_timeout_ms: int) -> None:
        """Subscribe the three groups; a dead instance is replaced after `session_timeout_ms`."""
        wire, timeout = self._wire, session_timeout_ms
        mentions, texts = (MENTIONS_OBSERVED, MentionObserved), (TEXTS_OBSERVED, TextObserved)
        wire.subscribe(*mentions, MENTIONS_GROUP, self.mentions, session_ms=timeout)
        wire.subscribe(*texts, TEXTS_GROUP, self.texts, session_ms=timeout)
        wire.subscribe_raw([POSTS_OBSERVED], DELETIONS_GROUP, self.posts, session_ms=timeout)

    async def mentions(self, batch: Sequence[Received[MentionObserved]]) -> None:
        """Match what others say."""
        found: list[MentionMatched] = []
        traces: dict[str, str | None] = {}
        now = self._clock.now()
        for received in batch:
            mention = received.event
            if mention.state == "deleted":
                found += self._concerned.withdrawn(mention.mention, mention.observed_at, now)
            else:
                said = Said.by_others(mention, self._accounts.covered(mention.source))
                found += self._matches(said, now, received.trace, traces)
        TEXTS_READ.labels("mention").inc(len(batch))
        await self._publish(found, traces)

    async def texts(self, batch: Sequence[Received[TextObserved]]) -> None:
        """Match the posts of registered accounts, but for the watches of their own territory."""
        found: list[MentionMatched] = []
        traces: dict[str, str | None] = {}
        now = self._clock.now()
        for received in batch:
            post = received.event
            if not self._accounts.personal(post.account):
                known, account = self._accounts, post.account
                address = post.address or known.address(account) or post.post
                of = known.places(account), known.followers(account)
                said = Said.by_account(post, address, *of)
                found += self._matches(said, now, received.trace, traces)
        TEXTS_READ.labels("post").inc(len(batch))
        await self._publish(found, traces)

    async def posts(self, batches: Batches) -> None:
        """Hear of deleted posts; all other readings are passed over by their bytes."""
        found: list[MentionMatched] = []
        now = self._clock.now()
        for record in chain.from_iterable(batches.values()):
            if record.value is None or _DELETED not in record.value:
                continue
            try:
                post = PostObserved.read(record.value)
            except ValidationError:
                continue  # the scorer reads every record of this topic and keeps its dead letters
            if post.state == "deleted" and not self._wire.refuses(post.origin):
                found += self._concerned.withdrawn(post.post, post.observed_at, now)
        await self._publish(found)

    def _matches(
        self, said: Said, now: datetime, trace: str | None, traces: dict[str, str | None]
    ) -> list[MentionMatched]:
        """Return the matches of a text, and note in `traces` from where each goes on.

        A post that was not sampled is traced from here on.
        """
        tracing, since = self._wire.tracing, time.time_ns()
        found = self._found(said, now)
        span = tracing.go_on("match", trace, "consumer", since, watches=len(found))
        if found:
            if trace is None:
                span = tracing.begin("match", said.subject, always=True, since=since)
            traces |= dict.fromkeys([match.event_id for match in found], span.context)
            watches = [match.watch for match in found]
            log.info("matched", trace=trace_id(said.subject), watches=watches[:TOLD_MOST])
        span.end()
        return found

    def _found(self, said: Said, now: datetime) -> list[MentionMatched]:
        if self._suppressions.holds(
            account=said.source, subject=said.subject, address=said.address
        ):
            return []
        if self._matcher is None:
            self._matcher = Matcher((name, watch.query) for name, watch in self._watches.items())
        return [
            said.matched(self._watches[hit.watch], hit, now)
            for hit in self._matcher.match(said.text, said.about)
            if said.kind == "mention"
            or said.source not in self._accounts.own(self._watches[hit.watch].territory)
        ]

    async def _publish(self, found: list[MentionMatched], traces: Traces = NO_TRACES) -> None:
        for match in found:
            self.remember(match)
            MATCHED.labels(match.subject_kind, match.state).inc()
        if found:
            await self._wire.publish_all(MENTIONS_MATCHED, found, traces)
