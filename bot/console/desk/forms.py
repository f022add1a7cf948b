"""A posted form of the desk: read within limits."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.channels.bodies import drained

MAX_BODY = 256 * 1024
"""Bytes of a posted form: several times the longest reply, form-encoded."""
TOKEN = "token"  # noqa: S105 - the name of a field
"""The hidden field with the form token; HTMX may send it as a header instead."""
TOKEN_HEADER = "x-form-token"  # noqa: S105 - the name of a header

_DRAIN = 4 * 1024 * 1024
_MAX_FIELDS = 60


class FormRefused(Exception):
    """The form cannot be read. ``status`` is the HTTP status; the message is for the counsellor."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a plain form, line ends as ``\\n``, without NUL. Raises FormRefused.

    Of a field that comes twice the last one counts.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await drained(request, MAX_BODY, _DRAIN)
    if body is None:
        raise FormRefused(413, "Nội dung dài quá nên chưa gửi được. Bạn rút gọn rồi gửi lại nhé.")
    if kind != "application/x-www-form-urlencoded":
        if not body and not kind:
            return {}
        raise FormRefused(415, "Trang gửi dữ liệu không đúng kiểu. Bạn tải lại trang rồi thử lại.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise FormRefused(
            400, "Dữ liệu bị hỏng trên đường truyền. Bạn thử gửi lại; chữ bạn viết vẫn còn."
        ) from None
    return {name: value.replace("\x00", "").replace("\r\n", "\n") for name, value in pairs}
