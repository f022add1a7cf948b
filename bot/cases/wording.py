"""What a worker hears when the desk does something. No rule of law stands here."""

from __future__ import annotations

from datetime import timedelta

from bot.cases.states import Result
from bot.channels.port import Choice

AGAIN = Choice(id="case.again", label="Gặp lại tư vấn viên")

_TAKEN = (
    "Tư vấn viên {name} đã nhận chuyện của bạn và sẽ nhắn cho bạn ngay tại đây. Từ giờ máy nhường "
    "lời; bạn cứ kể thêm hoặc gửi ảnh giấy tờ liên quan nhé."
)
_BACK_IN_QUEUE = (
    "Xin lỗi bạn vì phải chờ lâu. Tư vấn viên đang bận chưa trả lời kịp, nên mình đã chuyển chuyện "
    "của bạn cho người khác trong nhóm. Bạn không phải kể lại từ đầu. Trong lúc chờ, bạn cứ hỏi, "
    "mình trả lời được gì thì trả lời ngay."
)
_PUT_BACK = (
    "Tư vấn viên {name} chưa giúp tiếp được nên đã chuyển chuyện của bạn cho người khác trong "
    "nhóm. Bạn không phải kể lại từ đầu. Trong lúc chờ, bạn cứ hỏi, mình trả lời được gì thì trả "
    "lời ngay."
)
_CLOSED = {
    Result.ANSWERED: "Tư vấn viên {name} đã trao đổi xong với bạn.",
    Result.REFERRED: (
        "Tư vấn viên {name} đã chỉ cho bạn nơi giúp tiếp và xin phép khép lại lần trao đổi này."
    ),
    Result.UNREACHABLE: (
        "Tư vấn viên {name} chờ mãi chưa thấy bạn nhắn lại, nên xin phép tạm khép lại lần trao đổi "
        "này."
    ),
    Result.OUT_OF_SCOPE: (
        "Chuyện này nằm ngoài phần tư vấn viên giúp được, nên tư vấn viên {name} xin phép khép lại "
        "lần trao đổi này."
    ),
}
_MACHINE_AGAIN = " Từ giờ máy lại trả lời bạn như trước."
_HANDED_BACK = (
    "Tư vấn viên {name} đã giao cuộc trò chuyện lại cho máy. Bạn hỏi gì, mình lại trả lời bạn như "
    "trước."
)
_COME_BACK = " Trong {time} tới nếu còn vướng, bạn chọn hoặc nhắn “{label}” là được nối lại."


def taken(name: str) -> str:
    """A counsellor is with the worker now; said once."""
    return _TAKEN.format(name=name)


def back_in_queue() -> str:
    """The holder went quiet, the case waits for another one."""
    return _BACK_IN_QUEUE


def put_back(name: str) -> str:
    """The holder put the case back into the queue."""
    return _PUT_BACK.format(name=name)


def closed(name: str, result: Result, within: timedelta) -> str:
    """The case is over, and how to come back ``within`` that time."""
    return _CLOSED[result].format(name=name) + _MACHINE_AGAIN + _come_back(within)


def handed_back(name: str, within: timedelta) -> str:
    """The machine answers again."""
    return _HANDED_BACK.format(name=name) + _come_back(within)


def _come_back(within: timedelta) -> str:
    return _COME_BACK.format(time=_time(within), label=AGAIN.label)


def _time(within: timedelta) -> str:
    """In the largest unit that promises no more than there is: "7 ngày", "45 phút"."""
    minutes = int(within.total_seconds()) // 60
    for unit, length in (("ngày", 24 * 60), ("giờ", 60)):
        if minutes >= length:
            return f"{minutes // length} {unit}"
    return f"{max(minutes, 1)} phút"
