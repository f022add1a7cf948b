"""Points in time as people say them in Vietnam: "10 giờ 30 sáng thứ Hai 23/11"."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_PARTS = ((11, "sáng"), (13, "trưa"), (18, "chiều"), (22, "tối"), (24, "đêm"))
"""Before which hour of the day its part ends."""
_ROUNDED_TO = timedelta(minutes=5)


def spoken(at: datetime) -> str:
    """An aware moment in Vietnamese local time, rounded up to five minutes.

    Up, because a promise that is said must not be earlier than the one that is kept.
    """
    local = _rounded_up(at.astimezone(VIETNAM))
    part = next(name for until, name in _PARTS if local.hour < until)
    hour = local.hour - 12 if local.hour > 12 else local.hour
    clock = f"{hour} giờ {local.minute:02}" if local.minute else f"{hour} giờ"
    return f"{clock} {part} {_DAYS[local.weekday()]} {local:%d/%m}"


def _rounded_up(at: datetime) -> datetime:
    past = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at + (_ROUNDED_TO - past) if past else at
