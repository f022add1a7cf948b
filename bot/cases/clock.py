"""What time does to cases: reminders, holders who went quiet, replies that did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import load_only

from bot.cases import wording
from bot.cases.changes import Change, lock_both
from bot.cases.hours import OpeningHours
from bot.cases.promises import Deadlines, Promises
from bot.cases.states import QUEUED, Actor, CaseState, Happened, Urgency
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent, User
from bot.store.models import Chat, Message, Parcel

_NOT_ARRIVED = "Tin trả lời gần nhất chưa tới được người lao động."
# Some part of the last answer, which all were said at the same moment. One that may have arrived
# (unknown) is for the counsellor to judge.
_LAST_ANSWER_FAILED = exists().where(
    Message.chat == Case.chat,
    Message.id >= Case.since,
    Message.author == "counsellor",
    Message.at == Case.counsellor_at,
    Parcel.message == Message.id,
    Parcel.outcome.in_(("refused", "given_up")),
    Chat.id == Message.chat,
    Chat.blocked_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Done:
    """What the clock did to one case: REMINDED or REQUEUED."""

    case: int
    kind: Happened


class Clock:
    """Goes over the cases; one process at a time should (see ``bot.cases.watching``).

    Several at once do no harm: each change is decided anew with the case's row locked. Nothing
    is done outside opening hours, but for the first reminder of what is urgent. ``wake`` is
    called after a commit that put something into the outbox, in the thread of the caller.
    """

    def __init__(
        self,
        database: Database,
        hours: OpeningHours,
        promises: Promises,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._hours = hours
        self._promises = promises
        self._deadlines = Deadlines(hours, promises)
        self._wake = wake

    def tick(self) -> list[Done]:
        """Do all that is due now; what was done, in order. Raises StoreUnavailable."""
        done = [
            Done(case, Happened.REMINDED) for case in self._unanswered() if self._owe_again(case)
        ]
        done += [Done(case, Happened.REQUEUED) for case in self._left() if self._take_over(case)]
        for case in self._late():
            kind = self._hurry(case)
            if kind is not None:
                done.append(Done(case, kind))
        done += [Done(case, Happened.REQUEUED) for case in self._kept() if self._offer_all(case)]
        return done

    # -- late answers

    def _late(self) -> list[int]:
        """Active cases past their deadline, as far as something may be due now."""
        late = (
            select(Case)
            .where(Case.state != CaseState.CLOSED, Case.due_at <= self._database.now())
            .order_by(Case.id)
            .options(
                load_only(
                    Case.state,
                    Case.urgency,
                    Case.due_at,
                    Case.reminded,
                    Case.queued_at,
                    Case.counsellor_at,
                )
            )
        )
        with self._database.read() as session:
            return [case.id for case in session.scalars(late) if self._reminds(case)]

    def _reminds(self, case: Case) -> bool:
        """A cheap look ahead of the lock: whether ``_hurry`` may find something to do."""
        return case.state == CaseState.HELD or self._terms_over(case) > case.reminded

    def _hurry(self, case: int) -> Happened | None:
        with self._changing(case) as change:
            if change is None or change.case.due_at is None or change.now < change.case.due_at:
                return None
            first_of_urgent = change.urgency is Urgency.URGENT and not change.case.reminded
            if not (first_of_urgent or self._hours.is_open(change.now)):
                return None
            if change.state is CaseState.HELD and change.case.reminded:
                return self._requeue(change)
            return self._remind(change)

    def _remind(self, change: Change) -> Happened | None:
        """One reminder a term, however many terms went by unseen."""
        terms = self._terms_over(change.case)
        if terms <= change.case.reminded:
            return None
        change.case.reminded = terms
        change.record(Happened.REMINDED, data={"times": terms})
        return Happened.REMINDED

    def _terms_over(self, case: Case) -> int:
        """How often there should have been a reminder: at the deadline, then once a term."""
        now = self._database.now()
        if case.due_at is None or now < case.due_at:
            return 0
        return 1 + self._deadlines.terms_since(case, case.due_at, now)

    def _requeue(self, change: Change) -> Happened | None:
        """Give up a holder who stayed quiet after the reminder; the case may go to anyone.

        Counted from when the reminder was really given, so that a clock that jumped or a night
        without power takes nothing from anybody unwarned.
        """
        reminded_at = change.session.scalar(
            select(CaseEvent.at)
            .where(CaseEvent.case == change.case.id, CaseEvent.kind == Happened.REMINDED)
            .order_by(CaseEvent.id.desc())
            .limit(1)
        )
        if reminded_at is None or change.now < change.owed(reminded_at, self._promises.quiet):
            return None
        change.queue(Happened.REQUEUED, wording.back_in_queue())
        return Happened.REQUEUED

    # -- cases of those who are no longer at the desk

    def _left(self) -> list[int]:
        """Cases held by, or kept for, somebody whose account was switched off."""
        gone = select(User.id).where(User.active.is_(False))
        left = select(Case.id).where(
            or_(
                and_(Case.state == CaseState.HELD, Case.holder.in_(gone)),
                and_(Case.state.in_(QUEUED), Case.preferred.in_(gone)),
            )
        )
        with self._database.read() as session:
            return list(session.scalars(left.order_by(Case.id)))

    def _take_over(self, case: int) -> bool:
        """Let anyone take it; the worker is told if somebody had been talking with them."""
        with self._changing(case) as change:
            if change is None:
                return False
            whose = change.case.preferred if change.state.queued else change.case.holder
            user = change.session.get(User, whose) if whose is not None else None
            if user is None or user.active:
                return False
            if change.state is CaseState.HELD:
                change.queue(Happened.REQUEUED, wording.back_in_queue())
            else:
                change.record(Happened.REQUEUED, data={"holder": whose})
            change.case.preferred = change.case.preferred_until = None
            return True

    # -- cases kept for one counsellor

    def _kept(self) -> list[int]:
        kept = select(Case.id).where(
            Case.state.in_(QUEUED), Case.preferred_until <= self._database.now()
        )
        with self._database.read() as session:
            return list(session.scalars(kept))

    def _offer_all(self, case: int) -> bool:
        """Let anyone take what its former holder did not come for."""
        with self._changing(case) as change:
            if change is None or not change.state.queued:
                return False
            until = change.case.preferred_until
            if until is None or change.now < until:
                return False
            change.record(Happened.REQUEUED, data={"holder": change.case.preferred})
            change.case.preferred = change.case.preferred_until = None
            return True

    # -- replies that did not arrive

    def _unanswered(self) -> list[int]:
        """Held cases that seem answered, but whose last answer never arrived."""
        seems = (
            Case.state == CaseState.HELD,
            Case.due_at.is_(None),
            Case.counsellor_at.is_not(None),
        )
        with self._database.read() as session:
            return list(session.scalars(select(Case.id).where(*seems, _LAST_ANSWER_FAILED)))

    def _owe_again(self, case: int) -> bool:
        """The worker is owed what did not reach them, unless they let nobody write."""
        with self._changing(case) as change:
            if change is None or change.state is not CaseState.HELD:
                return False
            failed = select(Case.id).where(Case.id == case, _LAST_ANSWER_FAILED)
            if change.case.due_at is not None or change.session.scalar(failed) is None:
                return False
            change.case.due_at, change.case.reminded = change.owed(change.now), 0
            change.record(Happened.REMINDED, _NOT_ARRIVED)
            return True

    @contextmanager
    def _changing(self, case: int) -> Iterator[Change | None]:
        """The case with its rows locked, None when it is closed or gone by now."""
        with self._database.write() as session:
            locked = lock_both(session, case)
            change = None
            if locked is not None and locked[1].state != CaseState.CLOSED:
                chat, row = locked
                change = Change(
                    session=session,
                    chat=chat,
                    case=row,
                    now=self._database.now(),
                    deadlines=self._deadlines,
                    actor=Actor.CLOCK,
                )
            yield change
        if change is not None and change.said:
            self._wake()
