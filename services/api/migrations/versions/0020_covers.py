"""The territories of which a source declares to speak."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("accounts", sa.Column("covers", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("accounts", "covers")
