"""Which agents want the five minutes of Monday by mail, for which territory, and where."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "monday_mails",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=512), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent"], ["agents.id"], name="fk_monday_mails_agent", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_monday_mails"),
        sa.UniqueConstraint("agent", "territory", name="uq_monday_mails_agent_territory"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("monday_mails")
