"""Who has seen which alert."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "acknowledgements",
        sa.Column("alert", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch"],
            ["watches.id"],
            name="fk_acknowledgements_watch_watches",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alert", "recipient", name="pk_acknowledgements"),
    )
    op.create_index("ix_acknowledgements_watch", "acknowledgements", ["watch"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("acknowledgements")
