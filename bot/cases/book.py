"""The case of a chat inside the transaction of a turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.changes import Change
from bot.cases.hours import OpeningHours
from bot.cases.promises import Deadlines, Promises
from bot.cases.states import Actor, CaseState, Happened, Reason, Result, Urgency
from bot.cases.steps import CancelCase, CaseNow, CaseStep, OpenCase, RaiseCase, ReopenCase
from bot.channels.port import UpdateKind
from bot.store.database import utc_now
from bot.store.desk_models import Case, CaseEvent
from bot.store.models import Chat, Message, Update

CONTEXT = 10
"""Messages before the opening that a counsellor reads along."""
QUESTION_LIMIT = 4_000
"""Characters kept of what a case is about."""


class Book:
    """Keeps the cases for turns. ``now`` must be the clock of the store they are kept in."""

    def __init__(
        self,
        hours: OpeningHours,
        promises: Promises,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._deadlines = Deadlines(hours, promises)
        self._promises = promises
        self._now = now

    def now(self, session: Session, chat: Chat) -> CaseNow | None:
        """The case of a chat that is not closed, else the last one that was; None without any.

        A case whose words the worker has deleted is no longer there for turns.
        """
        case = _latest(session, chat)
        if case is None or (case.since is None and case.closed_at is not None):
            return None
        return CaseNow(
            id=case.id,
            state=CaseState(case.state),
            urgency=Urgency(case.urgency),
            due_at=case.due_at,
            closed_at=case.closed_at,
            result=Result(case.result) if case.result else None,
            reopens=self._reopens(case),
        )

    def settle(
        self, session: Session, chat: Chat, update: int, step: CaseStep | None, *, forget: bool
    ) -> bool:
        """Do what a turn decided, in its transaction; the chat's row is locked.

        ``update`` is the inbox row of the turn. With ``forget`` (the words of the chat and of its
        cases have just been deleted) all is closed, and ``step`` counts for nothing. Whether a
        counsellor holds the case after it: then the bot is silent. What a turn decided may have
        been overtaken by the desk; a wish for a counsellor is never lost by that.
        """
        if forget:
            self._forget(session, chat)
            return False
        case = _latest(session, chat)
        change = self._change(session, chat, case) if case is not None else None
        active = change if change is not None and change.state is not CaseState.CLOSED else None
        match step:
            case OpenCase() | RaiseCase() if active is not None:
                if not self._raise(active, step):
                    self._hear(active, update)
            case OpenCase():
                self._open(session, chat, step)
            case RaiseCase():
                self._open(session, chat, OpenCase(Reason.URGENT, step.urgency, step.question))
            case CancelCase() if active is not None:
                active.close(Happened.CANCELLED, Result.CANCELLED, active.case.holder)
                active.case.worker_at = active.now
            case ReopenCase() if active is not None:
                self._hear(active, update)
            case ReopenCase():
                self._reopen(session, chat, change, update)
            case None if active is not None:
                self._hear(active, update)
        return active is not None and active.state is CaseState.HELD

    def _change(self, session: Session, chat: Chat, case: Case) -> Change:
        return Change(
            session=session,
            chat=chat,
            case=case,
            now=self._now(),
            deadlines=self._deadlines,
            actor=Actor.WORKER,
        )

    def _open(self, session: Session, chat: Chat, step: OpenCase) -> None:
        now = self._now()
        before = session.scalars(
            select(Message.id)
            .where(Message.chat == chat.id)
            .order_by(Message.id.desc())
            .limit(CONTEXT)
        ).all()
        case = Case(
            chat=chat.id,
            state=CaseState.OPEN,
            urgency=step.urgency,
            reason=step.reason,
            topic=step.topic,
            question=step.question[:QUESTION_LIMIT],
            proposed=step.proposed,
            refs=[each.model_dump() for each in step.refs],
            facts=dict(step.facts),
            since=before[-1] if before else 0,
            number=0,
            opened_at=now,
            queued_at=now,
            due_at=self._deadlines.first(step.urgency, now),
            reminded=0,
            worker_at=now,
        )
        session.add(case)
        session.flush()
        self._change(session, chat, case).record(Happened.OPENED, data={"reason": step.reason})

    def _raise(self, change: Change, step: OpenCase | RaiseCase) -> bool:
        """Make the case more urgent, if that is what the step asks."""
        if step.urgency.rank >= change.urgency.rank:
            return False
        case = change.case
        if step.question and step.question not in case.question:
            case.question = f"{step.question}\n\n{case.question}".strip()[:QUESTION_LIMIT]
        self._owe(change)
        change.set_urgency(step.urgency)
        return True

    def _reopen(self, session: Session, chat: Chat, change: Change | None, update: int) -> None:
        if change is not None and self._reopens(change.case):
            change.reopen(change.case.holder)
            change.case.worker_at = change.now
            return
        # Too late for the old case: the worker still gets a counsellor.
        urgency = change.urgency if change is not None else Urgency.NORMAL
        words = _words_of(session, update)
        self._open(session, chat, OpenCase(Reason.ASKED, urgency, words))

    def _hear(self, change: Change, update: int) -> None:
        """Note that the worker wrote to a case; who owed nothing owes an answer now."""
        kind = change.session.scalar(select(Update.kind).where(Update.id == update))
        if kind == UpdateKind.GROUP:  # said among others, not to us
            return
        if not change.case.question:
            # They asked for a person before they said why.
            change.case.question = _words_of(change.session, update)[:QUESTION_LIMIT]
        self._owe(change)
        change.record(Happened.ADDED, data={"update": kind})

    def _owe(self, change: Change) -> None:
        case = change.case
        case.worker_at = change.now
        if case.due_at is None:
            case.due_at, case.reminded = change.owed(change.now), 0

    def _forget(self, session: Session, chat: Chat) -> None:
        """Close what is open and write down that the words went; they are gone already."""
        cases = select(Case).where(Case.chat == chat.id).order_by(Case.id).with_for_update()
        for case in session.scalars(cases.execution_options(populate_existing=True)).all():
            change = self._change(session, chat, case)
            if change.state is not CaseState.CLOSED:
                change.close(Happened.FORGOTTEN, Result.CANCELLED, case.holder)
            elif _last(session, case) != Happened.FORGOTTEN:
                change.record(Happened.FORGOTTEN)

    def _reopens(self, case: Case) -> bool:
        """Whether a worker who comes back now gets this closed case again."""
        return (
            case.closed_at is not None
            and case.since is not None
            and case.holder is not None
            and self._now() <= case.closed_at + self._promises.reopen_within
        )


def _latest(session: Session, chat: Chat) -> Case | None:
    """The chat's case that is not closed, else its newest, locked."""
    return session.scalar(
        select(Case)
        .where(Case.chat == chat.id)
        .order_by((Case.state == CaseState.CLOSED), Case.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _last(session: Session, case: Case) -> str | None:
    """What happened to a case last."""
    return session.scalar(
        select(CaseEvent.kind)
        .where(CaseEvent.case == case.id)
        .order_by(CaseEvent.id.desc())
        .limit(1)
    )


def _words_of(session: Session, update: int) -> str:
    """What the worker wrote in an update."""
    said = select(Message.text).where(Message.inbox == update, Message.author == "worker")
    return session.scalar(said.limit(1)) or ""
