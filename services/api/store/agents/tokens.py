"""Tokens of programs: each asks in the name of its agent, for one territory, until a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from services.api.store.agents.entitled import Role, roles_of
from services.api.store.agents.sessions import NOTED_EVERY, SignedIn
from services.api.store.database import StorePart
from services.api.store.errors import TransitionError
from services.api.store.models import AgentRow, ApiTokenRow

TOKENS_MOST = 20
"""Tokens of one agent at once."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its agent sees it: never its secret, which is shown once."""

    id: str
    name: str
    territory: str
    role: Role
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Who a token is: its agent with what they may do now, and what the token may at most."""

    signed_in: SignedIn
    territory: str
    role: Role


class TokenStore(StorePart):
    """Every method blocks: call it from a thread."""

    def make(
        self, agent: str, token_key: str, name: str, territory: str, role: Role, days: int
    ) -> None:
        """Keep a token's hash for so many days. Raises `TransitionError` for one too many."""
        now = self._now()
        with self._database.writing() as session:
            session.execute(delete(ApiTokenRow).where(ApiTokenRow.ends_at < now))
            held = select(ApiTokenRow.id).where(ApiTokenRow.agent == agent)
            if len(session.scalars(held).all()) >= TOKENS_MOST:
                raise TransitionError(f"{agent} has {TOKENS_MOST} tokens")
            session.add(
                ApiTokenRow(
                    id=self._mint(),
                    token_key=token_key,
                    agent=agent,
                    territory=territory,
                    name=name,
                    role=role,
                    made_at=now,
                    ends_at=now + timedelta(days=days),
                )
            )

    def of_agent(self, agent: str) -> list[ApiToken]:
        """Return the tokens of an agent that still open something, the last made first."""
        query = (
            select(ApiTokenRow)
            .where(ApiTokenRow.agent == agent, ApiTokenRow.ends_at >= self._now())
            .order_by(ApiTokenRow.made_at.desc(), ApiTokenRow.id)
        )
        with self._database.reading() as session:
            return [
                ApiToken(
                    id=one.id,
                    name=one.name,
                    territory=one.territory,
                    role=one.role,  # pyright: ignore[reportArgumentType]
                    made_at=one.made_at,
                    ends_at=one.ends_at,
                    used_at=one.used_at,
                )
                for one in session.scalars(query)
            ]

    def end(self, agent: str, token: str) -> None:
        """End a token of an agent; nobody ends another's."""
        with self._database.writing() as session:
            own = delete(ApiTokenRow).where(ApiTokenRow.agent == agent)
            session.execute(own.where(ApiTokenRow.id == token))

    def known(self, token_key: str) -> TokenHolder | None:
        """Return who a token is, with what its agent may do now; None for one that is over."""
        now = self._now()
        with self._database.reading() as session:
            row = session.scalar(select(ApiTokenRow).where(ApiTokenRow.token_key == token_key))
            if row is None or row.ends_at < now:
                return None
            agent = session.get_one(AgentRow, row.agent)
            roles = roles_of(session, agent.address_key, agent.domain)
            who = SignedIn(agent.id, "", agent.domain, agent.shown, roles)
            holder = TokenHolder(who, row.territory, row.role)  # pyright: ignore[reportArgumentType]
            noted, found = row.used_at, row.id
        if noted is None or noted < now - NOTED_EVERY:
            used = update(ApiTokenRow).where(ApiTokenRow.id == found).values(used_at=now)
            self._database.note(lambda session: session.execute(used))
        return holder
