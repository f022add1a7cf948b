"""Deleting what people wrote: at their word, and when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, cast, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from bot.cases.states import CaseState
from bot.consent import Consent, Retention
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent
from bot.store.models import Chat, Message, Parcel, Update

_AT_ONCE = 500
"""Rows named in one statement."""
_ONLY_THERE = {"synchronize_session": False}
"""For updates of rows that the session has not read."""
_IN_HUMAN_HANDS = exists().where(Case.chat == Chat.id, Case.state != CaseState.CLOSED)
_MARKS_KEPT = timedelta(days=7)
"""How long the bare mark of an update is kept at least; channels redeliver for a day or two."""


def forget_chat(session: Session, chat: Chat, up_to: int) -> None:
    """Delete all that was said in a chat up to one update, and what the chat remembers.

    Files go with their messages. Of its cases the bare record stays: when, how urgent, with what
    result; one that is not closed is for the case book to close.

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
    _wipe_cases(session, list(session.scalars(select(Case.id).where(Case.chat == chat.id))))
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

        A conversation in a counsellor's hands, or waiting for one, is kept until its case is
        closed. Raises StoreUnavailable.
        """
        now = self._database.now()
        gone = 0
        with self._database.write() as session:
            for consent in Consent:
                before = now - self._retention.of(consent)
                gone += _delete_said(session, before, Chat.consent == consent)
                _wipe_closed_cases(session, before, Chat.consent == consent)
            _delete_marks(session, now - max(self._retention.agreed, _MARKS_KEPT))
        self._database.forget_traces()
        return gone

    def purge(self, before: datetime) -> int:
        """Delete everything that ended before a moment, whatever was agreed.

        Returns how many messages went. Raises StoreUnavailable.
        """
        with self._database.write() as session:
            gone = _delete_said(session, before, Chat.id.is_not(None))
            _wipe_closed_cases(session, before, Chat.id.is_not(None))
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
            ~_IN_HUMAN_HANDS,
            ~exists().where(Update.id == Message.inbox, Update.finished_at.is_(None)),
            ~exists().where(Parcel.message == Message.id, Parcel.settled_at.is_(None)),
        )
    )
    ids = list(session.scalars(old))
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        session.execute(delete(Parcel).where(Parcel.message.in_(part)))
        session.execute(delete(Message).where(Message.id.in_(part)))
    # What a chat remembers of its last answers quotes what the person wrote.
    session.execute(
        update(Chat)
        .where(
            of_chats,
            Chat.last_seen_at < before,
            ~_IN_HUMAN_HANDS,
            ~exists().where(Update.chat == Chat.id, Update.finished_at.is_(None)),
        )
        .values(context={})
    )
    return len(ids)


def _wipe_closed_cases(session: Session, before: datetime, of_chats: ColumnElement[bool]) -> None:
    """Take the words out of cases closed before a moment, where there still are any."""
    worded = or_(
        Case.question != "",
        Case.proposed != "",
        Case.since.is_not(None),
        cast(Case.refs, String) != "[]",
        cast(Case.facts, String) != "{}",
        exists().where(
            CaseEvent.case == Case.id,
            or_(CaseEvent.why != "", cast(CaseEvent.data, String) != "{}"),
        ),
    )
    old = (
        select(Case.id)
        .join(Chat, Chat.id == Case.chat)
        .where(of_chats, Case.state == CaseState.CLOSED, Case.closed_at < before, worded)
    )
    _wipe_cases(session, list(session.scalars(old)))


def _wipe_cases(session: Session, cases: list[int]) -> None:
    """Leave of cases what can be counted, without a word of what people said."""
    for start in range(0, len(cases), _AT_ONCE):
        part = cases[start : start + _AT_ONCE]
        session.execute(
            update(Case)
            .where(Case.id.in_(part))
            .values(question="", proposed="", refs=[], facts={}, since=None),
            execution_options=_ONLY_THERE,
        )
        session.execute(
            update(CaseEvent).where(CaseEvent.case.in_(part)).values(why="", data={}),
            execution_options=_ONLY_THERE,
        )


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
            ~exists().where(Case.chat == Chat.id),
        )
    )
