"""Days spoken of from today: "năm ngoái", "hồi tháng 3", "2 năm trước", "hồi trước tết".

Each is read as the last day it may mean; ``dates`` leaves out what is not past.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

_NUMBERS = {
    **{str(n): n for n in range(1, 13)},
    **dict(zip("mot hai ba bon nam sau bay tam chin muoi".split(), range(1, 11), strict=True)),  # noqa: SIM905
}
_NUMBER = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_MONTH = r"(?:thang|t) ?(?P<month>\d{1,2})"
_PART = r"(?:(?P<part>dau|giua|cuoi) )?"
_AGO = (
    r"(?:truoc(?! (?:khi|luc|ngay|sinh|nghi|do|lien|han|thoi|tet|thang|nam|cham|het|day))|nay roi)"
)
_ONE = "".join(f"(?<!{word} )" for word in (*_NUMBERS, "may", "cac", "nhung", "vai", "nhieu"))
"""Not after a number: "3 tháng trước khi nghỉ" is no month gone by."""
_JUST = r"(?:vua roi|vua qua|roi|vua xong)"
_PARTS = {"dau": 4, "giua": 8, "cuoi": 12}
"""The last month of each part of a year, as people speak of it."""
_FESTIVE = {(1, 1), (10, 3), (30, 4), (1, 5), (2, 9), (24, 11), (8, 3), (20, 10)}
"""Holidays: "ngày 2/9" is a day off, not a day on which something happened."""

Reader = Callable[[re.Match[str], date], date | None]


def _end_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _months_back(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _year(back: int) -> Reader:
    def read(found: re.Match[str], today: date) -> date | None:
        part = _PARTS.get(found["part"] or "", 12)
        return _end_of(today.year - back, part)

    return read


def _month_of_year(back: int) -> Reader:
    def read(found: re.Match[str], today: date) -> date | None:
        month = int(found["month"])
        return _end_of(today.year - back, month) if 1 <= month <= 12 else None

    return read


def _month_past(found: re.Match[str], today: date) -> date | None:
    month = int(found["month"])
    if not 1 <= month <= 12 or month == today.month:
        return None
    return _end_of(today.year - (month > today.month), month)


def _last_month(_found: re.Match[str], today: date) -> date:
    return today.replace(day=1) - timedelta(days=1)


def _ago(found: re.Match[str], today: date) -> date:
    count = _NUMBERS[found["count"]]
    if found["unit"] == "tuan":
        return today - timedelta(weeks=count)
    return _months_back(today, count * (12 if found["unit"] == "nam" else 1))


def _days(back: int) -> Reader:
    return lambda _found, today: today - timedelta(days=back)


def _day_and_month(found: re.Match[str], today: date) -> date | None:
    day, month = int(found["day"]), int(found["month"])
    if (day, month) in _FESTIVE:
        return None
    try:
        return date(today.year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=16)
def _tet(year: int) -> date:
    """The first day of the lunar year that begins in ``year``."""
    from holidays import country_holidays

    return country_holidays("VN", years=year).get_named("Lunar New Year", lookup="exact")[0]


def _around_tet(found: re.Match[str], today: date) -> date | None:
    year = today.year - ("ngoai" in found.group())
    if _tet(year) > today:
        if "nam nay" in found.group():
            return None
        year -= 1
    first = _tet(year)
    side = found["side"]
    if side == "truoc":
        return first - timedelta(days=7)
    return first + timedelta(days=14 if side == "sau" else 0)


FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(form), read)
    for form, read in (
        (rf"\bhoi (?P<side>truoc|sau|) ?tet\b(?: nam ngoai| nam nay| {_JUST})?", _around_tet),
        (r"\b(?P<side>truoc|sau|) ?tet (?:nam ngoai|nam nay|vua roi|vua qua)\b", _around_tet),
        (rf"\b{_MONTH} (?:cua )?nam (?:ngoai|roi)\b", _month_of_year(1)),
        (rf"\b{_MONTH} (?:cua )?nam nay\b", _month_of_year(0)),
        (rf"\b{_MONTH} {_JUST}\b", _month_past),
        (rf"(?<!cho )(?<!xin )(?<!em )(?<!toi )\bhoi {_MONTH}\b(?!/)", _month_past),
        (rf"\b{_PART}nam ngoai\b", _year(1)),
        (rf"\b{_PART}nam kia\b", _year(2)),
        (r"\bhoi (?P<part>dau|giua) nam\b(?! \d)(?! ngoai| kia| sau| toi)", _year(0)),
        (r"\b(?P<part>dau|giua) nam nay\b", _year(0)),
        (rf"{_ONE}(?<!\d )\bthang (?:truoc|roi|vua roi|vua qua)\b(?! khi)", _last_month),
        (rf"\b(?P<count>{_NUMBER}) (?P<unit>tuan|thang|nam) {_AGO}\b", _ago),
        (rf"\bcach day (?:khoang )?(?P<count>{_NUMBER}) (?P<unit>tuan|thang|nam)\b", _ago),
        (rf"{_ONE}\btuan (?:truoc|roi)\b(?! khi)", _days(7)),
        (r"\bhom qua\b", _days(1)),
        (
            r"\bngay (?P<day>\d{1,2})(?:/| thang )(?P<month>\d{1,2})\b(?![/.-]\d| nam)",
            _day_and_month,
        ),
    )
)
"""What to look for in a folded text with single spaces, and how to read it as of today."""
