"""The page of accounts: an admin adds people, changes roles, gives one-time passwords."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.cases.staff import Staff
from bot.cases.states import Role
from bot.console.desk.accounts import AccountRefused
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import NEVER_KEEP, render
from bot.console.desk.role_names import ROLES

PEOPLE = f"{HOME}/nguoi"

_DONE = {
    "vai-tro": "Đã đổi vai trò. Người đó cần đăng nhập lại.",
    "khoa": "Đã khóa tài khoản. Người đó không đăng nhập được nữa; những gì họ đã làm vẫn còn.",
    "mo": "Đã mở lại tài khoản, dùng mật khẩu như trước.",
}


@dataclass(frozen=True, slots=True)
class _OneTime:
    """A password that is shown this once."""

    name: str
    shown: str
    password: str


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""
    people = _People(context)
    guard = Guard(context)
    one = PEOPLE + "/{user:int}"
    return [
        guard.get(PEOPLE, people.page, role=Role.ADMIN),
        guard.post(PEOPLE, people.add, role=Role.ADMIN),
        guard.post(f"{one}/vai-tro", people.set_role, role=Role.ADMIN),
        guard.post(f"{one}/khoa", people.deactivate, role=Role.ADMIN),
        guard.post(f"{one}/mo", people.activate, role=Role.ADMIN),
        guard.post(f"{one}/mat-khau", people.reset_password, role=Role.ADMIN),
    ]


class _People:
    """The request handlers."""

    def __init__(self, context: DeskContext) -> None:
        self._accounts = context.accounts

    async def page(self, request: Request, signed: SignedIn) -> Response:
        """Everybody."""
        return await self._shown(
            request, signed, done=_DONE.get(request.query_params.get("xong", ""))
        )

    async def add(self, request: Request, signed: SignedIn, fields: Mapping[str, str]) -> Response:
        """A new account; its one-time password is shown in this answer and never again."""
        name, shown = fields.get("name", ""), fields.get("shown", "")
        try:
            role = _role(fields)
            first = await asyncio.to_thread(self._accounts.add, name, shown, role, by=signed.staff)
        except AccountRefused as refused:
            return await self._shown(request, signed, 422, wrong=str(refused), typed=fields)
        one_time = _OneTime(name.strip().casefold(), shown.strip(), first)
        return await self._shown(request, signed, one_time=one_time)

    async def reset_password(
        self, request: Request, signed: SignedIn, _fields: Mapping[str, str]
    ) -> Response:
        """A one-time password, shown in this answer and never again."""
        user = request.path_params["user"]
        if user == signed.staff.id:
            return await self._shown(
                request,
                signed,
                422,
                wrong="Mật khẩu của chính bạn thì đổi ở mục Đổi mật khẩu, góc trên bên phải.",
            )
        try:
            first = await asyncio.to_thread(self._accounts.reset_password, user, by=signed.staff)
        except AccountRefused as refused:
            return await self._shown(request, signed, 422, wrong=str(refused))
        people = await asyncio.to_thread(self._accounts.list)
        staff = next(one.staff for one in people if one.staff.id == user)
        return await self._shown(request, signed, one_time=_OneTime(staff.name, staff.shown, first))

    async def set_role(
        self, request: Request, signed: SignedIn, fields: Mapping[str, str]
    ) -> Response:
        """Another role."""
        return await self._done(
            request,
            signed,
            "vai-tro",
            lambda user, by: self._accounts.set_role(user, _role(fields), by=by),
        )

    async def deactivate(
        self, request: Request, signed: SignedIn, _fields: Mapping[str, str]
    ) -> Response:
        """No more signing in."""
        return await self._done(
            request, signed, "khoa", lambda user, by: self._accounts.deactivate(user, by=by)
        )

    async def activate(
        self, request: Request, signed: SignedIn, _fields: Mapping[str, str]
    ) -> Response:
        """Back in."""
        return await self._done(
            request, signed, "mo", lambda user, by: self._accounts.activate(user, by=by)
        )

    async def _done(
        self,
        request: Request,
        signed: SignedIn,
        done: str,
        change: Callable[[int, Staff], None],
    ) -> Response:
        try:
            await asyncio.to_thread(change, request.path_params["user"], signed.staff)
        except AccountRefused as refused:
            return await self._shown(request, signed, 422, wrong=str(refused))
        return RedirectResponse(f"{PEOPLE}?xong={done}", 303, headers=NEVER_KEEP)

    async def _shown(
        self,
        request: Request,
        signed: SignedIn,
        status: int = 200,
        *,
        done: str | None = None,
        wrong: str | None = None,
        one_time: _OneTime | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        return render(
            request,
            "people.html",
            status,
            people=await asyncio.to_thread(self._accounts.list),
            me=signed.staff.id,
            roles=ROLES,
            done=done,
            wrong=wrong,
            one_time=one_time,
            typed=typed and {name: typed.get(name, "") for name in ("name", "shown", "role")},
        )


def _role(fields: Mapping[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError:
        raise AccountRefused("Bạn chưa chọn vai trò. Hãy chọn rồi bấm lại.") from None
