"""In and out: signing in, signing out, choosing a password of one's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.cases.staff import Staff
from bot.console.desk.audit import Action
from bot.console.desk.context import DeskContext
from bot.console.desk.door import SignInRefused, TooManyTries
from bot.console.desk.forms import read_form
from bot.console.desk.guard import FOREIGN, PASSWORD, PROTECTED, SIGN_IN, Guard, kept_calm, refusal
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.origin import machine
from bot.console.desk.pages import NEVER_KEEP, render
from bot.console.desk.passwords import LEAST, WeakPassword

REFUSED_AFTER = 0.4
"""Seconds after which a refusal is answered, whatever was looked up on the way."""
_HASHES_AT_ONCE = 2
_RIGHT = {"present": "", "new": "", "again": ""}
_BACK = re.compile(r"/tu-van(?:/[\w-]+)*(?:\?[\w=&%.+-]*)?", re.ASCII)

T = TypeVar("T")


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""
    door = _Entrance(context)
    guard = Guard(context)
    return [
        Route(SIGN_IN, kept_calm(door.page), methods=["GET"], middleware=PROTECTED),
        Route(SIGN_IN, kept_calm(door.enter), methods=["POST"], middleware=PROTECTED),
        guard.post(f"{HOME}/dang-xuat", door.leave, must_change=True),
        guard.get(PASSWORD, door.password_page, must_change=True),
        guard.post(PASSWORD, door.change_password, must_change=True),
    ]


class _Entrance:
    """The request handlers."""

    def __init__(self, context: DeskContext) -> None:
        self._accounts = context.accounts
        self._audit = context.audit
        self._logins = context.logins
        # Guesses wait for one another, not with everybody who reads or answers.
        self._hashes = anyio.CapacityLimiter(_HASHES_AT_ONCE)

    async def page(self, request: Request) -> Response:
        """The form; who is signed in goes straight on."""
        signed = await asyncio.to_thread(self._logins.recall, request)
        back = _own(request.query_params.get("tiep"))
        if signed is not None:
            return RedirectResponse(back, 303, headers=NEVER_KEEP)
        return render(request, "sign_in.html", back=back, name="", wrong=None)

    async def enter(self, request: Request) -> Response:
        """A name and a password."""
        if not self._logins.origin.own_page(request):
            return refusal(request, 403, FOREIGN)
        fields = await read_form(request)
        name, back = fields.get("name", ""), _own(fields.get("tiep"))
        answer_at = asyncio.get_running_loop().time() + REFUSED_AFTER
        try:
            staff = await self._hashing(
                lambda: self._accounts.check(name, fields.get("password", ""), machine(request))
            )
        except (SignInRefused, TooManyTries) as refused:
            await asyncio.sleep(max(0.0, answer_at - asyncio.get_running_loop().time()))
            return render(
                request,
                "sign_in.html",
                429 if isinstance(refused, TooManyTries) else 401,
                _retry_after(refused),
                back=back,
                name=name[:64],
                wrong=str(refused),
            )
        before = await asyncio.to_thread(self._logins.recall, request)
        if before is not None:
            await asyncio.to_thread(self._logins.close, before)
        return await self._opened(request, staff, back, Action.SIGN_IN)

    async def leave(
        self, request: Request, signed: SignedIn, _fields: Mapping[str, str]
    ) -> Response:
        """The login ends on the server, not only in this browser."""
        await asyncio.to_thread(self._logins.close, signed)
        await asyncio.to_thread(self._audit.note, signed.staff, Action.SIGN_OUT)
        response = RedirectResponse(SIGN_IN, 303, headers=NEVER_KEEP)
        self._logins.forget(request, response)
        return response

    async def password_page(self, request: Request, _signed: SignedIn) -> Response:
        """The form to choose a password."""
        back = _own(request.query_params.get("tiep"))
        return render(request, "password.html", back=back, wrong=_RIGHT, least=LEAST)

    async def change_password(
        self, request: Request, signed: SignedIn, fields: Mapping[str, str]
    ) -> Response:
        """All logins of the person end; this browser gets a new one."""
        back = _own(fields.get("tiep"))
        chosen = fields.get("password_new", "")
        wrong = dict(_RIGHT)
        status = 422
        try:
            if chosen != fields.get("password_again", ""):
                wrong["again"] = "Hai lần nhập mật khẩu mới chưa giống nhau."
            else:
                await self._hashing(
                    lambda: self._accounts.change_password(
                        signed.staff, fields.get("password", ""), chosen, machine(request)
                    )
                )
        except WeakPassword as weak:
            wrong["new"] = str(weak)
        except SignInRefused:
            wrong["present"] = (
                "Mật khẩu đang dùng chưa đúng. Sai nhiều lần thì phải chờ mới thử tiếp được."
            )
        except TooManyTries as refused:
            wrong["present"], status = str(refused), 429
        if any(wrong.values()):
            return render(request, "password.html", status, back=back, wrong=wrong, least=LEAST)
        return await self._opened(request, signed.staff, back, None)

    async def _opened(
        self, request: Request, staff: Staff, back: str, action: Action | None
    ) -> Response:
        """A new login for this browser, and on to where the person was going."""
        cookie = await asyncio.to_thread(self._logins.open, staff)
        if action is not None:
            await asyncio.to_thread(self._audit.note, staff, action, detail=machine(request))
        response = RedirectResponse(back, 303, headers=NEVER_KEEP)
        self._logins.remember(cookie, request, response)
        return response

    async def _hashing(self, call: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(call, limiter=self._hashes)


def _own(said: str | None) -> str:
    """Where to go afterwards: an address of the desk, never another site."""
    return said if said and len(said) <= 500 and _BACK.fullmatch(said) else HOME


def _retry_after(refused: Exception) -> dict[str, str]:
    return {"retry-after": str(refused.wait)} if isinstance(refused, TooManyTries) else {}
