"""The team of a territory: its agents and their roles, invitations, requests to join it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from services.api.store.agents.entitled import (
    Mailbox,
    Naming,
    Role,
    agent_row,
    give,
    roles_of,
)
from services.api.store.errors import NotTheirsError, TransitionError, UnknownError
from services.api.store.messages import Mail, MailingPart
from services.api.store.models import (
    AgentRoleRow,
    AgentRow,
    EntitledRow,
    RoleRequestRow,
    SessionRow,
)


@dataclass(frozen=True, slots=True)
class Member:
    """An agent who may act for a territory; `seen_at` is None for one with no session open."""

    agent: str
    shown: str
    role: Role
    granted: bool
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoleRequest:
    """An agent who asks to act for a territory, with why, in their words."""

    id: str
    agent: str
    shown: str
    territory: str
    role: Role
    words: str
    asked_at: datetime
    answered_at: datetime | None
    granted: bool


class TeamStore(MailingPart):
    """Every method blocks: call it from a thread.

    Where a role is given, `naming` says whether who asks may; else `NotTheirsError`.
    """

    def members(self, territory: str, domain: str = "") -> list[Member]:
        """Return who may act for a territory, whom an administrator named first.

        `domain` is one whose agents are its own besides what is kept (an invented one).
        """
        with self._database.reading() as session:
            found = [
                self._member(session, one, territory, own=one.domain == domain)
                for one in session.scalars(_agents_near(territory, domain))
            ]
        kept = [one for one in found if one is not None]
        return sorted(kept, key=lambda one: (not one.granted, one.shown))

    def _member(
        self, session: Session, agent: AgentRow, territory: str, *, own: bool
    ) -> Member | None:
        granted = session.get(AgentRoleRow, (agent.id, territory))
        roles = roles_of(session, agent.address_key, agent.domain)
        role = roles.get(territory, "writing" if own else "none")
        if role == "none":
            return None
        seen = select(func.max(SessionRow.seen_at)).where(SessionRow.agent == agent.id)
        return Member(agent.id, agent.shown, role, granted is not None, session.scalar(seen))

    def invite(
        self,
        mailbox: Mailbox,
        address: str,
        territory: str,
        role: Role,
        mail: Mail,
        naming: Naming,
    ) -> str:
        """Give a role to an address, and tell it so in the same transaction; return whose it is."""
        with self._database.writing() as session:
            agent = agent_row(session, mailbox, self._mint, self._now)
            _check(session, agent, territory, role, naming)
            give(session, agent.id, territory, role, self._now())
            self._messages.put(session, address, "invited", mail)
            return agent.id

    def change(
        self, agent: str, territory: str, role: Role, naming: Naming, domain: str = ""
    ) -> None:
        """Give another role to somebody of the team. Raises `UnknownError` for anybody else."""
        with self._database.writing() as session:
            known = session.get(AgentRow, agent)
            own = known is not None and known.domain == domain
            if known is None or self._member(session, known, territory, own=own) is None:
                raise UnknownError(agent)
            _check(session, known, territory, role, naming)
            give(session, agent, territory, role, self._now())

    def request(self, agent: str, territory: str, role: Role, words: str) -> None:
        """Ask to act for a territory; who asks again says it otherwise."""
        with self._database.writing() as session:
            row = session.scalar(
                select(RoleRequestRow).where(
                    RoleRequestRow.agent == agent,
                    RoleRequestRow.territory == territory,
                    RoleRequestRow.answered_at.is_(None),
                )
            )
            if row is None:
                row = RoleRequestRow(id=self._mint(), agent=agent, territory=territory)
                session.add(row)
            row.role, row.words, row.asked_at = role, words, self._now()

    def answer(self, request: str, territory: str, naming: Naming, *, granted: bool) -> str:
        """Grant or refuse a request about a territory, once; return who asked.

        To refuse a role is for whoever may give it.

        Raises `UnknownError`, and `TransitionError` for one that is answered already.
        """
        with self._database.writing() as session:
            row = session.get(RoleRequestRow, request)
            if row is None or row.territory != territory:
                raise UnknownError(request)
            if row.answered_at is not None:
                raise TransitionError(f"{request} is answered")
            role: Role = row.role  # pyright: ignore[reportAssignmentType]
            _check(session, session.get_one(AgentRow, row.agent), territory, role, naming)
            row.answered_at, row.granted = self._now(), granted
            if granted:
                give(session, row.agent, territory, role, self._now())
            return row.agent

    def requests(self, territory: str | None = None, agent: str | None = None) -> list[RoleRequest]:
        """Return what waits for an answer, oldest first; of an agent, what was answered too."""
        query = (
            select(RoleRequestRow, AgentRow.shown)
            .join(AgentRow, AgentRow.id == RoleRequestRow.agent)
            .order_by(RoleRequestRow.asked_at, RoleRequestRow.id)
        )
        if agent is None:
            query = query.where(RoleRequestRow.answered_at.is_(None))
        else:
            query = query.where(RoleRequestRow.agent == agent)
        if territory is not None:
            query = query.where(RoleRequestRow.territory == territory)
        with self._database.reading() as session:
            return [_request(row, shown) for row, shown in session.execute(query)]


def _check(session: Session, agent: AgentRow, territory: str, role: Role, naming: Naming) -> None:
    """Raise `NotTheirsError` where who asks may not give this role to this agent."""
    known = roles_of(session, agent.address_key, agent.domain).get(territory)
    if not naming(known, role):
        raise NotTheirsError(agent.id)


def _agents_near(territory: str, domain: str) -> Select[AgentRow]:
    """Select the agents of whom something says that they may act for a territory."""
    granted = select(AgentRoleRow.agent).where(AgentRoleRow.territory == territory)
    published = select(EntitledRow.value).where(EntitledRow.territory == territory)
    return select(AgentRow).where(
        or_(
            AgentRow.id.in_(granted),
            AgentRow.domain.in_(published.where(EntitledRow.kind == "domain")),
            AgentRow.address_key.in_(published.where(EntitledRow.kind == "address")),
            AgentRow.domain == domain,
        )
    )


def _request(row: RoleRequestRow, shown: str) -> RoleRequest:
    return RoleRequest(
        id=row.id,
        agent=row.agent,
        shown=shown,
        territory=row.territory,
        role=row.role,  # pyright: ignore[reportArgumentType]
        words=row.words,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        granted=row.granted,
    )
