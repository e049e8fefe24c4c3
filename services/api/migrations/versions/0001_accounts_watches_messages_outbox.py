"""Accounts, watches, messages, outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=20), nullable=False),
        sa.Column("handle", sa.String(length=512), nullable=True),
        sa.Column("handle_key", sa.String(length=512), nullable=True),
        sa.Column("native_id", sa.String(length=512), nullable=True),
        sa.Column("address", sa.String(length=1024), nullable=False),
        sa.Column("name", sa.String(length=512), nullable=True),
        sa.Column("owner_kind", sa.String(length=12), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_revision", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_state", "accounts", ["state", "id"])
    op.create_index(
        "uq_accounts_handle_key",
        "accounts",
        ["network", "handle_key"],
        unique=True,
        sqlite_where=sa.text("state != 'closed'"),
        postgresql_where=sa.text("state != 'closed'"),
    )
    op.create_index(
        "uq_accounts_native_id",
        "accounts",
        ["network", "native_id"],
        unique=True,
        sqlite_where=sa.text("state != 'closed'"),
        postgresql_where=sa.text("state != 'closed'"),
    )

    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=512), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_table(
        "outbox",
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic", "key", name="pk_outbox"),
    )
    op.create_index("ix_outbox_since", "outbox", ["since"])

    op.create_table(
        "watches",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
    )
    op.create_index("ix_watches_territory", "watches", ["territory"])

    op.create_table(
        "account_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner_kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=1024), nullable=False),
        sa.Column("decided_by", sa.String(length=320), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_account_decisions_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_decisions"),
    )
    op.create_index("ix_account_decisions_account", "account_decisions", ["account"])

    op.create_table(
        "account_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=512), nullable=True),
        sa.Column("native_id", sa.String(length=512), nullable=True),
        sa.Column("address", sa.String(length=1024), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_account_identities_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_identities"),
    )
    op.create_index("ix_account_identities_account", "account_identities", ["account"])

    op.create_table(
        "account_owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("home", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_account_owners_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_owners"),
    )
    op.create_index("ix_account_owners_account", "account_owners", ["account"])
    op.create_index("ix_account_owners_territory", "account_owners", ["territory"])

    op.create_table(
        "account_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("territory", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=1024), nullable=False),
        sa.Column("detail", sa.String(length=1024), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.id"], name="fk_account_proofs_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_proofs"),
    )
    op.create_index("ix_account_proofs_account", "account_proofs", ["account"])

    op.create_table(
        "watch_recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=512), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["watch"], ["watches.id"], name="fk_watch_recipients_watch", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_watch_recipients"),
        sa.UniqueConstraint("token_hash", name="uq_watch_recipients_token_hash"),
    )
    op.create_index("ix_watch_recipients_watch", "watch_recipients", ["watch"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("watch_recipients")
    op.drop_table("account_proofs")
    op.drop_table("account_owners")
    op.drop_table("account_identities")
    op.drop_table("account_decisions")
    op.drop_table("watches")
    op.drop_table("outbox")
    op.drop_table("messages")
    op.drop_table("accounts")
