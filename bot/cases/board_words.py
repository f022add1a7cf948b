"""What a group of counsellors is shown of a case: nothing of the worker, enough to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from ipaddress import ip_address
from urllib.parse import urlsplit
from zlib import crc32

from bot.cases.hours import ZONE
from bot.cases.shown import CaseRow
from bot.cases.states import CaseState, Result, Urgency
from bot.channels.telegram.group import Link
from knowledge.cards import TOPICS

_OPEN = "Mở hồ sơ"
_PRIVATE = (".local", ".localhost", ".internal", ".lan", ".home.arpa")

_URGENCY = {
    Urgency.URGENT: "‼️ KHẨN CẤP",
    Urgency.SOON: "❗ Cần sớm",
    Urgency.NORMAL: "Bình thường",
}
_CHANNELS = {"web": "trang web", "telegram": "Telegram", "zalo_bot": "Zalo"}
_RESULTS = {
    Result.ANSWERED: "đã trả lời",
    Result.REFERRED: "đã giới thiệu nơi khác",
    Result.HANDED_BACK: "giao lại cho máy",
    Result.CANCELLED: "người lao động rút yêu cầu",
    Result.UNREACHABLE: "không liên lạc được",
    Result.OUT_OF_SCOPE: "ngoài phạm vi",
}
_ONLY_THERE = "Trả lời trong bàn tư vấn. Tin nhắn trong nhóm này không tới người lao động."


@dataclass(frozen=True, slots=True)
class Notice:
    """A message about a case, as Telegram's HTML, with the button under it."""

    text: str
    link: Link | None

    @property
    def print(self) -> int:
        """A fingerprint, the same in every process; 31 bits."""
        return crc32(repr((self.text, self.link and self.link.url)).encode()) & 0x7FFF_FFFF


def notice(case: CaseRow, address: str, path: str) -> Notice:
    """What to say of a case. ``path`` of its page stands in it where no button can lead there."""
    number = f"Hồ sơ số {case.id}"
    if case.state is CaseState.CLOSED:
        result = _RESULTS[case.result] if case.result else "đã đóng"
        return Notice(f"<s>{number}</s> · đã kết thúc: {result}.", None)
    topic = TOPICS.get(case.topic or "", "Chưa rõ chủ đề")
    lines = [
        f"<b>{_URGENCY[case.urgency]} · {number}</b>",
        f"{escape(topic)} · hỏi qua {_CHANNELS.get(case.channel, 'kênh khác')}",
        *_standing(case),
    ]
    url = link_to(address, path)
    if url is None:
        lines.append(f"Mở trong bàn tư vấn: {escape(path)}")
    lines.append(f"<i>{_ONLY_THERE}</i>")
    return Notice("\n".join(lines), Link(_OPEN, url) if url else None)


def link_to(address: str, path: str) -> str | None:
    """The public address of a page; None where it could be opened from nowhere else."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https" or not _is_public(host):
        return None
    return address.rstrip("/") + path


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_PRIVATE)


def _standing(case: CaseRow) -> list[str]:
    """Who has it or how long it waits, and by when. What is due to a conversation under way is
    its counsellor's alone, until it is late."""
    if case.state is CaseState.HELD:
        held = f"Đang trả lời: {escape(case.holder_name or 'một tư vấn viên')}"
        if case.due_at is not None and case.overdue:
            return [held, f"Quá hạn trả lời từ {_clock(case.due_at)}"]
        return [held]
    waits = f"Chờ từ {_clock(case.queued_at)}"
    match case.state:
        case CaseState.WAITING:
            waits += ", cần người nhận lại"
        case CaseState.REOPENED:
            waits += ", người lao động quay lại"
            if case.kept_for_name:
                waits += f", ưu tiên {escape(case.kept_for_name)}"
        case _:
            waits += ", chưa ai nhận"
    if case.due_at is None:
        return [waits]
    late_words = " (đã quá hạn)" if case.overdue else ""
    return [waits, f"Hẹn trả lời trước {_clock(case.due_at)}{late_words}"]


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M ngày %d/%m}"
