"""What the board of a group remembers: what was shown of each case, and where the group is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, or_, select, update

from bot.cases.states import CaseState, Urgency
from bot.store.database import Database
from bot.store.desk_models import Case, GroupNotice, Lease

_RANK = case({each.value: each.rank for each in Urgency}, value=Case.urgency)
# First what nobody holds yet: of these counsellors must hear, the rest are edits without a sound.
_TURN = case({CaseState.HELD.value: 1, CaseState.CLOSED.value: 2}, value=Case.state, else_=0)
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
        self.lease = f"desk-group-{group}"

    def next(self) -> Behind | None:
        """The case to tell of first, None when the group knows all or what it does not must wait.

        What was closed before the group ever heard of it stays unsaid.
        """
        noticed = and_(GroupNotice.case == Case.id, GroupNotice.group == str(self._group))
        found = (
            select(Case.id, GroupNotice)
            .outerjoin(GroupNotice, noticed)
            .where(
                or_(
                    and_(GroupNotice.case.is_(None), Case.state != CaseState.CLOSED),
                    and_(
                        GroupNotice.shown < Case.number,
                        GroupNotice.free_at <= self._database.now(),
                    ),
                )
            )
            .order_by(_TURN, _RANK, Case.queued_at, Case.id)
            .limit(1)
        )
        with self._database.read() as session:
            row = session.execute(found).one_or_none()
            if row is None:
                return None
            id, notice = row
            if notice is None:
                return Behind(id, Post(), 0)
            post = Post(_number(notice.message), _number(notice.thread), notice.wanted)
            return Behind(id, post, notice.failures)

    def shown(self, case: int, number: int, post: Post) -> None:
        """The group has ``post`` of the case, which says how it stood at ``number``."""
        self._write(
            case,
            shown=number,
            # The column holds what is wanted there as a fingerprint: a number alone would have
            # an edit go out for changes that a notice does not show.
            wanted=post.print,
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
                    wanted=_NOTHING,
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


def _number(written: str | None) -> int | None:
    return None if written is None else int(written)


def _written(number: int | None) -> str | None:
    return None if number is None else str(number)
