"""A mail that is due says where its recipient leaves what it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; mails that wait have none."""
    op.add_column("messages", sa.Column("leave", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("messages", "leave")
