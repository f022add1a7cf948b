"""What a call to the platform may come to when it does not work, by the platform's code."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

_WORDS = 200
"""Characters kept of the platform's own words."""


class ZaloError(Exception):
    """A call that did not work; the text is Vietnamese, for the admin: what is wrong, what to do.

    ``uncertain``: the platform may have done it all the same, so that doing it again may do it
    twice.
    """

    uncertain = False


class Rejected(ZaloError):
    """The call itself is wrong (400 and other codes of that kind): the same again is no use."""

    says: ClassVar[str] = "Zalo không nhận lời gọi {method}: {words}."

    def __init__(self, method: str, words: str) -> None:
        super().__init__(self.says.format(method=method, words=words))


class WebhookIsSet(Rejected):
    """Polling is refused as long as a webhook is set."""

    says = (
        "Bot Zalo đang đặt webhook nên không hỏi tin được ({words}). Hãy chạy `caunoi zalo webhook "
        "delete` để bỏ webhook, hoặc chuyển sang nhận tin qua webhook."
    )


class WrongToken(Rejected):
    """401."""

    says = (
        "Zalo không nhận mã của bot ({words}). Hãy lấy lại mã trong Zalo Bot Creator, sửa "
        "ZALO_BOT_TOKEN rồi khởi động lại."
    )


class NotThere(Rejected):
    """404: no such method at that address, or nothing to tell."""

    says = (
        "Zalo không có {method} ở địa chỉ này ({words}). Hãy kiểm tra địa chỉ của Zalo và mã bot."
    )


class QuotaSpent(Rejected):
    """429. Nothing says for how long; it may be the rate or the month's allowance."""

    says = (
        "Zalo báo hết hạn mức ({words}). Nếu kéo dài, hãy xem trong Zalo Bot Creator số người và "
        "số tin trong tháng mà gói của bot cho phép."
    )


class TooOften(Rejected):
    """426."""

    says = "Zalo bảo đợi rồi hãy gọi lại {method} ({words})."


class ServerFault(ZaloError):
    """The platform is out of order: 403 (so it calls its own faults), 5xx, an unreadable answer."""

    def __init__(self, method: str, words: str, *, uncertain: bool = False) -> None:
        super().__init__(f"Máy chủ Zalo đang lỗi khi gọi {method} ({words}); hệ thống sẽ thử lại.")
        self.uncertain = uncertain


class Unreachable(ZaloError):
    """The call never left, or never reached anybody."""

    def __init__(self, method: str, kind: str) -> None:
        super().__init__(
            f"Không kết nối được tới Zalo khi gọi {method} ({kind}). Hãy kiểm tra mạng, tường lửa "
            "và địa chỉ của Zalo."
        )


class AnswerLost(ZaloError):
    """The call went out and no answer came back."""

    uncertain = True

    def __init__(self, method: str, kind: str) -> None:
        super().__init__(f"Không nhận được câu trả lời của Zalo khi gọi {method} ({kind}).")


def of_code(method: str, code: int, words: str, *, said_so: bool) -> ZaloError:
    """The error a code stands for.

    ``said_so``: the platform itself said it in its envelope. Otherwise a machine on the way did,
    which knows less: behind a 504, or an answer it cut, the call may have been done.
    """
    words = " ".join(words.split())[:_WORDS] or f"lỗi {code}"
    if method == "getUpdates" and code == HTTPStatus.BAD_REQUEST and "webhook" in words.lower():
        return WebhookIsSet(method, words)
    known: dict[int, type[Rejected]] = {
        HTTPStatus.UNAUTHORIZED: WrongToken,
        HTTPStatus.NOT_FOUND: NotThere,
        HTTPStatus.UPGRADE_REQUIRED: TooOften,
        HTTPStatus.TOO_MANY_REQUESTS: QuotaSpent,
    }
    if code in known:
        return known[code](method, words)
    if code == HTTPStatus.REQUEST_TIMEOUT:
        return AnswerLost(method, words)
    if 400 <= code < 500 and code != HTTPStatus.FORBIDDEN:
        return Rejected(method, words)
    lost = code == HTTPStatus.GATEWAY_TIMEOUT or code < 400
    return ServerFault(method, words, uncertain=lost and not said_so)
