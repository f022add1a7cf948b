"""Signed-in browsers: opened, recognised, ended on the server."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.cases.staff import Staff
from bot.cases.states import Role
from bot.console.desk.origin import Origin
from bot.store.database import Database
from bot.store.desk_models import Login, User

COOKIE = "caunoi_tuvan"
HOME = "/tu-van"
"""Where the desk is mounted; the cookie goes nowhere else."""
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sits at this browser. ``must_change``: first of all they choose a password of their own.

    ``login`` is the key of the login's row; ``form_token`` is what its forms carry.
    """

    staff: Staff
    login: str
    form_token: str
    must_change: bool


class Logins:
    """Opens and recognises logins. All calls to the store; raises StoreUnavailable.

    ``key``: at least 32 random bytes that stay the same over restarts (``keep_key``); with others
    open pages must be loaded anew. ``address`` as in ``Origin``.
    """

    def __init__(self, database: Database, key: bytes, address: str | None = None) -> None:
        if len(key) < 32:
            raise ValueError("the key must be at least 32 random bytes (see keep_key)")
        self._database = database
        self._key = key
        self.origin = Origin(address)

    def open(self, staff: Staff) -> str:
        """A new login; gives its cookie of 256 random bits, which is kept nowhere."""
        cookie = secrets.token_urlsafe(32)
        now = self._database.now()
        with self._database.write() as session:
            session.execute(delete(Login).where(_over(now)))
            session.add(
                Login(
                    key=_hash(cookie),
                    user=staff.id,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + LONGEST,
                )
            )
        return cookie

    def recall(self, request: HTTPConnection, *, touch: bool = True) -> SignedIn | None:
        """Who is signed in at this browser; None when nobody is, or no longer.

        ``touch``: a person did this, so the login does not grow idle. What a page asks by itself
        must not keep the login of someone who has gone home.
        """
        cookie = request.cookies.get(COOKIE, "")
        if not _TOKEN.fullmatch(cookie):
            return None
        key = _hash(cookie)
        now = self._database.now()
        with self._database.read() as session:
            found = session.execute(
                select(User, Login.seen_at)
                .join(Login, Login.user == User.id)
                .where(Login.key == key, User.active, ~_over(now))
            ).one_or_none()
            if found is None:
                return None
            user, seen_at = found
            signed = SignedIn(
                Staff(user.id, user.name, user.shown, Role(user.role)),
                key,
                self._form_token(cookie),
                user.must_change,
            )
        if touch and now - seen_at >= _SEEN_EVERY:
            with self._database.write() as session:
                session.execute(update(Login).where(Login.key == key).values(seen_at=now))
                session.execute(update(User).where(User.id == signed.staff.id).values(seen_at=now))
        return signed

    def lasts(self, signed: SignedIn) -> bool:
        """Whether the login still stands: for streams, which outlive the request that began them.

        False too when the person's role has changed since.
        """
        now = self._database.now()
        with self._database.read() as session:
            role = session.scalar(
                select(User.role)
                .join(Login, Login.user == User.id)
                .where(Login.key == signed.login, User.active, ~_over(now))
            )
        return role == signed.staff.role

    def close(self, signed: SignedIn) -> None:
        """End this login; its cookie is worth nothing from now on."""
        with self._database.write() as session:
            session.execute(delete(Login).where(Login.key == signed.login))

    def remember(self, cookie: str, request: HTTPConnection, response: Response) -> None:
        """Have the browser keep the cookie."""
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(LONGEST.total_seconds()),
            path=HOME,
            secure=self.origin.secure(request),
            httponly=True,
            # Strict would sign a counsellor out who follows a link from the group.
            samesite="lax",
        )

    def forget(self, request: HTTPConnection, response: Response) -> None:
        """Have the browser drop the cookie."""
        secure = self.origin.secure(request)
        response.delete_cookie(COOKIE, path=HOME, secure=secure, httponly=True, samesite="lax")

    @staticmethod
    def proves(signed: SignedIn, form_token: str) -> bool:
        """Whether the form was made by us for this very login."""
        return hmac.compare_digest(signed.form_token.encode(), form_token.encode(errors="replace"))

    def _form_token(self, cookie: str) -> str:
        return hmac.new(self._key, f"desk-form:{cookie}".encode(), hashlib.sha256).hexdigest()


def end_logins(session: Session, users: Sequence[int]) -> None:
    """End all logins of these users, in the caller's transaction."""
    session.execute(delete(Login).where(Login.user.in_(users)))


def _over(now: datetime) -> ColumnElement[bool]:
    return (Login.expires_at <= now) | (Login.seen_at <= now - IDLE)


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
