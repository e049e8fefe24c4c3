"""Whether a territory is concerned by an electoral period, as its agents answer."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "electoral_answers",
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(length=320), nullable=False),
        sa.PrimaryKeyConstraint("territory", "period", name="pk_electoral_answers"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("electoral_answers")
