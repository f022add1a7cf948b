"""The people at the desk: who they are, what they may do, how they prove it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.staff import Staff
from bot.cases.states import Role
from bot.channels.web.allowance import Allowance
from bot.console.desk import passwords
from bot.console.desk.audit import Action, entry
from bot.console.desk.door import Door
from bot.console.desk.logins import end_logins
from bot.console.desk.role_names import ROLES
from bot.plain_text import clean
from bot.store.database import Database
from bot.store.desk_models import AuditEntry, User

COMMAND_LINE = "caunoi user"
"""Who the trail says it was when an account was changed on the machine itself."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_SHOWN = 100
_LAST_ID = 2**31 - 1


class AccountRefused(Exception):
    """The account was not changed. The message is Vietnamese and says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person as admins see them."""

    staff: Staff
    active: bool
    must_change: bool
    locked_until: datetime | None
    seen_at: datetime | None
    created_at: datetime


class Accounts:
    """All calls go to the store and some hash a password (~0.1 s); raises StoreUnavailable.

    ``by`` is who does it, None on the machine's own command line. Whatever changes what an
    account may do ends its logins and stands in the audit trail, in the same transaction.
    """

    def __init__(self, database: Database, allowance: Allowance | None = None) -> None:
        self._database = database
        self._door = Door(database, allowance)

    def add(
        self,
        name: str,
        shown: str,
        role: Role,
        password: str | None = None,
        *,
        by: Staff | None = None,
    ) -> str:
        """A new account; gives the password it begins with, a one-time one unless given.

        Either way it must be changed at the first sign-in. Raises AccountRefused, WeakPassword.
        """
        name, shown = _login_name(name), _shown_name(shown)
        if password is not None:
            passwords.check_strength(password, name, shown)
        first = password or passwords.one_time()
        kept = passwords.hashed(first)
        now = self._database.now()
        taken = AccountRefused(f"Đã có tài khoản tên {name}. Bạn chọn tên đăng nhập khác nhé.")
        try:
            with self._database.write() as session:
                _still_admin(session, by)
                if session.scalar(select(User.id).where(User.name == name)):
                    raise taken
                session.add(
                    User(
                        name=name,
                        shown=shown,
                        role=role,
                        password=kept,
                        must_change=True,
                        active=True,
                        failures=0,
                        created_at=now,
                    )
                )
                session.add(_entry(now, by, Action.USER_ADDED, name, ROLES[role]))
        except IntegrityError:
            raise taken from None
        return first

    def check(self, name: str, password: str, address: str) -> Staff:
        """Who this is, trying from the machine ``address``. Raises SignInRefused, TooManyTries."""
        return self._door.check(name, password, address)

    def change_password(self, staff: Staff, present: str, chosen: str, address: str) -> None:
        """A password of one's own. Ends all logins of the person: open a new one afterwards.

        Raises SignInRefused when ``present`` is wrong (counted like a sign-in), TooManyTries,
        WeakPassword.
        """
        passwords.check_strength(chosen, staff.name, staff.shown)
        self.check(staff.name, present, address)
        if passwords.same(present, chosen):
            raise passwords.WeakPassword("Mật khẩu mới phải khác mật khẩu đang dùng.")
        kept = passwords.hashed(chosen)
        with self._changing(staff.id, None) as (session, user):
            user.password, user.must_change = kept, False
            self._record(session, user, staff, Action.PASSWORD_CHANGED)

    def reset_password(self, user: int, *, by: Staff | None = None) -> str:
        """A one-time password for someone who forgot theirs; unlocks the account too."""
        first = passwords.one_time()
        kept = passwords.hashed(first)
        with self._changing(user, by) as (session, row):
            row.password, row.must_change = kept, True
            row.failures, row.locked_until = 0, None
            self._record(session, row, by, Action.USER_PASSWORD)
        return first

    def set_role(self, user: int, role: Role, *, by: Staff | None = None) -> None:
        """Raises AccountRefused: nobody changes their own role, and one admin must remain."""
        with self._changing(user, by) as (session, row):
            if row.role == role:
                return
            _not_oneself(row, by)
            if row.role == Role.ADMIN and row.active:
                _another_admin(session, row)
            detail = f"{ROLES[Role(row.role)]} → {ROLES[role]}"
            row.role = role
            self._record(session, row, by, Action.USER_ROLE, detail)

    def deactivate(self, user: int, *, by: Staff | None = None) -> None:
        """No more signing in; what the person did stays. Raises AccountRefused like set_role."""
        with self._changing(user, by) as (session, row):
            if not row.active:
                return
            _not_oneself(row, by)
            if row.role == Role.ADMIN:
                _another_admin(session, row)
            row.active = False
            self._record(session, row, by, Action.USER_OFF)

    def activate(self, user: int, *, by: Staff | None = None) -> None:
        """Lets someone back in, with the password they had."""
        with self._changing(user, by) as (session, row):
            if row.active:
                return
            row.active, row.failures, row.locked_until = True, 0, None
            self._record(session, row, by, Action.USER_ON)

    def list(self) -> list[Account]:
        """Everybody, those who can sign in first, by name."""
        with self._database.read() as session:
            rows = session.scalars(select(User).order_by(User.active.desc(), User.name))
            now = self._database.now()
            return [_account(row, now) for row in rows]

    def named(self, name: str) -> Account:
        """The account with this login name. Raises AccountRefused when there is none."""
        with self._database.read() as session:
            row = session.scalar(select(User).where(User.name == name.strip().casefold()))
            if row is None:
                raise AccountRefused(
                    f"Không có tài khoản tên {name.strip()}. Xem tên bằng 'caunoi user list'."
                )
            return _account(row, self._database.now())

    @contextmanager
    def _changing(self, user: int, by: Staff | None) -> Iterator[tuple[Session, User]]:
        """The account, locked."""
        with self._database.write() as session:
            # One order for everybody who locks several, so that two admins can neither block nor
            # demote each other at once.
            wanted = User.id == min(user, _LAST_ID)
            rows = session.scalars(
                select(User)
                .where(wanted | (User.role == Role.ADMIN))
                .order_by(User.id)
                .with_for_update()
            )
            row = {row.id: row for row in rows}.get(user)
            if row is None:
                raise AccountRefused("Không còn tài khoản này. Bạn tải lại trang nhé.")
            _still_admin(session, by)
            yield session, row

    def _record(
        self, session: Session, row: User, by: Staff | None, action: Action, detail: str = ""
    ) -> None:
        """The account was changed: on record, and its logins end."""
        session.add(_entry(self._database.now(), by, action, row.name, detail))
        end_logins(session, [row.id])


