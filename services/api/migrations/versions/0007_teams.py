"""Requests for a role, tokens of programs, the journal of what was changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_agent(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agent"], ["agents.id"], name=f"fk_{table}_agent", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "role_requests",
        _text("id", 64),
        _text("agent", 64),
        _text("territory", 16),
        _text("role", 16),
        _text("words", 300),
        _moment("asked_at"),
        _moment("answered_at", nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        _of_agent("role_requests"),
        sa.PrimaryKeyConstraint("id", name="pk_role_requests"),
    )
    op.create_index("ix_role_requests_agent", "role_requests", ["agent"])
    op.create_index("ix_role_requests_territory", "role_requests", ["territory"])
    op.create_table(
        "api_tokens",
        _text("id", 64),
        _text("token_key", 64),
        _text("agent", 64),
        _text("territory", 16),
        _text("name", 60),
        _text("role", 16),
        _moment("made_at"),
        _moment("ends_at"),
        _moment("used_at", nullable=True),
        _of_agent("api_tokens"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_key", name="uq_api_tokens_token_key"),
    )
    op.create_index("ix_api_tokens_agent", "api_tokens", ["agent"])
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), nullable=False),
        _moment("at"),
        _text("who", 320),
        _text("what", 64),
        _text("territory", 16),
        _text("about", 64),
        sa.PrimaryKeyConstraint("id", name="pk_acts"),
    )
    op.create_index("ix_acts_at", "acts", ["at"])
    op.create_index("ix_acts_territory", "acts", ["territory"])


def downgrade() -> None:
    """Undo."""
    for table in ("acts", "api_tokens", "role_requests"):
        op.drop_table(table)
