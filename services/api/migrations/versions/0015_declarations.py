"""Figures that agents declare of their own accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "declarations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("network", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=512), nullable=False),
        sa.Column("tool", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.String(length=320), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_declarations"),
    )
    op.create_index("ix_declarations_territory", "declarations", ["territory"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("declarations")
