"""Communes that a syndicate administers in their name, and how it is shown beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "delegations",
        sa.Column("delegate", sa.String(length=16), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("proof", sa.String(length=300), nullable=False),
        sa.Column("asked_by", sa.String(length=320), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(length=320), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("delegate", "territory", name="pk_delegations"),
    )
    op.create_index("ix_delegations_territory", "delegations", ["territory"])
    op.create_table(
        "delegate_faces",
        sa.Column("delegate", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("delegate", name="pk_delegate_faces"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("delegate_faces")
    op.drop_table("delegations")
