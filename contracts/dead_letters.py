"""Dead letters: records that could not be used, whole, with reason and origin."""

import base64

from contracts.event import Count, Event, Id, Moment

CEILING_RATIO = 0.20
"""The share of bad records among the last ones above which a consumer stops."""


REPLAYING = "dead-letters.replay"
"""What groups that give letters back are named after the namespace; the topic of origin follows."""

MOST_REPLAYS = 2
"""A record that came back so often is left where it is: somebody must look at it; so is one of
which only a part was kept."""


class DeadLetter(Event):
    """A record that could not be used; `value` is the whole record, base64.

    `cut_from` is set where the record was larger than a dead letter may be: `value` (and the key)
    are then what stood first of so many bytes, and the record cannot be given back.
    `record_key` is its key for people to read, `record_key_base64` the key as it was.
    `reason` names the field, or the byte offset when the record is not one JSON object.
    `replays` counts the ways back already tried.
    """

    topic: Id
    partition: Count
    offset: Count
    record_key: str | None = None
    record_key_base64: str | None = None
    value: str
    cut_from: Count | None = None
    reason: str
    consumer: Id
    replays: Count = 0
    failed_at: Moment

    @property
    def key(self) -> str:
        """Return the topic of origin."""
        return self.topic

    @property
    def place(self) -> str:
        """Return where the record stood: the same for the letters of all groups that refused it."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def given_up(self) -> bool:
        """Whether a replay leaves it: it came back too often, or was not kept whole."""
        return self.replays >= MOST_REPLAYS or self.cut_from is not None

    @property
    def record(self) -> bytes:
        """Return the record as it was."""
        return base64.b64decode(self.value)

    @property
    def exact_key(self) -> bytes | None:
        """Return the key as it was; letters of before it was kept have the readable one."""
        if self.record_key_base64 is not None:
            return base64.b64decode(self.record_key_base64)
        return self.record_key.encode() if self.record_key else None
