"""How often addresses are asked to confirm: a form open to all must not become a mail relay."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contracts.watches import recipient_name
from services.api.store.errors import TooManyError
from services.api.store.models import InvitationRow

INVITED_WITHIN = timedelta(hours=1)
PER_ADDRESS = 5
"""Invitations to one address, within that time."""

IN_ALL = 300
"""Six watches of fifty recipients: more in an hour is no agent's work."""


def count_invitation(session: Session, address: str, now: datetime) -> None:
    """Count a mail that asks an address to confirm; only its name (a hash) is kept, for an hour.

    Raises TooManyError where the address, or all together, were asked too often within the hour.
    """
    session.execute(delete(InvitationRow).where(InvitationRow.asked_at <= now - INVITED_WITHIN))
    name = recipient_name(address)
    asked = select(func.count()).select_from(InvitationRow)
    if (session.scalar(asked.where(InvitationRow.recipient == name)) or 0) >= PER_ADDRESS:
        raise TooManyError(f"{PER_ADDRESS} invitations of one address within an hour")
    if (session.scalar(asked) or 0) >= IN_ALL:
        raise TooManyError(f"{IN_ALL} invitations within an hour")
    session.add(InvitationRow(recipient=name, asked_at=now))
    session.flush()
