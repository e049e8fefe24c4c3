"""Recipients as topics name them: sealed, and marked so that one person is known by any watch."""

import secrets

from sqlalchemy.orm import Session

from contracts.watches import Watched, recipient_name
from libs.sealing import Seal
from services.api.store.models import KeyRow

RECIPIENTS_KEY = "recipients"
"""Names the key of the installation by which recipients are marked."""


def sealed_watch(watched: Watched, seal: Seal, marked_by: str) -> Watched:
    """Return a watch as its topic is told it: nobody but the alerts reads whom it tells.

    `marked_by` is the key by which recipients are marked: the same one of any watch by the same.
    """
    sealed = [
        one.model_copy(
            update={
                "address": seal.address(one.address),
                "mark": recipient_name(one.address, marked_by),
            }
        )
        for one in watched.recipients
    ]
    key = watched.links_key and seal.text(watched.links_key)
    return watched.model_copy(update={"recipients": tuple(sealed), "links_key": key})


def recipients_key(session: Session) -> str:
    """Return the key by which recipients are marked; one relay at a time makes it, once."""
    if (known := session.get(KeyRow, RECIPIENTS_KEY)) is None:
        known = KeyRow(name=RECIPIENTS_KEY, value=secrets.token_urlsafe(32))
        session.add(known)
    return known.value
