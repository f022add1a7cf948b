"""The desk, files people send, changed wordings, blocked chats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("shown", sa.String(100), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", _moment),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("seen_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sqlite_autoincrement=True,
    )
    # Plain ADD COLUMN: writing a table anew would, on SQLite, empty those that refer to it.
    op.add_column("chats", sa.Column("blocked_at", _moment))
    op.add_column(
        "inbox", sa.Column("kind", sa.String(16), nullable=False, server_default="message")
    )
    op.add_column(
        "outbox", sa.Column("uncertain", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    by = sa.ForeignKey("users.id", name="fk_messages_user_users")
    op.add_column("messages", sa.Column("user", sa.Integer, by), inline_references=True)
    op.add_column("messages", sa.Column("edits", sa.Integer))
    op.add_column("messages", sa.Column("remote_id", sa.String(200)))
    op.add_column("messages", sa.Column("album", sa.String(200)))
    op.create_index("ix_messages_chat_remote_id", "messages", ["chat", "remote_id"])

    op.create_table(
        "files",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("chat", sa.Integer, nullable=False),
        sa.Column("message", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer),
        sa.Column("remote", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(300)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("free_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.ForeignKeyConstraint(["chat"], ["chats.id"], name="fk_files_chat_chats"),
        sa.ForeignKeyConstraint(
            ["message"], ["messages.id"], name="fk_files_message_messages", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_files_message", "files", ["message"])
    op.create_index(
        "ix_files_waiting",
        "files",
        ["free_at"],
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "file_contents",
        sa.Column("file", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("file", name="pk_file_contents"),
        sa.ForeignKeyConstraint(
            ["file"], ["files.id"], name="fk_file_contents_file_files", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "logins",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("user", sa.Integer, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("seen_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_logins"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_logins_user_users"),
    )
    op.create_index("ix_logins_user", "logins", ["user"])
    op.create_index("ix_logins_expires_at", "logins", ["expires_at"])
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("chat", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("urgency", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("topic", sa.String(64)),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("proposed", sa.Text, nullable=False),
        sa.Column("refs", sa.JSON, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("since", sa.Integer),
        sa.Column("holder", sa.Integer),
        sa.Column("preferred", sa.Integer),
        sa.Column("preferred_until", _moment),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("opened_at", _moment, nullable=False),
        sa.Column("queued_at", _moment, nullable=False),
        sa.Column("held_at", _moment),
        sa.Column("due_at", _moment),
        sa.Column("reminded", sa.Integer, nullable=False),
        sa.Column("worker_at", _moment),
        sa.Column("counsellor_at", _moment),
        sa.Column("closed_at", _moment),
        sa.Column("result", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["chat"], ["chats.id"], name="fk_cases_chat_chats"),
        sa.ForeignKeyConstraint(["holder"], ["users.id"], name="fk_cases_holder_users"),
        sa.ForeignKeyConstraint(["preferred"], ["users.id"], name="fk_cases_preferred_users"),
        sqlite_autoincrement=True,
    )
    active = sa.text("state <> 'closed'")
    op.create_index(
        "uq_cases_active",
        "cases",
        ["chat"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_index("ix_cases_chat", "cases", ["chat"])
    op.create_index("ix_cases_state_due_at", "cases", ["state", "due_at"])
    op.create_index("ix_cases_holder", "cases", ["holder"])
    op.create_index("ix_cases_closed_at", "cases", ["closed_at"])
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("case", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(16), nullable=False),
        sa.Column("user", sa.Integer),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_events_case_cases"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_case_events_user_users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case", "id"])
    op.create_index("ix_case_events_at", "case_events", ["at"])
    op.create_table(
        "saved_answers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("topic", sa.String(64)),
        sa.Column("user", sa.Integer),
        sa.Column("changed_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_answers"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_saved_answers_user_users"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("user", sa.Integer),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_audit_user_users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_user", "audit", ["user"])
    op.create_table(
        "group_notices",
        sa.Column("case", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("group", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("message", sa.String(200)),
        sa.Column("thread", sa.String(200)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("free_at", _moment, nullable=False),
        sa.Column("reason", sa.String(300)),
        sa.PrimaryKeyConstraint("case", "group", name="pk_group_notices"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_group_notices_case_cases"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("holder", sa.String(64)),
        sa.Column("free_at", _moment, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def downgrade() -> None:
    """Take back what can be taken back without rewriting tables that hold what people said."""
    raise NotImplementedError("restore the backup that was made before the upgrade")
