"""The tables of the desk: cases and what became of them, the people at the desk, what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models import KEY_LENGTH, Base

_ACTIVE = text("state <> 'closed'")


class User(Base):
    """Someone at the desk. ``role`` is counsellor, lead or admin; ``name`` is the login name.

    ``shown`` is what colleagues read. ``must_change``: the password was given by someone else.
    ``failures`` and ``locked_until`` slow down guessing.
    """

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    shown: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    failures: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class Login(Base):
    """One signed-in browser. ``key`` is the hash of its cookie, never the cookie itself."""

    __tablename__ = "logins"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Case(Base):
    """A question in human hands. A chat has at most one that is not closed.

    ``state`` and ``urgency`` as in ``bot.cases.states``. ``due_at``: by when the worker was
    promised a first answer, or is owed the next one; None when nothing is owed. ``preferred`` is
    the counsellor it should go to first, until ``preferred_until``. ``since`` is the first message
    that belongs to it, as its context. ``number`` grows with every change: who acts on an older
    one is told. ``reminded`` counts reminders for the present deadline.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_active",
            "chat",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index("ix_cases_state_due_at", "state", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[int] = mapped_column(ForeignKey("chats.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32))
    topic: Mapped[str | None] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(Text)
    proposed: Mapped[str] = mapped_column(Text)
    refs: Mapped[list[dict[str, Any]]]
    facts: Mapped[dict[str, Any]]
    since: Mapped[int | None] = mapped_column(Integer)
    holder: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    preferred: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    preferred_until: Mapped[datetime | None]
    number: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    reminded: Mapped[int] = mapped_column(Integer)
    worker_at: Mapped[datetime | None]
    counsellor_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    result: Mapped[str | None] = mapped_column(String(32))


class CaseEvent(Base):
    """One change of a case: who, when, why. ``actor`` is worker, bot, clock or user.

    ``kind`` as in ``bot.cases.states.Happened``; ``why`` in words, ``data`` what else is known.
    Rows are only ever added.
    """

    __tablename__ = "case_events"
    __table_args__ = (Index(None, "case", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(16))
    user: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    why: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class SavedAnswer(Base):
    """Words counsellors use again and again."""

    __tablename__ = "saved_answers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(String(64))
    user: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]


class AuditEntry(Base):
    """What was done at the desk besides changes of cases: signing in, looking, changing users.

    ``name`` is kept as it was typed at a sign-in that failed; no password ever stands here.
    """

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(KEY_LENGTH))
    detail: Mapped[str] = mapped_column(String(300))


class GroupNotice(Base):
    """What a group of counsellors was shown of a case.

    ``fingerprint`` is of the words that stand there, ``shown`` the case's number when they were
    put there; the platform's ``message`` is edited, or put anew when it is gone.
    """

    __tablename__ = "group_notices"

    case: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    group: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    fingerprint: Mapped[int] = mapped_column(Integer)
    shown: Mapped[int] = mapped_column(Integer)
    message: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    thread: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    failures: Mapped[int] = mapped_column(Integer)
    free_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(300))


class Lease(Base):
    """Work only one process may do at a time (polling a token, the desk's clock).

    ``holder`` renews before ``free_at``; ``data`` is what the next holder should know.
    """

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(64))
    free_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
