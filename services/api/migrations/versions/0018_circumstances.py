"""What a territory's agents say beside its scores: staff, months out of the norm."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "territory_staff",
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("hundredths", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("territory", name="pk_territory_staff"),
    )
    op.create_table(
        "unusual_months",
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("territory", "period", name="pk_unusual_months"),
    )
    op.create_index("ix_unusual_months_period", "unusual_months", ["period"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("unusual_months")
    op.drop_table("territory_staff")
