"""Agents sent to an identity provider, until they come back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sign_in_attempts",
        sa.Column("state_key", sa.String(length=64), nullable=False),
        sa.Column("browser_key", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("onward", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_key", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_asked_at", "sign_in_attempts", ["asked_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("sign_in_attempts")
