"""Anonymous sessions: a random cookie, the chat it stands for, and the proof against forgery."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "caunoi"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. ``chat_id`` and ``form_token`` come from the cookie by a keyed hash.

    The cookie itself is never stored or logged: who reads the database cannot take over a
    conversation.
    """

    cookie: str
    chat_id: str
    form_token: str


class Sessions:
    """Recognises browsers and opens new sessions.

    ``key`` must stay the same over restarts (see ``keep_key``): with another key every worker
    gets an empty conversation. ``address`` is the public address of the page
    ("https://hoi.example.vn"); set it behind a proxy, where neither the scheme nor the host of
    a request can be trusted. ``keep_days`` is how long a silent browser is remembered.
    """

    def __init__(self, key: bytes, *, address: str | None = None, keep_days: int) -> None:
        if len(key) < 32:
            raise ValueError("the session key must be at least 32 random bytes (see keep_key)")
        self._key = key
        self._keep = keep_days * 86_400
        self._origin = urlsplit(address) if address else None
        if self._origin is not None and not (self._origin.scheme and self._origin.netloc):
            raise ValueError(f"public address {address!r} must look like https://hoi.example.vn")

    def recall(self, connection: HTTPConnection) -> Session | None:
        """The session of this browser, None when it brings no usable cookie."""
        cookie = connection.cookies.get(COOKIE, "")
        return self._session(cookie) if _TOKEN.fullmatch(cookie) else None

    def open(self) -> Session:
        """A new session with a random cookie of 256 bits."""
        return self._session(secrets.token_urlsafe(32))

    def remember(self, session: Session, request: HTTPConnection, response: Response) -> None:
        """Have the browser keep the session, counted anew from today."""
        response.set_cookie(
            COOKIE,
            session.cookie,
            max_age=self._keep,
            path="/",
            secure=self._secure(request),
            httponly=True,
            samesite="lax",
        )

    def from_own_page(self, request: HTTPConnection) -> bool:
        """Whether the browser says that the request comes from a page of ours.

        Old browsers leave Origin out; the form token is what protects those.
        """
        origin = request.headers.get("origin")
        if origin is None:
            return True
        said = urlsplit(origin)
        if self._origin is not None:
            return (said.scheme, said.netloc) == (self._origin.scheme, self._origin.netloc)
        return bool(said.netloc) and said.netloc == request.headers.get("host")

    @staticmethod
    def proves(session: Session, form_token: str) -> bool:
        """Whether the form was made by us for this very session."""
        return hmac.compare_digest(session.form_token.encode(), form_token.encode())

    def _secure(self, request: HTTPConnection) -> bool:
        scheme = self._origin.scheme if self._origin is not None else request.url.scheme
        return scheme == "https"

    def _session(self, cookie: str) -> Session:
        return Session(cookie, "w" + self._hash("chat", cookie), self._hash("form", cookie))

    def _hash(self, purpose: str, cookie: str) -> str:
        return hmac.new(self._key, f"{purpose}:{cookie}".encode(), hashlib.sha256).hexdigest()[:32]


def keep_key(path: Path) -> bytes:
    """The session key kept in ``path``; made on first use, readable by the owner only.

    Raises OSError when the file can be neither read nor made, ValueError when it is damaged.
    """
    if not path.exists():
        _make_key(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError(
            f"{path} does not hold a session key (64 hex digits). Restore it from a backup, or "
            "delete it: a new one is made, and open web conversations start empty."
        )
    return key


def _make_key(path: Path) -> None:
    """Put a whole key in place at once, so that no other process reads half of one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as new:
            new.write(secrets.token_hex(32) + "\n")
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)
