"""Messages: mails that the api wants sent."""

from typing import Literal

from contracts.event import Event, Id, Moment


class MessageDue(Event):
    """A mail the api wants sent; `message` is its id, the same for a repeat."""

    message: Id
    recipient: Id
    kind: Literal["watch_confirmation", "watch_exercise"]
    subject: str
    text: str
    html: str
    due_at: Moment

    @property
    def key(self) -> str:
        """Return the recipient."""
        return self.recipient
