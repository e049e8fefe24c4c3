"""Dated notes that agents write on the curves of their accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "curve_notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.String(length=320), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_curve_notes"),
    )
    op.create_index("ix_curve_notes_territory", "curve_notes", ["territory"])
    op.create_index("ix_curve_notes_account", "curve_notes", ["account"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("curve_notes")
