"""The day a question speaks of: "hồi 3/2024", "ngày 15/6/2025", "năm 2023"."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_DAY = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](20\d{2})\b")
_SPOKEN_DAY = re.compile(r"\bngày (\d{1,2}) tháng (\d{1,2}) năm (20\d{2})\b")
_MONTH = re.compile(r"\b(?:tháng\s*)?(\d{1,2})(?:/| năm )(20\d{2})\b(?![/.-]?\d)")
_YEAR = re.compile(r"\b(?:hồi|vào|trong|từ|lúc|đầu|giữa|cuối|thời điểm)\s+(?:năm\s+)?(20\d{2})\b")
_NAMES_A_LAW = re.compile(r"(?:luật|nghị định|bộ luật|số|nđ|sửa đổi)[^.,;?]{0,40}$")


def day_spoken_of(question: str, today: date) -> date | None:
    """The past day the question is about, None when it names none (or one to come).

    A month is read as its last day, a year as its last day or today. Dates that belong to a
    law's name or number do not count.
    """
    text = question.lower()
    for pattern, order in ((_SPOKEN_DAY, "dmy"), (_DAY, "dmy"), (_MONTH, "my"), (_YEAR, "y")):
        for found in pattern.finditer(text):
            if _NAMES_A_LAW.search(text[: found.start()]):
                continue
            day = _read(found.groups(), order)
            if day and day <= today:
                return day
            if day and day.year == today.year and order == "y":
                return today
    return None


def _read(numbers: tuple[str, ...], order: str) -> date | None:
    values = dict(zip(order, (int(number) for number in numbers), strict=True))
    year, month = values["y"], values.get("m", 12)
    if not 1 <= month <= 12:
        return None
    try:
        return date(year, month, values.get("d") or monthrange(year, month)[1])
    except ValueError:
        return None
