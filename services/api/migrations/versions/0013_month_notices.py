"""Months that are announced as about to be final."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "month_notices",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.String(length=320), nullable=False),
        sa.PrimaryKeyConstraint("period", name="pk_month_notices"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("month_notices")
