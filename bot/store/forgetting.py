"""Deleting what people wrote: at their word, and when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from bot.consent import Consent, Retention
from bot.store.database import Database
from bot.store.models import Chat, Message, Parcel, Update

_MARKS_KEPT = timedelta(days=7)
"""How long the bare mark of an update is kept at least; channels redeliver for a day or two."""


def forget_chat(session: Session, chat: Chat, up_to: int) -> None:
    """Delete all that was said in a chat up to one update, and what the chat remembers.

    The inbox keeps bare marks (ids, no words), so that an old update that is delivered again is
    not answered again. Messages the person wrote after that update stay: they wait for an
    answer.
    """
    said = select(Message.id).where(
        Message.chat == chat.id, or_(Message.inbox.is_(None), Message.inbox <= up_to)
    )
    session.execute(delete(Parcel).where(Parcel.message.in_(said)))
    session.execute(delete(Message).where(Message.id.in_(said.scalar_subquery())))
    session.execute(
        update(Update).where(Update.chat == chat.id, Update.id <= up_to).values(choice=None)
    )
    chat.context = {}
    chat.consent = Consent.UNASKED
    chat.consent_at = None


class Keeper:
    """Ends the time of what is kept. Nothing that still waits is ever deleted."""

    def __init__(self, database: Database, retention: Retention) -> None:
        self._database = database
        self._retention = retention

    def sweep(self) -> int:
        """Delete texts whose time is over by their chat's consent; how many messages went.

        Raises StoreUnavailable.
        """
        now = self._database.now()
        gone = 0
        with self._database.write() as session:
            for consent in Consent:
                before = now - self._retention.of(consent)
                gone += _delete_said(session, before, Chat.consent == consent)
            _delete_marks(session, now - max(self._retention.agreed, _MARKS_KEPT))
        self._database.forget_traces()
        return gone

    def purge(self, before: datetime) -> int:
        """Delete everything that ended before a moment, whatever was agreed.

        Returns how many messages went. Raises StoreUnavailable.
        """
        with self._database.write() as session:
            gone = _delete_said(session, before, Chat.id.is_not(None))
            _delete_marks(session, before)
        self._database.forget_traces()
        return gone


def _delete_said(session: Session, before: datetime, of_chats: ColumnElement[bool]) -> int:
    """Delete messages said before a moment that neither wait for an answer nor to be sent."""
    old = (
        select(Message.id)
        .join(Chat, Chat.id == Message.chat)
        .where(
            of_chats,
            Message.at < before,
            ~exists().where(Update.id == Message.inbox, Update.finished_at.is_(None)),
            ~exists().where(Parcel.message == Message.id, Parcel.settled_at.is_(None)),
        )
    )
    ids = list(session.scalars(old))
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        session.execute(delete(Parcel).where(Parcel.message.in_(part)))
        session.execute(delete(Message).where(Message.id.in_(part)))
    # What a chat remembers of its last answers quotes what the person wrote.
    session.execute(
        update(Chat)
        .where(
            of_chats,
            Chat.last_seen_at < before,
            ~exists().where(Update.chat == Chat.id, Update.finished_at.is_(None)),
        )
        .values(context={})
    )
    return len(ids)


def _delete_marks(session: Session, before: datetime) -> None:
    """Delete marks and chats that nothing refers to any more."""
    session.execute(
        delete(Update).where(
            Update.finished_at < before, ~exists().where(Message.inbox == Update.id)
        )
    )
    session.execute(
        delete(Chat).where(
            Chat.last_seen_at < before,
            ~exists().where(Update.chat == Chat.id),
            ~exists().where(Message.chat == Chat.id),
        )
    )
