"""Marking keys in the outbox, in the transaction that changes what they stand for."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contracts.topics import Topic
from services.api.store.models import OutboxRow


def mark(session: Session, topic: Topic, keys: Iterable[str], now: datetime) -> None:
    """Say that the topic has yet to be told the present state of these keys.

    A key already there gets a new mark and keeps its age: the relay, which removes a row only when
    its mark is the one that it read, tells the topic again.
    """
    rows = [
        {"topic": topic.name, "key": key, "mark": secrets.token_hex(8), "since": now}
        for key in dict.fromkeys(keys)
    ]
    if not rows:
        return
    on_server = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(OutboxRow) if on_server else sqlite.insert(OutboxRow)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["topic", "key"], set_={"mark": insert.excluded.mark}
        ),
        rows,
    )
