"""What each recipient of a watch chose, and which regular mails were made."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("watch_recipients", sa.Column("choices", sa.JSON(), nullable=True))
    op.create_table(
        "regular_mails",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_regular_mails"),
    )
    op.create_index("ix_regular_mails_made_at", "regular_mails", ["made_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("regular_mails")
    op.drop_column("watch_recipients", "choices")