def first_account(database: Database) -> tuple[str, str] | None:
    """An admin for a store that has nobody yet: name and one-time password. None otherwise.

    Of several processes that start at once, one makes it.
    """
    with database.read() as session:
        if session.scalar(select(func.count()).select_from(User)):
            return None
    try:
        return "admin", Accounts(database).add("admin", "Quản trị viên", Role.ADMIN)
    except AccountRefused:
        return None


def _login_name(name: str) -> str:
    name = name.strip().casefold()
    if not _NAME.fullmatch(name):
        raise AccountRefused(
            "Tên đăng nhập gồm 2 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch "
            "dưới, bắt đầu bằng chữ hoặc số. Ví dụ: lan.nguyen"
        )
    return name


def _shown_name(shown: str) -> str:
    shown = " ".join(clean(shown).split())
    if not shown or len(shown) > _SHOWN:
        raise AccountRefused(f"Tên hiển thị cần từ 1 đến {_SHOWN} ký tự. Ví dụ: Nguyễn Thị Lan")
    return shown


def _still_admin(session: Session, by: Staff | None) -> None:
    """Who changes accounts may have lost the right to since the page was opened."""
    if by is None:
        return
    row = session.get(User, by.id)
    if row is None or not row.active or row.role != Role.ADMIN:
        raise AccountRefused("Tài khoản của bạn không còn quyền quản trị nên chưa đổi được gì.")


def _not_oneself(row: User, by: Staff | None) -> None:
    if by is not None and by.id == row.id:
        raise AccountRefused(
            "Bạn không tự đổi vai trò hay khóa tài khoản của mình được. Hãy nhờ quản trị viên khác."
        )


def _another_admin(session: Session, row: User) -> None:
    others = select(func.count()).where(User.role == Role.ADMIN, User.active, User.id != row.id)
    if not session.scalar(others):
        raise AccountRefused(
            "Đây là quản trị viên cuối cùng còn dùng được. Hãy thêm một quản trị viên khác trước."
        )


def _staff(user: User) -> Staff:
    return Staff(user.id, user.name, user.shown, Role(user.role))


def _account(row: User, now: datetime) -> Account:
    locked = row.locked_until if row.locked_until and row.locked_until > now else None
    return Account(_staff(row), row.active, row.must_change, locked, row.seen_at, row.created_at)


def _entry(
    at: datetime, by: Staff | None, action: Action, target: str, detail: str = ""
) -> AuditEntry:
    return entry(at, by, action, target, detail, name="" if by else COMMAND_LINE)
