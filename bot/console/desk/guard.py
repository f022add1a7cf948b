"""Who may open which address, and what they see when they may not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.cases.errors import DeskRefused
from bot.cases.states import Role
from bot.channels.faults import describe
from bot.channels.web.headers import SecurityHeaders
from bot.console.desk.context import DeskContext
from bot.console.desk.forms import TOKEN, TOKEN_HEADER, FormRefused, read_form
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import NEVER_KEEP, render
from bot.store.errors import StoreUnavailable

SIGN_IN = f"{HOME}/dang-nhap"
PASSWORD = f"{HOME}/mat-khau"
PROTECTED = [Middleware(SecurityHeaders)]
"""Middleware of every address of the desk."""

_BUSY = (
    "Hệ thống đang bận nên chưa làm được. Bạn đợi một lát rồi thử lại; chữ bạn viết vẫn còn trên "
    "trang này."
)
_FAULT = (
    "Có lỗi trong hệ thống nên chưa làm được. Bạn thử lại; nếu vẫn vậy, báo quản trị viên xem "
    "nhật ký của máy chủ."
)
FOREIGN = "Yêu cầu này không đến từ trang tư vấn nên không được nhận. Bạn mở lại trang rồi làm lại."
_STALE = (
    "Bạn vừa đăng nhập lại nên chưa có gì được gửi. Chữ bạn viết vẫn còn; bấm gửi thêm một lần nữa."
)
_ABSENT = "Không có trang này. Có thể địa chỉ bị gõ sai, hoặc nội dung đã được xóa."
_NOT_YOURS = "Tài khoản của bạn không mở được trang này. Cần thì nhờ quản trị viên."

_log = structlog.get_logger(__name__)

Handler = Callable[[Request, SignedIn], Awaitable[Response]]
FormHandler = Callable[[Request, SignedIn, Mapping[str, str]], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    """Makes routes that only let in whom they are for.

    Handlers get the SignedIn (also as ``request.state.signed``) and run only for someone whose
    role includes ``role`` and who has a password of their own. What they raise of DeskRefused,
    StoreUnavailable, HTTPException and faults becomes a page, or for HTMX a notice that leaves the
    page as it is.
    """

    def __init__(self, context: DeskContext) -> None:
        self._logins = context.logins

    def get(
        self,
        path: str,
        handler: Handler,
        *,
        role: Role = Role.COUNSELLOR,
        touch: bool = True,
        must_change: bool = False,
    ) -> Route:
        """A page. It must not change anything. ``touch=False`` for what a page asks by itself;
        ``must_change``: open before a password of one's own is chosen."""

        async def opened(request: Request) -> Response:
            signed = await self._who(request, touch=touch)
            if signed is None:
                return expired(request, {})
            return await self._enter(request, signed, role, must_change) or await handler(
                request, signed
            )

        return Route(path, kept_calm(opened), methods=["GET"], middleware=PROTECTED)

    def post(
        self,
        path: str,
        handler: FormHandler,
        *,
        role: Role = Role.COUNSELLOR,
        must_change: bool = False,
    ) -> Route:
        """A form of ours. The handler gets its fields."""

        async def posted(request: Request) -> Response:
            if not self._logins.origin.own_page(request):
                return refusal(request, 403, FOREIGN)
            fields = await read_form(request)
            request.state.typed = _typed(fields)
            signed = await self._who(request, touch=True)
            if signed is None:
                return expired(request, fields)
            given = request.headers.get(TOKEN_HEADER) or fields.get(TOKEN, "")
            if not self._logins.proves(signed, given):
                return stale(request, signed, fields)
            return await self._enter(request, signed, role, must_change) or await handler(
                request, signed, fields
            )

        return Route(path, kept_calm(posted), methods=["POST"], middleware=PROTECTED)

    def absent(self) -> Route:
        """Any other address of the desk; to be listed last."""

        async def missing(_request: Request, _signed: SignedIn) -> Response:
            raise HTTPException(404)

        return self.get(HOME + "/{rest:path}", missing)

    async def _who(self, request: Request, *, touch: bool) -> SignedIn | None:
        signed = await asyncio.to_thread(self._logins.recall, request, touch=touch)
        request.state.signed = signed
        return signed

    @staticmethod
    async def _enter(
        request: Request, signed: SignedIn, role: Role, must_change: bool
    ) -> Response | None:
        """Why not, or None."""
        if signed.must_change and not must_change:
            back = f"?{_back(request)}" if request.method == "GET" else ""
            return elsewhere(request, PASSWORD + back)
        if not signed.staff.role.includes(role):
            return refusal(request, 403, _NOT_YOURS)
        return None


