"""Revisions as high as an event may have: those of topics are outranked."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; SQLite's integers have eight bytes already."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column in (
        ("accounts", "revision"),
        ("accounts", "published_revision"),
        ("watches", "revision"),
    ):
        op.alter_column(table, column, type_=sa.BigInteger())
