"""Who may enter, and for which territories: by address, by domain, by the operator's word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from services.api.store.agents.delegations import DelegationRow
from services.api.store.database import StorePart
from services.api.store.models import AgentRoleRow, AgentRow, EntitledRow

Role = Literal["reading", "protection", "writing", "delegation", "administration", "team", "none"]
"""What an agent may do; "protection" reads, the journal too; "none" is what is refused.

"delegation" is administration in the name of a territory, worked out and given to nobody.
"""

Naming = Callable[["Role | None", "Role"], bool]
"""Whether somebody may be given a role, by what they have now (None: nothing is said of them)."""

EVERYWHERE = ""
"""The territory of a role that holds for all of them: that of the observatory's team."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A professional address as it is kept: a keyed hash, its domain, and how it is shown."""

    key: str
    domain: str
    shown: str


@dataclass(frozen=True, slots=True)
class Entitled:
    """What is published (or approved): an address (its key) or a domain, of a territory."""

    kind: Literal["address", "domain"]
    value: str
    territory: str


class EntitledStore(StorePart):
    """Every method blocks: call it from a thread."""

    def replace(self, published: Iterable[Entitled]) -> int:
        """Put what the directory publishes now in place of what it did; return how many."""
        rows = set(published)
        with self._database.writing() as session:
            session.execute(delete(EntitledRow).where(EntitledRow.source == "directory"))
            session.add_all(_row(one, "directory") for one in rows)
        return len(rows)

    def approve(self, domain: str, territory: str) -> None:
        """Let addresses of a domain enter for a territory; twice is as once."""
        one = Entitled("domain", domain, territory)
        with self._database.writing() as session:
            same = (
                EntitledRow.kind == "domain",
                EntitledRow.value == domain,
                EntitledRow.territory == territory,
                EntitledRow.source == "operator",
            )
            if session.scalar(select(EntitledRow).where(*same)) is None:
                session.add(_row(one, "operator"))

    def grant(self, mailbox: Mailbox, territory: str, role: Role) -> None:
        """Give an agent a role, whatever else says of it; `EVERYWHERE` for the team."""
        with self._database.writing() as session:
            agent = agent_row(session, mailbox, self._mint, self._now)
            give(session, agent.id, territory, role, self._now())

    def key_of(self, agent: str) -> str:
        """Return the keyed hash of an agent's address; "" for nobody."""
        with self._database.reading() as session:
            found = session.get(AgentRow, agent)
            return found.address_key if found else ""

    def roles(self, mailbox: Mailbox) -> dict[str, Role]:
        """Return what an address may do, by territory; empty for one of which nothing is known."""
        with self._database.reading() as session:
            return roles_of(session, mailbox.key, mailbox.domain)

    def is_of(self, agent: str, address_key: str) -> bool:
        """Tell whether an address (its keyed hash) is that of an agent."""
        with self._database.reading() as session:
            row = session.get(AgentRow, agent)
            return row is not None and row.address_key == address_key

    def approved(self) -> list[tuple[str, str]]:
        """Return the domains that the operator approved, with their territories."""
        found = select(EntitledRow).where(EntitledRow.source == "operator").order_by(EntitledRow.id)
        with self._database.reading() as session:
            return [(one.value, one.territory) for one in session.scalars(found)]


def roles_of(session: Session, address_key: str, domain: str) -> dict[str, Role]:
    """Return what an address may do by territory: what was said of it by name comes last.

    A domain that the directory gives to several territories is a provider's, and entitles nobody.
    The address itself that the directory publishes administers its territory. Whoever administers a
    territory itself has « delegation » for those that delegated to it.
    """
    named = or_(
        (EntitledRow.kind == "address") & (EntitledRow.value == address_key),
        (EntitledRow.kind == "domain") & (EntitledRow.value == domain),
    )
    rows = session.scalars(select(EntitledRow).where(named)).all()
    shared = {r.territory for r in rows if r.kind == "domain" and r.source == "directory"}
    found: dict[str, Role] = {
        row.territory: "administration" if row.kind == "address" else "writing"
        for row in sorted(rows, key=lambda one: one.kind, reverse=True)
        if len(shared) < 2 or row.kind == "address" or row.source == "operator"
    }
    granted = (
        select(AgentRoleRow)
        .join(AgentRow, AgentRow.id == AgentRoleRow.agent)
        .where(AgentRow.address_key == address_key)
    )
    for one in session.scalars(granted):
        found[one.territory] = one.role  # pyright: ignore[reportArgumentType]
    own = [code for code, role in found.items() if role == "administration"]
    for code in delegated_to(session, own) if own else ():
        if found.get(code) not in ("none", "administration"):
            found[code] = "delegation"
    return found


def delegated_to(session: Session, own: list[str]) -> Iterable[str]:
    """Return the territories that some territories administer in their name."""
    return session.scalars(
        select(DelegationRow.territory).where(
            DelegationRow.delegate.in_(own), DelegationRow.granted_at.is_not(None)
        )
    )


def give(session: Session, agent: str, territory: str, role: str, now: datetime) -> None:
    """Give an agent a role for a territory, in place of the one that they had."""
    known = session.get(AgentRoleRow, (agent, territory))
    if known is None:
        known = AgentRoleRow(agent=agent, territory=territory)
        session.add(known)
    known.role, known.since = role, now


def agent_row(
    session: Session, mailbox: Mailbox, mint: Callable[[], str], now: Callable[[], datetime]
) -> AgentRow:
    """Return the agent of an address, made where there is none yet."""
    row = session.scalar(select(AgentRow).where(AgentRow.address_key == mailbox.key))
    if row is None:
        row = AgentRow(
            id=mint(),
            address_key=mailbox.key,
            domain=mailbox.domain,
            shown=mailbox.shown,
            created_at=now(),
        )
        session.add(row)
        session.flush()
    return row


def _row(one: Entitled, source: str) -> EntitledRow:
    return EntitledRow(kind=one.kind, value=one.value, territory=one.territory, source=source)
