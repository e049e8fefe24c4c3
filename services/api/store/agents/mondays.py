"""Which agents want the five minutes of Monday by mail, for which territory.

Of an agent's address a keyed hash is kept; here the address itself is, for as long as they want
the mail: they typed it again to ask for it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.agents.entitled import Mailbox
from services.api.store.database import StorePart
from services.api.store.models import AgentRow, Base


class MondayMailRow(Base):
    """An agent who wants it; `id` names it in the link by which it is left."""

    __tablename__ = "monday_mails"
    __table_args__ = (UniqueConstraint("agent", "territory"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    territory: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(512))
    since: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class MondayMail:
    """Whom it goes to (`mailto:…`), about which territory; `mailbox` says what they may see."""

    id: str
    territory: str
    address: str
    mailbox: Mailbox


class MondayStore(StorePart):
    """Every method blocks: call it from a thread."""

    def want(self, agent: str, territory: str, address: str) -> None:
        """Send it to an agent from the next Monday on; twice is as once."""
        with self._database.writing() as session:
            session.execute(delete(MondayMailRow).where(*_of(agent, territory)))
            session.add(
                MondayMailRow(
                    id=self._mint() + self._mint(),
                    agent=agent,
                    territory=territory,
                    address=address,
                    since=self._now(),
                )
            )

    def wanted(self, agent: str, territory: str) -> bool:
        """Tell whether an agent wants it."""
        with self._database.reading() as session:
            return (
                session.scalar(select(MondayMailRow.id).where(*_of(agent, territory))) is not None
            )

    def stop(self, agent: str, territory: str) -> None:
        """Send it to an agent no more, and forget the address."""
        with self._database.writing() as session:
            session.execute(delete(MondayMailRow).where(*_of(agent, territory)))

    def territory_of(self, name: str) -> str | None:
        """Return the territory of the mail that a link names; None for one that was left."""
        with self._database.reading() as session:
            row = session.get(MondayMailRow, name)
            return row.territory if row else None

    def leave(self, name: str) -> None:
        """Stop the mail that a link names; nothing happens where it was left already."""
        with self._database.writing() as session:
            session.execute(delete(MondayMailRow).where(MondayMailRow.id == name))

    def all(self, before: datetime) -> list[MondayMail]:
        """Return who had asked for it before a moment, by territory."""
        query = (
            select(MondayMailRow, AgentRow)
            .join(AgentRow, AgentRow.id == MondayMailRow.agent)
            .where(MondayMailRow.since < before)
            .order_by(MondayMailRow.territory, MondayMailRow.id)
        )
        with self._database.reading() as session:
            return [
                MondayMail(
                    row.id,
                    row.territory,
                    row.address,
                    Mailbox(agent.address_key, agent.domain, agent.shown),
                )
                for row, agent in session.execute(query)
            ]


def _of(agent: str, territory: str) -> tuple[ColumnElement[bool], ...]:
    return MondayMailRow.agent == agent, MondayMailRow.territory == territory
