"""The rows of the views about watches: what matched, what was told, what was read."""

from typing import Literal

from libs.matching.language.fields import About, kind_of
from services.api.figures.rows import Instant, Row, Text


class WatchMatch(Row):
    """A text that concerns a watch."""

    subject: str
    subject_kind: str
    network: str
    address: str
    source: str = ""
    published_at: Instant
    observed_at: Instant
    matched_at: Instant
    terms: list[str]
    title: Text
    excerpt: str
    state: str


class Delivery(Row):
    """Whom an alert was told to, and with what outcome."""

    channel: str
    recipient: str
    outcome: str
    why: Text
    delivered_at: Instant


class WatchAlert(Row):
    """An alert of a watch, and its deliveries."""

    alert: str
    kind: str
    title: str
    why: str
    total: int
    usual: int | None
    window_minutes: int | None
    group: str
    watch_revision: int
    raised_at: Instant
    deliveries: list[Delivery]


class WatchHour(Row):
    """How many texts matched in an hour (UTC, its start)."""

    hour: Instant
    matches: int


class WatchSilence(Row):
    """How often a watch said nothing for a reason (a `Silence`), and when it last did."""

    why: str
    times: int
    last_at: Instant


class WatchActivity(Row):
    """How many alerts a watch raised, and when the last was."""

    watch: str
    alerts: int
    last_at: Instant


class TextsRead(Row):
    """How many texts of a network were published and read since an instant, by whom they are said,
    when the first and the last were read."""

    network: str
    said_by: Literal["others", "official"]
    texts: int
    first_read_at: Instant
    last_read_at: Instant


class KeptText(Row):
    """A text still kept: what somebody said, or a post (its account is the source).

    `places` and `followers` are those of a registered account or a source, as known now.
    """

    subject: str
    network: str
    address: str
    published_at: Instant
    text: str
    said_by: Literal["others", "official"]
    source: str
    observed_at: Instant
    language: str | None = None
    places: tuple[str, ...] = ()
    followers: int | None = None

    @property
    def about(self) -> About:
        """Return what is known of it beside its words."""
        kind = "post" if self.said_by == "official" else "mention"
        of = kind_of(kind, self.network)
        return About(self.network, self.language, of, self.places, self.followers)
