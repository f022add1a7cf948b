"""When the desk is open: the week, public holidays, and what the settings say of single days."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
USUAL = "1-5 08:00-11:30,13:30-17:00"
"""Monday to Friday, with the long noon break of offices."""

_LOOKED_AHEAD = 800
"""Days searched for the next open moment; no calendar closes a desk for that long."""
_MINUTES = 24 * 60
_PART = re.compile(r"(?P<days>[1-7](?:[-,][1-7])*)\s+(?P<spans>\S.*)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")

Spans = tuple[tuple[int, int], ...]
"""Open stretches of one day, in minutes since its midnight, in order, apart from each other."""


class HoursUnreadable(ValueError):
    """The written opening hours cannot be used; the message (Vietnamese) says why."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of the desk, told in Vietnamese time. All moments in and out are aware; out, UTC.

    ``week`` maps a weekday (Monday is 1, Sunday 7) to its open stretches. Public holidays are
    closed, days off in lieu included; a weekend day worked in exchange for a day off keeps the
    hours of the first weekday. ``closed`` and ``open`` are single days that go before all that.
    """

    week: Mapping[int, Spans]
    closed: frozenset[date] = field(default_factory=frozenset)
    open: frozenset[date] = field(default_factory=frozenset)
    _reckoned: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at a moment (its closing minute is not)."""
        return any(start <= at < end for start, end in self._on(_day(at)))

    def opens_at(self, at: datetime) -> datetime:
        """``at`` while open, else the next opening."""
        start, _ = next(self._stretches(at))
        return start

    def after(self, at: datetime, working: timedelta) -> datetime:
        """The moment at which ``working`` time has passed in opening hours since ``at``.

        Nothing to wait for (zero) is the next open moment.
        """
        left = working
        for start, end in self._stretches(at):
            if left <= end - start:
                return start + left
            left -= end - start
        raise AssertionError("the stretches never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from ``start`` to ``end`` lies in opening hours."""
        passed, day = timedelta(), _day(start)
        while day <= _day(end):
            for opens, closes in self._on(day):
                passed += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return passed

    def _stretches(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open stretches from ``at`` on, the first cut to what is left of it."""
        at = at.astimezone(UTC)
        day, empty = _day(at), 0
        while empty < _LOOKED_AHEAD:
            found = [(max(start, at), end) for start, end in self._on(day) if end > at]
            yield from found
            empty = 0 if found else empty + 1
            day += timedelta(days=1)
        raise HoursUnreadable(
            f"Bàn tư vấn không có giờ mở cửa nào trong {_LOOKED_AHEAD} ngày kể từ "
            f"{at.astimezone(ZONE):%d/%m/%Y}. Hãy sửa giờ làm việc và ngày nghỉ trong cài đặt."
        )

    def _on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The stretches of a day as moments, reckoned once."""
        found = self._reckoned.get(day)
        if found is None:
            found = self._reckoned[day] = self._reckon(day)
        return found

    def _reckon(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time(), ZONE).astimezone(UTC)
        return [
            (midnight + timedelta(minutes=start), midnight + timedelta(minutes=end))
            for start, end in self._spans(day)
        ]

    def _spans(self, day: date) -> Spans:
        if day in self.closed:
            return ()
        usual = self.week.get(day.isoweekday(), ())
        off, worked = _public(day.year)
        if day in self.open or day in worked:
            return usual or self.week[min(self.week)]
        return () if day in off else usual


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


@lru_cache(maxsize=64)
def _public(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off of a year (holidays, days in lieu), and weekend days worked in exchange.

    Of years far ahead the lunar days are reckoned, not yet decreed.
    """
    known = holidays.country_holidays("VN", years=(year, year + 1))
    worked = frozenset(day for day in known.weekend_workdays if day.year == year)
    return frozenset(day for day in known if day.year == year), worked


def parse(
    text: str, closed: Collection[date] = (), extra_open: Collection[date] = ()
) -> OpeningHours:
    """Read written hours: ``1-5 08:00-11:30,13:30-17:00; 6 08:00-11:30`` (Monday is 1).

    A day ends at 24:00; a night shift is written as two days. Raises HoursUnreadable.
    """
    week: dict[int, Spans] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        found = _PART.fullmatch(part)
        if found is None:
            raise HoursUnreadable(
                f"Không đọc được giờ làm việc “{part}”. Hãy viết như “{USUAL}” "
                "(1 là thứ hai, 7 là chủ nhật; nhiều nhóm ngày cách nhau bằng dấu chấm phẩy)."
            )
        spans = _read_spans(found["spans"])
        for day in _read_days(found["days"]):
            if day in week:
                raise HoursUnreadable(f"Giờ làm việc ghi ngày {day} hai lần; hãy gộp lại.")
            week[day] = spans
    if not week:
        raise HoursUnreadable(f"Giờ làm việc đang trống. Hãy viết như “{USUAL}”.")
    return OpeningHours(week, frozenset(closed), frozenset(extra_open))


def _read_days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, *more = [int(each) for each in part.split("-")]
        last = more[-1] if more else first
        if len(more) > 1 or last < first:
            raise HoursUnreadable(f"Khoảng ngày “{part}” không hợp lệ; hãy viết như “1-5”.")
        days += range(first, last + 1)
    return days


def _read_spans(text: str) -> Spans:
    spans: list[tuple[int, int]] = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise HoursUnreadable(f"Khoảng giờ “{part}” không đọc được; hãy viết như 08:00-11:30.")
        from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
        start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if from_minute > 59 or to_minute > 59 or not start < end <= _MINUTES:
            raise HoursUnreadable(
                f"Khoảng giờ “{part}” không hợp lệ: giờ đầu phải trước giờ cuối, muộn nhất 24:00. "
                "Ca qua đêm hãy tách làm hai ngày."
            )
        if spans and start < spans[-1][1]:
            raise HoursUnreadable(f"Khoảng giờ “{part}” chồng lên khoảng trước nó.")
        spans.append((start, end))
    return tuple(spans)
