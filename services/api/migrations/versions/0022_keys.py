"""Keys of the installation; every watch is told again, its recipients marked by one of them."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "keys",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
    )
    waiting = sa.text("SELECT key FROM outbox WHERE topic = 'watches.v1'")
    marked = {key for (key,) in op.get_bind().execute(waiting)}
    outbox = sa.table(
        "outbox",
        sa.column("topic", sa.String),
        sa.column("key", sa.String),
        sa.column("mark", sa.String),
        sa.column("since", sa.DateTime(timezone=True)),
    )
    known = op.get_bind().execute(sa.text("SELECT id FROM watches"))
    rows = [
        {
            "topic": "watches.v1",
            "key": watch,
            "mark": secrets.token_hex(8),
            "since": datetime.now(UTC),
        }
        for (watch,) in known
        if watch not in marked
    ]
    op.bulk_insert(outbox, rows)


def downgrade() -> None:
    """Undo."""
    op.drop_table("keys")
