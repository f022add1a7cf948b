"""Cases as the desk's pages read them. Nothing here tells who the worker is."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from bot.cases.conversation import lines
from bot.cases.searching import with_words
from bot.cases.shown import CaseRow, CaseView, Counts, EventLine, Line, Page
from bot.cases.states import QUEUED, Actor, CaseState, Happened, Reason, Result, Urgency
from bot.plain_text import fold
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent, User
from bot.store.models import Chat, File, Parcel
from knowledge.clause import Ref

_CaseRows: TypeAlias = Select[Case, str, datetime | None, str, str]

PAGE = 30
"""Cases on one page of a search."""
_EXCERPT = 240
"""Characters of a question in a list."""

_Holder = aliased(User)
_Kept = aliased(User)
_ROWS = (
    select(Case, Chat.channel, Chat.blocked_at, _Holder.shown, _Kept.shown)
    .join(Chat, Chat.id == Case.chat)
    .outerjoin(_Holder, _Holder.id == Case.holder)
    .outerjoin(_Kept, _Kept.id == Case.preferred)
)
_RANK = case({each.value: each.rank for each in Urgency}, value=Case.urgency)
# Of equal urgency what is overdue has the earlier deadline: one order serves both.
_BY_DANGER = (_RANK, Case.due_at, Case.queued_at, Case.id)


class Reading:
    """The desk's view of the store. All methods raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def queue(self, limit: int = 200) -> list[CaseRow]:
        """The cases that wait for a counsellor: by urgency, deadline (the late ones first), age."""
        waiting = _ROWS.where(Case.state.in_(QUEUED)).order_by(*_BY_DANGER).limit(limit)
        return self._rows(waiting)

    def held(self, user: int | None = None, limit: int = 200) -> list[CaseRow]:
        """The cases counsellors hold, of one user or of all; those that owe an answer first."""
        held = _ROWS.where(Case.state == CaseState.HELD)
        if user is not None:
            held = held.where(Case.holder == user)
        owing = case((Case.due_at.is_(None), 1), else_=0)
        return self._rows(held.order_by(owing, *_BY_DANGER).limit(limit))

    def search(
        self,
        words: str = "",
        state: CaseState | None = None,
        topic: str | None = None,
        holder: int | None = None,
        page: int = 1,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page:
        """Cases by what was asked (with or without marks) or by their id, the newest first.

        Opened from ``since`` on and before ``until``.
        """
        found = select(Case.id, Case.question).order_by(Case.id.desc())
        if state is not None:
            found = found.where(Case.state == state)
        if topic is not None:
            found = found.where(Case.topic == topic)
        if holder is not None:
            found = found.where(Case.holder == holder)
        if since is not None:
            found = found.where(Case.opened_at >= since)
        if until is not None:
            found = found.where(Case.opened_at < until)
        wanted = words.strip().removeprefix("#")
        page = max(page, 1)
        first = (page - 1) * PAGE
        with self._database.read() as session:
            if wanted.isdecimal() and len(wanted) < 10:
                ids = list(session.scalars(found.where(Case.id == int(wanted))))[first:]
            elif asked := fold(wanted):
                ids = with_words(session, found, asked, first + PAGE + 1)[first:]
            else:
                ids = list(session.scalars(found.offset(first).limit(PAGE + 1)))
            shown = _ROWS.where(Case.id.in_(ids[:PAGE])).order_by(Case.id.desc())
            rows = _read(session, shown, self._database.now())
        return Page(rows=tuple(rows), page=page, more=len(ids) > PAGE)

    def case(self, id: int) -> CaseView | None:
        """One case with all that is known of it; None when there is none."""
        with self._database.read() as session:
            found = session.execute(_ROWS.where(Case.id == id)).one_or_none()
            if found is None:
                return None
            row = found[0]
            return CaseView(
                row=_row(*found, now=self._database.now()),
                question=row.question,
                proposed=row.proposed,
                refs=tuple(Ref(**each) for each in row.refs),
                facts={str(name): str(value) for name, value in row.facts.items()},
                events=_events(session, id),
                forgotten=row.since is None,
            )

    def conversation(self, id: int, after: int = 0, limit: int = 200) -> list[Line]:
        """The messages of a case after message ``after``, oldest first, at most ``limit``.

        With ``after`` 0 the latest ones. From some messages before it was opened until it was
        closed; what the worker says to the machine afterwards is not the desk's.
        """
        with self._database.read() as session:
            found = session.get(Case, id)
            return lines(session, found, after, limit) if found is not None else []

    def mark(self) -> str:
        """Changes whenever something changed that a desk page shows; only for comparing."""
        with self._database.read() as session:
            parts = [
                session.scalar(select(func.max(CaseEvent.id))),
                # Only chats that have a case; every message to these comes with an event, so that
                # one leaving the count while another enters it does not go unseen.
                *session.execute(
                    select(func.count(), func.sum(Parcel.attempts)).where(
                        Parcel.settled_at.is_(None),
                        select(Case.id).where(Case.chat == Parcel.chat).exists(),
                    )
                ).one(),
                *session.execute(
                    select(func.count(), func.max(Chat.blocked_at))
                    .join(Case, Case.chat == Chat.id)
                    .where(Case.state != CaseState.CLOSED, Chat.blocked_at.is_not(None))
                ).one(),
                session.scalar(select(func.max(File.id))),
                *session.execute(
                    select(func.count(), func.sum(File.attempts)).where(File.status == "waiting")
                ).one(),
                *session.execute(
                    select(User.id, User.shown, User.role, User.active).order_by(User.id)
                ).all(),
            ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]

    def counts(self) -> Counts:
        """How many cases wait, are late, are urgent."""
        now = self._database.now()
        with self._database.read() as session:
            queued, overdue, urgent = session.execute(
                select(
                    func.count(),
                    func.sum(case((Case.due_at <= now, 1), else_=0)),
                    func.sum(case((Case.urgency == Urgency.URGENT, 1), else_=0)),
                ).where(Case.state.in_(QUEUED))
            ).one()
        return Counts(queued=queued, overdue=overdue or 0, urgent=urgent or 0)

    def _rows(self, statement: _CaseRows) -> list[CaseRow]:
        with self._database.read() as session:
            return _read(session, statement, self._database.now())


def _read(
    session: Session,
    statement: _CaseRows,
    now: datetime,
) -> list[CaseRow]:
    return [
        _row(row, channel, blocked_at, holder, kept_for, now=now)
        for row, channel, blocked_at, holder, kept_for in session.execute(statement)
    ]


def _row(
    found: Case,
    channel: str,
    blocked_at: datetime | None,
    holder: str | None,
    kept_for: str | None,
    *,
    now: datetime,
) -> CaseRow:
    heard, answered = found.worker_at, found.counsellor_at
    return CaseRow(
        id=found.id,
        number=found.number,
        channel=channel,
        state=CaseState(found.state),
        urgency=Urgency(found.urgency),
        reason=Reason(found.reason),
        topic=found.topic,
        question=found.question[:_EXCERPT],
        holder=found.holder,
        holder_name=holder,
        kept_for=found.preferred,
        kept_for_name=kept_for,
        kept_until=found.preferred_until,
        opened_at=found.opened_at,
        queued_at=found.queued_at,
        held_at=found.held_at,
        due_at=found.due_at,
        overdue=found.due_at is not None and found.due_at <= now,
        reminded=found.reminded,
        worker_at=heard,
        counsellor_at=answered,
        waiting=heard is not None and (answered is None or answered < heard),
        closed_at=found.closed_at,
        result=Result(found.result) if found.result else None,
        blocked=blocked_at is not None,
    )


def _events(session: Session, id: int) -> tuple[EventLine, ...]:
    happened = session.scalars(
        select(CaseEvent).where(CaseEvent.case == id).order_by(CaseEvent.id)
    ).all()
    named = {
        user
        for each in happened
        for user in (each.user, each.data.get("to"), each.data.get("holder"))
        if user is not None
    }
    names = {
        user: shown
        for user, shown in session.execute(select(User.id, User.shown).where(User.id.in_(named)))
    }
    return tuple(
        EventLine(
            id=each.id,
            kind=Happened(each.kind),
            actor=Actor(each.actor),
            name=names.get(each.user) if each.user is not None else None,
            why=each.why,
            data=each.data,
            at=each.at,
            names={
                user: names[user]
                for user in (each.data.get("to"), each.data.get("holder"))
                if user in names
            },
        )
        for each in happened
    )
