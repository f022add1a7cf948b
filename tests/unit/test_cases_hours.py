"""Opening hours over noon, nights, weekends, Tết, days in lieu, midnight and the leap day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from desk_made import HOURS, local
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.hours import ZONE, HoursUnreadable, parse
from bot.cases.promises import Deadlines, Promises
from bot.cases.states import Urgency

HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2032, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TERMS = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=60))
ALWAYS = parse("1-7 00:00-24:00", extra_open=[date(2026, 1, 1) + timedelta(n) for n in range(365)])


@pytest.mark.parametrize(
    ("at", "open"),
    [
        ((2026, 10, 5, 7, 59), False),
        ((2026, 10, 5, 8, 0), True),
        ((2026, 10, 5, 11, 30), False),
        ((2026, 10, 5, 13, 30), True),
        ((2026, 10, 5, 17, 0), False),
        ((2026, 10, 4, 9, 0), False),  # a Sunday
        ((2026, 2, 18, 9, 0), False),  # the second day of Tết, a Wednesday
        ((2026, 4, 27, 9, 0), False),  # in lieu of the Hùng Kings' day on a Sunday
        ((2026, 8, 31, 9, 0), False),  # exchanged …
        ((2026, 8, 22, 9, 0), True),  # … for this Saturday
        ((2026, 8, 22, 12, 0), False),  # with a weekday's noon break
        ((2024, 2, 29, 9, 0), True),
    ],
)
def test_open_as_the_calendar_says(at: tuple[int, ...], open: bool) -> None:
    assert HOURS.is_open(local(*at)) is open


def test_settings_go_before_the_calendar() -> None:
    hours = parse(
        "1-5 08:00-17:00",
        closed=[date(2026, 10, 5)],
        extra_open=[date(2026, 10, 4), date(2026, 2, 18)],
    )
    assert not hours.is_open(local(2026, 10, 5, 9))
    assert hours.is_open(local(2026, 10, 4, 9))
    assert hours.is_open(local(2026, 2, 18, 9))


def test_working_time_passes_over_tet() -> None:
    # Friday before Tết 2026, two hours before closing; Tết is Monday to Friday after.
    at = local(2026, 2, 13, 15)
    assert HOURS.after(at, 2 * HOUR) == local(2026, 2, 13, 17)
    assert HOURS.after(at, 3 * HOUR) == local(2026, 2, 23, 9)
    assert HOURS.opens_at(local(2026, 2, 13, 17)) == local(2026, 2, 23, 8)


def test_a_day_may_end_and_begin_at_midnight() -> None:
    assert ALWAYS.is_open(local(2026, 3, 4, 23, 59))
    assert ALWAYS.is_open(local(2026, 3, 5, 0, 0))
    assert ALWAYS.after(local(2026, 3, 4, 23), 2 * HOUR) == local(2026, 3, 5, 1)
    late = parse("1-5 20:00-24:00")
    assert late.after(local(2026, 10, 5, 23), 2 * HOUR) == local(2026, 10, 6, 21)


@given(MOMENTS, TERMS, TERMS)
def test_terms_add_up_and_never_run_backwards(
    at: datetime, first: timedelta, second: timedelta
) -> None:
    once = HOURS.after(at, first + second)
    assert HOURS.after(HOURS.after(at, first), second) == once
    assert once >= HOURS.opens_at(at) >= at
    assert once - at >= first + second


@given(MOMENTS, TERMS)
def test_what_was_added_lies_between(at: datetime, term: timedelta) -> None:
    assert HOURS.between(at, HOURS.after(at, term)) == term
    assert HOURS.between(at, at - term) == timedelta()


@given(MOMENTS)
def test_the_next_opening_is_open_and_nothing_before_it(at: datetime) -> None:
    opens = HOURS.opens_at(at)
    assert HOURS.is_open(opens)
    if opens > at:
        assert not HOURS.is_open(at)
        assert not HOURS.is_open(opens - timedelta(seconds=1))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30), timezones=st.just(ZONE)), TERMS)  # noqa: DTZ001
def test_a_desk_that_never_closes_counts_by_the_clock(at: datetime, term: timedelta) -> None:
    if at + term < datetime(2026, 12, 31, tzinfo=ZONE):
        assert ALWAYS.after(at, term) == at + term


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ; ",
        "thứ hai 8h",
        "8 08:00-12:00",
        "5-1 08:00-12:00",
        "1 12:00-08:00",
        "1 08:00-25:00",
        "1 08:60-12:00",
        "1 22:00-02:00",
        "1 08:00-12:00,11:00-13:00",
        "1-3 08:00-12:00; 3 13:00-14:00",
    ],
)
def test_unreadable_hours_are_refused_in_words(text: str) -> None:
    with pytest.raises(HoursUnreadable, match=r"[Gg]iờ|ngày"):
        parse(text)


def test_a_desk_that_never_opens_is_told() -> None:
    never = parse("1 08:00-09:00", closed=[date(2026, 1, 1) + timedelta(n) for n in range(2000)])
    with pytest.raises(HoursUnreadable, match="Hãy sửa"):
        never.opens_at(local(2026, 1, 2, 9))


def test_what_is_urgent_counts_by_the_clock_from_when_the_desk_is_open() -> None:
    deadlines = Deadlines(HOURS, Promises())
    urgent = Urgency.URGENT
    assert deadlines.first(urgent, local(2026, 10, 5, 16, 55)) == local(2026, 10, 5, 17, 10)
    assert deadlines.first(urgent, local(2026, 10, 2, 22)) == local(2026, 10, 5, 8, 15)
    assert deadlines.first(Urgency.SOON, local(2026, 10, 5, 16)) == local(2026, 10, 6, 11)
    assert deadlines.first(Urgency.NORMAL, local(2026, 10, 5, 9)) == local(2026, 10, 6, 10)
