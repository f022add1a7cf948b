"""The words in which the desk's pages say what a case is and what happened to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.cases.shown import CaseRow, EventLine
from bot.cases.states import Actor, CaseState, Happened, Reason, Result, Role, Urgency
from bot.channels.port import FileKind

URGENCY = {
    Urgency.URGENT: "Khẩn cấp",
    Urgency.SOON: "Cần sớm",
    Urgency.NORMAL: "Bình thường",
}
STATE = {
    CaseState.OPEN: "Mới, chờ nhận",
    CaseState.WAITING: "Chờ người nhận tiếp",
    CaseState.HELD: "Đang có người giúp",
    CaseState.CLOSED: "Đã khép",
    CaseState.REOPENED: "Mở lại, chờ nhận",
}
REASON = {
    Reason.ASKED: "người lao động muốn gặp tư vấn viên",
    Reason.URGENT: "chuyện khẩn cấp",
    Reason.WEAK: "máy trả lời chưa chắc hoặc chưa trúng ý",
}
RESULT = {
    Result.ANSWERED: "Đã trả lời xong",
    Result.REFERRED: "Đã chỉ nơi giúp tiếp",
    Result.UNREACHABLE: "Không liên lạc được",
    Result.OUT_OF_SCOPE: "Ngoài phạm vi giúp được",
    Result.HANDED_BACK: "Giao lại cho máy",
    Result.CANCELLED: "Người lao động không cần nữa",
}
TO_CLOSE_WITH = (Result.ANSWERED, Result.REFERRED, Result.UNREACHABLE, Result.OUT_OF_SCOPE)
"""The results a counsellor may close a case with."""
CHANNEL = {"web": "Trang web", "telegram": "Telegram", "zalo_bot": "Zalo"}
FILE = {
    FileKind.PHOTO: "Ảnh",
    FileKind.DOCUMENT: "Tài liệu",
    FileKind.VOICE: "Ghi âm",
    FileKind.VIDEO: "Video",
    FileKind.STICKER: "Nhãn dán",
    FileKind.WITHHELD: "Nội dung nền tảng không cho xem",
}
DELIVERY = {
    "waiting": "Đang gửi…",
    "sent": "Đã gửi",
    "refused": "Không gửi được",
    "unknown": "Chưa rõ đã tới hay chưa",
    "given_up": "Không gửi được",
}

_BY = {
    Actor.WORKER: "Người lao động",
    Actor.BOT: "Máy",
    Actor.CLOCK: "Đồng hồ",
    Actor.USER: "Một tư vấn viên",
}


def span(length: timedelta) -> str:
    """How long, as people say it: "25 phút", "3 giờ 5 phút", "2 ngày 4 giờ"."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    if minutes == 0:
        return "dưới 1 phút"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} ngày {hours} giờ" if hours else f"{days} ngày"
    if hours:
        return f"{hours} giờ {minutes} phút" if minutes else f"{hours} giờ"
    return f"{minutes} phút"


def due(row: CaseRow, now: datetime) -> str:
    """How the deadline stands: "còn 25 phút", "quá hạn 10 phút"; empty when nothing is owed."""
    if row.due_at is None:
        return ""
    if row.due_at <= now:
        return f"quá hạn {span(now - row.due_at)}"
    return f"còn {span(row.due_at - now)}"


def waiting(row: CaseRow, now: datetime) -> str:
    """How long the worker has been waiting; empty when they are not."""
    if row.state.queued:
        return f"chờ {span(now - row.queued_at)}"
    if row.state is CaseState.HELD and row.waiting and row.worker_at is not None:
        ago = now - row.worker_at
        when = "vừa nhắn" if ago < timedelta(minutes=1) else f"nhắn {span(ago)} trước"
        return f"{when}, chưa được trả lời"
    return ""


def size(bytes_: int | None) -> str:
    """The size of a file: "320 KB", "1,4 MB"; empty when it is not known."""
    if bytes_ is None:
        return ""
    if bytes_ < 1024 * 1024:
        return f"{max(bytes_ // 1024, 1)} KB"
    return f"{bytes_ / 1024 / 1024:.1f} MB".replace(".", ",")


def happened(event: EventLine) -> str:
    """One line of a case's history. What people wrote of it stands in ``event.why``."""
    who = event.name or _BY[event.actor]
    to, holder = (
        event.names.get(event.data.get(part) or 0, "đồng nghiệp") for part in ("to", "holder")
    )
    match event.kind:
        case Happened.OPENED:
            return f"Hồ sơ được mở: {_reason(event.data.get('reason'))}"
        case Happened.ADDED:
            return "Người lao động nhắn thêm"
        case Happened.TAKEN:
            return f"{who} nhận hồ sơ"
        case Happened.ANSWERED:
            again = event.data.get("resent") is not None
            return f"{who} gửi lại một tin" if again else f"{who} trả lời"
        case Happened.REFUSED:
            return "Một tin trả lời không tới được người lao động"
        case Happened.NOTED:
            return f"{who} ghi chú"
        case Happened.HANDED:
            return f"{who} chuyển hồ sơ cho {to}"
        case Happened.RELEASED:
            return f"{who} trả hồ sơ về hàng đợi"
        case Happened.REMINDED:
            return "Nhắc tư vấn viên" if event.why else "Nhắc: đã quá hạn trả lời"
        case Happened.REQUEUED:
            return f"{holder} chưa trả lời kịp, hồ sơ để mọi người cùng nhận"
        case Happened.RAISED:
            after = _urgency(event.data.get("after"))
            return f"{who} đổi mức khẩn: {_urgency(event.data.get('before'))} → {after}"
        case Happened.CANCELLED:
            return "Người lao động không cần tư vấn viên nữa"
        case Happened.CLOSED:
            return f"{who} khép hồ sơ: {_result(event.data.get('result'))}"
        case Happened.REOPENED:
            return f"{who} mở lại hồ sơ"
        case Happened.FORGOTTEN:
            return "Người lao động xóa cuộc trò chuyện"


def can_stand_in(role: Role) -> bool:
    """Whether someone may decide over what colleagues hold."""
    return role.includes(Role.LEAD)


def _reason(said: object) -> str:
    return REASON[Reason(str(said))] if said in list(Reason) else "chưa rõ lý do"


def _urgency(said: object) -> str:
    return URGENCY[Urgency(str(said))].lower() if said in list(Urgency) else "chưa rõ"


def _result(said: object) -> str:
    return RESULT[Result(str(said))].lower() if said in list(Result) else "chưa rõ kết quả"
