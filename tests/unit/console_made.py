"""The frame of the desk over a store made for tests: real routes, a clock that stands still."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.testclient import TestClient

from bot.cases.desk import Desk
from bot.cases.errors import CaseClosed
from bot.cases.hours import parse
from bot.cases.promises import Promises
from bot.cases.reading import Reading
from bot.cases.staff import Staff
from bot.cases.states import Role
from bot.channels.web.allowance import Allowance
from bot.console.desk import passwords
from bot.console.desk.accounts import Accounts
from bot.console.desk.audit import Audit
from bot.console.desk.context import DeskContext
from bot.console.desk.door import TRIES_AT_ONCE, TRIES_PER_SECOND
from bot.console.desk.frame import frame_routes
from bot.console.desk.guard import Guard
from bot.console.desk.logins import Logins, SignedIn
from bot.console.desk.pages import render
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.files import Files

KEY = bytes(range(32))
HOST = "http://desk.test"
PASSWORD = "ghế bàn tủ lạnh"
MORNING = datetime(2026, 10, 5, 2, tzinfo=UTC)


def hash_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost next to nothing, for tests that sign in again and again."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody"))


class MadeConsole:
    """Accounts, logins and pages over one store."""

    def __init__(self, database: Database, address: str | None = None) -> None:
        self.at = MORNING
        database.now = lambda: self.at
        self.database = database
        self.ticks = 0.0
        allowance = Allowance(TRIES_AT_ONCE, TRIES_PER_SECOND, clock=lambda: self.ticks)
        self.accounts = Accounts(database, allowance)
        self.logins = Logins(database, KEY, address)
        self.audit = Audit(database)
        self.context = DeskContext(
            database=database,
            accounts=self.accounts,
            logins=self.logins,
            audit=self.audit,
            desk=Desk(database, parse("1-5 08:00-17:00"), Promises()),
            reading=Reading(database),
            files=Files(database),
            library=None,
            address=address,
        )
        self.replies: list[str] = []

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)

    def person(self, name: str, role: Role = Role.COUNSELLOR, password: str = PASSWORD) -> Staff:
        """Someone with a password of their own."""
        first = self.accounts.add(name, f"Người {name}", role)
        staff = self.accounts.named(name).staff
        self.accounts.change_password(staff, first, password, "made")
        return staff

    def app(self) -> Starlette:
        """The frame, with two pages such as the desk's behind the guard."""
        guard = Guard(self.context)

        async def queue(request: Request, signed: SignedIn) -> Response:
            return HTMLResponse(f"<p>{signed.staff.name}</p>")

        async def reply(request: Request, signed: SignedIn, fields: dict[str, str]) -> Response:
            match fields["text"]:
                case "closed":
                    raise CaseClosed
                case "away":
                    raise StoreUnavailable("gone")
                case "fault":
                    raise RuntimeError("secret words of a worker")
            self.replies.append(fields["text"])
            return HTMLResponse("sent")

        async def form(request: Request, signed: SignedIn) -> Response:
            return render(request, "password.html", back="/tu-van", wrong=_RIGHT, least=10)

        return Starlette(
            routes=[
                *frame_routes(self.context),
                guard.get("/tu-van", queue),
                guard.get("/tu-van/dem", queue, touch=False),
                guard.get("/tu-van/mau-thu", form),
                guard.post("/tu-van/ho-so/1/tra-loi", reply),
                guard.post("/tu-van/truong-nhom", reply, role=Role.LEAD),
                guard.absent(),
            ]
        )

    @contextmanager
    def browser(self, host: str = HOST) -> Iterator[Browser]:
        """A browser with no cookies."""
        with TestClient(
            self.app(), host, raise_server_exceptions=False, follow_redirects=False
        ) as client:
            yield Browser(client, host)


_RIGHT = {"present": "", "new": "", "again": ""}


class Browser:
    """What a person at the desk does, form by form."""

    def __init__(self, client: TestClient, host: str) -> None:
        self.client = client
        self.host = host

    def get(self, path: str, **headers: str) -> Answer:
        return Answer(self.client.get(path, headers=_named(headers)))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """A form sent from a page of ours, unless ``origin`` says otherwise."""
        sent = {"origin": self.host, **_named(headers)}
        return Answer(self.client.post(path, data=fields, headers=sent))

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Answer:
        return self.post("/tu-van/dang-nhap", {"name": name, "password": password, **more})

    @property
    def token(self) -> str:
        """The form token, from a page as a person gets it."""
        found = re.search(r'name="token" value="(\w+)"', self.get("/tu-van/mat-khau").text)
        assert found, "no form token on the page"
        return found[1]

    def send(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        """A form with its token."""
        return self.post(path, {"token": self.token, **(fields or {})}, **headers)


class Answer:
    """What came back."""

    def __init__(self, response: object) -> None:
        self._response = response
        self.status: int = response.status_code  # type: ignore[attr-defined]
        self.text: str = response.text  # type: ignore[attr-defined]
        self.headers = response.headers  # type: ignore[attr-defined]

    @property
    def to(self) -> str:
        """Where it sends the browser."""
        return str(self.headers.get("location", ""))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
