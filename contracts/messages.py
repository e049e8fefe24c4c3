"""Messages: mails that the api wants sent."""

from contracts.event import Address, Event, Id, Moment


class MessageDue(Event):
    """A mail the api wants sent: `message` is its id, the same for a repeat, `kind` what for.

    `leave` is the address to which a POST stops what the mail belongs to (RFC 8058). On its topic
    the recipient and what it says, a secret link, are sealed (`libs/sealing.py`).
    """

    message: Id
    recipient: Address
    kind: Id
    subject: str
    text: str
    html: str
    leave: str | None = None
    due_at: Moment

    @property
    def key(self) -> str:
        """Return the recipient."""
        return self.recipient
