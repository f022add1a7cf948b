"""Chats, inbox, messages and outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chats",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("chat_id", sa.String(200), nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("consent_at", _moment),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("last_seen_at", _moment, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("turn_holder", sa.String(64)),
        sa.Column("turn_free_at", _moment),
        sa.Column("send_holder", sa.String(64)),
        sa.Column("send_free_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
        sa.UniqueConstraint("channel", "chat_id", name="uq_chats_channel_chat_id"),
        sqlite_autoincrement=True,
    )
    for column in ("last_seen_at", "turn_holder", "send_holder"):
        op.create_index(f"ix_chats_{column}", "chats", [column])

    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("chat", sa.Integer, nullable=False),
        sa.Column("update_id", sa.String(200), nullable=False),
        sa.Column("choice", sa.String(64)),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("sent_at", _moment, nullable=False),
        sa.Column("received_at", _moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("finished_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.ForeignKeyConstraint(["chat"], ["chats.id"], name="fk_inbox_chat_chats"),
        sa.UniqueConstraint("chat", "update_id", name="uq_inbox_chat_update_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_finished_at", "inbox", ["finished_at"])
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["chat", "id"],
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )

    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("chat", sa.Integer, nullable=False),
        sa.Column("inbox", sa.Integer),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("passages", sa.JSON, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["chat"], ["chats.id"], name="fk_messages_chat_chats"),
        sa.ForeignKeyConstraint(["inbox"], ["inbox.id"], name="fk_messages_inbox_inbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_chat_id", "messages", ["chat", "id"])
    op.create_index("ix_messages_inbox", "messages", ["inbox"])
    op.create_index("ix_messages_at", "messages", ["at"])

    op.create_table(
        "outbox",
        sa.Column("message", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("chat", sa.Integer, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settled_at", _moment),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reason", sa.String(300)),
        sa.PrimaryKeyConstraint("message", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["message"],
            ["messages.id"],
            name="fk_outbox_message_messages",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["chat"], ["chats.id"], name="fk_outbox_chat_chats"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["chat", "message"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("outbox", "messages", "inbox", "chats"):
        op.drop_table(table)
