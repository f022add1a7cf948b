"""The check of a name and a password, slow and counted for whoever guesses."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.cases.staff import Staff
from bot.cases.states import Role
from bot.channels.web.allowance import Allowance
from bot.console.desk import passwords
from bot.console.desk.audit import Action, entry
from bot.store.database import Database
from bot.store.desk_models import User

FREE_FAILURES = 5
"""Wrong passwords in a row before a name is locked."""
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=24)
TRIES_AT_ONCE = 60
"""Tries one machine may make in a row: an office behind one address signs in of a morning."""
TRIES_PER_SECOND = 1 / 20


class SignInRefused(Exception):
    """Not let in. The message is always the same: it must not tell which names exist."""

    def __init__(self) -> None:
        super().__init__(
            "Tên đăng nhập hoặc mật khẩu chưa đúng, hoặc tài khoản đang tạm khóa vì nhập sai nhiều "
            f"lần. Sai {FREE_FAILURES} lần thì phải đợi ít nhất {FIRST_LOCK.seconds // 60} phút. "
            "Quên mật khẩu thì nhờ quản trị viên cấp lại."
        )


class TooManyTries(Exception):
    """This machine has tried too often. ``wait``: seconds until it may try again."""

    def __init__(self, wait: int) -> None:
        super().__init__(
            "Từ mạng này có quá nhiều lần đăng nhập. Bạn đợi một phút rồi thử lại nhé."
        )
        self.wait = wait


class Door:
    """Lets people in. A try costs a hash (~0.1 s); raises StoreUnavailable.

    ``allowance`` bounds the tries from one machine, whatever names it tries.
    """

    def __init__(self, database: Database, allowance: Allowance | None = None) -> None:
        self._database = database
        self._allowance = allowance or Allowance(TRIES_AT_ONCE, TRIES_PER_SECOND)

    def check(self, name: str, password: str, address: str) -> Staff:
        """Who this is, trying from the machine ``address``. Raises SignInRefused, TooManyTries.

        A try is counted before the password is looked at, so that guesses sent all at once
        cannot outrun the count; the right password gives the tries back.
        """
        if wait := self._allowance.take(address):
            raise TooManyTries(wait)
        name = name.strip().casefold()[:64]
        tried = self._count_try(name)
        # Unknown, switched off or locked: the hash is computed all the same, for equal time.
        fits = passwords.verify(tried.password if tried else None, password)
        staff = self._let_in(tried, password) if tried and fits else None
        if staff is None:
            self._note_refused(name, address)
            raise SignInRefused
        return staff

    def _count_try(self, name: str) -> User | None:
        """The account as it stands with this try counted; None when it may not try now."""
        now = self._database.now()
        with self._database.write() as session:
            user = session.scalar(select(User).where(User.name == name).with_for_update())
            if user is None or not user.active:
                return None
            if user.locked_until is not None and now < user.locked_until:
                return None
            user.failures += 1
            if user.failures >= FREE_FAILURES:
                user.locked_until = now + _lock(user.failures)
            return user

    def _let_in(self, tried: User, password: str) -> Staff | None:
        """The password was right: the count begins anew. None when the account changed since."""
        anew = passwords.hashed(password) if passwords.outdated(tried.password) else None
        now = self._database.now()
        with self._database.write() as session:
            user = session.scalar(select(User).where(User.id == tried.id).with_for_update())
            if user is None or not user.active or user.password != tried.password:
                return None
            user.failures, user.locked_until, user.seen_at = 0, None, now
            user.password = anew or user.password
            return Staff(user.id, user.name, user.shown, Role(user.role))

    def _note_refused(self, name: str, address: str) -> None:
        with self._database.write() as session:
            session.add(
                entry(self._database.now(), None, Action.SIGN_IN_REFUSED, detail=address, name=name)
            )


def _lock(failures: int) -> timedelta:
    """How long a name rests after so many wrong passwords in a row."""
    doublings = min(failures - FREE_FAILURES, 10)
    rest: timedelta = FIRST_LOCK * 2**doublings
    return min(rest, LONGEST_LOCK)
