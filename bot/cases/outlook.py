"""What a worker who asks for a counsellor may be told."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, tuple_

from bot.cases.hours import OpeningHours
from bot.cases.promises import Deadlines, Promises
from bot.cases.states import QUEUED, CaseState, Urgency
from bot.cases.steps import Outlook
from bot.store.database import Database
from bot.store.desk_models import Case, User
from bot.store.models import Moment

_RANK: ColumnElement[int] = case({each.value: each.rank for each in Urgency}, value=Case.urgency)
_QUEUED = select(func.count()).where(Case.state.in_(QUEUED))


class StoredOutlook:
    """Reads the queue as the desk sees it: by urgency, then deadline, then age."""

    def __init__(self, database: Database, hours: OpeningHours, promises: Promises) -> None:
        self._database = database
        self._hours = hours
        self._deadlines = Deadlines(hours, promises)

    def outlook(self, urgency: Urgency, case: int | None = None) -> Outlook:
        """For a case that waits already, or for one of that urgency opened now.

        Of a case that waits, ``answer_by`` is what was promised, even when that is past. Raises
        StoreUnavailable.
        """
        now = self._database.now()
        with self._database.read() as session:
            # An account nobody has ever used answers nobody.
            used = select(User.id).where(User.active, User.seen_at.is_not(None))
            staffed = session.scalar(used.limit(1)) is not None
            found = session.get(Case, case) if case is not None else None
            if found is not None and found.state == CaseState.CLOSED:
                found = None
            if found is not None:
                urgency = Urgency(found.urgency)
            due = found.due_at if found is not None else None
            answer_by = due or self._deadlines.first(urgency, now)
            own = literal(urgency.rank)
            if found is None:
                before = or_(
                    own > _RANK,
                    and_(own == _RANK, Case.due_at <= answer_by),
                )
            else:
                before = or_(
                    own > _RANK,
                    and_(
                        own == _RANK,
                        tuple_(Case.due_at, Case.queued_at, Case.id)
                        < tuple_(
                            literal(found.due_at, Moment),
                            literal(found.queued_at, Moment),
                            found.id,
                        ),
                    ),
                )
            held = found is not None and found.state == CaseState.HELD
            ahead = 0 if held else session.scalar(_QUEUED.where(before)) or 0
        return Outlook(
            staffed=staffed,
            position=ahead + 1,
            answer_by=answer_by,
            opens_at=None if self._hours.is_open(now) else self._hours.opens_at(now),
        )
