"""Who may enter, agents with their roles, links that were mailed, sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "entitled",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("kind", 8),
        _text("value", 254),
        _text("territory", 16),
        _text("source", 10),
        sa.PrimaryKeyConstraint("id", name="pk_entitled"),
    )
    op.create_index("ix_entitled_value", "entitled", ["value"])
    op.create_table(
        "agents",
        _text("id", 64),
        _text("address_key", 64),
        _text("domain", 254),
        _text("shown", 320),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("address_key", name="uq_agents_address_key"),
    )
    op.create_table(
        "agent_roles",
        _text("agent", 64),
        _text("territory", 16),
        _text("role", 16),
        _moment("since"),
        sa.ForeignKeyConstraint(
            ["agent"], ["agents.id"], name="fk_agent_roles_agent", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent", "territory", name="pk_agent_roles"),
    )
    op.create_table(
        "sign_in_links",
        _text("token_key", 64),
        _text("browser_key", 64),
        _text("address_key", 64),
        _text("domain", 254),
        _text("shown", 320),
        _moment("asked_at"),
        _moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("token_key", name="pk_sign_in_links"),
    )
    op.create_index("ix_sign_in_links_asked_at", "sign_in_links", ["asked_at"])
    op.create_table(
        "sessions",
        _text("id", 64),
        _text("token_key", 64),
        _text("agent", 64),
        _text("browser", 80),
        _moment("started_at"),
        _moment("seen_at"),
        sa.ForeignKeyConstraint(
            ["agent"], ["agents.id"], name="fk_sessions_agent", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_key", name="uq_sessions_token_key"),
    )
    op.create_index("ix_sessions_agent", "sessions", ["agent"])
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])


def downgrade() -> None:
    """Undo."""
    for table in ("sessions", "sign_in_links", "agent_roles", "agents", "entitled"):
        op.drop_table(table)
