"""Links that let somebody in once, and the sessions that follow; secrets come as keyed hashes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.api.store.agents.entitled import Mailbox, Role, agent_row, roles_of
from services.api.store.messages import Mail, MailingPart
from services.api.store.models import AgentRow, SessionRow, SignInLinkRow

LINK_VALID = timedelta(minutes=15)
LINKS_KEPT = timedelta(days=1)
"""Longer than they open anything: whoever comes late is told why."""

IDLE = timedelta(days=30)
"""How long a session lasts that nobody uses."""

NOTED_EVERY = timedelta(hours=1)
"""How exactly it is known when a session was last used: not every page writes."""

LinkFault = Literal["unknown", "elsewhere", "used", "late"]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its agent sees it."""

    id: str
    browser: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a cookie is: the agent, what was granted by territory, and which session."""

    agent: str
    session: str
    domain: str
    shown: str
    roles: dict[str, Role]


class SessionStore(MailingPart):
    """Every method blocks: call it from a thread."""

    def ask(
        self, mailbox: Mailbox, token_key: str, browser_key: str, address: str, mail: Mail
    ) -> None:
        """Mail a link to an address; links too old to be explained are forgotten."""
        now = self._now()
        with self._database.writing() as session:
            session.execute(delete(SignInLinkRow).where(SignInLinkRow.asked_at < now - LINKS_KEPT))
            session.add(
                SignInLinkRow(
                    token_key=token_key,
                    browser_key=browser_key,
                    address_key=mailbox.key,
                    domain=mailbox.domain,
                    shown=mailbox.shown,
                    asked_at=now,
                )
            )
            self._messages.put(session, address, "sign_in", mail)

    def fault(self, token_key: str, browser_key: str) -> LinkFault | None:
        """Say why a link opens nothing in a browser; None where it does."""
        with self._database.reading() as session:
            found = session.get(SignInLinkRow, token_key)
            return fault_of(found, browser_key, self._now())

    def enter(
        self, token_key: str, browser_key: str, session_key: str, browser: str
    ) -> LinkFault | SignedIn:
        """Use a link, once, and open a session; a link that opens nothing says why."""
        with self._database.writing() as session:
            found = session.get(SignInLinkRow, token_key, with_for_update=True)
            if fault := fault_of(found, browser_key, self._now()):
                return fault
            assert found is not None
            found.used_at = self._now()
            mailbox = Mailbox(found.address_key, found.domain, found.shown)
            return self._opened(session, mailbox, session_key, browser)

    def open(self, mailbox: Mailbox, session_key: str, browser: str) -> SignedIn:
        """Open a session of who is known otherwise: the operator, people of a demonstration."""
        with self._database.writing() as session:
            return self._opened(session, mailbox, session_key, browser)

    def _opened(
        self, session: Session, mailbox: Mailbox, session_key: str, browser: str
    ) -> SignedIn:
        now = self._now()
        session.execute(delete(SessionRow).where(SessionRow.seen_at < now - IDLE))
        agent = agent_row(session, mailbox, self._mint, self._now)
        row = SessionRow(
            id=self._mint(),
            token_key=session_key,
            agent=agent.id,
            browser=browser,
            started_at=now,
            seen_at=now,
        )
        session.add(row)
        session.flush()
        return _signed_in(session, row, agent)

    def known(self, session_key: str) -> SignedIn | None:
        """Return whose session this is; None for one that has ended or was idle too long."""
        now = self._now()
        with self._database.reading() as session:
            found = session.scalar(select(SessionRow).where(SessionRow.token_key == session_key))
            if found is None or found.seen_at < now - IDLE:
                return None
            who = _signed_in(session, found, session.get_one(AgentRow, found.agent))
            noted = found.seen_at
        if noted < now - NOTED_EVERY:
            seen = update(SessionRow).where(SessionRow.id == who.session).values(seen_at=now)
            self._database.note(lambda session: session.execute(seen))
        return who

    def of_agent(self, agent: str) -> list[OpenSession]:
        """Return the sessions of an agent, last used first."""
        query = (
            select(SessionRow)
            .where(SessionRow.agent == agent, SessionRow.seen_at >= self._now() - IDLE)
            .order_by(SessionRow.seen_at.desc(), SessionRow.id)
        )
        with self._database.reading() as session:
            return [
                OpenSession(one.id, one.browser, one.started_at, one.seen_at)
                for one in session.scalars(query)
            ]

    def end(self, agent: str, session: str | None = None) -> None:
        """End a session of an agent, or all of them; nobody ends another's."""
        with self._database.writing() as open_:
            ended = delete(SessionRow).where(SessionRow.agent == agent)
            open_.execute(ended if session is None else ended.where(SessionRow.id == session))


def fault_of(row: SignInLinkRow | None, browser_key: str, now: datetime) -> LinkFault | None:
    """Say why a link lets nobody in; None when it does."""
    if row is None:
        return "unknown"
    if row.used_at is not None:
        return "used"
    if row.asked_at + LINK_VALID < now:
        return "late"
    return "elsewhere" if row.browser_key != browser_key else None


def _signed_in(session: Session, row: SessionRow, agent: AgentRow) -> SignedIn:
    roles = roles_of(session, agent.address_key, agent.domain)
    return SignedIn(agent.id, row.id, agent.domain, agent.shown, roles)
