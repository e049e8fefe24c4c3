"""What was done of alerts: handed over, muted, escalated."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alert_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("alert", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("whom", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["watch"], ["watches.id"], name="fk_alert_acts_watch_watches", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert_acts"),
    )
    op.create_index("ix_alert_acts_watch", "alert_acts", ["watch"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("alert_acts")
