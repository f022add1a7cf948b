"""What the board of a group remembers: what was shown of each case, and where the group is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, update

from bot.cases.states import CaseState, Urgency
from bot.store.database import Database
from bot.store.desk_models import Case, GroupNotice, Lease

_RANK = case({each.value: each.rank for each in Urgency}, value=Case.urgency)
_ACTIVE = frozenset(CaseState) - {CaseState.CLOSED}
# First what nobody holds yet: of these counsellors must hear, the rest are edits without a sound.
_TURN = case((Case.state == CaseState.HELD, 1), else_=0)
_LATE_COMMIT = timedelta(minutes=10)
"""How long after its own time a closing is seen at the latest: clocks differ, locks are slow."""
_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Post:
    """What stands in the group of a case: its message and topic (None: in no topic).

    ``print`` is a fingerprint of what it says.
    """

    message: int | None = None
    thread: int | None = None
    print: int = _NOTHING


@dataclass(frozen=True, slots=True)
class Behind:
    """A case that changed since the group was last told; ``failures`` in a row at telling it."""

    case: int
    post: Post
    failures: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where to post. ``group`` may differ from the one that was set: groups get new ids."""

    group: int
    thread: int | None = None


class BoardMemory:
    """Rows of one group, by the id that was set. All calls raise StoreUnavailable.

    Where to post is kept with the lease: only who holds that may write it.
    """

    def __init__(self, database: Database, group: int) -> None:
        self._database = database
        self._group = group
        self._all_told_until: datetime | None = None
        self.lease = f"desk-group-{group}"

    def next(self) -> Behind | None:
        """The case to tell of first, None when the group knows all or what it does not must wait.

        What was closed before the group ever heard of it stays unsaid.
        """
        now = self._database.now()
        with self._database.read() as session:
            active = session.execute(self._active(now)).one_or_none()
            if active is not None:
                return _behind(*active)
            closed = session.execute(self._closed()).one_or_none()
            if closed is not None:
                return _behind(*closed) if closed[1].free_at <= now else None
        self._all_told_until = now
        return None

    def _active(self, now: datetime) -> Select[int, GroupNotice | None]:
        late = and_(GroupNotice.shown < Case.number, GroupNotice.free_at <= now)
        return (
            select(Case.id, GroupNotice)
            .outerjoin(GroupNotice, self._noticed)
            .where(Case.state.in_(_ACTIVE), or_(GroupNotice.case.is_(None), late))
            .order_by(_TURN, _RANK, Case.queued_at, Case.id)
            .limit(1)
        )

    def _closed(self) -> Select[int, GroupNotice]:
        """The closed ones grow without end: only those since all was told are looked through.

        By their time alone, which only they have: by their state the wrong index would be used.
        """
        since = self._all_told_until
        closed = (
            Case.closed_at.is_not(None) if since is None else Case.closed_at >= since - _LATE_COMMIT
        )
        return (
            select(Case.id, GroupNotice)
            .join(GroupNotice, self._noticed)
            .where(closed, GroupNotice.shown < Case.number)
            .order_by(GroupNotice.free_at, Case.id)
            .limit(1)
        )

    @property
    def _noticed(self) -> ColumnElement[bool]:
        return and_(GroupNotice.case == Case.id, GroupNotice.group == str(self._group))

    def shown(self, case: int, number: int, post: Post) -> None:
        """The group has ``post`` of the case, which says how it stood at ``number``."""
        self._write(
            case,
            shown=number,
            # The number alone would have an edit go out for changes a notice does not show.
            fingerprint=post.print,
            message=_written(post.message),
            thread=_written(post.thread),
            failures=0,
            reason=None,
        )

    def failed(self, each: Behind, reason: str, wait: timedelta) -> None:
        """It could not be told; not again before ``wait`` has passed."""
        free_at = self._database.now() + wait
        self._write(each.case, failures=each.failures + 1, reason=reason[:300], free_at=free_at)

    def _write(self, case: int, **changes: Any) -> None:
        with self._database.write() as session:
            row = session.get(GroupNotice, (case, str(self._group)))
            if row is None:
                row = GroupNotice(
                    case=case,
                    group=str(self._group),
                    fingerprint=_NOTHING,
                    shown=_NOTHING,
                    failures=0,
                    free_at=self._database.now(),
                )
                session.add(row)
            for name, value in changes.items():
                setattr(row, name, value)

    def place(self) -> Place:
        """Where to post, as far as is known."""
        with self._database.read() as session:
            data = session.scalar(select(Lease.data).where(Lease.name == self.lease)) or {}
        return Place(group=data.get("group", self._group), thread=data.get("thread"))

    def settle(self, place: Place) -> None:
        """Post there from now on."""
        with self._database.write() as session:
            session.execute(self._keeping(place))

    def lost_topic(self, place: Place) -> None:
        """The topic of ``place`` is gone with its messages: tell of what is not closed anew."""
        gone = (GroupNotice.group == str(self._group), GroupNotice.thread == str(place.thread))
        active = select(Case.id).where(Case.state != CaseState.CLOSED)
        with self._database.write() as session:
            session.execute(
                update(GroupNotice)
                .where(*gone, GroupNotice.case.in_(active))
                .values(shown=_NOTHING)
                .execution_options(synchronize_session=False)
            )
            session.execute(
                update(GroupNotice)
                .where(*gone)
                .values(message=None, thread=None)
                .execution_options(synchronize_session=False)
            )
            session.execute(self._keeping(Place(place.group)))

    def moved(self, to: int) -> None:
        """The group has a new id. Its old messages can no longer be edited: there, their ids are
        those of other messages."""
        with self._database.write() as session:
            session.execute(
                update(GroupNotice)
                .where(GroupNotice.group == str(self._group))
                .values(message=None, thread=None)
                .execution_options(synchronize_session=False)
            )
            session.execute(self._keeping(Place(to)))

    def _keeping(self, place: Place) -> Any:
        data = {"group": place.group, "thread": place.thread}
        return (
            update(Lease)
            .where(Lease.name == self.lease)
            .values(data=data)
            .execution_options(synchronize_session=False)
        )


def _behind(case: int, notice: GroupNotice | None) -> Behind:
    if notice is None:
        return Behind(case, Post(), 0)
    post = Post(_number(notice.message), _number(notice.thread), notice.fingerprint)
    return Behind(case, post, notice.failures)


def _number(written: str | None) -> int | None:
    return None if written is None else int(written)


def _written(number: int | None) -> str | None:
    return None if number is None else str(number)