def kept_calm(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with whatever it raises said to the person instead."""

    async def calm(request: Request) -> Response:
        try:
            response = await endpoint(request)
            # What is shown is about people: no cache may keep it unless the handler says so.
            response.headers.setdefault("cache-control", NEVER_KEEP["cache-control"])
            return response
        except FormRefused as refused:
            return refusal(request, refused.status, str(refused))
        except DeskRefused as refused:
            return refusal(request, 409, str(refused))
        except HTTPException as error:
            return refusal(request, error.status_code, _ABSENT, headers=error.headers)
        except StoreUnavailable as error:
            _log.error("desk.store_away", fault=str(error))
            return refusal(request, 503, _BUSY, headers={"retry-after": "5"})
        except Exception as error:
            # Not the message: it may quote what a person wrote.
            _log.error("desk.fault", fault=describe(error))
            return refusal(request, 500, _FAULT)

    return calm


def is_htmx(request: Request) -> bool:
    """Whether HTMX asks for a part of a page that stays open."""
    return request.headers.get("hx-request") == "true" and "hx-boosted" not in request.headers


def refusal(
    request: Request, status: int, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Says why not: a page, or for HTMX a notice beside what the person has typed."""
    if is_htmx(request):
        return _notice(request, status, "_notice.html", headers, message=message)
    typed = getattr(request.state, "typed", [])
    return render(request, "refusal.html", status, headers, message=message, typed=typed)


def expired(request: Request, fields: Mapping[str, str]) -> Response:
    """Nobody is signed in any more: the way to the door, and back here afterwards."""
    if is_htmx(request):
        return expired_fragment(request)
    if request.method == "GET":
        return RedirectResponse(f"{SIGN_IN}?{_back(request)}", 303)
    typed = _typed(fields)
    if not typed:
        return RedirectResponse(SIGN_IN, 303)
    return render(request, "expired.html", 401, typed=typed, sign_in=SIGN_IN)


def expired_fragment(request: Request) -> Response:
    """For HTMX: asks to sign in in a new tab; the page with what was typed stays as it is."""
    return _notice(request, 401, "_expired.html", None, sign_in=SIGN_IN)


def stale(request: Request, signed: SignedIn, fields: Mapping[str, str]) -> Response:
    """The form was made before this login. The page gets the new token; the person sends again.

    Only a page of ours can read the answer, so the token stays among us.
    """
    if is_htmx(request):
        headers = {"hx-trigger": json.dumps({"caunoi-token": {"token": signed.form_token}})}
        return _notice(request, 403, "_notice.html", headers, message=_STALE)
    return render(request, "expired.html", 403, typed=_typed(fields), sign_in=None)


def elsewhere(request: Request, path: str) -> Response:
    """Go there; HTMX leaves the page too."""
    if is_htmx(request):
        return Response(status_code=204, headers={"hx-redirect": path})
    return RedirectResponse(path, 303)


def _notice(
    request: Request,
    status: int,
    template: str,
    headers: Mapping[str, str] | None,
    **context: object,
) -> Response:
    into = {"hx-retarget": "#notice", "hx-reswap": "innerHTML"}
    return render(request, template, status, {**into, **(headers or {})}, **context)


def _typed(fields: Mapping[str, str]) -> list[str]:
    """What a person wrote of a form, to be given back. Neither passwords nor the marks of the
    page (one word each) are among it."""
    return [
        value for name, value in fields.items() if "password" not in name and len(value.split()) > 1
    ]


def _back(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return urlencode({"tiep": request.url.path + query})
