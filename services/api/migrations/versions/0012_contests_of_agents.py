"""Who contests a figure, where they had signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("contests", sa.Column("agent", sa.String(length=64), nullable=True))
    op.add_column("contests", sa.Column("territory", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("contests", "territory")
    op.drop_column("contests", "agent")
