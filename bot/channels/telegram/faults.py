"""What Telegram's errors mean: in words people can act on, and as errors of the port.

Nothing here repeats an answer of the server as it is: it may quote addresses, and those hold the
token.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.port import SendFailed, SendRefused
from bot.logs import redacted

REFUSED_ADVICE = (
    "Telegram không nhận mã (token) của bot. Hãy chép lại mã từ @BotFather vào "
    "TELEGRAM_BOT_TOKEN rồi khởi động lại; các kênh khác vẫn chạy."
)
WEBHOOK_ADVICE = (
    "Bot này đang đặt webhook nên không nhận tin bằng polling được. Hãy chạy "
    "`caunoi telegram webhook delete` để gỡ, hoặc chuyển sang chế độ webhook."
)
POLLER_ADVICE = (
    "Một chương trình khác đang nhận tin bằng cùng mã bot này. Mỗi bot chỉ một nơi được nhận: hãy "
    "tắt nơi kia, hoặc tạo bot khác ở @BotFather."
)

MALFORMED_RESULTS = (KeyError, TypeError, ValueError, AttributeError)
"""What the library raises when an answer that says "ok" lacks what it must hold."""

_KNOWN: Mapping[str, str] = {
    "blocked by the user": "Người lao động đã chặn bot trên Telegram.",
    "user is deactivated": "Tài khoản Telegram này không còn hoạt động.",
    "can't initiate conversation": "Người này chưa từng nhắn cho bot nên bot chưa được viết trước.",
    "bot was kicked": "Bot đã bị đưa ra khỏi nhóm Telegram.",
    "not a member": "Bot không còn trong nhóm Telegram.",
    "chat not found": "Telegram không tìm thấy cuộc trò chuyện này.",
    "message is too long": "Tin dài quá mức Telegram cho phép.",
    "message text is empty": "Tin không có chữ nào.",
}
_CERTAIN = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
"""Failures before the request went out."""


class UnreadableAnswer(TelegramError):
    """A success whose body is not what the API promises: the work may have been done."""


def parsed(payload: bytes) -> dict[str, object]:
    """The JSON object of an answer. Raises UnreadableAnswer, without quoting it."""
    try:
        said = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise UnreadableAnswer("not JSON") from None
    if not isinstance(said, dict):
        raise UnreadableAnswer("not an object")
    return said


def words(error: BaseException) -> str:
    """Why it failed, in Vietnamese, for whoever sent or runs it; without secrets."""
    said = getattr(error, "message", "").lower()
    for mark, meaning in _KNOWN.items():
        if mark in said:
            return meaning
    match error:
        case InvalidToken():
            return REFUSED_ADVICE
        case Conflict():
            return WEBHOOK_ADVICE if "webhook" in said else POLLER_ADVICE
        case RetryAfter():
            return "Telegram yêu cầu gửi chậm lại."
        case ChatMigrated():
            return "Nhóm Telegram đã được nâng cấp và đổi số hiệu."
        case BadRequest() | Forbidden():
            return redacted(f"Telegram không nhận: {error.message}"[:200])
        case TimedOut():
            return "Telegram trả lời quá chậm."
        case UnreadableAnswer():
            return "Câu trả lời của Telegram không đọc được."
        case NetworkError() if isinstance(error.__cause__, httpx.HTTPError):
            return f"Không nối được tới Telegram ({type(error.__cause__).__name__})."
        case TelegramError():
            return "Máy chủ Telegram đang gặp sự cố."
    return f"Lỗi không lường trước khi gọi Telegram ({type(error).__name__})."


def may_have_arrived(error: BaseException) -> bool:
    """Whether the request went out and no answer told what became of it."""
    if isinstance(error, (UnreadableAnswer, *MALFORMED_RESULTS)):
        return True
    cause = error.__cause__
    if isinstance(error, TimedOut):
        return not isinstance(cause, _CERTAIN)
    return isinstance(cause, httpx.TransportError) and not isinstance(cause, _CERTAIN)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)


def of_sending(error: BaseException) -> SendRefused | SendFailed:
    """The port's error for one of the library's. Raise it ``from None``."""
    match error:
        case Forbidden():
            return SendRefused(words(error), blocked=True)
        case RetryAfter():
            return SendFailed(words(error), retry_after=seconds_of(error))
        case BadRequest() | ChatMigrated():
            return SendRefused(words(error))
    return SendFailed(words(error), uncertain=may_have_arrived(error))
