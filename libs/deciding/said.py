"""A text to match, whatever event it came in: its author, place and date, and what matched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.event import Origin, hashed_id
from contracts.mentions import MentionMatched, MentionObserved
from contracts.posts import TextObserved
from contracts.watches import Watched
from libs.matching.highlight import quote
from libs.matching.language.fields import About, kind_of
from libs.matching.match import Hit
from libs.matching.query import found_in


@dataclass(frozen=True, slots=True)
class Said:
    """A text, by whom, where and when, whatever it came as.

    `places` are the territories that its author speaks for, `followers` how many follow it: known
    of registered accounts and sources alone.
    """

    kind: Literal["mention", "post"]
    subject: str
    origin: Origin
    network: str
    address: str
    source: str
    published_at: datetime
    observed_at: datetime
    text: str
    title: str | None = None
    author: str | None = None
    language: str | None = None
    places: tuple[str, ...] = ()
    followers: int | None = None

    @property
    def about(self) -> About:
        """Return what is known of it beside its words."""
        kind = kind_of(self.kind, self.network)
        return About(self.network, self.language, kind, self.places, self.followers)

    @classmethod
    def by_others(cls, mention: MentionObserved, places: tuple[str, ...] = ()) -> "Said":
        """Return a mention that is present, of a source that speaks of some places."""
        title = f"{mention.title}\n" if mention.title else ""
        return cls(
            kind="mention",
            subject=mention.mention,
            origin=mention.origin,
            network=mention.network,
            address=mention.address,
            source=mention.source,
            published_at=mention.published_at,
            observed_at=mention.observed_at,
            text=title + f"{mention.text}\n".removeprefix(title).removesuffix("\n"),
            title=mention.title,
            author=mention.author,
            language=mention.language,
            places=places,
        )

    @classmethod
    def by_account(
        cls,
        post: TextObserved,
        address: str,
        places: tuple[str, ...] = (),
        followers: int | None = None,
    ) -> "Said":
        """Return a post of a registered account, as the registry and its profile are now."""
        return cls(
            kind="post",
            subject=post.post,
            origin=post.origin,
            network=post.network,
            address=address,
            source=post.account,
            published_at=post.published_at,
            observed_at=post.observed_at,
            text=post.text,
            language=post.language,
            places=places,
            followers=followers,
        )

    def matched(self, watch: Watched, hit: Hit, now: datetime) -> MentionMatched:
        """Return the match of a watch, its words as they were written."""
        body = len(self.title) + 1 if self.title else 0
        crisis = found_in(self.text, watch.quiet.crisis_terms) if watch.quiet else []
        quotation = quote(self.text, [*hit.terms, *crisis], body)
        return MentionMatched(
            event_id=hashed_id("match", watch.watch, self.subject),
            origin=self.origin,
            watch=watch.watch,
            watch_revision=watch.revision,
            subject=self.subject,
            subject_kind=self.kind,
            network=self.network,
            address=self.address,
            source=self.source,
            published_at=self.published_at,
            observed_at=self.observed_at,
            matched_at=now,
            terms=quotation.terms,
            title=self.title,
            excerpt=quotation.excerpt,
            author=self.author,
        )
