"""Mentions: something public said by somebody else; and those that concern a watch."""

from typing import Literal

from contracts.event import Count, Event, Id, Moment, NetworkSlug, Text, hashed_id


def mention_id(address: str, item: str = "") -> str:
    """Return the id of a mention: the hash of its canonical address.

    `item` tells apart what shares one address (several items of a feed).
    """
    return hashed_id("mention", address, *([item] if item else []))


class MentionObserved(Event):
    """Something public said by somebody else, present or deleted.

    `author` is only of the registry, the press or an institution: no profile of persons is kept.
    A deletion carries no text.
    """

    mention: Id
    network: NetworkSlug
    address: Id
    source: Id
    state: Literal["present", "deleted"] = "present"
    published_at: Moment
    observed_at: Moment
    title: str | None = None
    text: Text = ""
    language: str | None = None
    author: str | None = None

    @property
    def key(self) -> str:
        """Return the mention."""
        return self.mention


class MentionMatched(Event):
    """This mention (or this post of a registered account) concerns that watch, and why.

    `terms` are the words of the query that were found, as the person wrote them; `excerpt` is the
    text around the first (300 characters at most), without the title.
    """

    watch: Id
    watch_revision: Count
    subject: Id
    subject_kind: Literal["mention", "post"]
    network: NetworkSlug
    address: Id
    source: Id
    published_at: Moment
    observed_at: Moment
    matched_at: Moment
    terms: tuple[str, ...]
    title: str | None = None
    excerpt: str = ""
    author: str | None = None
    state: Literal["present", "deleted"] = "present"

    @property
    def key(self) -> str:
        """Return the watch."""
        return self.watch
