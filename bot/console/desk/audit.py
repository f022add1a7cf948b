"""The trail of what was done at the desk besides changes of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from bot.cases.staff import Staff
from bot.plain_text import clean
from bot.store.database import Database
from bot.store.desk_models import AuditEntry, User

PAGE_OF = 50
"""Entries on one page."""
_NAME, _TARGET, _DETAIL = 64, 200, 300


class Action(StrEnum):
    """What is put on record."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an action, no password
    USER_ADDED = "user_added"
    USER_ROLE = "user_role"
    USER_OFF = "user_off"
    USER_ON = "user_on"
    USER_PASSWORD = "user_password"  # noqa: S105
    VIEW = "view"
    FILE = "file"
    SEARCH = "search"
    SAVED = "saved"


LABELS: dict[str, str] = {
    Action.SIGN_IN: "Đăng nhập",
    Action.SIGN_IN_REFUSED: "Đăng nhập không được",
    Action.SIGN_OUT: "Đăng xuất",
    Action.PASSWORD_CHANGED: "Tự đổi mật khẩu",
    Action.USER_ADDED: "Thêm tài khoản",
    Action.USER_ROLE: "Đổi vai trò",
    Action.USER_OFF: "Khóa tài khoản",
    Action.USER_ON: "Mở lại tài khoản",
    Action.USER_PASSWORD: "Cấp lại mật khẩu",
    Action.VIEW: "Xem hồ sơ",
    Action.FILE: "Mở tệp",
    Action.SEARCH: "Tìm hồ sơ",
    Action.SAVED: "Sửa câu mẫu",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. ``who`` is the name people read, or the name as it was typed."""

    id: int
    at: datetime
    who: str
    action: str
    target: str
    detail: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first. ``older`` is the id to ask for the next page, None on the last."""

    entries: tuple[Entry, ...]
    older: int | None


class Audit:
    """Writes and reads the trail. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self, staff: Staff | None, action: str, target: str = "", detail: str = "", name: str = ""
    ) -> None:
        """Put on record what was done. ``name``: as typed, where nobody is signed in.

        Nothing a worker wrote and no password belongs here.
        """
        with self._database.write() as session:
            session.add(entry(self._database.now(), staff, action, target, detail, name))

    def page(
        self,
        user: int | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        size: int = PAGE_OF,
    ) -> AuditPage:
        """Entries from ``since`` on and before ``until``, with ids less than ``before``.

        With ``user`` also the refused tries under that person's login name."""
        query = (
            select(AuditEntry, User.shown)
            .outerjoin(User, User.id == AuditEntry.user)
            .order_by(AuditEntry.id.desc())
            .limit(size + 1)
        )
        if user is not None:
            # Refused tries under the person's name belong to the picture too.
            named = select(User.name).where(User.id == user).scalar_subquery()
            tried = (AuditEntry.action == Action.SIGN_IN_REFUSED) & (AuditEntry.name == named)
            query = query.where((AuditEntry.user == user) | tried)
        if action is not None:
            query = query.where(AuditEntry.action == action)
        if since is not None:
            query = query.where(AuditEntry.at >= since)
        if until is not None:
            query = query.where(AuditEntry.at < until)
        if before is not None:
            query = query.where(AuditEntry.id < before)
        with self._database.read() as session:
            rows = session.execute(query).all()
            entries = tuple(
                Entry(row.id, row.at, shown or row.name, row.action, row.target, row.detail)
                for row, shown in rows[:size]
            )
        return AuditPage(entries, entries[-1].id if len(rows) > size else None)


def entry(
    at: datetime,
    staff: Staff | None,
    action: str,
    target: str = "",
    detail: str = "",
    name: str = "",
) -> AuditEntry:
    """A line of the trail, to be added in the transaction that does what it tells of."""
    return AuditEntry(
        at=at,
        user=staff.id if staff else None,
        name=clean(staff.name if staff else name)[:_NAME],
        action=action,
        target=clean(target)[:_TARGET],
        detail=clean(detail)[:_DETAIL],
    )
