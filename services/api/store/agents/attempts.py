"""Agents who were sent to an identity provider and have not come back yet."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.models import Base

ATTEMPT_VALID = timedelta(minutes=15)
"""Time to come back from a network or an identity provider."""


class SignInAttemptRow(Base):
    """An agent sent to an identity provider, until they come back: keyed hashes, nothing of who."""

    __tablename__ = "sign_in_attempts"

    state_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_key: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(20))
    onward: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(index=True)


class AttemptStore(StorePart):
    """Every method blocks: call it from a thread."""

    def begin(self, state_key: str, browser_key: str, provider: str, onward: str) -> None:
        """Note that a browser is sent to a provider; those that never came back are forgotten."""
        now = self._now()
        with self._database.writing() as session:
            session.execute(
                delete(SignInAttemptRow).where(SignInAttemptRow.asked_at < now - ATTEMPT_VALID)
            )
            session.add(
                SignInAttemptRow(
                    state_key=state_key,
                    browser_key=browser_key,
                    provider=provider,
                    onward=onward,
                    asked_at=now,
                )
            )

    def back(self, state_key: str, browser_key: str, provider: str) -> str | None:
        """End an attempt of this browser at this provider; return where it leads on.

        None for one that is unknown, over, too old, of another browser or of another provider:
        nothing of it may then be believed.
        """
        query = (
            delete(SignInAttemptRow)
            .where(
                SignInAttemptRow.state_key == state_key,
                SignInAttemptRow.browser_key == browser_key,
                SignInAttemptRow.provider == provider,
                SignInAttemptRow.asked_at >= self._now() - ATTEMPT_VALID,
            )
            .returning(SignInAttemptRow.onward)
        )
        with self._database.writing() as session:
            return session.scalar(query)
