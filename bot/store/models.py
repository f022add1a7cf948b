"""The tables of the talking: chats, what came in, what was said, what goes out.

A text is stored once, in ``messages``; an inbox row is only the mark that an update was taken,
so deleting a chat's messages leaves marks without words, and a redelivery stays harmless.
Every write that adds rows to a chat first locks its ``chats`` row, so within one chat the ids
of inbox rows and messages grow in the order in which they were committed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

KEY_LENGTH = 200
"""Characters a chat id or update id may have."""
CHOICE_LENGTH = 64
"""Characters the id of a quick reply may have."""


class Moment(TypeDecorator[datetime]):
    """A point in time: aware and UTC in the program, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently mean another hour elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: what was written is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The metadata all tables share; names of constraints are fixed so migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
    }


class Chat(Base):
    """One conversation of one person on one channel, with the leases of who works on it.

    ``turn_free_at`` and ``send_free_at``: nobody else may take the chat's turn (or its sending)
    before that moment. A holder moves it forward while alive; sending also uses it to wait
    before another try. The holder's token fences: a commit under another token is refused.
    ``blocked_at``: since when the person no longer lets us write.
    """

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("channel", "chat_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat_id: Mapped[str] = mapped_column(String(KEY_LENGTH))
    consent: Mapped[str] = mapped_column(String(16))
    consent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
    context: Mapped[dict[str, Any]]
    turn_holder: Mapped[str | None] = mapped_column(String(64), index=True)
    turn_free_at: Mapped[datetime | None]
    send_holder: Mapped[str | None] = mapped_column(String(64), index=True)
    send_free_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]


class Update(Base):
    """The mark that one update was taken in; waiting until ``finished_at`` is set.

    ``length`` is how many characters arrived, which may be more than were kept.
    ``attempts`` counts how often a turn was begun for it.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("chat", "update_id"),
        Index(
            "ix_inbox_waiting",
            "chat",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    update_id: Mapped[str] = mapped_column(String(KEY_LENGTH))
    kind: Mapped[str] = mapped_column(String(16), server_default="message")
    choice: Mapped[str | None] = mapped_column(String(CHOICE_LENGTH))
    length: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class Message(Base):
    """One thing said, either way. ``author`` is worker, bot or counsellor (then ``user`` is who).

    ``remote_id`` is the platform's id of it. A changed wording is a message of its own whose
    ``edits`` names the one it changes: both stay. ``album`` joins messages sent as one.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(None, "chat", "id"),
        Index(None, "chat", "remote_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    inbox: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    author: Mapped[str] = mapped_column(String(16))
    user: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[dict[str, Any]]]
    passages: Mapped[list[dict[str, Any]]]
    remote_id: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    edits: Mapped[int | None] = mapped_column(Integer)
    album: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    at: Mapped[datetime] = mapped_column(index=True)


class File(Base):
    """A file that came with a message. ``status`` is waiting, kept, refused or bare.

    Bare: there is nothing to fetch (a sticker, a message the platform withholds). A waiting one
    is fetched by whoever takes it, not before ``free_at``; ``reason`` says why it was refused.
    """

    __tablename__ = "files"
    __table_args__ = (
        Index(
            "ix_files_waiting",
            "free_at",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    message: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(KEY_LENGTH))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int | None]
    remote: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(300))
    attempts: Mapped[int] = mapped_column(Integer)
    free_at: Mapped[datetime]


class FileContent(Base):
    """The bytes of a kept file, apart so that lists of files stay light."""

    __tablename__ = "file_contents"

    file: Mapped[int] = mapped_column(
        ForeignKey("files.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Parcel(Base):
    """A message on its way to its channel; waiting until ``settled_at`` is set.

    ``outcome`` is sent, refused (the channel will never take it), unknown (it may have arrived)
    or given_up (it never did); ``reason`` is the channel's word, never what people wrote.
    ``uncertain`` counts the tries whose answer was lost.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "chat",
            "message",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    message: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    chat: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    uncertain: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(300))
